"""The facts of each letter, gathered when it is promised: the worker needs no other table.

Facts are JSON. Event text is chosen for the recipient here; words of the interface, dates and
links are made at rendering, so that no stored fact is a secret and a template fix reaches a retry.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import object_session

from dialognav.domain.calendar import Entry, Person
from dialognav.domain.calendar_text import clean_uri
from dialognav.domain.meeting_terms import SlotState
from dialognav.domain.terms import Format, Mode
from dialognav.i18n import pick
from dialognav.mail.appointments import Appointment, AppointmentWriter
from dialognav.mail.appointments import Facts as Facts  # for those who write letters
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    CalendarObject,
    Occasion,
    Organisation,
    Participant,
    Registration,
    Slot,
)
from dialognav.tokens import PARTICIPANT, REGISTRATION

URGENT, ORDINARY, BULK = 0, 1, 2
"""Priorities: the lowest number leaves first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to be promised. `delay` (seconds) is the quiet window in which updates gather.

    A newer letter of one `stream` replaces an unsent older one; `replaces` names further streams
    that it ends. `silent` are entries that no letter carries, for the recipient's own feed.
    """

    kind: str  # the folder under templates/mail/
    stream: str
    recipient: str
    recipient_name: str
    language: str
    facts: Facts
    replaces: tuple[str, ...] = ()
    organisation_id: int | None = None
    event_id: int | None = None
    participant_id: int | None = None
    priority: int = ORDINARY
    delay: int = 0
    appointment: Appointment | None = None
    silent: tuple[Appointment, ...] = ()
    message_id: int | None = None


def place_stream(participant_id: int, occasion_id: int) -> str:
    """What one person's seat, and its calendar entry, is told through."""
    return f"place:{participant_id}:{occasion_id}"


def queue_stream(participant_id: int, occasion_id: int) -> str:
    """Apart from the seat's: who waits for the other mode keeps the seat (decisions.md 4)."""
    return f"queue:{participant_id}:{occasion_id}"


def review_stream(participant_id: int, occasion_id: int) -> str:
    """That an edit is looked at: what the event itself has to tell does not replace it."""
    return f"review:{participant_id}:{occasion_id}"


def offer_stream(registration_id: int) -> str:
    """Of what the contact is to answer for others; what the event has to tell leaves it alone."""
    return f"offer:{registration_id}"


def contact_stream(registration_id: int) -> str:
    return f"contact:{registration_id}"


def own_link(row: Registration | Participant) -> Facts:
    """What the link to an own page is made from at rendering; never the link (decisions.md 10)."""
    purpose = REGISTRATION if isinstance(row, Registration) else PARTICIPANT
    return {"purpose": purpose, "public_id": row.public_id, "generation": row.generation}


def sender_facts(organisation: Organisation | None, language: str, post: Post) -> Facts:
    """Who writes: the constant From of calendar.md 2.0(3), and whom an answer reaches.

    Where mail comes in that is the same address: what people write there is passed on. An address
    that letters may not come from is at least where answers go.
    """
    if organisation is None:
        plain = {"sender": post.sender, "from_name": "Dialognav", "reply_to": "", "phone": ""}
        return {**plain, "organiser": ["Dialognav", "en"]}
    name, said_in = pick(organisation.name, language, organisation.primary_language)
    sender = post.address(organisation.slug, organisation.mail_sender)
    return {
        "sender": sender,
        "from_name": organisation.mail_from_name or name,
        "reply_to": sender if post.takes_mail else organisation.email or organisation.mail_sender,
        "phone": organisation.phone,
        "organiser": [name, said_in],
    }


_LAST_MEETING = sa.select(sa.func.max(Slot.ends_at)).where(
    Slot.event_id == sa.bindparam("event_id"), Slot.state != SlotState.REMOVED
)


@dataclass(slots=True)
class Writer(AppointmentWriter):
    """Gathers the facts of one event's letters."""

    def organiser(self, language: str) -> Person:
        sender = self.event_facts(language)
        return Person(sender["organiser"][0], sender["sender"])

    def event_facts(self, language: str) -> Facts:
        """Title, organiser, sender and the address of the public page."""
        key = ("event", language)
        if key not in self._made:
            event = self.event
            sender = sender_facts(event.organisation, language, self.post)
            self._made[key] = sender | {
                "title": self.said(event.title, language),
                "event_path": f"/{language}/events/{event.slug}",
                "reply_to": self._reply_to(sender["reply_to"]),
                "phone": event.contact_phone or sender["phone"],
                "reason": self.said(event.reason, language),
                "promotion": str(event.promotion),
            }
        return dict(self._made[key])

    def _reply_to(self, organisations: str) -> str:
        return organisations if self.post.takes_mail else self.event.contact_email or organisations

    def needed_until(self) -> datetime:
        """After it nobody needs a letter about all of a registration: the last occasion is over,
        and the last time for a one-to-one meeting. One statement, once."""
        key = ("needed_until",)
        if key not in self._made:
            session, stands = object_session(self.event), self.event.live_occasions
            last = session.scalar(_LAST_MEETING, {"event_id": self.event.id}) if session else None
            ends = [one.ends_at for one in stands or self.event.occasions]
            self._made[key] = {"at": max([*ends, last] if last else ends)}
        at: datetime = self._made[key]["at"]
        return at

    def when_facts(self, occasion: Occasion) -> Facts:
        return {
            "starts_at": occasion.starts_at.isoformat(),
            "ends_at": occasion.ends_at.isoformat(),
            "all_day": occasion.all_day,
            "zone": self.event.zone,
        }

    def place_facts(self, occasion: Occasion, mode: str, language: str, *, link: bool) -> Facts:
        """Where, for one way of attending. The digital `link` is the confirmed's alone."""
        if mode == Mode.ONLINE:
            url = clean_uri(occasion.online_url) if link else ""
            return {"mode": "online", "service": occasion.online_service, "url": url}
        return {
            "mode": "on_site",
            "venue": self.said(occasion.venue, language),
            "address": occasion.address,
            "directions": self.said(occasion.directions, language),
        }

    def shared_place_facts(self, occasion: Occasion, language: str) -> Facts:
        """Where, for a reader who does not attend: the place if there is one."""
        mode = Mode.ONLINE if self.event.format == Format.ONLINE else Mode.ON_SITE
        return self.place_facts(occasion, mode, language, link=False)


def own_entry(attendance: Attendance, numbered: CalendarObject, *, post: Post) -> Entry:
    """What a confirmed person's invitation says right now, in the registration's language."""
    writer = Writer(attendance.occasion.event, post)
    return writer.appointment(attendance, "REQUEST").entry(numbered)
