"""Days cut into times for one-to-one meetings: seen first, then added; taken away; breaks."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import demand_token
from blueprints.guard import actor
from blueprints.manage.meeting_break_form import BreakForm
from blueprints.manage.meeting_windows_form import Cut, WindowsForm, fresh_form
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import meeting_slot_changes, meeting_tables
from dialognav.actions import meeting_slots as actions
from dialognav.actions.meeting_slots import NewSlot, busy_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import NotReady, ReasonNeeded, SlotInUse, TimesOverlap
from dialognav.domain.permissions import MEETINGS
from dialognav.domain.slots import seat
from dialognav.i18n import date_text, local, pick, time_range
from dialognav.i18n import gettext as _
from dialognav.models import Event, MeetingTable, Slot
from dialognav.models.meeting_queues import is_wished
from dialognav.queries.meeting_plans import breaks_of, elsewhere_of, rules_of, slots_of, tables_of

bp = Blueprint("meeting_slots", __name__)


@bp.get("/events/<public_id>/meetings/plan/times/new")
def new(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    tables = tables_of(db.session(), event.id)
    form = fresh_form(tables)
    form.offer(tables, event)
    return _show(event, form, tables)


@bp.post("/events/<public_id>/meetings/plan/times/new")
def create(public_id: str) -> ResponseReturnValue:
    """A preview first; what is added is what was seen."""
    event = own_event(public_id, MEETINGS)
    session = db.session()
    rules, tables = rules_of(session, event.id), tables_of(session, event.id)
    form = WindowsForm()
    form.offer(tables, event)
    if request.form.get("then") == "more":
        form.more()
        return _show(event, form, tables)
    form.validate()
    if rules is None or not tables:
        return _to_plan(public_id, "unchanged")
    slots = slots_of(session, event.id)
    made = form.read(event, rules, tables, slots, breaks_of(session, event.id))
    if made is None:
        return _show(event, form, tables, 422)
    if request.form.get("then") != "save" or form.seen.data != made.mark:
        form.seen.data = made.mark
        return _show(event, form, tables, made=made, slots=slots)
    return _save(event, form, made)


def _save(event: Event, form: WindowsForm, made: Cut) -> ResponseReturnValue:
    public_id, event_id, who = event.public_id, event.id, actor()
    try:
        with unit_of_work() as session:
            actions.add_slots(session, event_id, made.new, made.breaks, now=utcnow(), actor=who)
    except (NotReady, TimesOverlap) as refused:
        complain(form.days[0].form.day, _why(refused))
        event = own_event(public_id, MEETINGS)
        return _show(event, form, tables_of(db.session(), event.id), 422)
    return _to_plan(public_id, "slots")


def _why(refused: NotReady | TimesOverlap) -> str:
    if isinstance(refused, TimesOverlap):
        return words_of(refused)
    if "past" in refused.fields:
        return _("All of the times have to be ahead of us")
    return _("An event can have at most 1000 times")


def _to_plan(public_id: str, done: str) -> ResponseReturnValue:
    return redirect(url_for("manage.meeting_plan.index", public_id=public_id, done=done), 303)


def _show(
    event: Event,
    form: WindowsForm,
    tables: Sequence[MeetingTable],
    status: int = 200,
    *,
    made: Cut | None = None,
    slots: Sequence[Slot] = (),
) -> ResponseReturnValue:
    page = render_template(
        "manage/meeting_plan/times.html",
        form=form,
        rules=rules_of(db.session(), event.id),
        tables=tables,
        number=len(made.new) if made else 0,
        days=list(_days(event, tables, made.new)) if made else [],
        left_out=_left_out(event, tables, made.new, slots) if made else [],
        **event_page(event, "meetings"),
    )
    return page, status


def _days(event: Event, tables: Sequence[MeetingTable], new: Sequence[NewSlot]) -> Any:
    """(day in words, [(table's name, its times in words)])"""
    for day, of_day in groupby(new, key=lambda line: local(line.span[0], event.zone).date()):
        lines = list(of_day)
        at = [
            (_name(event, table), [time_range(*line.span, event.zone) for line in mine])
            for table in tables
            if (mine := [line for line in lines if line.table_id == table.id])
        ]
        yield date_text(day, style="long"), at


def _left_out(
    event: Event, tables: Sequence[MeetingTable], new: Sequence[NewSlot], slots: Sequence[Slot]
) -> list[tuple[str, str, str, int]]:
    """[(member, table, the other event or "", at how many times)] of those who are at another table
    then."""
    usual = {table.id: {one.member_id: one.role for one in table.staff} for table in tables}
    names = {one.member_id: one.member.name for table in tables for one in table.staff}
    elsewhere = elsewhere_of(db.session(), event, now=utcnow())
    busy = busy_of(slots, {who: [span for span, _of in each] for who, each in elsewhere.items()})
    seated = seat([(line.table_id, line.span) for line in new], usual, busy)
    count: Counter[tuple[str, str, str]] = Counter()
    called = {table.id: _name(event, table) for table in tables}
    for line, people in zip(new, seated, strict=True):
        for member in usual[line.table_id].keys() - people.keys():
            others = [of for span, of in elsewhere.get(member, ()) if span.overlaps(line.span)]
            count[names[member], called[line.table_id], next(iter(others), "")] += 1
    return [(*key, number) for key, number in sorted(count.items())]


def _name(event: Event, table: MeetingTable) -> str:
    return pick(table.name, event.primary_language, "sv")[0]


@bp.post("/events/<public_id>/meetings/plan/times/remove")
def remove(public_id: str) -> ResponseReturnValue:
    """Several of them at once."""
    event = own_event(public_id, MEETINGS)
    demand_token()
    chosen = set(request.form.getlist("slot"))
    ids = [slot.id for slot in slots_of(db.session(), event.id) if slot.public_id in chosen]
    event_id, who, reason = event.id, actor(), " ".join(request.form.get("reason", "").split())
    if not ids:
        return _to_plan(public_id, "unchanged")
    done = "wished_gone" if is_wished(db.session(), ids) else "slots_gone"
    try:
        with unit_of_work() as session:
            meeting_slot_changes.remove_slots(
                session, event_id, ids, reason=reason[:300], now=utcnow(), actor=who, post=post()
            )
    except SlotInUse:
        done = "in_use"
    except ReasonNeeded:
        done = "say_why"
    return _to_plan(public_id, done)


@bp.get("/events/<public_id>/meetings/plan/breaks/new")
def new_break(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    return _show_break(event, _break_form(event, formdata=None))


@bp.post("/events/<public_id>/meetings/plan/breaks/new")
def create_break(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    form = _break_form(event)
    form.validate()
    made = form.read(event.zone)
    if made is None:
        return _show_break(event, form, 422)
    event_id, who = event.id, actor()
    try:
        with unit_of_work() as session:
            meeting_tables.add_break(session, event_id, made, now=utcnow(), actor=who)
    except TimesOverlap:
        complain(form.from_time, _("There are meetings then. Take those times away first."))
        return _show_break(own_event(public_id, MEETINGS), form, 422)
    return _to_plan(public_id, "break")


def _break_form(event: Event, **given: Any) -> BreakForm:
    form = BreakForm(**given)
    form.offer([(table.id, _name(event, table)) for table in tables_of(db.session(), event.id)])
    return form


def _show_break(event: Event, form: BreakForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "manage/meeting_plan/break.html", form=form, **event_page(event, "meetings")
    )
    return page, status


@bp.post("/events/<public_id>/meetings/plan/breaks/<int:break_id>/remove")
def remove_break(public_id: str, break_id: int) -> ResponseReturnValue:
    event_id = own_event(public_id, MEETINGS).id
    demand_token()
    who = actor()
    with unit_of_work() as session:
        meeting_tables.remove_break(session, event_id, break_id, now=utcnow(), actor=who)
    return _to_plan(public_id, "break_gone")
