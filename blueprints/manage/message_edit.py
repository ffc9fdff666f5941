"""Writing a mailing, and what happens when two have it open.

Everything that changes beside the text comes from the same form posted with `then=update`, which
saves nothing: by a button, or by js/messages.js while one writes.
"""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.guard import actor, current_user, require
from blueprints.manage.message_audience import typed_of
from blueprints.manage.message_desk import Desk, show_editor
from blueprints.manage.message_form import (
    MessageFormBase,
    filled_form,
    fresh_form,
    message_form,
    too_much_words,
)
from blueprints.manage.message_words import KEYS
from blueprints.manage.messages import bp, own_message
from blueprints.manage.typed import complain
from blueprints.manage.workspace import own_event
from dialognav.actions import messages as actions
from dialognav.actions.message_tests import Reader, send_test
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotReady
from dialognav.domain.message_drafts import MessageDraft, flatten, merge
from dialognav.domain.permissions import MESSAGES
from dialognav.domain.terms import MessageState
from dialognav.domain.uploads import Upload
from dialognav.i18n import NAMES
from dialognav.i18n import gettext as _
from dialognav.models import MessageTemplate
from dialognav.queries import messages


@bp.get("/events/<public_id>/messages/new")
def new(public_id: str) -> ResponseReturnValue:
    return _begin(Desk(own_event(public_id, MESSAGES), None))


@bp.post("/events/<public_id>/messages/new")
def create(public_id: str) -> ResponseReturnValue:
    return _receive(Desk(own_event(public_id, MESSAGES), None))


@bp.get("/messages/new")
def new_across() -> ResponseReturnValue:
    require(MESSAGES)
    return _begin(Desk(None, None))


@bp.post("/messages/new")
def create_across() -> ResponseReturnValue:
    require(MESSAGES)
    return _receive(Desk(None, None))


@bp.get("/messages/<message_id>/edit")
def edit(message_id: str) -> ResponseReturnValue:
    message = own_message(message_id)
    if message.state in messages.VIEWS["sent"]:
        return redirect(_page_of(message_id, "too_late"), 303)
    return _begin(Desk(message.event, message))


@bp.post("/messages/<message_id>/edit")
def update(message_id: str) -> ResponseReturnValue:
    message = own_message(message_id)
    return _receive(Desk(message.event, message))


def _page_of(message_id: str, done: str = "") -> str:
    """The message's own page, where it is sent."""
    return url_for("manage.message_show.show", message_id=message_id, done=done or None)


def _begin(desk: Desk) -> ResponseReturnValue:
    draft = desk.stored
    if desk.message is None and (template := _template(desk)):
        draft = MessageDraft(dict(template.subject), dict(template.body), purpose=template.purpose)
    return show_editor(
        desk, fresh_form(desk.languages, draft, desk.revision), typed_of(draft.audience)
    )


def _template(desk: Desk) -> MessageTemplate | None:
    """The words that somebody chose to begin with."""
    wanted = request.args.get("template", "")
    event_id = desk.event.id if desk.event else None
    offered = messages.templates_of(db.session(), desk.organisation.id, event_id) if wanted else []
    return next((one for one in offered if one.public_id == wanted), None)


# --- saving ------------------------------------------------------------------------------------


def _receive(desk: Desk) -> ResponseReturnValue:
    form = message_form(desk.languages)()
    if request.form.get("then") in ("update", "next") or request.form.get("action") == "restore":
        return show_editor(desk, form, request.form)
    is_fine, uploads = form.check(), form.read_files()
    if not is_fine or uploads is None:
        return show_editor(desk, form, request.form, 422)
    draft, back = form.draft(desk.audience(request.form)), desk.back
    try:
        return redirect(_next_page(*_save(desk, draft, form, uploads), back), 303)
    except EditedMeanwhile:
        return _show_both(desk, draft, form)
    except (actions.TooMuchAttached, NotReady, NotAllowedNow) as refused:
        return _refuse(desk, form, refused)


def _refuse(desk: Desk, form: MessageFormBase, refused: Exception) -> ResponseReturnValue:
    """Nothing was saved; the form says why, with everything that was typed."""
    if isinstance(refused, actions.TooMuchAttached):
        complain(form.files, too_much_words())
    elif isinstance(refused, NotReady):
        form.form_errors.append(_("Choose somebody who gets it first: the test looks as to them."))
    else:
        form.form_errors.append(
            _("It is being sent, or has been, and cannot be changed. Your text is still here.")
        )
    return show_editor(desk, form, request.form, 422)


def _save(
    desk: Desk, draft: MessageDraft, form: MessageFormBase, uploads: list[Upload]
) -> tuple[str, str]:
    """Everything in one go; the public id of the message, and its state."""
    user, who, mail, now = current_user(), actor(), post(), utcnow()
    to, wanted, user_id = Reader(user.email, user.name), request.form.get("as", ""), user.id
    by: dict[str, Any] = {"writer_id": user_id, "now": now, "actor": who}
    place: dict[str, Any] = {
        "organisation_id": desk.organisation.id,
        "event_id": desk.event.id if desk.event else None,
        "primary_language": desk.primary,
    }
    message_id = desk.message.id if desk.message else None
    with unit_of_work() as session:
        if message_id is None:
            made: dict[str, Any] = {"author_id": user_id, "now": now, "actor": who}
            message = actions.create_message(session, draft=draft, **place, **made)
        else:
            revision = form.revision
            message = actions.save_message(
                session, message_id, draft, expected_revision=revision, **by
            )
        actions.detach(session, message.id, request.form.getlist("remove"), **by)
        actions.attach(session, message.id, uploads, **by)
        if request.form.get("then") == "test":
            send_test(session, message.id, to, wanted, now=now, actor=who, post=mail)
        return message.public_id, message.state


def _next_page(public_id: str, state: str, back: str) -> str:
    then = request.form.get("then", "")
    saved = "saved_planned" if state == MessageState.SCHEDULED else "saved"
    if then == "send":
        return _page_of(public_id)
    if then == "close":
        return f"{back}?view={'planned' if saved == 'saved_planned' else 'drafts'}&done={saved}"
    done = "tested" if then == "test" else saved
    values: dict[str, Any] = {"done": done, "as": request.form.get("as") or None}
    return url_for(".edit", message_id=public_id, **values)


# --- two editors -------------------------------------------------------------------------------


def _show_both(desk: Desk, mine: MessageDraft, form: MessageFormBase) -> ResponseReturnValue:
    """Somebody saved meanwhile: both texts, nothing overwritten; the next save is a knowing one."""
    theirs = desk.stored
    assert desk.message is not None
    merged = merge(mine, theirs, form.marks)
    both = {
        "who": messages.last_writer(db.session(), desk.message) or _("A colleague"),
        "conflicts": [(_key_name(key), *_said(key, theirs, mine)) for key in merged.conflicts],
        "taken": [_key_name(key) for key in merged.taken],
    }
    again = filled_form(desk.languages, merged.draft, theirs, desk.revision)
    is_taken = "audience" in merged.taken
    ticked = typed_of(theirs.audience) if is_taken else request.form
    return show_editor(desk, again, ticked, 409, both=both)


def _key_name(key: str) -> str:
    name, _dot, code = key.partition(".")
    return f"{KEYS[name]} ({NAMES[code][0]})" if code else str(KEYS[name])


def _said(key: str, theirs: MessageDraft, mine: MessageDraft) -> tuple[str, str]:
    """Their text and mine; of what is ticked, only that it differs."""
    if "." in key:
        return flatten(theirs)[key], flatten(mine)[key]
    return _("Chosen otherwise"), _("As it is ticked below")
