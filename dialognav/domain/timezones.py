"""Time zones as calendars need them: an exact VTIMEZONE in RRULE form, or none.

Outlook and Exchange read TZID, DTSTART, a yearly RRULE and the two offsets of a VTIMEZONE, nothing
else (MS-STANOICAL 2.2.47, MS-OXCICAL 2.1.3.1.1.19); lists of dates they ignore. The rule comes from
the footer of a zone's TZif file (RFC 9636 section 3.3), a POSIX TZ string such as
`CET-1CEST,M3.5.0,M10.5.0/3`. A zone whose footer does not reproduce its own data for the years
asked about (Morocco, while it followed the moon) has no exact rule: its events are written in UTC.

All data comes from the tzdata wheel, so that every machine gives the same bytes: the system's copy
is often years older.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur
from icalendar.parser_tools import to_unicode
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_SHORTEST_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY = 86_400
_UTC = frozenset(("UTC", "GMT", "Z", "ETC/UTC", "ETC/GMT", "TZONE://MICROSOFT/UTC"))
# Aware, because the linter asks for it; observances are wall time, so the zone is taken off again.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)

_NAME = r"(<[^>]+>|[A-Za-z]{3,})"
_OFFSET = r"([+-]?\d{1,3}(?::\d{2}){0,2})"
_POSIX_TZ = re.compile(rf"{_NAME}{_OFFSET}(?:{_NAME}{_OFFSET}?,([^,]+),([^,]+))?$")
_POSIX_DAY = re.compile(r"M(\d+)\.(\d)\.(\d)")


def _data(*path: str) -> Traversable:
    return files("tzdata").joinpath(*path)


_NAMES = frozenset(_data("zones").read_text("ascii").split())


def _places() -> list[tuple[str, str]]:
    """(ISO 3166 code, zone) of each place on the map."""
    lines = _data("zoneinfo", "zone.tab").read_text("utf-8").splitlines()
    fields = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(field[0], field[2]) for field in fields]


def _form_zones() -> tuple[str, ...]:
    places = {name for _country, name in _places()}
    return (*sorted(places, key=lambda name: (not name.startswith("Europe/"), name)), "UTC")


ZONES = _form_zones()
"""What a form offers: one name per place on the map, Europe first, UTC last."""


@lru_cache(maxsize=512)
def zone_of_country(code: str) -> str:
    """The zone of a country that has one; "" for those with several, and for no country."""
    found = [name for country, name in _places() if country == code]
    return found[0] if len(found) == 1 else ""


def is_known_zone(name: str) -> bool:
    """Whether the tz database has that name, old names included."""
    return name in _NAMES


def known_zone(name: str) -> str | None:
    """The IANA zone of a name: its own, Windows's, or one at the end of a path of some program."""
    name = name.strip()
    if name.upper() in _UTC:
        return "UTC"
    parts = name.strip("/").split("/")
    for count in (len(parts), 3, 2, 1):
        if is_known_zone(found := "/".join(parts[-count:])):
            return found
    found = WINDOWS_TO_OLSON.get(name, "")
    return found if is_known_zone(found) else None


@cache
def zone(name: str) -> ZoneInfo:
    """The zone from the tzdata wheel, whatever the machine has. ValueError for an unknown name."""
    if not is_known_zone(name):  # also what keeps `name` from being any path
        raise ValueError(f"no such time zone: {name!r}")
    with _data("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@lru_cache(maxsize=4096)
def vtimezone(tzid: str, first_year: int, last_year: int) -> Timezone | None:
    """The zone's current rule, when it gives the right offset from first to last year (UTC).

    None when it does not; ValueError for an unknown zone. The component is shared: do not change
    it. It starts in 1970, because a client must find an observance for each date it meets.
    """
    rule = _rule_form(tzid)
    if rule is None or not _reproduces(rule, tzid, first_year, last_year):
        return None
    return rule


@cache
def vtimezone_bytes(tzid: str) -> bytes:
    """The content lines of a zone that `vtimezone` gave for some years; ValueError for others."""
    rule = _rule_form(tzid)
    if rule is None:
        raise ValueError(f"{tzid} has no rule")
    return bytes(rule.to_ical(sorted=False))


class _Change(NamedTuple):
    """One half of a POSIX rule: a yearly RRULE and the wall time, in seconds of the day."""

    rrule: str
    seconds: int


@cache
def _rule_form(tzid: str) -> Timezone | None:
    match = _POSIX_TZ.match(_footer(tzid))
    if match is None:
        return None
    name, west, summer_name, summer_west, begins, ends = match.groups()
    offset = -_seconds(west)  # POSIX counts westwards
    component = Timezone()
    component.add("TZID", tzid)
    component.add("X-LIC-LOCATION", tzid)
    if not summer_name:
        component.add_component(_observance(offset, offset, name, None))
        return component
    summer = -_seconds(summer_west) if summer_west else offset + 3600
    begin, end = _change(begins), _change(ends)
    if begin is None or end is None:
        return None
    component.add_component(_observance(offset, summer, summer_name, begin))
    component.add_component(_observance(summer, offset, name, end))
    component.subcomponents.sort(key=lambda part: part.name or "")
    return component


def _footer(tzid: str) -> str:
    if not is_known_zone(tzid):
        raise ValueError(f"no such time zone: {tzid!r}")
    return _data("zoneinfo", *tzid.split("/")).read_bytes().rsplit(b"\n", 2)[1].decode("ascii")


def _seconds(text: str) -> int:
    """`-2:30` -> -9000."""
    hours, minutes, seconds = [*map(int, text.lstrip("+-").split(":")), 0, 0][:3]
    total = hours * 3600 + minutes * 60 + seconds
    return -total if text.startswith("-") else total


def _change(text: str) -> _Change | None:
    """`M3.5.0/3` (the last Sunday of March, 03:00) -> its recurrence; None for other forms.

    The hour may lie outside the day (`/-1`, `/24`); then the day moves too, and "the day after the
    fourth Saturday" has to be said by BYMONTHDAY.
    """
    day, _, at = text.partition("/")
    match = _POSIX_DAY.fullmatch(day)
    if match is None:
        return None
    month, week, weekday = map(int, match.groups())
    shift, seconds = divmod(_seconds(at or "2"), _DAY)
    name = _WEEKDAYS[(weekday + shift) % 7]
    if shift == 0:
        nth = -1 if week == 5 else week
        return _Change(f"FREQ=YEARLY;BYDAY={nth}{name};BYMONTH={month}", seconds)
    length = _SHORTEST_MONTH[month - 1]
    first = (length - 6 if week == 5 else 7 * (week - 1) + 1) + shift
    last = (length if week == 5 else 7 * week) + shift
    if first < 1 or last > length:
        return None
    days = ",".join(map(str, range(first, last + 1)))
    return _Change(f"FREQ=YEARLY;BYDAY={name};BYMONTHDAY={days};BYMONTH={month}", seconds)


def _observance(
    before: int, after: int, name: str, change: _Change | None
) -> TimezoneDaylight | TimezoneStandard:
    """Offsets in seconds east. DTSTART is the wall time *before* the change (RFC 5545 3.6.5)."""
    part = TimezoneDaylight() if after > before else TimezoneStandard()
    start = _EPOCH
    if change is not None:
        start = rrulestr(change.rrule, dtstart=_EPOCH + timedelta(seconds=change.seconds))[0]
    part.DTSTART = start
    part.TZOFFSETFROM = timedelta(seconds=before)
    part.TZOFFSETTO = timedelta(seconds=after)
    part.add("TZNAME", name.strip("<>"))
    if change is not None:
        part.add("RRULE", vRecur.from_ical(change.rrule))
    return part


def _onsets(component: Timezone, last_year: int) -> list[tuple[datetime, timedelta]]:
    """When each offset begins, in UTC without zone, read from the component as a client would."""
    found = []
    until = _EPOCH.replace(year=last_year + 2)
    for part in component.subcomponents:
        starts = [part.DTSTART]
        if "RRULE" in part:
            rule = rrulestr(to_unicode(part["RRULE"].to_ical()), dtstart=part.DTSTART)
            starts = rule.between(_EPOCH - timedelta(days=1), until, inc=True)
        found += [(start - part.TZOFFSETFROM, part.TZOFFSETTO) for start in starts]
    return sorted(found)


def _samples(
    onsets: list[tuple[datetime, timedelta]], first_year: int, last_year: int
) -> Iterator[datetime]:
    """Each quarter of an hour on the days around an onset, else twice a day."""
    near = {onset.date() + timedelta(days=n) for onset, _ in onsets for n in (-1, 0, 1)}
    at, end = _EPOCH.replace(year=first_year), _EPOCH.replace(year=last_year + 1)
    while at < end:
        yield at
        at += timedelta(minutes=15) if at.date() in near else timedelta(hours=12)


def _reproduces(component: Timezone, tzid: str, first_year: int, last_year: int) -> bool:
    true = zone(tzid)
    onsets = _onsets(component, last_year)
    current = 0
    for at in _samples(onsets, first_year, last_year):
        while current + 1 < len(onsets) and onsets[current + 1][0] <= at:
            current += 1
        if at.replace(tzinfo=UTC).astimezone(true).utcoffset() != onsets[current][1]:
            return False
    return True
