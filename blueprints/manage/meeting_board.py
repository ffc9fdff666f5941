"""The board of one-to-one meetings: the day's tables by times, and who waits for a time."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import ActionForm, demand_token
from blueprints.guard import actor, allows, current_user
from blueprints.manage.board_lines import chosen_day, sheet_of, tabs_of
from blueprints.manage.board_needs import needs_of
from blueprints.manage.board_search import found_on, own_next
from blueprints.manage.board_waiting import waiting_lines
from blueprints.manage.board_words import done_words, summary_text
from blueprints.manage.fairness_words import CheckLine, check_lines
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import meeting_reminders
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.permissions import EXPORT, MEETING_NOTES, MEETINGS, MINUTES_APPROVAL
from dialognav.domain.terms import EventState
from dialognav.domain.timing import to_wall
from dialognav.mail.meeting_readers import registrations_without
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
    values, wanted = _values(event), request.args.get("find", "").strip()
    found = found_on(values["board"], wanted)
    if len(found) == 1 and found[0].url:
        return redirect(found[0].url)
    balance = balance_of(db.session(), event, now=utcnow())
    return render_template(
        "manage/meeting_board/show.html",
        checks=_checks(balance),
        unchosen=_unchosen(event, balance),
        sees_fairness=any(map(allows, READERS)),
        wanted=wanted,
        found=found,
        own=own_next(values["board"], current_user().id, utcnow()),
        **event_page(event, "meetings", done=done, **values),
    )


@bp.get("/events/<public_id>/meetings/live")
def live(public_id: str) -> ResponseReturnValue:
    """What of the page moves, for the script that looks again."""
    event = own_event(public_id, MEETING_NOTES)
    return render_template("manage/meeting_board/live.html", event=event, **_values(event))


@bp.post("/events/<public_id>/meetings/nudge")
def nudge(public_id: str) -> ResponseReturnValue:
    """Remind those who may have a meeting and have not chosen."""
    event = own_event(public_id, MEETINGS)
    demand_token()
    row_id, who = event.id, actor()
    with unit_of_work() as session:
        number = meeting_reminders.nudge(session, row_id, now=utcnow(), actor=who, post=post())
    done = "nudged" if number else "nobody_to_nudge"
    return redirect(url_for(".show", public_id=public_id, done=done), 303)


def _unchosen(event: Event, balance: Balance | None) -> int:
    """How many could be reminded now; 0 while nothing can be chosen."""
    if balance is None or not allows(MEETINGS) or event.state != EventState.PUBLISHED:
        return 0
    rules, now = balance.rules, utcnow()
    is_public = rules.published_at is not None and rules.published_at <= now
    has_opened = rules.opens_at is None or rules.opens_at <= now
    has_closed = rules.closes_at is not None and rules.closes_at <= now
    if not is_public or not has_opened or has_closed:
        return 0
    return len(registrations_without(db.session(), event))


def _checks(balance: Balance | None) -> list[CheckLine]:
    """The first of them, which need a look most; what lacks of the team is said above already."""
    if balance is None:
        return []
    lines = check_lines(balance.checks, balance.rules.slot_minutes)
    return [line for line in lines if line.code != "staffed"][:SHOWN_CHECKS]


def _values(event: Event) -> dict[str, Any]:
    session, now = db.session(), utcnow()
    board = meeting_board.board_of(session, event, now=utcnow())
    day = chosen_day(board, request.args.get("day", ""), to_wall(now, event.zone).date())
    return {
        "board": board,
        "tabs": tabs_of(board),
        "day": day,
        "sheet": sheet_of(board, day, now) if day else None,
        "needs": needs_of(board, now),
        "waiting": waiting_lines(session, board, now, at_most=SHOWN_WAITING),
        "number_waiting": len(board.queue),
        "number_wished": len(board.requests) - len(board.queue),
        "summary": summary_text(board),
        "can_move": allows(MEETINGS),
        "plain": ActionForm(formdata=None),
    }
