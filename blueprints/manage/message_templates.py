"""Words that messages begin with: written, changed, kept from a message, thrown away."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import ActionForm
from blueprints.guard import actor, current_membership, require
from blueprints.manage.message_form import languages_from
from blueprints.manage.message_page import subject_of
from blueprints.manage.message_preview import preview
from blueprints.manage.message_template_form import (
    TemplateFormBase,
    fresh_template_form,
    template_form,
)
from blueprints.manage.message_words import KEYS, PLACES, done_words
from blueprints.manage.messages import own_message
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions.message_templates import (
    TemplateDraft,
    create_template,
    delete_template,
    draft_of_template,
    save_template,
    template_from,
)
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow
from dialognav.domain.message_drafts import TEXTS, MessageDraft
from dialognav.domain.permissions import MESSAGES
from dialognav.domain.placeholders import spelling
from dialognav.domain.terms import LANGUAGES
from dialognav.i18n import NAMES, current_language
from dialognav.i18n import gettext as _
from dialognav.models import Event, MessageTemplate, Organisation
from dialognav.queries.access import access_template

bp = Blueprint("message_templates", __name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a template is kept: with one event or (None) for all; new (None) or there already."""

    event: Event | None
    template: MessageTemplate | None = None

    @property
    def organisation(self) -> Organisation:
        return current_membership().organisation

    @property
    def languages(self) -> tuple[str, ...]:
        return languages_from((self.event or self.organisation).primary_language)

    @property
    def stored(self) -> TemplateDraft:
        return draft_of_template(self.template) if self.template else TemplateDraft("")

    @property
    def revision(self) -> int:
        return self.template.revision if self.template else 0

    @property
    def address(self) -> str:
        """Where the form is posted."""
        if self.template:
            return url_for(".update", template_id=self.template.public_id)
        if self.event:
            return url_for(".create", public_id=self.event.public_id)
        return url_for(".create_common")

    @property
    def kept_as(self) -> str:
        """Under which name the browser keeps what is not sent."""
        if self.template:
            return f"template-{self.template.public_id}"
        return f"new-template-{self.event.public_id if self.event else 'common'}"

    def list(self, done: str = "") -> str:
        where: dict[str, Any] = {"view": "templates", "done": done or None}
        if self.event:
            return url_for("manage.messages.of_event", public_id=self.event.public_id, **where)
        return url_for("manage.messages.index", **where)


def _own(template_id: str) -> Shelf:
    template = access_template(db.session(), current_membership(), template_id, MESSAGES)
    return Shelf(template.event, template)


def _common() -> Shelf:
    require(MESSAGES)
    return Shelf(None)


@bp.get("/events/<public_id>/message-templates/new")
def new(public_id: str) -> ResponseReturnValue:
    return _begin(Shelf(own_event(public_id, MESSAGES)))


@bp.post("/events/<public_id>/message-templates/new")
def create(public_id: str) -> ResponseReturnValue:
    return _receive(Shelf(own_event(public_id, MESSAGES)))


@bp.get("/message-templates/new")
def new_common() -> ResponseReturnValue:
    return _begin(_common())


@bp.post("/message-templates/new")
def create_common() -> ResponseReturnValue:
    return _receive(_common())


@bp.get("/message-templates/<template_id>")
def edit(template_id: str) -> ResponseReturnValue:
    return _begin(_own(template_id))


@bp.post("/message-templates/<template_id>")
def update(template_id: str) -> ResponseReturnValue:
    return _receive(_own(template_id))


@bp.post("/message-templates/<template_id>/delete")
def destroy(template_id: str) -> ResponseReturnValue:
    shelf = _own(template_id)
    if not ActionForm().validate():
        return redirect(shelf.list(), 303)
    assert shelf.template is not None
    row_id, who, back = shelf.template.id, actor(), shelf.list("template_deleted")
    with unit_of_work() as session:
        delete_template(session, row_id, now=utcnow(), actor=who)
    return redirect(back, 303)


@bp.post("/messages/<message_id>/template")
def from_message(message_id: str) -> ResponseReturnValue:
    """A message's words, kept to be used again."""
    message = own_message(message_id)
    back = url_for("manage.message_show.show", message_id=message_id)
    if not ActionForm().validate():
        return redirect(back, 303)
    row_id, name, who = message.id, subject_of(message), actor()
    try:
        with unit_of_work() as session:
            made = template_from(session, row_id, name, now=utcnow(), actor=who).public_id
    except NotAllowedNow:
        return redirect(f"{back}?done=too_many_templates", 303)
    return redirect(url_for(".edit", template_id=made, done="template_kept"), 303)


def _begin(shelf: Shelf) -> ResponseReturnValue:
    return _show(shelf, fresh_template_form(shelf.languages, shelf.stored, shelf.revision))


def _receive(shelf: Shelf) -> ResponseReturnValue:
    form = template_form(shelf.languages)()
    if request.form.get("then") == "update":
        return _show(shelf, form)
    if not form.check():
        return _show(shelf, form, 422)
    back, draft = shelf.list("template_saved"), form.draft()
    try:
        _save(shelf, draft, form.revision)
    except EditedMeanwhile:
        return _show_both(shelf, draft)
    except NotAllowedNow:
        form.form_errors.append(_("There are too many templates. Delete some first."))
        return _show(shelf, form, 422)
    return redirect(back, 303)


def _save(shelf: Shelf, draft: TemplateDraft, revision: int) -> None:
    template_id = shelf.template.id if shelf.template else None
    where = shelf.organisation.id, shelf.event.id if shelf.event else None
    by: dict[str, Any] = {"now": utcnow(), "actor": actor()}
    with unit_of_work() as session:
        if template_id is None:
            create_template(session, *where, draft, **by)
        else:
            save_template(session, template_id, draft, expected_revision=revision, **by)


def _show_both(shelf: Shelf, mine: TemplateDraft) -> ResponseReturnValue:
    """Somebody saved meanwhile: both texts; the next save is a knowing one (decisions.md 23)."""
    theirs = shelf.stored
    conflicts = [
        (f"{KEYS[part]} ({NAMES[code][0]})", here.get(code, ""), own.get(code, ""))
        for part in TEXTS
        for here, own in [(getattr(theirs, part), getattr(mine, part))]
        for code in shelf.languages
        if here.get(code, "") != own.get(code, "")
    ]
    if theirs.name != mine.name:
        conflicts.insert(0, (_("Name of the template"), theirs.name, mine.name))
    both = {"who": _("A colleague"), "conflicts": conflicts, "taken": []}
    form = fresh_template_form(shelf.languages, mine, shelf.revision)
    return _show(shelf, form, 409, both=both)


def _show(
    shelf: Shelf, form: TemplateFormBase, status: int = 200, *, both: dict[str, Any] | None = None
) -> ResponseReturnValue:
    wanted = request.form.get("look_in", "")
    language = wanted if wanted in LANGUAGES else shelf.languages[0]
    draft = form.draft()
    words = MessageDraft(subject=draft.subject, body=draft.body, purpose=draft.purpose)
    page = render_template(
        "manage/messages/template.html",
        shelf=shelf,
        form=form,
        both=both,
        look=preview(shelf.organisation, words, language, [], ""),
        language=language,
        names={code: NAMES[code][0] for code in shelf.languages},
        placeholders=[
            (spelling(name, current_language()), str(said)) for name, said in PLACES.items()
        ],
        plain=ActionForm(formdata=None),
        **_frame(shelf),
    )
    return page, status


def _frame(shelf: Shelf) -> dict[str, Any]:
    done = done_words(request.args.get("done", ""))
    if shelf.event:
        return event_page(shelf.event, "messages", done=done)
    return {"rail": "messages", "page": None, "done": done}
