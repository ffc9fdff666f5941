"""A table of one-to-one meetings: made, changed, taken out of use."""

from string import ascii_uppercase
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, demand_token
from blueprints.guard import actor, current_user
from blueprints.manage.meeting_both import both_of, mark_of
from blueprints.manage.meeting_people import elsewhere_words, rows_of
from blueprints.manage.meeting_plan_words import done_words
from blueprints.manage.meeting_table_form import (
    NAMES,
    TableFormBase,
    fresh_form,
    said_part,
    table_form,
)
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, languages_of, own_event
from dialognav.actions import meeting_tables as actions
from dialognav.actions.meeting_tables import TableDraft, table_draft_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import (
    EditedMeanwhile,
    EngagedElsewhere,
    LinkInUse,
    ModeInUse,
    NotFound,
    ReasonNeeded,
    RuleBroken,
    SlotInUse,
    TwoPlaces,
)
from dialognav.domain.permissions import MEETINGS
from dialognav.domain.terms import MODES_OF
from dialognav.i18n import gettext as _
from dialognav.i18n import ngettext, speaking
from dialognav.models import Event, MeetingTable
from dialognav.models.meeting_queues import is_wished
from dialognav.queries.access import access_table
from dialognav.queries.meeting_plans import slots_of, tables_of, team_of

bp = Blueprint("meeting_tables", __name__)


@bp.get("/events/<public_id>/meetings/plan/tables/new")
def new(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    team = team_of(db.session(), event.id)
    begun = TableDraft(_next_name(event), mode=MODES_OF[event.format][0])
    return _show(event, None, fresh_form(languages_of(event), team, begun))


def _next_name(event: Event) -> dict[str, str]:
    """'Bord B' after 'Bord A', in every language of the event; nothing after the 26th."""
    number = len(tables_of(db.session(), event.id))
    if number >= len(ascii_uppercase):
        return {}
    said = {}
    for code in languages_of(event):
        with speaking(code):
            said[code] = _("Table %(letter)s", letter=ascii_uppercase[number])
    return said


@bp.post("/events/<public_id>/meetings/plan/tables/new")
def create(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    form = table_form(languages_of(event), team_of(db.session(), event.id))()
    form.validate()
    draft = form.read(TableDraft({}))
    if draft is None:
        return _show(event, None, form, 422)
    event_id, given = event.id, _given()
    try:
        with unit_of_work() as session:
            actions.add_table(session, event_id, draft, **given)
    except LinkInUse as refused:
        complain(form.online_url, words_of(refused))
        return _show(own_event(public_id, MEETINGS), None, form, 422)
    if request.form.get("then") == "more":
        return redirect(url_for(".new", public_id=public_id, done="table"), 303)
    return _to_plan(public_id, "table")


@bp.get("/events/<public_id>/meetings/plan/tables/<table_id>")
def edit(public_id: str, table_id: str) -> ResponseReturnValue:
    event, table = _own(public_id, table_id)
    team = team_of(db.session(), event.id)
    return _show(event, table, fresh_form(languages_of(event), team, table_draft_of(table)))


@bp.post("/events/<public_id>/meetings/plan/tables/<table_id>")
def update(public_id: str, table_id: str) -> ResponseReturnValue:
    event, table = _own(public_id, table_id)
    form = table_form(languages_of(event), team_of(db.session(), event.id))()
    form.validate()
    stored = table_draft_of(table)
    draft = form.read(stored)
    if draft is None:
        return _show(event, table, form, 422)
    if form.version.data != mark_of(stored):
        return _show_both(public_id, table_id, draft)
    row_id, given = table.id, {**_given(), "expected": stored, "post": post()}
    try:
        with unit_of_work() as session:
            changed = actions.save_table(
                session, row_id, draft, restaff=bool(form.restaff.data), **given
            )
    except EditedMeanwhile:
        return _show_both(public_id, table_id, draft)
    except (EngagedElsewhere, LinkInUse, ModeInUse, TwoPlaces) as refused:
        event, table = _own(public_id, table_id)
        _complain(form, refused, event)
        return _show(event, table, form, 422)
    return _to_plan(public_id, "table" if changed else "unchanged")


def _given() -> dict[str, Any]:
    return {"user_id": current_user().id, "now": utcnow(), "actor": actor()}


def _to_plan(public_id: str, done: str) -> ResponseReturnValue:
    return redirect(url_for("manage.meeting_plan.index", public_id=public_id, done=done), 303)


def _own(public_id: str, table_id: str) -> tuple[Event, MeetingTable]:
    event = own_event(public_id, MEETINGS)
    table = access_table(db.session(), event, table_id)
    if table.removed_at is not None:
        raise NotFound
    return event, table


def _complain(form: TableFormBase, refused: RuleBroken, event: Event) -> None:
    if isinstance(refused, ModeInUse):
        sentence = ngettext(
            "%(num)s meeting here is booked as it is. Move it first.",
            "%(num)s meetings here are booked as they are. Move them first.",
            refused.number,
        )
        complain(form.mode, sentence)
    elif isinstance(refused, TwoPlaces):
        names = {member.id: member.name for member in team_of(db.session(), event.id)}
        for member_id in refused.args:
            sentence = _("%(who)s is at another table at some of its times", who=names[member_id])
            complain(form.role_of(member_id), sentence)
    elif isinstance(refused, EngagedElsewhere):
        for member_id, sentence in elsewhere_words(refused).items():
            complain(form.role_of(member_id), sentence)
    else:
        complain(form.online_url, words_of(refused))


def _show_both(public_id: str, table_id: str, mine: TableDraft) -> ResponseReturnValue:
    """Somebody saved meanwhile: both are shown, nothing is overwritten (decisions.md 23)."""
    event, table = _own(public_id, table_id)
    team, theirs = team_of(db.session(), event.id), table_draft_of(table)
    both = both_of(theirs, mine, NAMES, lambda name, value: said_part(name, value, team))
    form = fresh_form(languages_of(event), team, mine, theirs)
    return _show(event, table, form, 409, both=both)


def _show(
    event: Event,
    table: MeetingTable | None,
    form: TableFormBase,
    status: int = 200,
    *,
    both: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "manage/meeting_plan/table.html",
        form=form,
        table=table,
        both=both,
        people=rows_of(form, team_of(db.session(), event.id)),
        action=ActionForm(formdata=None),
        **event_page(event, "meetings", done=done_words(request.args.get("done", ""))),
    )
    return page, status


@bp.post("/events/<public_id>/meetings/plan/tables/<table_id>/remove")
def remove(public_id: str, table_id: str) -> ResponseReturnValue:
    event, table = _own(public_id, table_id)
    demand_token()
    row_id, who, reason = table.id, actor(), " ".join(request.form.get("reason", "").split())
    own = [slot.id for slot in slots_of(db.session(), event.id) if slot.table_id == row_id]
    done = "wished_gone" if is_wished(db.session(), own) else "table_gone"
    try:
        with unit_of_work() as session:
            actions.remove_table(
                session, row_id, reason=reason[:300], now=utcnow(), actor=who, post=post()
            )
    except SlotInUse:
        done = "in_use"
    except ReasonNeeded:
        done = "say_why"
    return _to_plan(public_id, done)
