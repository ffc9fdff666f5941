"""Fairness at a glance: were the one-to-one meetings the same for all; and that for the record."""

import json

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.forms import ActionForm, demand_token
from blueprints.guard import actor, allows
from blueprints.manage import fairness_data, fairness_paper, fairness_rows
from blueprints.manage.exports import answer_list
from blueprints.manage.fairness_words import check_lines
from blueprints.manage.workspace import event_page, own_event, title_of
from dialognav.actions import on_behalf
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain import permissions
from dialognav.domain.errors import NotFound
from dialognav.domain.publishing import slug_of
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.pdf import PdfFailed, make_pdf
from dialognav.queries.booking_steps import steps_of
from dialognav.queries.fairness import Balance, balance_of

bp = Blueprint("meeting_fairness", __name__)

_READERS = (permissions.MEETINGS, permissions.EXPORT, permissions.MINUTES_APPROVAL)


def sees_fairness() -> bool:
    return any(map(allows, _READERS))


@bp.get("/events/<public_id>/meetings/fairness")
def show(public_id: str) -> ResponseReturnValue:
    if not sees_fairness():
        raise NotFound
    event, balance = _balance(public_id)
    return render_template(
        "manage/meetings/fairness.html",
        form=ActionForm(formdata=None),
        checks=check_lines(balance.checks, balance.rules.slot_minutes),
        rules=fairness_paper.rule_lines(event, balance),
        meetings=fairness_rows.meeting_rows(event, balance),
        chances=fairness_rows.chance_rows(event, balance, steps_of(db.session(), event)),
        queue=fairness_rows.queue_rows(event, balance),
        team=balance.team,
        **event_page(event, "meetings"),
    )


@bp.post("/events/<public_id>/meetings/fairness/record")
def record(public_id: str) -> ResponseReturnValue:
    """For the record, as a spreadsheet, JSON or paper; the trail says who took it."""
    own_event(public_id, permissions.EXPORT)
    demand_token()
    event, balance = _balance(public_id)
    kind = request.form.get("format", "")
    if kind == "json":
        data = fairness_data.record_data(db.session(), event, balance, now=utcnow())
        body = json.dumps(data, ensure_ascii=False, indent=2).encode()
        return _file(event, balance, body, "application/json", "json")
    if kind == "pdf":
        return _paper(event, balance)
    rows = list(fairness_rows.record_rows(db.session(), event, balance))
    head = fairness_rows.record_head()
    return answer_list(event, "meetings", head, lambda _session: rows, rows=len(rows))


def _balance(public_id: str) -> tuple[Event, Balance]:
    event = own_event(public_id)
    balance = balance_of(db.session(), event, now=utcnow())
    if balance is None:
        raise NotFound
    return event, balance


def _paper(event: Event, balance: Balance) -> Response:
    try:
        body = make_pdf("fairness", fairness_paper.paper_data(db.session(), event, balance))
    except PdfFailed:
        abort(503)
    return _file(event, balance, body, "application/pdf", "pdf")


def _file(event: Event, balance: Balance, body: bytes, content_type: str, ending: str) -> Response:
    with unit_of_work() as work:
        on_behalf.note_export(
            work,
            event.organisation_id,
            event.id,
            len(balance.bookings),
            audience="meetings",
            now=utcnow(),
            actor=actor(),
        )
    answer = Response(body, content_type=content_type)
    name = f"{slug_of(title_of(event))}-{slug_of(_('meetings'))}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
