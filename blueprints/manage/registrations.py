"""Those registered to an event: the list. What staff do for them is in on_behalf.py."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from blueprints.forms import ActionForm, clean_line
from blueprints.guard import allows
from blueprints.manage.paging import offset_of, pager_of
from blueprints.manage.people import person_lines
from blueprints.manage.workspace import event_page, own_event
from dialognav.db import db
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import Mode
from dialognav.models import Event
from dialognav.occasion_names import occasion_name
from dialognav.queries import attendees
from dialognav.queries.presence import diet_numbers

bp = Blueprint("registrations", __name__)


def chosen_filter(args: MultiDict[str, str], event: Event) -> attendees.Filter:
    """The list's filter from a query or a post; what does not fit is left out."""
    sessions = {str(each.id): each.id for each in event.occasions}
    view, mode, sort = args.get("view", ""), args.get("mode", ""), args.get("sort", "")
    return attendees.Filter(
        view=view if view in attendees.VIEWS else "all",
        mode=mode if mode in tuple(Mode) else "",
        search=clean_line(args.get("q"))[:100],
        session=sessions.get(args.get("session", ""), 0) if len(sessions) > 1 else 0,
        sort=sort if sort in attendees.SORTS else "registered",
        descending=args.get("order") == "down",
    )


def _query(chosen: attendees.Filter, **changed: str) -> dict[str, str]:
    """The filter as an address has it, without what is usual."""
    values = {
        "view": "" if chosen.view == "all" else chosen.view,
        "mode": chosen.mode,
        "q": chosen.search,
        "session": str(chosen.session or ""),
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
    chosen = chosen_filter(request.args, event)
    page = attendees.people_page(session, event.id, chosen, offset_of(request.args))
    return render_template(
        "manage/registrations/index.html",
        lines=person_lines(session, event, page.rows, chosen.session),
        total=page.total,
        chosen=chosen,
        query=_query(chosen),
        views={
            view: _query(chosen, view="" if view == "all" else view) for view in attendees.VIEWS
        },
        numbers=attendees.people_counts(session, event.id, chosen.session),
        sessions=_sessions(event),
        sorts={sort: _sort_link(chosen, sort) for sort in attendees.SORTS},
        pages=pager_of(page, **_query(chosen)),
        diets=diet_numbers(session, event.id) if event.serves_food else [],
        form=ActionForm(formdata=None),
        **event_page(event, "registrations"),
    )


def _sessions(event: Event) -> list[tuple[int, str]]:
    """[(id, name)] to choose one of several by."""
    if len(event.occasions) < 2:
        return []
    return [(each.id, occasion_name(event, each)) for each in event.occasions]


def _sort_link(chosen: attendees.Filter, sort: str) -> tuple[dict[str, str], str]:
    """(query of the head's link, how the column is sorted now)"""
    if chosen.sort != sort:
        return _query(chosen, sort="" if sort == "registered" else sort, order=""), ""
    query = _query(chosen, order="" if chosen.descending else "down")
    return query, "descending" if chosen.descending else "ascending"
