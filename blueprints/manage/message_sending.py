"""What is done with a mailing, each a POST from its page."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, BaseForm
from blueprints.guard import actor, current_membership, current_user
from blueprints.manage import message_state_words as words
from blueprints.manage.message_page import address_of, own_message, show_page, zone_of
from blueprints.manage.message_send_forms import DecisionForm, ReturnForm, SendForm, WhenForm
from dialognav.actions import message_approval, message_log, message_sending
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import (
    EditedMeanwhile,
    NotAllowedNow,
    NotFound,
    NotReady,
    RuleBroken,
    SecondPerson,
)
from dialognav.i18n import lazy
from dialognav.queries.access import access_letter

bp = Blueprint("message_sending", __name__)

_REFUSED = (EditedMeanwhile, NotAllowedNow, NotReady, SecondPerson)
_SAID: dict[type[RuleBroken], Any] = {
    EditedMeanwhile: lazy(
        "The text, or those whom it reaches, are not what they were when you opened the page."
        " Nothing was done: look once more."
    ),
    NotAllowedNow: lazy("A colleague was faster. This is how it stands now."),
    SecondPerson: lazy("Somebody who has not written any of it has to approve it."),
}


@bp.post("/messages/<message_id>/submit")
def submit(message_id: str) -> ResponseReturnValue:
    form = DecisionForm()
    act = partial(message_approval.submit, seen=form.revision, user_id=current_user().id)
    return _do(message_id, form, act, "submitted")


@bp.post("/messages/<message_id>/take-back")
def take_back(message_id: str) -> ResponseReturnValue:
    return _do(message_id, ActionForm(), message_approval.take_back, "taken_back")


@bp.post("/messages/<message_id>/approve")
def approve(message_id: str) -> ResponseReturnValue:
    form = DecisionForm()
    act = partial(message_approval.approve, seen=form.revision, user_id=current_user().id)
    return _do(message_id, form, act, "approved", verb="message_approval")


@bp.post("/messages/<message_id>/return")
def send_back(message_id: str) -> ResponseReturnValue:
    form = ReturnForm()
    act = partial(
        message_approval.send_back,
        seen=form.revision,
        why=str(form.why.data or ""),
        user_id=current_user().id,
    )
    return _do(message_id, form, act, "returned", verb="message_approval")


@bp.post("/messages/<message_id>/send")
def send(message_id: str) -> ResponseReturnValue:
    form = SendForm()
    act = partial(message_sending.start, seen=str(form.seen.data or ""), post=post())
    return _do(message_id, form, act, "sending")


@bp.post("/messages/<message_id>/schedule")
def schedule(message_id: str) -> ResponseReturnValue:
    message, form = own_message(message_id, "messages"), WhenForm()
    is_valid, at = form.validate(), form.instant(zone_of(message), utcnow())
    if not is_valid or at is None:
        return show_page(message, 422, bad=form)
    act = partial(message_sending.schedule, at=at, seen=form.revision)
    return _do(message_id, form, act, "scheduled")


@bp.post("/messages/<message_id>/unschedule")
def unschedule(message_id: str) -> ResponseReturnValue:
    return _do(message_id, ActionForm(), message_sending.unschedule, "unscheduled")


@bp.post("/messages/<message_id>/pause")
def pause(message_id: str) -> ResponseReturnValue:
    return _do(message_id, ActionForm(), message_sending.pause, "paused")


@bp.post("/messages/<message_id>/resume")
def resume(message_id: str) -> ResponseReturnValue:
    return _do(message_id, ActionForm(), partial(message_sending.resume, post=post()), "resumed")


@bp.post("/messages/<message_id>/stop")
def stop(message_id: str) -> ResponseReturnValue:
    return _do(message_id, ActionForm(), message_sending.stop, "stopped")


@bp.post("/messages/<message_id>/resend")
def resend(message_id: str) -> ResponseReturnValue:
    """All that did not arrive, once more."""
    return _do(message_id, ActionForm(), message_log.resend_failed, "resent")


@bp.post("/messages/<message_id>/letters/<letter_id>/resend")
def resend_letter(message_id: str, letter_id: str) -> ResponseReturnValue:
    message = own_message(message_id, "messages")
    letter = access_letter(db.session(), current_membership(), letter_id, "letters")
    if letter.message_id != message.id:
        raise NotFound
    act = partial(message_log.resend_letter, letter_id=letter.id)
    return _do(message_id, ActionForm(), act, "resent")


@bp.post("/messages/<message_id>/others")
def others(message_id: str) -> ResponseReturnValue:
    """A draft to those of the audience who have none of it."""
    message, form = own_message(message_id, "messages"), ActionForm()
    if not form.validate():
        return show_page(message, 422, bad=form)
    row_id, who, author_id = message.id, actor(), current_user().id
    try:
        with unit_of_work() as session:
            draft = message_log.mail_others(
                session, row_id, author_id=author_id, now=utcnow(), actor=who
            )
    except _REFUSED as broken:
        return _refused(message_id, form, broken)
    return redirect(url_for("manage.messages.edit", message_id=draft, done="others"), 303)


def _do(
    message_id: str,
    form: BaseForm,
    act: Callable[..., Any],
    done: str,
    *,
    verb: str = "messages",
) -> ResponseReturnValue:
    message = own_message(message_id, verb)
    if not form.validate():
        return show_page(message, 422, bad=form)
    row_id, who = message.id, actor()
    try:
        with unit_of_work() as session:
            act(session, row_id, now=utcnow(), actor=who)
    except _REFUSED as broken:
        return _refused(message_id, form, broken)
    return redirect(address_of(message_id, done), 303)


def _refused(message_id: str, form: BaseForm, broken: RuleBroken) -> ResponseReturnValue:
    """The page as it is by now, with what stands in the way on top."""
    said = _SAID.get(type(broken)) or words_of(broken)
    if isinstance(broken, NotReady):
        said = " ".join(f"{words.LACKING[name]}." for name in broken.fields)
    form.form_errors.append(str(said))
    return show_page(own_message(message_id, "messages", "message_approval"), 422, bad=form)
