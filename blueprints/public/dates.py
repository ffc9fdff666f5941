"""The date stub beside an event, and the names of months and weeks."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from dialognav.i18n import date_text, last_day, local, ngettext
from dialognav.i18n import gettext as _


class Stub(NamedTuple):
    """`dt` is an ISO date; "ons", "10", "feb", or "ons–tors", "24–25", "feb"."""

    dt: str
    wd: str
    day: str
    mo: str


def stub_of(start: datetime, end: datetime, zone: str) -> Stub:
    first, last = local(start, zone).date(), last_day(end, zone)
    weekdays, days, months = [_word(first, "weekday")], [str(first.day)], [_word(first, "mon")]
    if last != first:
        weekdays.append(_word(last, "weekday"))
        days.append(str(last.day))
    if (last.year, last.month) != (first.year, first.month):
        months.append(_word(last, "mon"))
    return Stub(first.isoformat(), "–".join(weekdays), "–".join(days), "–".join(months))


def _word(day: date, style: str) -> str:
    return date_text(day, style=style).rstrip(".")


def month_name(day: date) -> str:
    """'Februari 2027', as a heading."""
    name = date_text(day, style="month")
    return name[:1].upper() + name[1:]


def weeks_text(days: Iterable[date]) -> str:
    """'v. 5–8': the weeks (ISO 8601) in which something happens."""
    weeks = [day.isocalendar().week for day in sorted(days)]
    first, last = weeks[0], weeks[-1]
    said = str(first) if first == last else f"{first}–{last}"
    return _("week %(weeks)s", weeks=said)


def count_text(number: int) -> str:
    return ngettext("%(num)s event", "%(num)s events", number)
