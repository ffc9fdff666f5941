"""Sentences of the board: what was done, what stops a time, and how it stands."""

from collections.abc import Iterable
from typing import Any

from dialognav.domain.bookings import Stop
from dialognav.domain.errors import CannotMeet, RuleBroken
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy, list_text, ngettext
from dialognav.queries.meeting_board import Board, offerable

_DONE: dict[str, tuple[Any, Any]] = {
    "assigned": (lazy("The supplier has the time"), lazy("Both sides get an invitation.")),
    "proposed": (
        lazy("The answer is noted"),
        lazy("Nobody outside the organisation sees it before all are published."),
    ),
    "answered": (
        lazy("All answers are public"),
        lazy("Everybody who asked for a meeting gets an e-mail now."),
    ),
    "offered": (
        lazy("The time is offered"),
        lazy("The supplier gets an e-mail and can answer it."),
    ),
    "moved": (
        lazy("The meeting is moved"),
        lazy("Both sides get an update of what is in their calendars."),
    ),
    "cancelled": (lazy("The meeting is cancelled"), lazy("Both sides are told.")),
    "taken_back": (lazy("The offer is taken back"), lazy("The supplier is told.")),
    "blocked": (lazy("The time is blocked"), lazy("Nobody can take it until you open it.")),
    "unblocked": (lazy("The time is open"), ""),
    "called_off": (
        lazy("The meetings are called off"),
        lazy("Everybody whom it concerns is told once, with the reason."),
    ),
    "replanned": (
        lazy("The meetings are planned anew"),
        lazy("Everybody whom it concerns gets one e-mail."),
    ),
    "nudged": (
        lazy("The reminder leaves now"),
        lazy("It goes to those who could have a meeting and have not chosen."),
    ),
    "nobody_to_nudge": (lazy("Nobody to remind"), lazy("Everybody who can has chosen.")),
}

STOPS: dict[Stop, Any] = {
    Stop.NO_MEETINGS: lazy("the rules of the meetings are not published"),
    Stop.EVENT_STOPPED: lazy("the event takes no meetings now"),
    Stop.NOT_ADMITTED: lazy("the supplier has no confirmed place"),
    Stop.REMOVED: lazy("the time is no longer there"),
    Stop.UNPUBLISHED: lazy("the time is not published"),
    Stop.BLOCKED: lazy("the time is blocked"),
    Stop.BEGUN: lazy("the time has begun"),
    Stop.TAKEN: lazy("somebody has the time"),
    Stop.NOT_BY_CHOICE: lazy("times are not chosen by the suppliers"),
    Stop.NOT_OPEN: lazy("booking has not opened"),
    Stop.CLOSED: lazy("booking has closed"),
    Stop.LIMIT: lazy("the organisation has as many meetings as it may have"),
    Stop.BUSY: lazy("those who would come are in another meeting then"),
    Stop.NOBODY_ASKS: lazy("nobody is there to ask"),
    Stop.NOBODY_NOTES: lazy("nobody is there to take notes"),
    Stop.TEAM_AWAY: lazy("somebody of the team is away then"),
    Stop.TEAM_ELSEWHERE: lazy("somebody of the team is in a meeting of another event then"),
    Stop.SHARED_LINK: lazy("the link is shared, and no lobby is confirmed"),
    Stop.CONFLICT: lazy("somebody of the team has a conflict of interest"),
    Stop.LANGUAGE: lazy("the language is not spoken there"),
    Stop.MODE: lazy("the supplier asked for another form of meeting"),
    Stop.AWAY: lazy("the supplier cannot come then"),
}
"""What stops a time, as staff read it, within a sentence."""


def done_words(code: str) -> tuple[str, str] | None:
    found = _DONE.get(code)
    return (str(found[0]), str(found[1])) if found else None


def stops_text(stops: Iterable[str]) -> str:
    return list_text([str(STOPS[Stop(stop)]) for stop in stops])


def refusal_words(broken: RuleBroken, otherwise: str) -> str:
    """Why nothing was done."""
    if isinstance(broken, CannotMeet):
        return _("This cannot be: %(reasons)s.", reasons=stops_text(broken.stops))
    return otherwise


def summary_text(board: Board) -> str:
    """'25 av 36 tider är bokade. 3 väntar.'"""
    taken = _(
        "%(taken)s of %(total)s times are taken.",
        taken=board.taken(board.slots),
        total=offerable(board.slots),
    )
    waits = ngettext("%(num)s supplier waits.", "%(num)s suppliers wait.", len(board.queue))
    return f"{taken} {waits}"
