"""Those registered to an event: the list, its export, and what staff do on their behalf."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from blueprints.forms import ActionForm, clean_line
from blueprints.guard import actor, allows, require
from blueprints.manage.paging import offset_of, pager_of
from blueprints.manage.people import export_head, export_row, person_lines
from blueprints.manage.workspace import event_page, own_event, title_of
from dialognav import exports
from dialognav.actions import on_behalf
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import (
    NotFound,
)
from dialognav.domain.publishing import slug_of
from dialognav.domain.terms import Mode
from dialognav.models import Event
from dialognav.queries import attendees

bp = Blueprint("registrations", __name__)


def chosen_filter(args: MultiDict[str, str]) -> attendees.Filter:
    """The list's filter from a query or a post; what does not fit is left out."""
    view, mode, sort = args.get("view", ""), args.get("mode", ""), args.get("sort", "")
    return attendees.Filter(
        view=view if view in attendees.VIEWS else "all",
        mode=mode if mode in tuple(Mode) else "",
        search=clean_line(args.get("q"))[:100],
        sort=sort if sort in attendees.SORTS else "registered",
        descending=args.get("order") == "down",
    )


def _query(chosen: attendees.Filter, **changed: str) -> dict[str, str]:
    """The filter as an address has it, without what is usual."""
    values = {
        "view": "" if chosen.view == "all" else chosen.view,
        "mode": chosen.mode,
        "q": chosen.search,
        "sort": "" if chosen.sort == "registered" else chosen.sort,
        "order": "down" if chosen.descending else "",
    } | changed
    return {name: value for name, value in values.items() if value}


def _event_with_people(public_id: str) -> Event:
    """The list is for those who look after registrations, and for those who may take it out."""
    if not (allows("registrations") or allows("export")):
        raise NotFound
    return own_event(public_id)


@bp.get("/events/<public_id>/registrations")
def index(public_id: str) -> ResponseReturnValue:
    event, session = _event_with_people(public_id), db.session()
    chosen = chosen_filter(request.args)
    page = attendees.people_page(session, event.id, chosen, offset_of(request.args))
    return render_template(
        "manage/registrations/index.html",
        lines=person_lines(session, event, page.rows),
        total=page.total,
        chosen=chosen,
        query=_query(chosen),
        views={
            view: _query(chosen, view="" if view == "all" else view) for view in attendees.VIEWS
        },
        numbers=attendees.people_counts(session, event.id),
        sorts={sort: _sort_link(chosen, sort) for sort in attendees.SORTS},
        pages=pager_of(page, **_query(chosen)),
        diets=attendees.diets(session, event.id) if event.serves_food else [],
        form=ActionForm(formdata=None),
        **event_page(event, "registrations"),
    )


def _sort_link(chosen: attendees.Filter, sort: str) -> tuple[dict[str, str], str]:
    """(query of the head's link, how the column is sorted now)"""
    if chosen.sort != sort:
        return _query(chosen, sort="" if sort == "registered" else sort, order=""), ""
    query = _query(chosen, order="" if chosen.descending else "down")
    return query, "descending" if chosen.descending else "ascending"


@bp.post("/events/<public_id>/registrations/export")
def export(public_id: str) -> ResponseReturnValue:
    """A POST, because the trail says who took the list out, and no GET writes anything."""
    require("export")
    event = own_event(public_id)
    if not ActionForm().validate():
        return redirect(url_for(".index", public_id=public_id), 303)
    session, chosen = db.session(), chosen_filter(request.form)
    lines = person_lines(session, event, attendees.all_people(session, event.id, chosen))
    rows = [export_row(line) for line in lines]
    name, title = slug_of(title_of(event)), title_of(event)
    is_excel = request.form.get("format") == "xlsx"
    organisation_id, event_id, who = event.organisation_id, event.id, actor()
    with unit_of_work() as work:
        on_behalf.note_export(work, organisation_id, event_id, len(rows), now=utcnow(), actor=who)
    if is_excel:
        body, kind = exports.xlsx_bytes(title, export_head(), rows), exports.XLSX_TYPE
    else:
        body, kind = exports.csv_bytes(export_head(), rows), exports.CSV_TYPE
    answer = Response(body, content_type=kind)
    filename = f"{name}.{'xlsx' if is_excel else 'csv'}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
