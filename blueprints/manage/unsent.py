"""A change that nobody has been told of yet: what it is, and send it now or take it back."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import ActionForm
from blueprints.guard import actor
from blueprints.manage.event_overview import overview_page
from blueprints.manage.events import bp
from blueprints.manage.workspace import own_event
from dialognav.actions.unsent_changes import discard_unsent, send_unsent
from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.domain.errors import AlreadyTold


@bp.post("/events/<public_id>/unsent/send")
def send_now(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "publish")
    form = ActionForm()
    if not form.validate():
        return overview_page(event, 422, plain=form)
    event_id, who = event.id, actor()
    with unit_of_work() as session:
        sent = send_unsent(session, event_id, now=utcnow(), actor=who)
    done = "unsent_sent" if sent else "unsent_gone"
    return redirect(url_for(".show", public_id=public_id, done=done), 303)


@bp.post("/events/<public_id>/unsent/discard")
def discard(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "publish")
    form = ActionForm()
    if not form.validate():
        return overview_page(event, 422, plain=form)
    event_id, who, mail = event.id, actor(), post()
    try:
        with unit_of_work() as session:
            discard_unsent(session, event_id, now=utcnow(), actor=who, post=mail)
    except AlreadyTold:
        return redirect(url_for(".show", public_id=public_id, done="unsent_told"), 303)
    return redirect(url_for(".show", public_id=public_id, done="unsent_discarded"), 303)
