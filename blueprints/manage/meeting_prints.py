"""Paper for a day of meetings: the day's plan, signs for the doors, a sheet for each meeting."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.guard import allows
from blueprints.manage.board_cards import table_name
from blueprints.manage.board_lines import chosen_day, tables_on
from blueprints.manage.meeting_paper import Choice, Needs, day_data, door_data, host_data
from blueprints.manage.workspace import own_event, title_of
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.domain.permissions import MEETING_NOTES, REGISTRATIONS
from dialognav.domain.publishing import slug_of
from dialognav.domain.timing import to_wall
from dialognav.i18n import date_text
from dialognav.i18n import gettext as _
from dialognav.pdf import PdfFailed, make_pdf
from dialognav.queries import meeting_board
from dialognav.queries.access_needs import needs_at
from dialognav.queries.meeting_board import Board

bp = Blueprint("meeting_prints", __name__)

PRINT = "/events/<public_id>/meetings/print/"
_DATA: dict[str, Callable[[Board, Choice, Needs], dict[str, Any]]] = {
    "day": day_data,
    "doors": lambda board, choice, _needs: door_data(board, choice),
    "hosts": host_data,
}


@bp.get(PRINT + "day")
def day(public_id: str) -> ResponseReturnValue:
    return _page(public_id, "day")


@bp.get(PRINT + "day.pdf")
def day_pdf(public_id: str) -> ResponseReturnValue:
    return _pdf(public_id, "day")


@bp.get(PRINT + "doors")
def doors(public_id: str) -> ResponseReturnValue:
    return _page(public_id, "doors")


@bp.get(PRINT + "doors.pdf")
def doors_pdf(public_id: str) -> ResponseReturnValue:
    return _pdf(public_id, "doors")


@bp.get(PRINT + "hosts")
def hosts(public_id: str) -> ResponseReturnValue:
    return _page(public_id, "hosts")


@bp.get(PRINT + "hosts.pdf")
def hosts_pdf(public_id: str) -> ResponseReturnValue:
    return _pdf(public_id, "hosts")


def _chosen(public_id: str, kind: str) -> tuple[Board, Choice]:
    """From the address; what does not fit is left out. NotFound for an event without times."""
    event = own_event(public_id, MEETING_NOTES)
    board = meeting_board.board_of(db.session(), event, now=utcnow())
    today = to_wall(utcnow(), event.zone).date()
    wanted = chosen_day(board, request.args.get("day", ""), today)
    if wanted is None:
        raise NotFound
    tables = {one.public_id for one in tables_on(board, board.slots_on(wanted))}
    table = request.args.get("table", "")
    return board, Choice(kind, wanted, table if table in tables else "")


def _sheet(board: Board, choice: Choice) -> dict[str, Any]:
    sees_needs = allows(REGISTRATIONS) and choice.kind != "doors"
    needs = needs_at(db.session(), board.event.id) if sees_needs else {}
    return _DATA[choice.kind](board, choice, needs)


def _page(public_id: str, kind: str) -> str:
    board, choice = _chosen(public_id, kind)
    tables = tables_on(board, board.slots_on(choice.day))
    return render_template(
        f"manage/meeting_prints/{kind}.html",
        event=board.event,
        choice=choice,
        sheet=_sheet(board, choice),
        title=title_of(board.event),
        days=[(each.isoformat(), date_text(each)) for each in board.days],
        tables=[(one.public_id, table_name(board, one)) for one in tables],
    )


def _pdf(public_id: str, kind: str) -> ResponseReturnValue:
    board, choice = _chosen(public_id, kind)
    try:
        body = make_pdf(f"meeting_{kind}", _sheet(board, choice))
    except PdfFailed:
        abort(503)
    names = {"day": _("meetings"), "doors": _("door signs"), "hosts": _("meeting sheets")}
    name = f"{slug_of(title_of(board.event))}-{slug_of(names[kind])}-{choice.day}.pdf"
    answer = Response(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
