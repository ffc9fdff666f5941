"""The days of somebody else's repeating event, a few hundred at most, whatever its rule says.

Reads what calendars really write (RFC 5545 3.3.10): daily, weekly, monthly and yearly, by day, day
of the month, month and position. Every day looked at is counted against a budget of the whole file.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dialognav.domain.ics_times import Unreadable

MOST_OCCURRENCES = 200  # of one event
MOST_DAYS = 200_000  # looked at, in one file
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_KNOWN = frozenset(
    ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
)
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(slots=True)
class Budget:
    days: int = MOST_DAYS

    def spend(self, days: int) -> None:
        self.days -= days
        if self.days < 0:
            raise Unreadable("too_much")


@dataclass(frozen=True, slots=True)
class Rule:
    """`by_day`: (which of them in month or year, or 0 for all; weekday from Monday 0)."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: str = ""
    by_day: tuple[tuple[int, int], ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_position: tuple[int, ...] = ()
    week_start: int = 0
    plain: dict[str, str] = field(default_factory=dict, compare=False)


def read_rule(value: str) -> Rule:
    """The rule of an RRULE. Unreadable("repeats") for one we do not know how to follow."""
    parts = dict(part.partition("=")[::2] for part in value.strip().upper().split(";") if part)
    given = {name: text for name, text in parts.items() if text}
    try:
        if not _KNOWN.issuperset(parts) or given["FREQ"] not in _FREQUENCIES:
            raise Unreadable("repeats")
        return Rule(
            given["FREQ"],
            interval=_numbers(given.get("INTERVAL", "1"), 1, 1000)[0],
            count=_numbers(given["COUNT"], 1, 100_000)[0] if "COUNT" in given else None,
            until=given.get("UNTIL", ""),
            by_day=tuple(_week_day(text) for text in _listed(given.get("BYDAY", ""))),
            by_month_day=_numbers(given.get("BYMONTHDAY", ""), -31, 31),
            by_month=_numbers(given.get("BYMONTH", ""), 1, 12),
            by_position=_numbers(given.get("BYSETPOS", ""), -366, 366),
            week_start=_WEEKDAYS.index(given.get("WKST", "MO")),
        )
    except (KeyError, ValueError) as error:
        raise Unreadable("repeats") from error


def _listed(text: str) -> list[str]:
    found = text.split(",") if text else []
    if len(found) > 400:
        raise ValueError
    return found


def _numbers(text: str, least: int, most: int) -> tuple[int, ...]:
    listed = _listed(text)
    if any(len(each) > 7 for each in listed):
        raise ValueError
    found = tuple(map(int, listed))
    if any(not least <= number <= most or number == 0 for number in found):
        raise ValueError
    return found


def _week_day(text: str) -> tuple[int, int]:
    match = _BY_DAY.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[1] or 0), _WEEKDAYS.index(match[2])


def occurrences(
    rule: Rule,
    start: datetime,
    *,
    until: datetime | None,
    window: tuple[datetime, datetime],
    budget: Budget,
) -> list[datetime]:
    """Starts by the wall clock from the first within the window on, at most MOST_OCCURRENCES.

    `start` counts as the first even where the rule would not give it; `until` is the rule's, by
    the same clock.
    """
    found: list[datetime] = []
    last = min(window[1], until) if until else window[1]
    for number, at in enumerate(_all(rule, start, window, budget), start=1):
        if at > last or (rule.count is not None and number > rule.count):
            break
        if at >= window[0]:
            found.append(at)
        if len(found) == MOST_OCCURRENCES:
            break
    return found


def _all(
    rule: Rule, start: datetime, window: tuple[datetime, datetime], budget: Budget
) -> Iterator[datetime]:
    yield start
    fits = _condition(rule, start.date())
    tried = 1 + len(rule.by_day) // 7  # each day is looked at for every entry of a long list
    for days in _periods(rule, start.date(), window):
        budget.spend(len(days) * tried)
        chosen = [day for day in days if fits(day)]
        if rule.by_position:
            places = {n - 1 if n > 0 else len(chosen) + n for n in rule.by_position}
            chosen = [day for place, day in enumerate(chosen) if place in places]
        for day in chosen:
            if (at := datetime.combine(day, start.time())) > start:
                yield at


def _periods(rule: Rule, first: date, window: tuple[datetime, datetime]) -> Iterator[list[date]]:
    """The days of each period the rule looks at, until the window ends.

    Without a COUNT nothing before the window matters, and the periods there are passed over.
    """
    step, number = rule.interval, 0
    if rule.count is None and (days := (window[0].date() - first).days) > 0:
        longest = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[rule.frequency]
        number = max(0, days // longest // step - 1) * step
    while True:
        days_of = _period(rule, first, number)
        if days_of[0] > window[1].date():
            return
        yield days_of
        number += step


def _period(rule: Rule, first: date, number: int) -> list[date]:
    if rule.frequency == "DAILY":
        return [first + timedelta(days=number)]
    if rule.frequency == "WEEKLY":
        monday = first - timedelta(days=(first.weekday() - rule.week_start) % 7)
        return _days(monday + timedelta(weeks=number), 7)
    if rule.frequency == "MONTHLY":
        years, month = divmod(first.month - 1 + number, 12)
        year = first.year + years
        return _days(date(year, month + 1, 1), calendar.monthrange(year, month + 1)[1])
    year = first.year + number
    return _days(date(year, 1, 1), 366 if calendar.isleap(year) else 365)


def _days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def _condition(rule: Rule, first: date) -> Callable[[date], bool]:
    """Whether a day of a period is one of the rule's; what it leaves out is as the first day."""
    says_day = bool(rule.by_day or rule.by_month_day)
    is_weekly, is_yearly = rule.frequency == "WEEKLY", rule.frequency == "YEARLY"
    same_day = rule.frequency in ("MONTHLY", "YEARLY") and not says_day
    same_month = is_yearly and not says_day and not rule.by_month
    in_year = is_yearly and not rule.by_month

    def fits(day: date) -> bool:
        if (rule.by_month and day.month not in rule.by_month) or (
            (same_month and day.month != first.month) or (same_day and day.day != first.day)
        ):
            return False
        if rule.by_month_day and not _is_month_day(day, rule.by_month_day):
            return False
        if rule.by_day:
            return any(_is_week_day(day, n, weekday, in_year) for n, weekday in rule.by_day)
        return not is_weekly or day.weekday() == first.weekday()

    return fits


def _is_month_day(day: date, wanted: tuple[int, ...]) -> bool:
    length = calendar.monthrange(day.year, day.month)[1]
    return day.day in wanted or day.day - length - 1 in wanted


def _is_week_day(day: date, nth: int, weekday: int, in_year: bool) -> bool:
    if day.weekday() != weekday:
        return False
    if in_year:
        place, length = day.timetuple().tm_yday, 366 if calendar.isleap(day.year) else 365
    else:
        place, length = day.day, calendar.monthrange(day.year, day.month)[1]
    return nth in (0, (place - 1) // 7 + 1, -((length - place) // 7 + 1))
