"""The facts of each letter, gathered when it is promised: the worker needs no other table.

Facts are JSON. Event text is chosen for the recipient here; words of the interface, dates and
links are made at rendering, so that no stored fact is a secret and a template fix reaches a retry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialognav.db import Text
from dialognav.domain.calendar import Entry, Person
from dialognav.domain.calendar_text import clean_line, clean_uri
from dialognav.domain.terms import Format, Mode
from dialognav.i18n import gettext as _
from dialognav.i18n import pick, speaking
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    CalendarObject,
    Event,
    Occasion,
    Organisation,
    Participant,
    Registration,
)
from dialognav.tokens import PARTICIPANT, REGISTRATION
from dialognav.words import kind_name

URGENT, ORDINARY, BULK = 0, 1, 2
"""Priorities: the lowest number leaves first."""

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A letter's calendar part before outbox.promise() gives it UID, SEQUENCE and DTSTAMP.

    `facts` are the fields of Entry that do not depend on those. `asks_again`: the time moved, so
    an earlier answer no longer counts. `declined`: the recipient left, so the answer is no.
    """

    method: str  # REQUEST or CANCEL
    participant_id: int
    occasion_id: int
    domain: str
    organiser: Person
    facts: Mapping[str, Any]
    asks_again: bool = False
    declined: bool = False

    def entry(self, numbered: CalendarObject) -> Entry:
        """The appointment as this revision of the calendar object shows it."""
        return Entry(
            uid=numbered.uid,
            sequence=numbered.sequence,
            dtstamp=numbered.dtstamp,
            created=numbered.created_at,
            organiser=Person(self.organiser.name, numbered.organizer_address),
            partstat="DECLINED" if self.declined else numbered.partstat,
            **self.facts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to be promised. `delay` (seconds) is the quiet window in which updates gather.

    A newer letter of one `stream` replaces an unsent older one; `replaces` names further streams
    that it ends.
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
    """Who writes: the constant From of calendar.md 2.0(3), and whom an answer reaches."""
    if organisation is None:
        plain = {"sender": post.sender, "from_name": "Dialognav", "reply_to": "", "phone": ""}
        return {**plain, "organiser": ["Dialognav", "en"]}
    name, said_in = pick(organisation.name, language, organisation.primary_language)
    sender = post.address(organisation.slug, organisation.mail_sender)
    return {
        "sender": sender,
        "from_name": organisation.mail_from_name or name,
        "reply_to": sender if post.takes_mail else organisation.email,
        "phone": organisation.phone,
        "organiser": [name, said_in],
    }


@dataclass(slots=True)
class Writer:
    """Gathers the facts of one event's letters; what many recipients share is made once."""

    event: Event
    post: Post
    _made: dict[tuple[object, ...], Facts] = field(default_factory=dict)

    def event_facts(self, language: str) -> Facts:
        """Title, organiser, sender and the address of the public page."""
        key = ("event", language)
        if key not in self._made:
            event = self.event
            sender = sender_facts(event.organisation, language, self.post)
            self._made[key] = sender | {
                "title": self._said(event.title, language),
                "event_path": f"/{language}/events/{event.slug}",
                "reply_to": self._reply_to(sender["reply_to"]),
                "phone": event.contact_phone or sender["phone"],
                "reason": self._said(event.reason, language),
                "promotion": str(event.promotion),
            }
        return dict(self._made[key])

    def _reply_to(self, organisations: str) -> str:
        return organisations if self.post.takes_mail else self.event.contact_email or organisations

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
            "venue": self._said(occasion.venue, language),
            "address": occasion.address,
            "directions": self._said(occasion.directions, language),
        }

    def shared_place_facts(self, occasion: Occasion, language: str) -> Facts:
        """Where, for a reader who does not attend: the place if there is one."""
        mode = Mode.ONLINE if self.event.format == Format.ONLINE else Mode.ON_SITE
        return self.place_facts(occasion, mode, language, link=False)

    def appointment(
        self,
        attendance: Attendance,
        method: str,
        *,
        asks_again: bool = False,
        declined: bool = False,
    ) -> Appointment:
        """The calendar part of a letter to one person (calendar.md 2.1 b, c, d)."""
        participant = attendance.participant
        language = participant.registration.language
        facts = self._entry_facts(attendance.occasion, attendance.mode, language)
        if method == "CANCEL":
            title = self._cancelled_title(facts["summary"], language, by_attendee=declined)
            facts = facts | {"summary": title}
        sender = self.event_facts(language)
        return Appointment(
            method=method,
            participant_id=participant.id,
            occasion_id=attendance.occasion_id,
            domain=self.post.domain,
            organiser=Person(sender["organiser"][0], sender["sender"]),
            facts=facts | {"attendee": Person(participant.name, participant.email)},
            asks_again=asks_again,
            declined=declined,
        )

    def _cancelled_title(self, title: str, language: str, *, by_attendee: bool) -> str:
        with speaking(language):
            if by_attendee:
                return _("Withdrawn: %(title)s", title=title)
            return _("Cancelled: %(title)s", title=title)

    def _entry_facts(self, occasion: Occasion, mode: str, language: str) -> Facts:
        key = ("entry", occasion.id, mode, language)
        if key not in self._made:
            with speaking(language):
                self._made[key] = self._new_entry_facts(occasion, mode, language)
        return self._made[key]

    def _new_entry_facts(self, occasion: Occasion, mode: str, language: str) -> Facts:
        event = self.event
        is_online = mode == Mode.ONLINE
        has_point = occasion.latitude is not None and occasion.longitude is not None
        return {
            "starts_at": occasion.starts_at,
            "ends_at": occasion.ends_at,
            "zone": event.zone,
            "all_day": occasion.all_day,
            "summary": self._said(event.title, language)[0],
            "description": self._description(occasion, mode, language),
            "location": self._location(occasion, mode, language),
            "geo": (occasion.latitude, occasion.longitude) if has_point and not is_online else None,
            "url": f"{self.post.base_url}/{language}/events/{event.slug}",
            "conference_url": occasion.online_url if is_online else "",
            "categories": (kind_name(event.kind),),
            "online_only": is_online,
        }

    def _description(self, occasion: Occasion, mode: str, language: str) -> str:
        """Links to the event's page and to /my only: calendars are shared (decisions.md 10)."""
        event, base = self.event, self.post.base_url
        contact = ", ".join(filter(None, (event.contact_name, event.contact_phone)))
        joining = occasion.online_url if mode == Mode.ONLINE else ""
        lines = [
            _("Take part online: %(url)s", url=joining) if joining else "",
            _("About the event: %(url)s", url=f"{base}/{language}/events/{event.slug}"),
            _("Change or withdraw: %(url)s", url=f"{base}/{language}/my"),
            _("Contact: %(contact)s", contact=contact) if contact else "",
        ]
        summary = self._said(event.summary, language)[0]
        return "\n\n".join(filter(None, (summary, "\n".join(filter(None, lines)))))

    def _location(self, occasion: Occasion, mode: str, language: str) -> str:
        if mode == Mode.ONLINE:
            return ", ".join(filter(None, (_("Online"), occasion.online_service)))
        venue = self._said(occasion.venue, language)[0]
        return clean_line(", ".join(filter(None, (venue, occasion.address))))

    def _said(self, text: Text, language: str) -> list[str]:
        """[words, their language], a JSON pair."""
        return list(pick(text, language, self.event.primary_language))


def own_entry(attendance: Attendance, numbered: CalendarObject, *, post: Post) -> Entry:
    """What a confirmed person's invitation says right now, in the registration's language."""
    writer = Writer(attendance.occasion.event, post)
    return writer.appointment(attendance, "REQUEST").entry(numbered)
