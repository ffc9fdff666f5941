"""Mailings of one event and of the organisation: lists, copies, drafts thrown away."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import ActionForm
from blueprints.guard import actor, allows, current_membership, current_user
from blueprints.manage.message_state_words import STATES
from blueprints.manage.message_words import EMPTY, VIEWS, done_words, subject_or_none
from blueprints.manage.paging import offset_of, pager_of
from blueprints.manage.workspace import event_page, own_event, title_of
from dialognav.actions.messages import copy_message, delete_message
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotAllowedNow, NotFound
from dialognav.domain.message_rules import has_missed
from dialognav.domain.permissions import MESSAGE_APPROVAL, MESSAGES
from dialognav.domain.terms import MessageState
from dialognav.i18n import gettext as _
from dialognav.i18n import moment_text, ngettext, pick
from dialognav.models import Message
from dialognav.queries import messages
from dialognav.queries.access import access_message
from dialognav.queries.messages import Delivery

bp = Blueprint("messages", __name__)


@dataclass(frozen=True, slots=True)
class MessageLine:
    public_id: str
    subject: str
    lang: str
    state_word: str
    tone: str
    when: str
    who: str
    event_id: str
    event_title: str
    delivery: str
    delivery_tone: str
    can_edit: bool
    can_delete: bool


def reading_verb() -> str:
    """Those who approve read, without writing. NotFound for all others."""
    for verb in (MESSAGES, MESSAGE_APPROVAL):
        if allows(verb):
            return verb
    raise NotFound


@bp.get("/events/<public_id>/messages")
def of_event(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, reading_verb())
    page = _list(event.id, event.zone, public_id=public_id)
    done = done_words(request.args.get("done", ""))
    return render_template(
        "manage/messages/of_event.html", **page, **event_page(event, "messages", done=done)
    )


@bp.get("/messages")
def index() -> ResponseReturnValue:
    reading_verb()
    page = _list(None, current_membership().organisation.zone)
    done = done_words(request.args.get("done", ""))
    return render_template("manage/messages/index.html", **page, rail="messages", done=done)


def _list(event_id: int | None, zone: str, **where: str) -> dict[str, Any]:
    """One view of the messages of an event, or of the organisation."""
    session, organisation_id = db.session(), current_membership().organisation_id
    view = request.args.get("view", "")
    numbers = messages.view_counts(session, organisation_id, event_id)
    if view not in VIEWS:
        view = "drafts" if numbers["drafts"] or not numbers["sent"] else "sent"
    here: dict[str, Any] = {"endpoint": ".of_event" if where else ".index", **where}
    items = [
        (url_for(**here, view=code), str(word), numbers.get(code), code == view)
        for code, word in VIEWS.items()
        if code != "templates" or allows(MESSAGES)
    ]
    found: dict[str, Any] = {"lines": [], "pages": None, "templates": []}
    if view == "templates":
        found["templates"] = messages.templates_of(session, organisation_id, event_id)
    else:
        page = messages.messages_of(
            session, organisation_id, event_id, view, offset_of(request.args)
        )
        found |= {"lines": _lines(page.rows, zone, event_id), "pages": pager_of(page, view=view)}
    empty = tuple(str(words) for words in EMPTY[view])
    form = ActionForm(formdata=None)
    return {**found, "view": view, "views": items, "empty": empty, "form": form}


def _lines(rows: list[Message], zone: str, event_id: int | None) -> list[MessageLine]:
    numbers = messages.deliveries(db.session(), [row.id for row in rows])
    return [_line(row, numbers.get(row.id, Delivery()), zone, event_id) for row in rows]


def _line(row: Message, delivery: Delivery, zone: str, event_id: int | None) -> MessageLine:
    subject, lang = pick(row.subject, row.primary_language, "en")
    word, tone = STATES[row.state]
    at = row.send_at if row.state == MessageState.SCHEDULED else row.started_at
    said, said_tone = _delivery(delivery)
    if has_missed(row.state, row.send_at):
        said, said_tone = _("Did not leave at its time"), "bad"
    event = row.event if event_id is None else None
    is_draft = row.state in messages.VIEWS["drafts"]
    return MessageLine(
        public_id=row.public_id,
        subject=subject_or_none(subject),
        lang=lang if subject else "",
        state_word=str(word),
        tone=tone,
        when=moment_text(at or row.changed_at, zone),
        who=row.author.name if row.author else _("By itself"),
        event_id=event.public_id if event else "",
        event_title=title_of(event) if event else "",
        delivery=said,
        delivery_tone=said_tone,
        can_edit=is_draft or row.state == MessageState.SCHEDULED,
        can_delete=is_draft,
    )


def _delivery(found: Delivery) -> tuple[str, str]:
    if found.failed:
        return ngettext("%(num)s did not arrive", "%(num)s did not arrive", found.failed), "bad"
    if found.waiting or found.dropped:
        return _("%(sent)s of %(all)s have left", sent=found.sent, all=found.written), "info"
    if found.sent:
        return ngettext("%(num)s has left", "All %(num)s have left", found.sent), "ok"
    return "", ""


# --- buttons -----------------------------------------------------------------------------------


@bp.post("/messages/<message_id>/copy")
def copy(message_id: str) -> ResponseReturnValue:
    message = own_message(message_id)
    if not ActionForm().validate():
        return redirect(list_of(message), 303)
    row_id, who, user_id = message.id, actor(), current_user().id
    with unit_of_work() as session:
        made = copy_message(session, row_id, author_id=user_id, now=utcnow(), actor=who)
    return redirect(url_for(".edit", message_id=made, done="copied"), 303)


@bp.post("/messages/<message_id>/delete")
def destroy(message_id: str) -> ResponseReturnValue:
    message = own_message(message_id)
    back = list_of(message)
    if not ActionForm().validate():
        return redirect(back, 303)
    row_id, who = message.id, actor()
    try:
        with unit_of_work() as session:
            delete_message(session, row_id, now=utcnow(), actor=who)
    except NotAllowedNow:
        return redirect(f"{back}?done=too_late", 303)
    return redirect(f"{back}?view=drafts&done=deleted", 303)


def own_message(message_id: str) -> Message:
    return access_message(db.session(), current_membership(), message_id, MESSAGES)


def list_of(message: Message) -> str:
    """Where a message stands in a list."""
    if message.event:
        return url_for("manage.messages.of_event", public_id=message.event.public_id)
    return url_for("manage.messages.index")
