"""The calendar part of a letter: what one person's entry says (calendar.md 2.1 b, c, d, f)."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dialognav.db import Text
from dialognav.domain.calendar import Entry, Person
from dialognav.domain.calendar_text import clean_line
from dialognav.domain.recurrence import Date, Series, instance_facts, series_facts, series_of
from dialognav.domain.terms import Attending, EventState, Mode, Seat
from dialognav.i18n import gettext as _
from dialognav.i18n import pick, speaking
from dialognav.mail.post import Post
from dialognav.models import Attendance, CalendarObject, Event, Occasion, Participant
from dialognav.words import kind_name

Facts = dict[str, Any]

WHOLE = 0
"""Stands for an occasion's id where something is about all that a person has at an event."""

Key = tuple[int, int, int, int]
"""Whose entry, and about what: participant, member of a team, booking, occasion; 0 for none."""

_IN_CALENDARS = (Seat.CONFIRMED, Seat.ATTENDED, Seat.NO_SHOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A letter's calendar part before outbox.promise() gives it UID, SEQUENCE and DTSTAMP.

    `facts` are the fields of Entry that do not depend on those. `asks_again`: the time moved, so
    an earlier answer no longer counts. `declined`: the recipient left, so the answer is no.

    Of a series `facts` are all that the person still has, and `instance` those of the one date
    that a CANCEL takes out of it. `in_feed`: no letter carries it, the person's own feed does.

    That of a one-to-one meeting has a booking, and is a participant's or a team member's.
    """

    method: str  # REQUEST or CANCEL
    domain: str
    organiser: Person
    facts: Mapping[str, Any]
    participant_id: int | None = None
    member_id: int | None = None
    occasion_id: int | None = None
    booking_id: int | None = None
    asks_again: bool = False
    declined: bool = False
    is_series: bool = False
    instance: Mapping[str, Any] | None = None
    in_feed: bool = False

    @property
    def key(self) -> Key:
        return entry_key(self)

    @property
    def sort(self) -> str:
        """The letter that its UID begins with (calendar.md 2.0(2))."""
        if self.booking_id is not None:
            return "m"
        return "q" if self.is_series else "r"

    def entry(self, numbered: CalendarObject) -> Entry:
        """All that this revision of the calendar object leaves in the calendar, or takes out."""
        return self._entry(self.facts, numbered)

    def mailed(self, numbered: CalendarObject) -> Entry:
        """What the letter carries: the same, or the one date that goes."""
        return self._entry(self.instance or self.facts, numbered)

    def in_full(self) -> "Appointment":
        """Instead of the one date that goes, all that stays."""
        return replace(self, method="REQUEST", instance=None, declined=False)

    def _entry(self, facts: Mapping[str, Any], numbered: CalendarObject) -> Entry:
        said = {name: value for name, value in facts.items() if name != "overrides"}
        return Entry(
            uid=numbered.uid,
            sequence=numbered.sequence,
            dtstamp=numbered.dtstamp,
            created=numbered.created_at,
            organiser=Person(self.organiser.name, numbered.organizer_address),
            partstat="DECLINED" if self.declined else numbered.partstat,
            overrides=tuple(self._entry(one, numbered) for one in facts.get("overrides", ())),
            **said,
        )


def entry_key(entry: Appointment | CalendarObject) -> Key:
    """A series is WHOLE, whichever of its occasions it hangs on."""
    occasion_id = WHOLE if entry.is_series else entry.occasion_id or 0
    return entry.participant_id or 0, entry.member_id or 0, entry.booking_id or 0, occasion_id


@dataclass(slots=True)
class AppointmentWriter(ABC):
    """Makes the calendar parts of one event's letters; what many recipients share is made once."""

    event: Event
    post: Post
    _made: dict[tuple[object, ...], Facts] = field(default_factory=dict)

    @abstractmethod
    def organiser(self, language: str) -> Person:
        """Name, and the address that letters come from."""

    def series(self) -> Series | None:
        """The event's dates as one recurring entry, where they are that and clients can be told."""
        if ("series",) not in self._made:
            self._made["series",] = {"found": self._new_series()}
        found: Series | None = self._made["series",]["found"]
        return found

    def _new_series(self) -> Series | None:
        event = self.event
        first = min((one.recurs_at for one in event.occasions if one.recurs_at), default=None)
        if event.attending != Attending.SERIES or not event.recurrence or first is None:
            return None
        return series_of(event.recurrence, first, event.zone)

    def is_of_series(self, occasion: Occasion) -> bool:
        series = self.series()
        return series is not None and occasion.recurs_at in series.slots

    def dates_of(self, participant: Participant) -> list[Attendance]:
        """The seats that one person's series shows, in order: held, at dates that stand."""
        if self.event.state in (EventState.POSTPONED, EventState.CANCELLED):
            return []
        held = [
            seat
            for seat in self._of_series(participant)
            if seat.occasion.cancelled_at is None
            and (seat.state in _IN_CALENDARS or seat.keeps_seat)
        ]
        return sorted(held, key=lambda seat: (seat.occasion.recurs_at, seat.id))

    def _of_series(self, participant: Participant) -> list[Attendance]:
        return [
            seat
            for seat in participant.attendances
            if seat.occasion.event_id == self.event.id and self.is_of_series(seat.occasion)
        ]

    def appointment(
        self,
        attendance: Attendance,
        method: str,
        *,
        asks_again: bool = False,
        declined: bool = False,
    ) -> Appointment:
        """The calendar part of a letter about this seat.

        A seat at a date of a series stands for the series: what the person has of it is written
        anew, or cancelled, or this date alone is taken out.
        """
        participant = attendance.participant
        language = participant.registration.language
        made = Appointment(
            method=method,
            participant_id=participant.id,
            occasion_id=attendance.occasion_id,
            domain=self.post.domain,
            organiser=self.organiser(language),
            facts={"attendee": Person(participant.name, participant.email)},
            asks_again=asks_again,
            declined=declined,
        )
        if self.is_of_series(attendance.occasion):
            return self._in_series(made, attendance, language)
        facts = {**made.facts} | self._entry_facts(attendance.occasion, attendance.mode, language)
        return replace(made, facts=self._called_off(facts, made, language))

    def _in_series(self, made: Appointment, attendance: Attendance, language: str) -> Appointment:
        own = self._of_series(attendance.participant) or [attendance]
        first = min(own, key=lambda seat: (seat.occasion.recurs_at, seat.id))
        held = self.dates_of(attendance.participant)
        made = replace(made, is_series=True, occasion_id=first.occasion_id)
        shown = self._series_facts(first, held or own, made, language)
        if made.method != "CANCEL":
            return replace(made, facts=shown)
        if not held:
            off = self._called_off({**shown, "overrides": ()}, made, language)
            return replace(made, facts=off)
        instance = {**made.facts} | instance_facts(self._date(attendance, language), shown)
        return replace(made, facts=shown, instance=self._called_off(instance, made, language))

    def _series_facts(
        self, first: Attendance, seats: Sequence[Attendance], made: Appointment, language: str
    ) -> Facts:
        series = self.series()
        assert series is not None
        assert first.occasion.recurs_at is not None
        dates = [self._date(seat, language) for seat in seats]
        facts = series_facts(series, first.occasion.recurs_at, dates)
        overrides = tuple({**made.facts, **one} for one in facts["overrides"])
        return {**made.facts, **facts, "overrides": overrides}

    def _date(self, seat: Attendance, language: str) -> Date:
        facts = dict(self._entry_facts(seat.occasion, seat.mode, language))
        starts_at, ends_at = facts.pop("starts_at"), facts.pop("ends_at")
        assert seat.occasion.recurs_at is not None
        return Date(seat.occasion.recurs_at, starts_at, ends_at, facts)

    def _called_off(self, facts: Mapping[str, Any], made: Appointment, language: str) -> Facts:
        """A cancellation says in its title who took it out."""
        if made.method != "CANCEL":
            return dict(facts)
        title = facts["summary"]
        with speaking(language):
            if made.declined:
                said = _("Withdrawn: %(title)s", title=title)
            else:
                said = _("Cancelled: %(title)s", title=title)
        return {**facts, "summary": said}

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
            "summary": self.full_title(occasion, language)[0],
            "description": self._description(occasion, mode, language),
            "location": self._location(occasion, mode, language),
            "geo": (occasion.latitude, occasion.longitude) if has_point and not is_online else None,
            "url": f"{self.post.base_url}/{language}/events/{event.slug}",
            "conference_url": occasion.online_url if is_online else "",
            "categories": (kind_name(event.kind),),
            "online_only": is_online,
        }

    def full_title(self, occasion: Occasion, language: str) -> list[str]:
        """The event's, and what an occasion of several is called, with the event's language."""
        title, said_in = self.said(self.event.title, language)
        own = self.said(occasion.title, language)[0] if occasion.title else ""
        return [": ".join(filter(None, (title, own))), said_in]

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
        summary = self.said(event.summary, language)[0]
        return "\n\n".join(filter(None, (summary, "\n".join(filter(None, lines)))))

    def _location(self, occasion: Occasion, mode: str, language: str) -> str:
        if mode == Mode.ONLINE:
            return ", ".join(filter(None, (_("Online"), occasion.online_service)))
        venue = self.said(occasion.venue, language)[0]
        return clean_line(", ".join(filter(None, (venue, occasion.address))))

    def said(self, text: Text, language: str) -> list[str]:
        """[words, their language], a JSON pair."""
        return list(pick(text, language, self.event.primary_language))
