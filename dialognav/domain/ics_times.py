"""Dates and times of somebody else's calendar, in whatever way it names its zones."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from dialognav.domain.ics_lines import Component, Property
from dialognav.domain.timezones import ZONES, known_zone, zone

YEARS = range(1970, 2100)
MOST_VALUES = 2000  # of one EXDATE or RDATE
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME = re.compile(r"T([0-9]{2})([0-9]{2})([0-9]{2})(Z?)")
_DURATION = re.compile(
    r"\+?P(?:([0-9]{1,3})W)?(?:([0-9]{1,4})D)?"
    r"(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,8})S)?)?"
)
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})(?:[0-9]{2})?")


class Unreadable(Exception):
    """An event that is left out; `reason` is times, zone, repeats or too_much."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall time without zone, in an IANA zone; a whole day when `is_date`."""

    wall: datetime
    zone: str
    is_date: bool = False

    @property
    def at(self) -> datetime:
        """The instant (UTC). A time that the spring change skips is read with the offset before it,
        one that autumn has twice is the first (RFC 5545 3.3.5)."""
        return self.wall.replace(tzinfo=zone(self.zone)).astimezone(UTC)

    @property
    def key(self) -> str:
        """The same for the same time, in whatever zone it was written: 20270316T160000Z."""
        return f"{self.wall:%Y%m%d}" if self.is_date else f"{self.at:%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, slots=True)
class Zones:
    """What the names of zones mean in one file; `default` is for times that name none."""

    default: str
    defined: Mapping[str, Component]

    def named(self, tzid: str) -> str:
        """The IANA zone: the default one when it keeps the same time. Unreadable for others."""
        name = tzid.strip()
        if not name:
            return self.default
        found = known_zone(name) or self._by_definition(name)
        if found is None:
            raise Unreadable("zone")
        return self.default if _offsets(found) == _offsets(self.default) else found

    def _by_definition(self, name: str) -> str | None:
        definition = self.defined.get(name)
        if definition is None:
            return None
        location = known_zone(definition.value("X-LIC-LOCATION"))
        return location or _zone_with(_offsets_of(definition), self.default)


@lru_cache(maxsize=1024)
def _offsets(name: str) -> tuple[int, ...]:
    """Seconds east of UTC on the first of each month of a year to come."""
    return tuple(
        int(offset.total_seconds())
        for month in range(1, 13)
        if (offset := datetime(2027, month, 1, 12, tzinfo=zone(name)).utcoffset()) is not None
    )


def _offsets_of(definition: Component) -> frozenset[int]:
    """The last offset of each half of a VTIMEZONE."""
    found: dict[str, tuple[str, int]] = {}
    for half in definition.parts:
        match = _OFFSET.fullmatch(half.value("TZOFFSETTO").strip())
        since = half.value("DTSTART").strip()
        if match and since >= found.get(half.name, ("", 0))[0]:
            seconds = int(match[2]) * 3600 + int(match[3]) * 60
            found[half.name] = since, -seconds if match[1] == "-" else seconds
    return frozenset(seconds for _since, seconds in found.values())


@lru_cache(maxsize=1024)
def _zone_with(offsets: frozenset[int], default: str) -> str | None:
    """A zone that has just these, the default first: what a program calls a zone of its own."""
    candidates: Iterator[str] = (name for name in (default, *ZONES) if offsets)
    return next((name for name in candidates if frozenset(_offsets(name)) == offsets), None)


def read_moment(given: Property, zones: Zones) -> Moment:
    """The value of DTSTART and its like. Unreadable for what is no date."""
    return _moment(given.value.strip(), given.parameters.get("TZID", ""), zones)


def read_moments(given: Property, zones: Zones) -> Iterator[Moment]:
    """The values of EXDATE or RDATE. Unreadable for more than anybody writes."""
    values = given.value.split(",")
    if len(values) > MOST_VALUES:
        raise Unreadable("too_much")
    for value in values:
        if value.strip():
            yield _moment(value.strip(), given.parameters.get("TZID", ""), zones)


def _moment(value: str, tzid: str, zones: Zones) -> Moment:
    day = _DATE.match(value)
    clock = _TIME.fullmatch(value, day.end()) if day else None
    if day is None or (clock is None and day.end() != len(value)):
        raise Unreadable("times")
    if int(day[1]) not in YEARS:
        raise Unreadable("times")
    try:
        found = date(int(day[1]), int(day[2]), int(day[3]))
        if clock is None:
            return Moment(datetime.combine(found, time()), zones.default, True)
        second = min(int(clock[3]), 59)  # a leap second
        wall = datetime.combine(found, time(int(clock[1]), int(clock[2]), second))
    except ValueError as error:
        raise Unreadable("times") from error
    return Moment(wall, "UTC" if clock[4] else zones.named(tzid))


def read_duration(value: str) -> timedelta:
    match = _DURATION.fullmatch(value.strip().upper())
    if match is None or not any(match.groups()):
        raise Unreadable("times")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
