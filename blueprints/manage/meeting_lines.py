"""A meeting in words, for the pages of those who hold it and of its minutes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from blueprints.guard import allows
from blueprints.manage.workspace import own_event
from dialognav.domain.calendar_text import clean_uri
from dialognav.domain.errors import NotFound
from dialognav.domain.meeting_presence import SAID, may_be_missed, may_come
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.permissions import MEETING_NOTES, MINUTES_APPROVAL, REGISTRATIONS
from dialognav.domain.terms import EventState, Mode
from dialognav.i18n import (
    current_language,
    language_name,
    local,
    pick,
    when_text,
    zone_text,
)
from dialognav.i18n import gettext as _
from dialognav.meeting_words import BOOKINGS, in_order, team_of
from dialognav.models import AccessNeed, Booking, BookingPerson, Event, Slot
from dialognav.words import NEED_STATES

_TONES = {
    BookingState.BOOKED: "info",
    BookingState.ATTENDED: "ok",
    BookingState.NO_SHOW: "warn",
}


@dataclass(frozen=True, slots=True)
class Guest:
    """One of the supplier's. `came` is None until somebody has said."""

    id: str
    name: str
    title: str
    email: str
    need: str
    came: bool | None


@dataclass(frozen=True, slots=True)
class MeetingLines:
    id: str
    party: str
    registration_id: str
    when: str
    zone: str
    day: str  # ISO
    table: str
    topic: str
    place: str
    link: str
    team: tuple[tuple[str, str], ...]  # (role, names)
    language: str
    topics: str
    secret_marks: str
    secret_reason: str
    deviation: str
    state: str
    state_word: str
    tone: str
    guests: tuple[Guest, ...]
    may_come: bool
    may_be_missed: bool

    @property
    def is_off(self) -> bool:
        """It was called off, or given up."""
        return self.state not in SAID


def meeting_event(public_id: str) -> Event:
    """For those who hold the meetings, and those who approve their minutes."""
    if not (allows(MEETING_NOTES) or allows(MINUTES_APPROVAL)):
        raise NotFound
    return own_event(public_id)


def meeting_lines(event: Event, booking: Booking, now: datetime) -> MeetingLines:
    slot, table = booking.slot, booking.slot.table

    def said(text: Any) -> str:
        return pick(text, current_language(), event.primary_language)[0]

    is_on = event.state == EventState.PUBLISHED and booking.state in SAID
    online = table.mode == Mode.ONLINE
    return MeetingLines(
        id=booking.public_id,
        party=booking.registration.party_name,
        registration_id=booking.registration.public_id if allows(REGISTRATIONS) else "",
        when=when_text(slot.starts_at, slot.ends_at, event.zone),
        zone=zone_text(slot.starts_at, event.zone),
        day=local(slot.starts_at, event.zone).date().isoformat(),
        table=said(table.name),
        topic=said(table.topic),
        place=table.online_service if online else ", ".join(filter(None, _places(said, slot))),
        link=clean_uri(slot.online_url or table.online_url) if online else "",
        team=tuple(team_of(slot)),
        language=language_name(booking.language) if booking.language else "",
        topics=booking.topics,
        secret_marks=booking.secret_marks,
        secret_reason=booking.secret_reason,
        deviation=slot.deviation,
        state=booking.state,
        state_word=str(BOOKINGS[booking.state]),
        tone=_TONES.get(BookingState(booking.state), "bad"),
        guests=tuple(_guest(one) for one in in_order(booking)),
        may_come=is_on and may_come(slot.starts_at, now),
        may_be_missed=is_on and may_be_missed(slot.starts_at, now),
    )


def _places(said: Any, slot: Slot) -> tuple[str, str]:
    return said(slot.table.room), slot.table.address


def _guest(one: BookingPerson) -> Guest:
    person = one.participant
    need = need_text(person.access_need) if person.access_need and allows(REGISTRATIONS) else ""
    return Guest(person.public_id, person.name, person.title, person.email, need, one.came)


def need_text(need: AccessNeed) -> str:
    """What help somebody has asked for, and how far that is."""
    return f"{need.need} ({str(NEED_STATES[need.state]).lower()})"


def board_trail(event: Event, day: str) -> tuple[str, str] | None:
    """(address, words) of the day's board, for those who see it."""
    if not allows(MEETING_NOTES):
        return None
    address = url_for("manage.meeting_board.show", public_id=event.public_id, day=day)
    return address, _("All meetings of the day")
