"""The extra questions of an event's sign-up form, and the organisation's library of them."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import ActionForm
from blueprints.guard import actor, current_membership, require
from blueprints.manage.field_form import (
    FieldBase,
    condition_words,
    earlier_than,
    field_form,
    filled,
)
from blueprints.manage.field_words import KINDS, SCOPES, done_words
from blueprints.manage.workspace import event_page, languages_of, own_event
from dialognav.actions import form_fields
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.form_fields import Question, dependents, may_swap
from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.i18n import gettext as _
from dialognav.i18n import pick
from dialognav.models import Event, FormField
from dialognav.models.questions import fields_of, library_of, question_of
from dialognav.queries.form_fields import access_answer_file, access_field, number_of_answers

bp = Blueprint("form_fields", __name__)


@bp.get("/events/<public_id>/form")
def index(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id)
    every = _questions(event.id)
    return render_template(
        "manage/form_fields/index.html",
        parts=[
            (scope, str(SCOPES[scope]), _lines(scope, every, event.primary_language))
            for scope in FieldScope
        ],
        every=every,
        answered=number_of_answers(db.session(), event.id),
        library=[question_of(field) for field in library_of(db.session(), event.organisation_id)],
        kinds=KINDS,
        scopes=SCOPES,
        form=ActionForm(formdata=None),
        **event_page(event, "form", done=done_words(request.args.get("done", ""))),
    )


def _questions(event_id: int) -> list[Question]:
    return [question_of(field) for field in fields_of(db.session(), event_id)]


def _lines(scope: str, every: list[Question], primary: str) -> list[dict[str, Any]]:
    """The questions of one scope with what may be done to each."""
    there = [each for each in every if each.scope == scope]
    return [
        {
            "question": each,
            "name": pick(each.label, primary, primary)[0],
            "asked": condition_words(each, every, primary),
            "may_rise": at > 0 and may_swap(there[at - 1], each),
            "may_sink": at + 1 < len(there) and may_swap(each, there[at + 1]),
            "needed_by": [pick(o.label, primary, primary)[0] for o in dependents(each, every)],
        }
        for at, each in enumerate(there)
    ]


@bp.post("/events/<public_id>/form/take")
def take(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    if not ActionForm().validate():
        return _to_form(public_id, "too_old")
    chosen, event_id, who = request.form.getlist("field"), event.id, actor()
    try:
        with unit_of_work() as session:
            form_fields.take_from_library(session, event_id, chosen, now=utcnow(), actor=who)
    except NotAllowedNow:
        return _to_form(public_id, "form_full")
    return _to_form(public_id, "question_added" if chosen else "")


@bp.get("/events/<public_id>/form/new")
def new(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    kind, scope = _asked_for()
    form = field_form(languages_of(event))(formdata=None)
    form.prepare(kind, earlier_than(None, scope, _questions(event.id)))
    return _event_editor(event, form, scope)


@bp.post("/events/<public_id>/form/new")
def create(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    kind, scope = _asked_for()
    form = field_form(languages_of(event))()
    form.prepare(kind, earlier_than(None, scope, _questions(event.id)))
    if request.form.get("action") == "more":
        return _event_editor(event, form, scope)
    if not form.check():
        return _event_editor(event, form, scope), 422
    event_id, draft, who = event.id, form.draft(), actor()
    try:
        with unit_of_work() as session:
            form_fields.add_field(session, event_id, kind, scope, draft, now=utcnow(), actor=who)
    except NotAllowedNow:
        return _to_form(public_id, "form_full")
    return _to_form(public_id, "question_added")


@bp.get("/fields/<field_id>")
def edit(field_id: str) -> ResponseReturnValue:
    field = _own_field(field_id)
    question, form = _editor_of(field)
    return _editor(field, form, question.scope)


@bp.post("/fields/<field_id>")
def update(field_id: str) -> ResponseReturnValue:
    field = _own_field(field_id)
    question, form = _editor_of(field)
    if request.form.get("action") == "more":
        return _editor(field, form, question.scope)
    every = _questions(field.event_id) if field.event_id else []
    if not form.check(every):
        return _editor(field, form, question.scope), 422
    row_id, draft, who, back = field.id, form.draft(), actor(), _back_url(field)
    try:
        with unit_of_work() as session:
            form_fields.change_field(session, row_id, draft, now=utcnow(), actor=who)
    except NotAllowedNow:
        form.form_errors.append(_("Somebody else changed the form meanwhile. Look and save again."))
        return _editor(_own_field(field_id), form, question.scope), 409
    return redirect(back("question_saved"), 303)


@bp.post("/fields/<field_id>/move")
def move(field_id: str) -> ResponseReturnValue:
    return _act(field_id, form_fields.move_field, "", up=request.form.get("to") == "up")


@bp.post("/fields/<field_id>/remove")
def remove(field_id: str) -> ResponseReturnValue:
    return _act(field_id, form_fields.remove_field, "question_removed")


@bp.post("/fields/<field_id>/keep")
def keep(field_id: str) -> ResponseReturnValue:
    return _act(field_id, form_fields.save_to_library, "question_kept")


def _act(field_id: str, verb: Any, done: str, **given: Any) -> ResponseReturnValue:
    """A button at one question."""
    field = _own_field(field_id)
    row_id, who, back = field.id, actor(), _back_url(field)
    if not ActionForm().validate():
        return redirect(back("too_old"), 303)
    try:
        with unit_of_work() as session:
            verb(session, row_id, now=utcnow(), actor=who, **given)
    except NotAllowedNow:
        return redirect(back("question_needed"), 303)
    return redirect(back(done), 303)


@bp.get("/fields")
def library() -> ResponseReturnValue:
    require("edit")
    organisation = current_membership().organisation
    found = [question_of(field) for field in library_of(db.session(), organisation.id)]
    return render_template(
        "manage/form_fields/library.html",
        rail="settings",
        lines=[(each, pick(each.label, organisation.primary_language, "en")[0]) for each in found],
        kinds=KINDS,
        scopes=SCOPES,
        done=done_words(request.args.get("done", "")),
        form=ActionForm(formdata=None),
    )


@bp.get("/fields/new")
def new_in_library() -> ResponseReturnValue:
    require("edit")
    kind, scope = _asked_for()
    form = field_form(_library_languages())(formdata=None)
    form.prepare(kind, [])
    return _library_editor(form, scope)


@bp.post("/fields/new")
def create_in_library() -> ResponseReturnValue:
    require("edit")
    kind, scope = _asked_for()
    form = field_form(_library_languages())()
    form.prepare(kind, [])
    if request.form.get("action") == "more":
        return _library_editor(form, scope)
    if not form.check():
        return _library_editor(form, scope), 422
    organisation_id, draft, who = current_membership().organisation_id, form.draft(), actor()
    with unit_of_work() as session:
        form_fields.add_to_library(
            session, organisation_id, kind, scope, draft, now=utcnow(), actor=who
        )
    return redirect(url_for(".library", done="question_kept"), 303)


@bp.get("/answers/<file_id>")
def download(file_id: str) -> ResponseReturnValue:
    """A file somebody sent with a registration: an attachment, whatever it holds."""
    file = access_answer_file(db.session(), current_membership(), file_id)
    answer = Response(file.content, content_type=file.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=file.filename)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


# --- one question ------------------------------------------------------------------------------


def _own_field(field_id: str) -> FormField:
    return access_field(db.session(), current_membership(), field_id, "edit")


def _asked_for() -> tuple[FieldKind, FieldScope]:
    """What the chooser before the editor, or its hidden fields, said."""
    kind, scope = request.values.get("kind", ""), request.values.get("scope", "")
    return (
        FieldKind(kind) if kind in tuple(FieldKind) else FieldKind.TEXT,
        FieldScope(scope) if scope in tuple(FieldScope) else FieldScope.REGISTRATION,
    )


def _editor_of(field: FormField) -> tuple[Question, FieldBase]:
    question = question_of(field)
    event = db.session().get(Event, field.event_id) if field.event_id else None
    languages = languages_of(event) if event else _library_languages()
    every = _questions(event.id) if event else []
    form = field_form(languages)(data=filled(question))
    form.prepare(question.kind, earlier_than(question, question.scope, every), question)
    return question, form


def _editor(field: FormField, form: FieldBase, scope: str) -> str:
    if field.event_id is None:
        return _library_editor(form, scope)
    return _event_editor(db.session().get_one(Event, field.event_id), form, scope)


def _event_editor(event: Event, form: FieldBase, scope: str) -> str:
    page = event_page(event, "form")
    back = url_for(".index", public_id=event.public_id)
    return _show_editor(form, scope, back, **page)


def _library_editor(form: FieldBase, scope: str) -> str:
    return _show_editor(form, scope, url_for(".library"), rail="settings", page=None)


def _show_editor(form: FieldBase, scope: str, back: str, **page: Any) -> str:
    return render_template(
        "manage/form_fields/edit.html",
        form=form,
        scope=scope,
        kind_word=str(KINDS[form.kind]),
        scope_word=str(SCOPES[scope]),
        back=back,
        **page,
    )


def _library_languages() -> tuple[str, ...]:
    organisation = current_membership().organisation
    primary = organisation.primary_language
    return primary, *(code for code in organisation.languages if code != primary)


def _back_url(field: FormField) -> Any:
    """A function of what was done, as the row is not read after the unit of work."""
    if field.event_id is None:
        return lambda done: url_for(".library", done=done or None)
    public_id = db.session().get_one(Event, field.event_id).public_id
    return lambda done: url_for(".index", public_id=public_id, done=done or None)


def _to_form(public_id: str, done: str) -> ResponseReturnValue:
    return redirect(url_for(".index", public_id=public_id, done=done or None), 303)
