"""The audit trail, of one event and of the whole organisation (decisions.md 26)."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.guard import current_membership, require
from blueprints.manage.paging import offset_of, pager_of
from blueprints.manage.trail import by_day, trail_lines
from blueprints.manage.workspace import event_page, own_event
from dialognav import audit
from dialognav.db import db
from dialognav.queries import manage

bp = Blueprint("audit", __name__)


@bp.get("/audit")
def index() -> ResponseReturnValue:
    require("audit")
    session, organisation = db.session(), current_membership().organisation
    page = manage.trail_of(session, organisation.id, None, offset_of(request.args))
    return render_template(
        "manage/audit.html",
        days=by_day(trail_lines(session, page.rows, with_events=True)),
        pages=pager_of(page),
        broken=audit.broken_link(session, organisation.id) if "check" in request.args else None,
        checked="check" in request.args,
        rail="audit",
    )


@bp.get("/events/<public_id>/log")
def of_event(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "audit")
    session = db.session()
    page = manage.trail_of(session, event.organisation_id, event.id, offset_of(request.args))
    return render_template(
        "manage/events/log.html",
        days=by_day(trail_lines(session, page.rows)),
        pages=pager_of(page),
        **event_page(event, "log"),
    )
