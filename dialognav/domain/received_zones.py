"""Times of received calendar data as instants: any name of a zone that a client has come up with.

First the name: of the tz database, of Windows, or with a maker's path before it
(`/mozilla.org/20050126_1/Europe/Stockholm`). Else the VTIMEZONE that came along, of whose rules
only the yearly ones of one month and weekday are understood: the form Exchange writes (MS-OXCICAL
2.1.3.1.1.19). Recurrences are never expanded: one onset a year is worked out.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dialognav.domain import timezones

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(?:\d\d)?")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_YEARS = range(1971, 2200)


@dataclass(frozen=True, slots=True)
class Observance:
    """One STANDARD or DAYLIGHT, as written; `rule` is its RRULE, "" without one."""

    starts: str
    offset: str
    rule: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC. Of a date: its midnight in UTC, and `is_day`."""

    at: datetime
    is_day: bool


def moment(
    value: str, zone_name: str, definitions: Mapping[str, Iterable[Observance]]
) -> Moment | None:
    """A DATE or DATE-TIME. None for what is none, for a floating time and for an unknown zone."""
    wall = _wall(value)
    if wall is None:
        return None
    if "T" not in value:
        return Moment(wall.replace(tzinfo=UTC), is_day=True)
    if value.endswith("Z"):
        return Moment(wall.replace(tzinfo=UTC), is_day=False)
    if (known := timezones.known_zone(zone_name)) is not None:
        return Moment(wall.replace(tzinfo=timezones.zone(known)).astimezone(UTC), is_day=False)
    offset = _defined(wall, definitions.get(zone_name, ()))
    if offset is None:
        return None
    return Moment((wall - offset).replace(tzinfo=UTC), is_day=False)


def _wall(value: str) -> datetime | None:
    """The wall time, without a zone yet."""
    shape = _TIME.fullmatch(value)
    if shape is None or int(shape[1]) not in _YEARS:
        return None
    try:
        aware = datetime(*(int(part or 0) for part in shape.groups()[:6]), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return None
    return aware.replace(tzinfo=None)


def _defined(wall: datetime, observances: Iterable[Observance]) -> timedelta | None:
    """The offset that holds at that wall time: of the observance that began last."""
    onsets = [
        (onset, offset)
        for one in observances
        if (offset := _offset(one.offset)) is not None
        for onset in _onsets(one, wall.year)
    ]
    begun = [found for found in onsets if found[0] <= wall]
    return max(begun)[1] if begun else None


def _offset(text: str) -> timedelta | None:
    shape = _OFFSET.fullmatch(text)
    if shape is None:
        return None
    size = timedelta(hours=int(shape[2]), minutes=int(shape[3]))
    return -size if shape[1] == "-" else size


def _onsets(one: Observance, year: int) -> list[datetime]:
    """When it begins in that year and the one before; DTSTART itself when it does not recur.

    The year of DTSTART may be 1601, as Windows has it, so only its time of day is read then.
    """
    clock = _TIME.fullmatch("2000" + one.starts[4:])
    if clock is None:
        return []
    rule = dict(part.partition("=")[::2] for part in one.rule.upper().split(";"))
    if rule.get("FREQ") != "YEARLY":
        starts = _wall(one.starts)
        return [starts or datetime.min]  # noqa: DTZ901 (wall time)
    days = [
        _nth_weekday(of, rule.get("BYMONTH", ""), rule.get("BYDAY", "")) for of in (year, year - 1)
    ]
    hour, minute = int(clock[4] or 0), int(clock[5] or 0)
    if hour > 23 or minute > 59:
        return []
    return [day.replace(hour=hour, minute=minute) for day in days if day]


def _nth_weekday(year: int, month: str, day: str) -> datetime | None:
    """`-1SU` of month 10 -> its midnight."""
    shape = re.fullmatch(r"([+-]?[1-5])([A-Z]{2})", day)
    if shape is None or shape[2] not in _WEEKDAYS or month not in map(str, range(1, 13)):
        return None
    first, length = monthrange(year, int(month))
    offset = (_WEEKDAYS.index(shape[2]) - first) % 7
    dates = list(range(1 + offset, length + 1, 7))
    nth = int(shape[1])
    place = nth - 1 if nth > 0 else len(dates) + nth
    if not 0 <= place < len(dates):
        return None
    return datetime(year, int(month), dates[place], tzinfo=UTC).replace(tzinfo=None)
