"""Choosing who of the staff hosts an event."""

from collections import Counter

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.forms import BaseForm, options
from blueprints.guard import actor
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions.hosts import set_hosts
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.i18n import lazy
from dialognav.models import Event
from dialognav.queries import hosts

bp = Blueprint("hosts", __name__)


class HostsForm(BaseForm):
    hosts = SelectMultipleField(
        lazy("Who hosts the event?"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=lazy("Everybody in your organisation who subscribes to its calendar sees it."),
    )


@bp.get("/events/<public_id>/hosts")
def edit(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    chosen = [user.id for user in hosts.hosts_of(db.session(), event.id)]
    return _show(event, _form(event, formdata=None, data={"hosts": chosen}))


@bp.post("/events/<public_id>/hosts")
def update(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, "edit")
    form = _form(event)
    if not form.validate():
        return _show(event, form, 422)
    event_id, who, chosen = event.id, actor(), form.hosts.data or []
    with unit_of_work() as session:
        set_hosts(session, event_id, chosen, now=utcnow(), actor=who)
    return redirect(url_for("manage.events.show", public_id=public_id, done="saved"), 303)


def _form(event: Event, **given: object) -> HostsForm:
    form = HostsForm(**given)
    people = hosts.possible_hosts(db.session(), event.organisation_id)
    alike = Counter(user.name for user in people)
    form.hosts.choices = options(
        (str(user.id), user.name if alike[user.name] == 1 else f"{user.name}, {user.email}")
        for user in people
    )
    return form


def _show(event: Event, form: HostsForm, status: int = 200) -> ResponseReturnValue:
    page = render_template("manage/events/hosts.html", form=form, **event_page(event, "overview"))
    return page, status
