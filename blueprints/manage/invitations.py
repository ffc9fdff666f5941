"""An event's personal invitations: who is invited, who has registered by it, send again, revoke."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import ActionForm, demand_token
from blueprints.guard import actor, current_user
from blueprints.manage.invitations_form import ManyForm, OneForm
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import invitations
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import AlreadyInvited
from dialognav.domain.invitation_lines import Invited
from dialognav.domain.terms import EventState
from dialognav.i18n import gettext as _
from dialognav.models import Event
from dialognav.queries.invitations import invitation_of, invitations_of, invited_addresses

bp = Blueprint("invitations", __name__)

LARGEST = 1_000_000  # bytes of a pasted list


@bp.get("/events/<public_id>/invitations")
def index(public_id: str) -> ResponseReturnValue:
    return _show(own_event(public_id, "edit"))


@bp.post("/events/<public_id>/invitations")
def create(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    form = OneForm(prefix="one-")
    form.validate()
    whom = form.read(invited_addresses(db.session(), event.id))
    if whom is None:
        return _show(event, 422, one=form)
    return _invite(event, [whom], one=form)


@bp.post("/events/<public_id>/invitations/list")
def create_many(public_id: str) -> ResponseReturnValue:
    request.max_content_length = LARGEST
    event = own_event(public_id, "edit")
    form = ManyForm(prefix="many-")
    valid = form.validate()
    whom = form.read(event.primary_language, invited_addresses(db.session(), event.id))
    if not valid or whom is None:
        return _show(event, 422, many=form)
    return _invite(event, whom, many=form)


def _invite(event: Event, whom: list[Invited], **typed: Any) -> ResponseReturnValue:
    """`typed` is the form that asked, to be shown again when somebody else was faster."""
    public_id, event_id = event.public_id, event.id
    who, user_id, mail = actor(), current_user().id, post()
    try:
        with unit_of_work() as session:
            invitations.invite(
                session,
                event_id,
                whom,
                created_by_id=user_id,
                now=utcnow(),
                actor=who,
                post=mail,
            )
    except AlreadyInvited:
        [form] = typed.values()
        form.form_errors.append(_("Somebody with this address is invited already."))
        return _show(own_event(public_id, "edit"), 409, **typed)
    return redirect(url_for(".index", public_id=public_id, done="invited"), 303)


@bp.post("/events/<public_id>/invitations/<invitation_id>/send")
def send_again(public_id: str, invitation_id: str) -> ResponseReturnValue:
    row_id = _own_invitation(public_id, invitation_id)
    demand_token()
    who, mail = actor(), post()
    with unit_of_work() as session:
        invitations.send_again(session, row_id, now=utcnow(), actor=who, post=mail)
    return redirect(url_for(".index", public_id=public_id, done="invited_again"), 303)


@bp.post("/events/<public_id>/invitations/<invitation_id>/revoke")
def revoke(public_id: str, invitation_id: str) -> ResponseReturnValue:
    row_id = _own_invitation(public_id, invitation_id)
    demand_token()
    who = actor()
    with unit_of_work() as session:
        invitations.revoke(session, row_id, now=utcnow(), actor=who)
    return redirect(url_for(".index", public_id=public_id, done="revoked"), 303)


def _own_invitation(public_id: str, invitation_id: str) -> int:
    event = own_event(public_id, "edit")
    return invitation_of(db.session(), event.id, invitation_id).id


def _show(
    event: Event, status: int = 200, *, one: OneForm | None = None, many: ManyForm | None = None
) -> ResponseReturnValue:
    """The page; `one` or `many` is a form that came back."""
    start = {"language": event.primary_language, "country": event.organisation.country}
    now = utcnow()
    is_over = event.ends_at is not None and event.ends_at <= now
    page = render_template(
        "manage/events/invitations.html",
        lines=invitations_of(db.session(), event.id),
        one=one or OneForm(formdata=None, prefix="one-", data=start),
        many=many or ManyForm(formdata=None, prefix="many-"),
        bad=one or many,
        plain=ActionForm(formdata=None),
        is_unseen=event.state in (EventState.DRAFT, EventState.SCHEDULED),
        is_over=is_over or event.state == EventState.CANCELLED,
        **event_page(event, "invitations"),
    )
    return page, status
