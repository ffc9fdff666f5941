"""Files of one event: upload, new version, names, order, removal."""

from functools import lru_cache
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms import FileField

from blueprints.context import settings
from blueprints.forms import ActionForm, AtMost, BaseForm, LineField, Required
from blueprints.guard import actor, current_membership
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, languages_of, own_event
from dialognav.actions import documents
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.drafts import Text
from dialognav.domain.uploads import MEDIA_TYPES, Upload, UploadRefused, recognise
from dialognav.i18n import NAMES, lazy
from dialognav.i18n import gettext as _
from dialognav.models import Document, Event
from dialognav.queries import manage
from dialognav.queries.access import access_document

bp = Blueprint("documents", __name__)

REFUSED: dict[str, Any] = {
    "empty": lazy("The file is empty"),
    "unknown_type": lazy("This kind of file is not accepted"),
    "wrong_name": lazy("The content is not what the file's name says"),
    "macros": lazy("Files with macros are not accepted"),
    "not_utf8": lazy("Save the text as UTF-8 and choose it again"),
}


class DocumentBase(BaseForm):
    file = FileField(lazy("File"))
    languages: tuple[str, ...] = ()  # the primary first

    @property
    def texts(self) -> list[tuple[str, str, Any]]:
        return [(code, NAMES[code][0], self[f"name_{code}"]) for code in self.languages]

    def name(self) -> Text:
        """{language: the document's name}"""
        return {code: field.data for code, _own, field in self.texts if field.data}

    def read_file(self) -> Upload | None:
        """The chosen file, or None with a sentence at the field."""
        limit = settings().upload_limit
        chosen = self.file.data
        if not isinstance(chosen, FileStorage) or not chosen.filename:
            complain(self.file, _("Choose a file"))
            return None
        content = chosen.stream.read(limit + 1)
        if len(content) > limit:
            complain(
                self.file, _("The file is larger than %(limit)s MB", limit=limit // 1024 // 1024)
            )
            return None
        try:
            return recognise(chosen.filename, content)
        except UploadRefused as refused:
            complain(self.file, str(REFUSED[refused.reason]))
            return None


@lru_cache(maxsize=16)
def document_form(languages: tuple[str, ...]) -> type[DocumentBase]:
    """A name in each language, the primary one required, and a file."""
    fields: dict[str, Any] = {}
    for code in languages:
        needed = (
            [Required(lazy("Write what the document is called"))] if code == languages[0] else []
        )
        fields[f"name_{code}"] = LineField(lazy("Name"), [*needed, AtMost(200)])
    return type("DocumentForm", (DocumentBase,), {**fields, "languages": languages})


@bp.get("/events/<public_id>/documents")
def index(public_id: str) -> ResponseReturnValue:
    return _show(own_event(public_id))


def _show(
    event: Event, status: int = 200, *, bad: DocumentBase | None = None, about: str = ""
) -> ResponseReturnValue:
    """The page; `bad` is a form that came back, about a document's public id or a new one."""
    kind = document_form(languages_of(event))
    found = manage.documents_of(db.session(), event.id)
    forms: dict[str, DocumentBase] = {
        document.public_id: kind(
            formdata=None,
            prefix=f"{document.public_id}-",
            data={f"name_{code}": name for code, name in document.name.items()},
        )
        for document in found
    }
    forms["new"] = kind(formdata=None, prefix="new-")
    if bad is not None and about in forms:
        forms[about] = bad
    page = render_template(
        "manage/events/documents.html",
        documents=found,
        forms=forms,
        bad=bad,
        plain=ActionForm(formdata=None),
        limit=settings().upload_limit // 1024 // 1024,
        endings=", ".join(MEDIA_TYPES),
        accept=",".join(f".{ending}" for ending in MEDIA_TYPES),
        **event_page(event, "documents"),
    )
    return page, status


def _own_document(document_id: str) -> Document:
    return access_document(db.session(), current_membership(), document_id, "edit")


def _back(document: Document, done: str = "") -> ResponseReturnValue:
    public_id = document.event.public_id
    return redirect(url_for(".index", public_id=public_id, done=done or None), 303)


@bp.post("/events/<public_id>/documents")
def create(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    form = document_form(languages_of(event))(prefix="new-")
    valid, upload = form.validate(), form.read_file()
    if not valid or upload is None:
        return _show(event, 422, bad=form, about="new")
    event_id, who = event.id, actor()
    with unit_of_work() as session:
        documents.add_document(session, event_id, form.name(), upload, now=utcnow(), actor=who)
    return redirect(url_for(".index", public_id=public_id, done="uploaded"), 303)


@bp.post("/documents/<document_id>/version")
def replace(document_id: str) -> ResponseReturnValue:
    document = _own_document(document_id)
    event = document.event
    form = document_form(languages_of(event))(prefix=f"{document_id}-")
    form.validate()
    upload = form.read_file()
    if upload is None or form.csrf_token.errors:
        for _code, _own, field in form.texts:  # this form asks for a file only
            field.errors = []
            field.data = document.name.get(_code, "")
        return _show(event, 422, bad=form, about=document_id)
    row_id, who, public_id = document.id, actor(), event.public_id
    with unit_of_work() as session:
        is_new = documents.add_version(session, row_id, upload, now=utcnow(), actor=who)
    done = "replaced" if is_new else "same_file"
    return redirect(url_for(".index", public_id=public_id, done=done), 303)


@bp.post("/documents/<document_id>/name")
def rename(document_id: str) -> ResponseReturnValue:
    document = _own_document(document_id)
    form = document_form(languages_of(document.event))(prefix=f"{document_id}-")
    if not form.validate():
        return _show(document.event, 422, bad=form, about=document_id)
    answer, row_id, who = _back(document, "renamed"), document.id, actor()
    with unit_of_work() as session:
        documents.rename_document(session, row_id, form.name(), now=utcnow(), actor=who)
    return answer


@bp.post("/documents/<document_id>/move")
def move(document_id: str) -> ResponseReturnValue:
    document = _own_document(document_id)
    if not ActionForm().validate():
        return _back(document)
    answer, row_id, who = _back(document, "reordered"), document.id, actor()
    up = request.form.get("to") == "up"
    with unit_of_work() as session:
        documents.move_document(session, row_id, up=up, now=utcnow(), actor=who)
    return answer


@bp.post("/documents/<document_id>/remove")
def remove(document_id: str) -> ResponseReturnValue:
    document = _own_document(document_id)
    if not ActionForm().validate():
        return _back(document)
    answer, row_id, who = _back(document, "removed"), document.id, actor()
    with unit_of_work() as session:
        documents.remove_document(session, row_id, now=utcnow(), actor=who)
    return answer
