"""Other authorities' calendars in plain words: why one cannot be read, and what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialognav.actions.external_calendars import MOST_CALENDARS
from dialognav.domain.ics_import import ForeignEvent
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, moment_text, ngettext, when_text
from dialognav.models import ExternalEvent

_FAILURES: dict[str, Any] = {
    "own": lazy("That is this site’s own calendar. Its events are here already."),
    "address": lazy("Enter the whole address, beginning with https:// or webcal://"),
    "private": lazy("That address leads into a closed network. Only public calendars are read."),
    "port": lazy("That address has an unusual port, which is not read. Ask for one without."),
    "unknown_host": lazy("There is no server with that name."),
    "unreachable": lazy("The server did not answer."),
    "slow": lazy("The server took too long to answer."),
    "insecure": lazy("The server’s certificate does not hold, so what it says cannot be trusted."),
    "redirects": lazy("The address leads on and on, and never to a calendar."),
    "large": lazy("The calendar is too large to read."),
    "too_large": lazy("The calendar is too large to read."),
    "too_many": lazy("The calendar has too many parts to read."),
    "gone": lazy("The server says that nothing is there."),
    "locked": lazy("The server asks for a password. Only public calendars are read."),
    "status": lazy("The server answered with an error."),
    "garbled": lazy("The server’s answer could not be understood."),
    "empty": lazy("There is nothing in it."),
    "not_a_calendar": lazy("That is not a calendar (iCalendar, .ics). It may be a web page."),
    "damaged": lazy("The calendar is damaged, or only a part of it came."),
}
"""{code of FetchFailed, or reason of CalendarRefused: words}"""


_DONE: dict[str, tuple[Any, Any]] = {
    "listed": (lazy("The calendar is listed"), lazy("It is read again every four hours.")),
    "removed": (lazy("The calendar is taken away"), lazy("Its events are no longer shown.")),
    "due": (
        lazy("It is being read"),
        lazy("Look again in a minute to see what came of it."),
    ),
    "saved": (lazy("Saved"), ""),
}


def done_words(code: str) -> tuple[str, str] | None:
    """(title, sentence) of what the page before did, for `?done=`; None for anything else."""
    said = _DONE.get(code)
    return (str(said[0]), str(said[1])) if said else None


def failure_words(code: str) -> str:
    return str(_FAILURES.get(code) or _("The calendar could not be read."))


def list_refusal(code: str) -> str:
    """Why a calendar that reads well is not listed."""
    if code == "already_listed":
        return _("Your organisation lists this calendar already.")
    return _("At most %(most)s calendars can be listed. Take one away first.", most=MOST_CALENDARS)


def left_out_words(left_out: Mapping[str, int]) -> list[str]:
    """What of a calendar is not taken, and why: a sentence for each reason."""
    said = {
        "over": ngettext("%(num)s event is over", "%(num)s events are over", _n(left_out, "over")),
        "later": ngettext(
            "%(num)s event is more than a year and a half ahead",
            "%(num)s events are more than a year and a half ahead",
            _n(left_out, "later"),
        ),
        "private": ngettext(
            "%(num)s event is marked as private",
            "%(num)s events are marked as private",
            _n(left_out, "private"),
        ),
        "untitled": ngettext(
            "%(num)s event has no title", "%(num)s events have no title", _n(left_out, "untitled")
        ),
        "times": ngettext(
            "%(num)s event has times that cannot be",
            "%(num)s events have times that cannot be",
            _n(left_out, "times"),
        ),
        "zone": ngettext(
            "%(num)s event is in a time zone nobody knows",
            "%(num)s events are in a time zone nobody knows",
            _n(left_out, "zone"),
        ),
        "repeats": ngettext(
            "%(num)s event repeats by a rule that is not understood",
            "%(num)s events repeat by a rule that is not understood",
            _n(left_out, "repeats", "too_much"),
        ),
        "too_many": ngettext(
            "%(num)s event is beyond what is taken",
            "%(num)s events are beyond what is taken",
            _n(left_out, "too_many"),
        ),
    }
    counted = {**left_out, "repeats": _n(left_out, "repeats", "too_much")}
    return [words for reason, words in said.items() if counted.get(reason)]


def _n(left_out: Mapping[str, int], *reasons: str) -> int:
    return sum(left_out.get(reason, 0) for reason in reasons)


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    when: str
    iso: str
    place: str
    url: str
    off: bool


def line_of(event: ForeignEvent | ExternalEvent) -> Line:
    start, end = event.starts_at, event.ends_at
    return Line(
        title=event.title,
        when=said_when(start, end, event.zone, all_day=event.all_day),
        iso=start.isoformat(),
        place=event.place,
        url=event.url,
        off=event.is_cancelled,
    )


def said_when(start: datetime, end: datetime, zone: str, *, all_day: bool) -> str:
    """Of an event that ends as it starts, or whose calendar says no end, only the start."""
    if start == end:
        return moment_text(start, zone, "medium")
    return when_text(start, end, zone, all_day=all_day)
