"""A list of people from a file: choose it, see everything that is wrong, then all or nothing."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField, RadioField

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, AtMost, BaseForm, TextField, demand_token, options
from blueprints.guard import actor, current_user
from blueprints.manage.given import MOST_PASTED, GivenForm
from blueprints.manage.import_look import Look, look_at, read_options, usual_options
from blueprints.manage.import_words import column_name, column_names, refusal, sentence
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from blueprints.public.sessions import is_chosen
from dialognav import exports
from dialognav.actions import imports
from dialognav.actions.imports import ChangedMeanwhile
from dialognav.clock import utcnow
from dialognav.countries import country_name
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EventFull, RegistrationClosed
from dialognav.domain.import_columns import COLUMNS, NEEDED
from dialognav.domain.import_rows import Problem
from dialognav.domain.parties import COUNTRIES
from dialognav.domain.tables import MOST_BYTES, TableRefused
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import NAMES, lazy
from dialognav.i18n import gettext as _
from dialognav.models import Event, StagedFile
from dialognav.occasion_names import occasion_name
from dialognav.queries.imports import staged_file
from dialognav.sheets import read_table

bp = Blueprint("imports", __name__)

VERB = "registrations"
SHOWN = 200  # problems, and registrations, on one page


class UploadForm(GivenForm):
    file = FileField(lazy("File"))
    pasted = TextField(lazy("Or paste the rows here"), [AtMost(MOST_PASTED)])

    def read(self) -> tuple[str, bytes] | None:
        """(file's name, content) that reads as a table; None with a sentence at the field."""
        if (given := self.given(MOST_BYTES, missing=_("Choose a file"))) is None:
            return None
        try:
            read_table(given.content)
        except TableRefused as refused:
            complain(given.field, refusal(refused))
            return None
        return given.name, given.content


class ConfirmForm(BaseForm):
    send = RadioField(
        lazy("Letters"),
        choices=options(
            [
                ("yes", lazy("Send everyone the same letters as if they had signed up themselves")),
                ("no", lazy("Send nothing now")),
            ]
        ),
        default="yes",
        validate_choice=False,
    )


@bp.get("/events/<public_id>/import")
def new(public_id: str) -> ResponseReturnValue:
    return _show_new(own_event(public_id, VERB), UploadForm(formdata=None))


def _show_new(event: Event, form: UploadForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "manage/imports/new.html",
        form=form,
        limit=MOST_BYTES // 1024 // 1024,
        needed=[column_name(column) for column in NEEDED],
        others=[column_name(column) for column in _offered(event) if column not in NEEDED],
        **event_page(event, "registrations"),
    )
    return page, status


def _offered(event: Event) -> list[str]:
    """The columns that say something at this event."""
    left_out = set() if event.serves_food else {"diet"}
    if event.format != "hybrid":
        left_out.add("mode")
    if not is_chosen(event):
        left_out.add("sessions")
    return [column for column in COLUMNS if column not in left_out]


@bp.get("/events/<public_id>/import/template.<any(csv,xlsx):kind>")
def template(public_id: str, kind: str) -> ResponseReturnValue:
    """A file with the names of the columns, to fill in."""
    head = [column_name(column) for column in _offered(own_event(public_id, VERB))]
    is_excel = kind == "xlsx"
    body = exports.xlsx_bytes(_("Participants"), head, []) if is_excel else exports.csv_bytes(head)
    answer = Response(body, content_type=exports.XLSX_TYPE if is_excel else exports.CSV_TYPE)
    name = _("participants")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


@bp.post("/events/<public_id>/import")
def create(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, VERB)
    form = UploadForm()
    valid, found = form.validate(), form.read()
    if not valid or found is None:
        return _show_new(event, form, 422)
    event_id, user_id, given = event.id, current_user().id, usual_options(event)
    with unit_of_work() as session:
        staged = imports.stage(session, event_id, *found, given, user_id=user_id, now=utcnow())
        staged_id = staged.public_id
    return redirect(url_for(".show", public_id=public_id, staged_id=staged_id), 303)


def _staged(event: Event, staged_id: str) -> StagedFile:
    return staged_file(db.session(), event.id, staged_id, imports.PARTICIPANTS)


@bp.get("/events/<public_id>/import/<staged_id>")
def show(public_id: str, staged_id: str) -> ResponseReturnValue:
    event = own_event(public_id, VERB)
    staged = _staged(event, staged_id)
    return _show(event, staged, look_at(event, staged), ConfirmForm(formdata=None))


def _show(
    event: Event, staged: StagedFile, look: Look, form: ConfirmForm, status: int = 200
) -> ResponseReturnValue:
    remarks = look.read.remarks if look.read else ()
    chosen = usual_options(event) | staged.options
    page = render_template(
        "manage/imports/show.html",
        staged=staged,
        look=look,
        form=form,
        plain=ActionForm(formdata=None),
        chosen=chosen,
        refused=refusal(look.refused) if look.refused else "",
        problems=[_line(one) for one in look.problems[:SHOWN]],
        remarks=[_line(one) for one in remarks[:SHOWN]],
        shown=SHOWN,
        options=_options(look, chosen),
        session_names={each.id: occasion_name(event, each) for each in event.occasions},
        **event_page(event, "registrations"),
    )
    return page, status


def _line(problem: Problem) -> tuple[int, str, str]:
    """(row, column's name, what is wrong)"""
    column = column_name(problem.column) if problem.column else ""
    return problem.row, column, sentence(problem)


def _options(look: Look, chosen: dict[str, Any]) -> dict[str, Any]:
    """What the form about reading the file offers."""
    head = look.people.head if look.people else None
    sheets = look.people.table.sheets if look.people else ("", chosen["sheet"])
    headings = enumerate(head.row.cells) if head else ()
    named = [(code, country_name(code)) for code in COUNTRIES]
    names = column_names()
    return {
        "sheets": [(name, name) for name in dict.fromkeys(sheets)],
        "columns": list(names.items()),
        "headings": [
            (index, heading, head.columns.get(index, "") if head else "")
            for index, heading in headings
            if heading.strip()
        ],
        "lacking": ", ".join(names[column] for column in head.lacking) if head else "",
        "twice": ", ".join(names[column] for column in head.twice) if head else "",
        "languages": [(code, NAMES[code][0]) for code in LANGUAGES],
        "countries": [*named[:4], *sorted(named[4:], key=lambda pair: pair[1])],
    }


@bp.post("/events/<public_id>/import/<staged_id>")
def update(public_id: str, staged_id: str) -> ResponseReturnValue:
    """Read the file in another way, as its page asks."""
    event = own_event(public_id, VERB)
    row_id = _staged(event, staged_id).id
    demand_token()
    chosen = read_options(event, request.form)
    with unit_of_work() as session:
        imports.set_options(session, row_id, chosen)
    return redirect(url_for(".show", public_id=public_id, staged_id=staged_id), 303)


@bp.post("/events/<public_id>/import/<staged_id>/confirm")
def confirm(public_id: str, staged_id: str) -> ResponseReturnValue:
    """All of it, or none: what changed since the page was made is looked at again."""
    event = own_event(public_id, VERB)
    staged, form = _staged(event, staged_id), ConfirmForm()
    valid, look = form.validate(), look_at(event, staged)
    people = look.with_letters(form.send.data != "no")
    if not valid or people is None:
        return _show(event, staged, look, form, 422)
    row_id, user_id, who = staged.id, current_user().id, actor()
    try:
        with unit_of_work() as session:
            imports.import_people(
                session, row_id, people, user_id=user_id, now=utcnow(), actor=who, post=post()
            )
    except (ChangedMeanwhile, RegistrationClosed, EventFull) as broken:
        form.form_errors.append(words_of(broken))
        event = own_event(public_id, VERB)
        staged = _staged(event, staged_id)
        return _show(event, staged, look_at(event, staged), form, 409)
    back = url_for("manage.registrations.index", public_id=public_id, done="imported")
    return redirect(back, 303)


@bp.post("/events/<public_id>/import/<staged_id>/discard")
def discard(public_id: str, staged_id: str) -> ResponseReturnValue:
    row_id = _staged(own_event(public_id, VERB), staged_id).id
    demand_token()
    with unit_of_work() as session:
        imports.discard(session, row_id)
    return redirect(url_for(".new", public_id=public_id, done="discarded"), 303)
