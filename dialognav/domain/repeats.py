"""Dates that come back: the rule behind some dates, and the dates of a rule (RFC 5545, 3.3.10).

All by the wall clock, without zone: a series keeps its hour over the change to summer time. Only
the rules that rule_of() makes are read: DAILY, WEEKLY, and MONTHLY by the day or the weekday.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import count, islice
from math import gcd

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MOST_GAPS = 2  # a rule may have at most so many dates for each one that is held
_LAST_SAFE_DAY = 28  # no month lacks it
_MOST = 400


def rule_of(starts: Sequence[datetime]) -> str:
    """The RRULE that begins with the first of these and has all of them, '' when there is none.

    What it has besides them is for EXDATE. `starts` in order; at least two, all at one hour.
    """
    if len(starts) < 2 or len({each.time() for each in starts}) > 1:
        return ""
    for frequency in (_in_days(starts), _in_months(starts)):
        if not frequency:
            continue
        for number, each in enumerate(islice(_endless(frequency, starts[0]), _MOST), start=1):
            if each == starts[-1]:
                held = set(starts) <= set(dates_of(f"{frequency};COUNT={number}", starts[0]))
                if held and number <= _MOST_GAPS * len(starts):
                    return f"{frequency};COUNT={number}"
    return ""


def dates_of(rule: str, first: datetime) -> list[datetime]:
    """All dates of a rule of rule_of(), at most 400. ValueError for any other."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    number = int(parts.pop("COUNT"))
    frequency = ";".join(f"{name}={value}" for name, value in parts.items())
    return list(islice(_endless(frequency, first), min(number, _MOST)))


def extended(rule: str, first: datetime, wanted: datetime) -> str:
    """The rule with as many dates as reach `wanted`; '' when that is not one of its dates."""
    frequency, _comma, number = rule.rpartition(";COUNT=")
    for n, each in enumerate(islice(_endless(frequency, first), _MOST), start=1):
        if each == wanted:
            return f"{frequency};COUNT={max(n, int(number))}"
        if each > wanted:
            break
    return ""


def _in_days(starts: Sequence[datetime]) -> str:
    days = reduce(gcd, ((each.date() - starts[0].date()).days for each in starts))
    if days == 0:
        return ""
    if days % 7 == 0:
        return _every("WEEKLY", days // 7)
    return _every("DAILY", days)


def _in_months(starts: Sequence[datetime]) -> str:
    first = starts[0]
    months = reduce(gcd, (_months_between(first, each) for each in starts))
    if months == 0:
        return ""
    if {each.day for each in starts} == {first.day} and first.day <= _LAST_SAFE_DAY:
        return _every("MONTHLY", months)
    for place in (_place_in_month, _place_from_the_end):
        if place(first) and len({(place(each), each.weekday()) for each in starts}) == 1:
            by = f"{place(first)}{_DAYS[first.weekday()]}"
            return f"{_every('MONTHLY', months)};BYDAY={by}"
    return ""


def _every(frequency: str, interval: int) -> str:
    return f"FREQ={frequency}" + (f";INTERVAL={interval}" if interval > 1 else "")


def _months_between(first: datetime, later: datetime) -> int:
    return (later.year - first.year) * 12 + later.month - first.month


def _place_in_month(day: date) -> int:
    """1 for the first of its weekday in the month; 0 for a fifth, which not every month has."""
    return (day.day - 1) // 7 + 1 if day.day <= _LAST_SAFE_DAY else 0


def _place_from_the_end(day: date) -> int:
    """-1 for the last of its weekday in the month, else 0."""
    is_last = (day + timedelta(days=7)).month != day.month
    return -1 if is_last else 0


def _endless(frequency: str, first: datetime) -> Iterator[datetime]:
    parts = dict(part.split("=", 1) for part in frequency.split(";"))
    step = int(parts.get("INTERVAL", 1))
    if parts["FREQ"] == "MONTHLY":
        find = _finder(parts.get("BYDAY", ""))
        return (find(_month_after(first, step * n), first) for n in count())
    days = {"DAILY": step, "WEEKLY": 7 * step}.get(parts["FREQ"])
    if days is None or "BYDAY" in parts:
        raise ValueError(f"not one of our rules: {frequency}")
    return (first + timedelta(days=days * n) for n in count())


def _month_after(first: datetime, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _finder(by_day: str) -> Callable[[date, datetime], datetime]:
    if not by_day:
        return lambda month, first: first.replace(year=month.year, month=month.month)
    place, weekday = int(by_day[:-2]), _DAYS.index(by_day[-2:])

    def find(month: date, first: datetime) -> datetime:
        if place > 0:
            day = month + timedelta(days=(weekday - month.weekday()) % 7 + 7 * (place - 1))
        else:
            last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            day = last - timedelta(days=(last.weekday() - weekday) % 7)
        return datetime.combine(day, first.time())

    return find
