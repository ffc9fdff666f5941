"""The times of an entry in the form that every reader gets right: days, UTC, or a zone's wall."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from icalendar import Event, vDate, vDatetime

from dialognav.domain.calendar_entries import Entry, entry_dates
from dialognav.domain.timezones import vtimezone
from dialognav.domain.timezones import zone as zone_named

UTC_NAMES = ("UTC", "Etc/UTC")


def times_of(entry: Entry) -> tuple[tuple[date, date], dict[str, str]]:
    """Dates, UTC or wall times with TZID: whatever every reader gets right.

    A series goes by the wall clock, also where no place has one.
    """
    if entry.all_day:
        return entry_dates(entry), {}
    start, end = entry.starts_at.astimezone(UTC), entry.ends_at.astimezone(UTC)
    is_in_series = bool(entry.rrule) or entry.recurs_at is not None
    if (entry.online_only and not is_in_series) or entry.zone in UTC_NAMES:
        return (start, end), {}
    if vtimezone(entry.zone, start.year, end.year) is None:
        return (start, end), {}
    local = start.astimezone(zone_named(entry.zone)), end.astimezone(zone_named(entry.zone))
    if any(at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset() for at in local):
        # In the hour that comes twice TZID means the first (RFC 5545 section 3.3.5), but libical,
        # ical.js and PHP take the second.
        return (start, end), {}
    # Without tzinfo, as the package would write Z for zones that it believes to be on UTC.
    return (local[0].replace(tzinfo=None), local[1].replace(tzinfo=None)), {"TZID": entry.zone}


def add_places(
    event: Event, name: str, instants: Iterable[datetime], zone: str, *, days: bool
) -> None:
    """Places in a series, in the same form as its DTSTART; one line for each, which all read."""
    for at in instants:
        local = at.astimezone(zone_named(zone))
        if days:
            event.add(name, vDate(local.date()), {"VALUE": "DATE"})
        elif zone in UTC_NAMES:
            event.add(name, vDatetime(at.astimezone(UTC)))
        else:
            event.add(name, vDatetime(local.replace(tzinfo=None)), {"TZID": zone})
