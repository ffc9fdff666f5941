"""Lists to take out, each with just the fields that its reader may see (domain.md 2.5)."""

from collections.abc import Callable, Iterator
from contextlib import closing

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from blueprints.forms import ActionForm, demand_token
from blueprints.guard import actor, allows
from blueprints.manage import export_rows
from blueprints.manage.registrations import chosen_filter
from blueprints.manage.workspace import event_page, own_event, title_of
from dialognav import exports
from dialognav.actions import on_behalf
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotFound
from dialognav.domain.publishing import slug_of
from dialognav.exports import Rows
from dialognav.i18n import current_language, speaking
from dialognav.models import Event
from dialognav.queries import exports as people
from dialognav.queries.form_fields import all_questions
from dialognav.queries.meeting_plans import rules_of
from dialognav.queries.presence import diet_numbers

bp = Blueprint("exports", __name__)

Make = Callable[[Session], Rows]


@bp.get("/events/<public_id>/exports")
def index(public_id: str) -> ResponseReturnValue:
    event = _exported(public_id, "export", "check_in")
    return render_template(
        "manage/exports.html",
        form=ActionForm(formdata=None),
        has_meetings=allows("export") and rules_of(db.session(), event.id) is not None,
        **event_page(event, "registrations"),
    )


@bp.post("/events/<public_id>/exports/record")
def record(public_id: str) -> ResponseReturnValue:
    """For the registrar: all that is a public record, with the list's filter."""
    event = _exported(public_id, "export")
    session, chosen = db.session(), chosen_filter(request.form, event)
    names = export_rows.session_names(event)
    head = export_rows.record_head(
        all_questions(session, event.id), event.primary_language, with_sessions=bool(names)
    )
    event_id, zone, primary = event.id, event.zone, event.primary_language
    return answer_list(
        event,
        "record",
        head,
        lambda reading: export_rows.record_rows(reading, event_id, chosen, zone, primary, names),
        rows=people.count_people(session, event.id, chosen),
    )


@bp.post("/events/<public_id>/exports/door")
def door(public_id: str) -> ResponseReturnValue:
    """For the host: who is expected, and what is to be arranged for them."""
    event = _exported(public_id, "check_in")
    event_id, zone, with_needs = event.id, event.zone, allows("registrations")
    names = export_rows.session_names(event)
    return answer_list(
        event,
        "door",
        export_rows.door_head(with_needs=with_needs, with_sessions=bool(names)),
        lambda reading: export_rows.door_rows(
            reading, event_id, zone, names, with_needs=with_needs
        ),
        rows=people.count_at_the_door(db.session(), event.id),
    )


@bp.post("/events/<public_id>/exports/caterer")
def caterer(public_id: str) -> ResponseReturnValue:
    """For the caterer: numbers, never names."""
    event = _exported(public_id, "export", "check_in")
    event_id = event.id
    return answer_list(
        event,
        "caterer",
        export_rows.caterer_head(),
        lambda reading: export_rows.caterer_rows(reading, event_id),
        rows=len(diet_numbers(db.session(), event.id)),
    )


@bp.post("/events/<public_id>/exports/statistics")
def statistics(public_id: str) -> ResponseReturnValue:
    """For whoever reports: counts without persons."""
    event = _exported(public_id, "export")
    event_id, primary = event.id, event.primary_language
    names = export_rows.session_names(event)
    return answer_list(
        event,
        "statistics",
        export_rows.numbers_head(),
        lambda reading: export_rows.number_rows(reading, event_id, primary, names),
        rows=len(list(export_rows.number_rows(db.session(), event.id, primary, names))),
    )


def _exported(public_id: str, *verbs: str) -> Event:
    """The event, for a role that has one of the verbs; a POST needs its token."""
    if not any(allows(verb) for verb in verbs):
        raise NotFound
    event = own_event(public_id)
    if request.method == "POST":
        demand_token()
    return event


def answer_list(event: Event, audience: str, head: list[str], make: Make, *, rows: int) -> Response:
    """Written into the trail, and then row by row to the reader.

    A POST, because the trail says who took what out, and no GET writes anything.
    """
    kind = "xlsx" if request.form.get("format") == "xlsx" else "csv"
    title, filename = title_of(event), f"{slug_of(title_of(event))}-{audience}.{kind}"
    organisation_id, event_id, who = event.organisation_id, event.id, actor()
    with unit_of_work() as work:
        on_behalf.note_export(
            work, organisation_id, event_id, rows, audience=audience, now=utcnow(), actor=who
        )
    answer = Response(
        _spoken(current_language(), _pieces(kind, title, head, make, Session(db.engine))),
        content_type=exports.XLSX_TYPE if kind == "xlsx" else exports.CSV_TYPE,
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _pieces(
    kind: str, title: str, head: list[str], make: Make, session: Session
) -> Iterator[bytes]:
    """Reads in a session of its own: the request's ends before the last piece has left."""
    with session:
        rows = make(session)
        yield from (
            exports.xlsx_pieces(title, head, rows)
            if kind == "xlsx"
            else exports.csv_pieces(head, rows)
        )


def _spoken(language: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Each piece in the language of whoever asked, whatever else the server says meanwhile."""
    with closing(pieces):  # type: ignore[type-var]
        while True:
            with speaking(language):
                piece = next(pieces, b"")
            if not piece:
                return
            yield piece
