"""Newer zone data put an event at another wall time: the notice, and the two ways to settle it."""

from collections.abc import Callable

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import ActionForm
from blueprints.guard import actor
from blueprints.manage.event_overview import overview_page
from blueprints.manage.events import bp
from blueprints.manage.workspace import own_event
from dialognav.actions.event_clocks import keep_instant, keep_wall_time
from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.domain.errors import TimesOverlap, TwoPlaces
from dialognav.i18n import lazy

_IN_THE_WAY = lazy(
    "Two one-to-one meetings would be at one table, or with the same person of the team, at the"
    " same time. Take one of them out of the way in the plan first."
)


@bp.post("/events/<public_id>/wall-time")
def wall_time(public_id: str) -> ResponseReturnValue:
    return _settle(public_id, keep_wall_time, "wall_time_kept")


@bp.post("/events/<public_id>/instant")
def instant(public_id: str) -> ResponseReturnValue:
    return _settle(public_id, keep_instant, "instant_kept")


def _settle(public_id: str, act: Callable[..., bool], done: str) -> ResponseReturnValue:
    event = own_event(public_id, "publish")
    form = ActionForm()
    if not form.validate():
        return overview_page(event, 422, plain=form)
    event_id, who, mail = event.id, actor(), post()
    try:
        with unit_of_work() as session:
            changed = act(session, event_id, now=utcnow(), actor=who, post=mail)
    except (TimesOverlap, TwoPlaces):
        form.form_errors.append(_IN_THE_WAY)
        return overview_page(own_event(public_id, "publish"), 409, plain=form)
    said = done if changed else "unchanged"
    return redirect(url_for(".show", public_id=public_id, done=said), 303)
