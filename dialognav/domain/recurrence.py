"""The dates of a series as one person has them -> one recurring entry (calendar.md 2.1 f').

A rule with COUNT, EXDATE for the dates that are not theirs, and an override for each date that
differs from the rule (RFC 5545 sections 3.8.4.4, 3.8.5). RDATE is never used: Outlook and Exchange
do not read it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dialognav.domain.errors import NoSuchTime
from dialognav.domain.repeats import dates_of
from dialognav.domain.timezones import vtimezone
from dialognav.domain.timing import is_ambiguous, to_instant, to_wall
from dialognav.domain.zone_shifts import offset_at

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """A rule as repeats.rule_of() makes it, and when its dates begin if none is moved, in UTC: the
    RECURRENCE-ID of each."""

    rule: str
    zone: str
    slots: tuple[datetime, ...]


def series_of(rule: str, first: datetime, zone: str) -> Series | None:
    """The series that begins with `first`; None when no calendar could be told.

    A rule goes by the wall clock: the zone needs an exact VTIMEZONE, and each date an hour that
    the clocks show once.
    """
    walls = dates_of(rule, to_wall(first, zone))
    if vtimezone(zone, walls[0].year, walls[-1].year) is None:
        return None
    try:
        slots = tuple(to_instant(wall, zone) for wall in walls)
    except NoSuchTime:
        return None
    return None if any(is_ambiguous(wall, zone) for wall in walls) else Series(rule, zone, slots)


@dataclass(frozen=True, slots=True)
class Date:
    """One date: its place in the series, when it is, and what else its entry says.

    `said` are fields of Entry besides times, UID and people.
    """

    slot: datetime
    starts_at: datetime
    ends_at: datetime
    said: Mapping[str, Any] = field(default_factory=dict)


def series_facts(series: Series, since: datetime, dates: Sequence[Date]) -> Facts:
    """The fields of a master Entry: all of `dates`, none of the rule's others.

    `since` is the slot that the person's own series begins with, at or before the first of
    `dates`: it stays when that date goes, so that the entry is not another one. The master says
    what most dates say. `overrides` are fields too, to become entries with the master's UID.
    """
    slots = [slot for slot in series.slots if slot >= since]
    held = {date.slot: date for date in dates}
    shape, said = _most_common(series.zone, dates)
    starts_at = slots[0]
    return {
        **said,
        "starts_at": starts_at,
        "ends_at": _end(starts_at, shape, series.zone),
        "rrule": _shortened(series.rule, len(slots)),
        "exdates": tuple(slot for slot in slots if slot not in held),
        "overrides": tuple(
            override
            for slot in slots
            if slot in held and (override := _override(held[slot], shape, said, series.zone))
        ),
    }


def instance_facts(date: Date, master: Mapping[str, Any]) -> Facts:
    """The fields of an Entry for this one date, to be cancelled by itself.

    RECURRENCE-ID is of the master's kind, a day or a time (RFC 5545 section 3.8.4.4).
    """
    return {
        **date.said,
        "all_day": master["all_day"],
        "starts_at": date.starts_at,
        "ends_at": date.ends_at,
        "recurs_at": date.slot,
    }


def _shortened(rule: str, number: int) -> str:
    frequency, _comma, _number = rule.rpartition(";COUNT=")
    return f"{frequency};COUNT={number}"


def _length(date: Date, zone: str) -> timedelta:
    """Exact, as RFC 5545 section 3.8.5.3 wants it of every recurrence; of days, by the calendar."""
    if date.said["all_day"]:
        return to_wall(date.ends_at, zone) - to_wall(date.starts_at, zone)
    return date.ends_at - date.starts_at


_Shape = tuple[bool, timedelta]
"""All day or not, and how long."""


def _most_common(zone: str, dates: Sequence[Date]) -> tuple[_Shape, Mapping[str, Any]]:
    """What most dates share; of equally many, what comes first."""
    kinds = [(_length(date, zone), repr(sorted(date.said.items()))) for date in dates]
    wanted = Counter(kinds).most_common(1)[0][0]
    date = dates[kinds.index(wanted)]
    return (date.said["all_day"], wanted[0]), date.said


def _end(start: datetime, shape: _Shape, zone: str) -> datetime:
    all_day, length = shape
    return to_instant(to_wall(start, zone) + length, zone) if all_day else start + length


def _override(date: Date, shape: _Shape, said: Mapping[str, Any], zone: str) -> Facts | None:
    times = (date.slot, _end(date.slot, shape, zone))
    is_as_the_rule = (date.starts_at, date.ends_at) == times and date.said == said
    if is_as_the_rule and not _is_over_a_change(date, zone):
        return None
    return {
        **date.said,
        "starts_at": date.starts_at,
        "ends_at": date.ends_at,
        "recurs_at": date.slot,
    }


def _is_over_a_change(date: Date, zone: str) -> bool:
    """Whether readers disagree about its end: the clock is changed meanwhile, or shows it twice."""
    if date.said["all_day"]:
        return False
    offsets = (offset_at(at, zone) for at in (date.starts_at, date.ends_at))
    return len(set(offsets)) > 1 or is_ambiguous(to_wall(date.ends_at, zone), zone)
