"""A supplier's meetings, offers and place in the queue in words, for whoever has the link."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from blueprints.public.dates import Stub, stub_of
from blueprints.public.meeting_grid import elsewhere
from blueprints.public.said import Said, say
from dialognav.domain.meeting_rules import moves_until
from dialognav.domain.meeting_terms import BookingState, MinutesState, TableRole
from dialognav.domain.terms import Mode
from dialognav.i18n import (
    current_language,
    date_text,
    language_name,
    list_text,
    moment_text,
    time_range,
    zone_text,
)
from dialognav.i18n import gettext as _
from dialognav.mail.meeting_changes import link_of
from dialognav.models import Booking, Event, MeetingRules, MeetingTable, Minutes, Slot
from dialognav.queries.registrations import Own

HAS_IT = (BookingState.BOOKED, BookingState.ATTENDED, BookingState.NO_SHOW)


@dataclass(frozen=True, slots=True)
class MeetingView:
    """One meeting, offer or hold. `place` is the room and the address, or the service; `until` when
    the hold or offer ends.

    `link` is where a digital one is held, "" until it is known. `team` is whom one meets, of a
    meeting that is booked. `files` are (name, address) of the calendar entries of those who come.
    What they want to raise the contact alone sees.
    """

    id: str
    state: str
    stub: Stub
    day: str
    time: str
    table: Said
    zone: str
    elsewhere: str
    mode: str
    is_online: bool
    place: tuple[Said, ...]
    link: str
    until: str
    people: str
    team: str
    language: str
    topics: str
    secret_marks: str
    may_change: bool
    may_move: bool
    minutes_url: str
    minutes_words: str
    asks_for_check: bool
    files: tuple[tuple[str, str], ...]

    @property
    def when(self) -> str:
        words = _("%(day)s, %(time)s", day=self.day, time=self.time)
        return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class Seen:
    """With whose eyes: the link's holder, in which zone they live, and when."""

    own: Own
    secret: str
    own_zone: str
    now: datetime

    @property
    def event(self) -> Event:
        return self.own.event


def meeting_views(
    seen: Seen,
    bookings: Sequence[Booking],
    rules: MeetingRules,
    minutes: Mapping[int, Minutes],
) -> list[MeetingView]:
    return [meeting_view(seen, each, rules, minutes.get(each.id)) for each in bookings]


def meeting_view(
    seen: Seen, booking: Booking, rules: MeetingRules, minutes: Minutes | None = None
) -> MeetingView:
    event, slot = seen.event, booking.slot
    zone = event.zone
    is_ahead = booking.state == BookingState.BOOKED and seen.now < slot.starts_at
    return MeetingView(
        id=booking.public_id,
        state=booking.state,
        stub=stub_of(slot.starts_at, slot.ends_at, zone),
        day=date_text(slot.starts_at, zone, "long"),
        time=time_range(slot.starts_at, slot.ends_at, zone),
        table=say(slot.table.name, event.primary_language),
        zone=zone_text(slot.starts_at, zone),
        elsewhere=elsewhere(slot, zone, seen.own_zone),
        mode=_("Online") if slot.table.mode == Mode.ONLINE else _("On site"),
        is_online=slot.table.mode == Mode.ONLINE,
        place=place_of(slot.table, event.primary_language),
        link=link_of(slot) if is_ahead else "",
        until=moment_text(booking.until, zone) if booking.until else "",
        people=list_text([each.participant.name for each in booking.people]),
        team=list_text(list(_team(slot))) if is_ahead else "",
        language=language_name(booking.language) if booking.language else "",
        topics=booking.topics if seen.own.is_contact else "",
        secret_marks=booking.secret_marks if seen.own.is_contact else "",
        may_change=is_ahead and seen.own.is_contact,
        may_move=is_ahead and seen.own.is_contact and _may_move(rules, slot, seen.now),
        minutes_url=_minutes_url(seen, minutes),
        asks_for_check=_asks_for_check(minutes),
        minutes_words=_minutes_words(minutes, event.organisation.zone),
        files=tuple(_files(seen, booking)) if is_ahead else (),
    )


def _may_move(rules: MeetingRules, slot: Slot, now: datetime) -> bool:
    until = moves_until(rules.hand_out, rules.closes_at, slot.starts_at)
    return until is not None and now < until


def place_of(table: MeetingTable, primary: str) -> tuple[Said, ...]:
    """Room and address; online the service."""
    if table.mode == Mode.ONLINE:
        return (Said(table.online_service),) if table.online_service else ()
    return tuple(line for line in (say(table.room, primary), Said(table.address)) if line)


def _team(slot: Slot) -> Iterator[str]:
    """Who asks, who observes, who takes notes: a supplier knows beforehand whom it meets."""
    words = {
        TableRole.ASKS: _("%(name)s (asks)"),
        TableRole.OBSERVES: _("%(name)s (observes)"),
        TableRole.NOTES: _("%(name)s (takes notes)"),
    }
    for role, said in words.items():
        for one in slot.staff:
            if one.role == role:
                yield said % {"name": one.member.name}


def _files(seen: Seen, booking: Booking) -> Iterator[tuple[str, str]]:
    """Of those whom the holder of the link may see."""
    seen_ids = {one.id for one in seen.own.people}
    for each in booking.people:
        if each.participant_id in seen_ids:
            yield (
                each.participant.name,
                url_for(
                    "public.feeds.meeting",
                    secret=seen.secret,
                    booking_id=booking.public_id,
                    person=each.participant.public_id,
                ),
            )


def _minutes_url(seen: Seen, minutes: Minutes | None) -> str:
    if minutes is None:
        return ""
    return url_for(
        "public.registrations.minutes",
        lang=current_language(),
        secret=seen.secret,
        minutes_id=minutes.public_id,
    )


def _minutes_words(minutes: Minutes | None, zone: str) -> str:
    if minutes is None:
        return ""
    if minutes.state == MinutesState.FACT_CHECK and minutes.check_until is not None:
        return _("Check the minutes by %(moment)s", moment=moment_text(minutes.check_until, zone))
    return _("Read the minutes")


def _asks_for_check(minutes: Minutes | None) -> bool:
    """Whether the supplier has something to answer."""
    if minutes is None or minutes.state != MinutesState.FACT_CHECK:
        return False
    return minutes.checked_at is None
