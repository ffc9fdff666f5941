"""The board of one-to-one meetings: the day's tables by times, and who waits for a time."""

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import ActionForm
from blueprints.guard import allows
from blueprints.manage.board_lines import chosen_day, sheet_of, tabs_of
from blueprints.manage.board_waiting import waiting_lines
from blueprints.manage.board_words import done_words, summary_text
from blueprints.manage.fairness_words import CheckLine, check_lines
from blueprints.manage.workspace import event_page, own_event
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.permissions import EXPORT, MEETING_NOTES, MEETINGS, MINUTES_APPROVAL
from dialognav.domain.timing import to_wall
from dialognav.models import Event
from dialognav.queries import meeting_board
from dialognav.queries.fairness import Balance, balance_of

bp = Blueprint("meeting_board", __name__)

SHOWN_WAITING, SHOWN_CHECKS = 6, 5
READERS = (MEETINGS, EXPORT, MINUTES_APPROVAL)
"""Who sees the page of equal treatment."""


@bp.get("/events/<public_id>/meetings")
def show(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETING_NOTES)
    done = done_words(request.args.get("done", ""))
    balance = balance_of(db.session(), event, now=utcnow())
    return render_template(
        "manage/meeting_board/show.html",
        checks=_checks(balance),
        sees_fairness=any(map(allows, READERS)),
        **event_page(event, "meetings", done=done, **_values(event)),
    )


@bp.get("/events/<public_id>/meetings/live")
def live(public_id: str) -> ResponseReturnValue:
    """What of the page moves, for the script that looks again."""
    event = own_event(public_id, MEETING_NOTES)
    return render_template("manage/meeting_board/live.html", event=event, **_values(event))


def _checks(balance: Balance | None) -> list[CheckLine]:
    """The first of them, which need a look most."""
    if balance is None:
        return []
    return check_lines(balance.checks, balance.rules.slot_minutes)[:SHOWN_CHECKS]


def _values(event: Event) -> dict[str, Any]:
    session, now = db.session(), utcnow()
    board = meeting_board.board_of(session, event)
    day = chosen_day(board, request.args.get("day", ""), to_wall(now, event.zone).date())
    return {
        "board": board,
        "tabs": tabs_of(board),
        "day": day,
        "sheet": sheet_of(board, day, now) if day else None,
        "waiting": waiting_lines(session, board, now, at_most=SHOWN_WAITING),
        "number_waiting": len(board.requests),
        "summary": summary_text(board),
        "can_move": allows(MEETINGS),
        "plan_url": _plan_url(event),
        "plain": ActionForm(formdata=None),
    }


def _plan_url(event: Event) -> str:
    if "manage.meeting_plan.index" not in current_app.view_functions:
        return ""
    return url_for("manage.meeting_plan.index", public_id=event.public_id)
