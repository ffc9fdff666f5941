"""Events of somebody else's calendar, read for people to look at: bytes -> plain facts.

Everything in the file is taken for hostile. Nothing is fetched, run or expanded beyond the limits
said here and in the readers below it; who is invited or who invites is not read at all.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialognav.domain import ics_recurrence as recurrence
from dialognav.domain.ics_lines import CalendarRefused, Component, Property, read_components
from dialognav.domain.ics_recurrence import Budget
from dialognav.domain.ics_text import plain_line, plain_text, web_address
from dialognav.domain.ics_times import (
    Moment,
    Unreadable,
    Zones,
    read_duration,
    read_moment,
    read_moments,
)
from dialognav.domain.timezones import known_zone, zone

__all__ = ["CalendarRead", "CalendarRefused", "ForeignEvent", "read_calendar"]

MOST_EVENTS = 1000
LONGEST = timedelta(days=400)
TITLE, TEXT, PLACE, NAME = 300, 2000, 300, 160  # characters
_LONGEST_UID = 300
_HIDDEN = ("PRIVATE", "CONFIDENTIAL")


@dataclass(frozen=True, slots=True)
class ForeignEvent:
    """`recurs_at` tells the occurrences of one `uid` apart ("" for an event that happens once).

    Instants in UTC; `zone` is the one to show them in. A whole day ends at the midnight after it.
    """

    uid: str
    recurs_at: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    zone: str
    title: str
    text: str = ""
    place: str = ""
    url: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """`left_out`: {why: how many events}; over, later, private, untitled, times, zone, repeats,
    too_much, too_many."""

    name: str
    events: tuple[ForeignEvent, ...]
    left_out: dict[str, int]


def read_calendar(
    content: bytes, *, zone_name: str, window: tuple[datetime, datetime], most: int = MOST_EVENTS
) -> CalendarRead:
    """The events of a file that touch a window of instants, by their start.

    Times without a zone are those of `zone_name`. CalendarRefused for what is no calendar.
    """
    calendars = read_components(content)
    left_out: Counter[str] = Counter()
    budget = Budget()
    found: dict[tuple[str, str], ForeignEvent] = {}
    for each in calendars:
        is_off = each.value("METHOD").strip().upper() == "CANCEL"
        reader = _Reader(_zones_of(each, zone_name), zone_name, window, budget, is_off)
        reader.read(each, found, left_out)
    ordered = sorted(found.values(), key=lambda one: (one.starts_at, one.uid, one.recurs_at))
    if len(ordered) > most:
        left_out["too_many"] += len(ordered) - most
    return CalendarRead(_name_of(calendars[0]), tuple(ordered[:most]), dict(left_out))


def _zones_of(given: Component, zone_name: str) -> Zones:
    """The calendar's own zone is that of its times without one, if it says any."""
    defined = {part.value("TZID").strip(): part for part in given.parts if part.name == "VTIMEZONE"}
    own = known_zone(given.value("X-WR-TIMEZONE"))
    zones = Zones(zone_name, defined)
    return Zones(zones.named(own), defined) if own and own != "UTC" else zones


def _name_of(given: Component) -> str:
    return plain_line(given.value("NAME") or given.value("X-WR-CALNAME"), NAME)


@dataclass(frozen=True, slots=True)
class _Length:
    """`by_clock`: added to the wall time, so that an hour that is skipped does not count."""

    given: timedelta
    by_clock: bool

    def end_of(self, start: Moment) -> datetime:
        if self.by_clock:
            return max(start.at, replace(start, wall=start.wall + self.given).at)
        return start.at + self.given


@dataclass(frozen=True, slots=True)
class _Reader:
    zones: Zones
    shown_in: str
    window: tuple[datetime, datetime]
    budget: Budget
    is_off: bool  # the whole calendar calls its events off

    def read(
        self,
        given: Component,
        found: dict[tuple[str, str], ForeignEvent],
        left_out: Counter[str],
    ) -> None:
        """Single events and series first, then the occurrences that were changed one by one."""
        events = _newest(part for part in given.parts if part.name == "VEVENT")
        for event in sorted(events, key=lambda event: "RECURRENCE-ID" in event.properties):
            uid = _uid_of(event)
            try:
                recurs_at = self._recurs_at(event)
                found.pop((uid, recurs_at), None)
                for one in self._events(event, uid, recurs_at):
                    found[uid, one.recurs_at] = one
            except Unreadable as unreadable:
                left_out[unreadable.reason] += 1

    def _recurs_at(self, event: Component) -> str:
        given = event.first("RECURRENCE-ID")
        if given is None:
            return ""
        if "RANGE" in given.parameters:  # "this and all that follow": nobody writes it any more
            raise Unreadable("repeats")
        return read_moment(given, self.zones).key

    def _events(self, event: Component, uid: str, recurs_at: str) -> Iterator[ForeignEvent]:
        if event.value("CLASS").strip().upper() in _HIDDEN:
            raise Unreadable("private")
        start, length = self._times(event)
        is_series = not recurs_at and not {"RRULE", "RDATE"}.isdisjoint(event.properties)
        starts = self._starts(event, start, length) if is_series else [start]
        within = [
            each
            for each in starts
            if length.end_of(each) > self.window[0] and each.at < self.window[1]
        ]
        if not within:
            raise Unreadable("later" if start.at >= self.window[1] else "over")
        said = self._said(event)
        for each in within:
            yield replace(
                said,
                uid=uid,
                recurs_at=each.key if is_series else recurs_at,
                starts_at=each.at,
                ends_at=length.end_of(each),
                all_day=each.is_date,
                zone=self.shown_in if each.zone == "UTC" else each.zone,
            )

    def _said(self, event: Component) -> ForeignEvent:
        """What the event says beside its times."""
        title = plain_line(event.value("SUMMARY"), TITLE)
        if not title:
            raise Unreadable("untitled")
        return ForeignEvent(
            uid="",
            recurs_at="",
            starts_at=self.window[0],
            ends_at=self.window[0],
            all_day=False,
            zone=self.shown_in,
            title=title,
            text=plain_text(event.value("DESCRIPTION"), TEXT),
            place=plain_line(event.value("LOCATION"), PLACE),
            url=web_address(event.value("URL")),
            is_cancelled=self.is_off or event.value("STATUS").strip().upper() == "CANCELLED",
        )

    def _times(self, event: Component) -> tuple[Moment, _Length]:
        given = event.first("DTSTART")
        if given is None:
            raise Unreadable("times")
        start = read_moment(given, self.zones)
        length = self._length(event, start)
        if start.is_date:
            length = _Length(max(timedelta(length.given.days), timedelta(days=1)), True)
        if not timedelta() <= length.given <= LONGEST:
            raise Unreadable("times")
        return start, length

    def _length(self, event: Component, start: Moment) -> _Length:
        if given := event.first("DTEND"):
            end = read_moment(given, self.zones)
            same = end.zone == start.zone
            return _Length(end.wall - start.wall if same else end.at - start.at, same)
        if given := event.first("DURATION"):
            return _Length(read_duration(given.value), False)
        return _Length(timedelta(), False)

    def _starts(self, event: Component, start: Moment, length: _Length) -> list[Moment]:
        """The occurrences of a series about the window, and a little beyond."""
        if "EXRULE" in event.properties or len(event.properties.get("RRULE", ())) > 1:
            raise Unreadable("repeats")
        walls = set(self._repeated(event, start, length))
        for given in event.properties.get("RDATE", ()):
            if given.parameters.get("VALUE", "").upper() == "PERIOD":
                raise Unreadable("repeats")
            walls |= {_wall_beside(start, each) for each in read_moments(given, self.zones)}
        left_out = {
            key
            for given in event.properties.get("EXDATE", ())
            for each in read_moments(given, self.zones)
            for key in (each.key, f"{each.wall:%Y%m%d}" if each.is_date else "")
        }
        moments = [replace(start, wall=wall) for wall in sorted(walls)]
        kept = [
            each
            for each in moments[: recurrence.MOST_OCCURRENCES]
            if each.key not in left_out and f"{each.wall:%Y%m%d}" not in left_out
        ]
        self.budget.spend(10 * len(moments))
        return kept

    def _repeated(self, event: Component, start: Moment, length: _Length) -> list[datetime]:
        if "RRULE" not in event.properties:
            return [start.wall]
        rule = recurrence.read_rule(event.value("RRULE"))
        first, last = (at.astimezone(zone(start.zone)).replace(tzinfo=None) for at in self.window)
        return recurrence.occurrences(
            rule,
            start.wall,
            until=self._until(rule.until, start),
            window=(first - length.given - timedelta(days=1), last),
            budget=self.budget,
        )

    def _until(self, given: str, start: Moment) -> datetime | None:
        """The last instant of a rule, by the wall clock of its event."""
        if not given:
            return None
        until = read_moment(Property(given), self.zones)
        if until.is_date:
            return until.wall + timedelta(days=1) - timedelta(seconds=1)
        if until.zone != "UTC" or start.is_date:
            return until.wall
        return until.at.astimezone(zone(start.zone)).replace(tzinfo=None)


def _wall_beside(start: Moment, added: Moment) -> datetime:
    """An added occurrence by the wall clock of the first one."""
    if start.is_date or (added.zone == start.zone and not added.is_date):
        return added.wall
    if added.is_date:
        raise Unreadable("repeats")
    return added.at.astimezone(zone(start.zone)).replace(tzinfo=None)


def _uid_of(event: Component) -> str:
    """What stays the same between two readings; some calendars give their events no name."""
    given = event.value("UID").strip()
    if given and len(given) <= _LONGEST_UID and given.isprintable():
        return given
    told = "|".join((given, event.value("DTSTART"), event.value("SUMMARY")))
    return f"x-{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _newest(events: Iterator[Component]) -> list[Component]:
    """Of several revisions of an event the one with the highest SEQUENCE, else the last."""
    found: dict[tuple[str, str], Component] = {}
    for event in events:
        key = _uid_of(event), event.value("RECURRENCE-ID").strip()
        if key not in found or _sequence(event) >= _sequence(found[key]):
            found[key] = event
    return list(found.values())


def _sequence(event: Component) -> int:
    given = event.value("SEQUENCE").strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
