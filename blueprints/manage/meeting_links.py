"""The own links of a table's times, all on one page."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import AtMost, BaseForm, LineField
from blueprints.guard import actor
from blueprints.manage.meeting_team_form import said_span
from blueprints.manage.typed import check_web_address, complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import meeting_slot_changes as actions
from dialognav.actions.meeting_slots import span_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import LinkInUse
from dialognav.domain.permissions import MEETINGS
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.models import Event, MeetingTable, Slot
from dialognav.queries.access import access_table
from dialognav.queries.meeting_plans import slots_of

bp = Blueprint("meeting_links", __name__)


@bp.get("/events/<public_id>/meetings/plan/tables/<table_id>/links")
def edit(public_id: str, table_id: str) -> ResponseReturnValue:
    event, table, slots = _own(public_id, table_id)
    links = {f"link_{slot.id}": slot.online_url for slot in slots}
    return _show(event, table, slots, _form_of(slots)(formdata=None, data=links))


@bp.post("/events/<public_id>/meetings/plan/tables/<table_id>/links")
def update(public_id: str, table_id: str) -> ResponseReturnValue:
    event, table, slots = _own(public_id, table_id)
    form = _form_of(slots)()
    links = _read(form, slots)
    if links is None:
        return _show(event, table, slots, form, 422)
    row_id, who, mail = table.id, actor(), post()
    try:
        with unit_of_work() as session:
            changed = actions.save_links(session, row_id, links, now=utcnow(), actor=who, post=mail)
    except LinkInUse as refused:
        event, table, slots = _own(public_id, table_id)
        complain(form[f"link_{slots[0].id}"], words_of(refused))
        return _show(event, table, slots, form, 422)
    done = "links" if changed else "unchanged"
    return redirect(url_for("manage.meeting_plan.index", public_id=public_id, done=done), 303)


def _own(public_id: str, table_id: str) -> tuple[Event, MeetingTable, list[Slot]]:
    """The table with its times that are not over."""
    event = own_event(public_id, MEETINGS)
    table = access_table(db.session(), event, table_id)
    slots = [
        slot
        for slot in slots_of(db.session(), event.id)
        if slot.table_id == table.id and slot.ends_at > utcnow()
    ]
    return event, table, slots


def _form_of(slots: Sequence[Slot]) -> type[BaseForm]:
    """A field for each time."""
    label = lazy("Link of this meeting alone")
    fields: dict[str, Any] = {f"link_{slot.id}": LineField(label, [AtMost(1000)]) for slot in slots}
    return type("LinksForm", (BaseForm,), fields)


def _read(form: BaseForm, slots: Sequence[Slot]) -> dict[int, str] | None:
    """{slot id: link}, or None when a field got a sentence."""
    form.validate()
    seen: set[str] = set()
    for slot in slots:
        field = form[f"link_{slot.id}"]
        check_web_address(field)
        if field.data and field.data in seen:
            complain(field, _("Another of the times has this link"))
        seen.add(field.data)
    if any(field.errors for field in form):
        return None
    return {slot.id: form[f"link_{slot.id}"].data or "" for slot in slots}


def _show(
    event: Event, table: MeetingTable, slots: Sequence[Slot], form: BaseForm, status: int = 200
) -> ResponseReturnValue:
    rows = [(said_span(span_of(slot), event.zone), form[f"link_{slot.id}"]) for slot in slots]
    page = render_template(
        "manage/meeting_plan/links.html",
        form=form,
        table=table,
        rows=rows,
        **event_page(event, "meetings"),
    )
    return page, status
