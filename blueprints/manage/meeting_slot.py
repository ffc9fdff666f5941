"""One time for a one-to-one meeting: changed, staffed, blocked; the own links of many."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, clean_line, demand_token
from blueprints.guard import actor
from blueprints.manage.meeting_both import both_of, mark_of
from blueprints.manage.meeting_people import elsewhere_words, rows_of
from blueprints.manage.meeting_slot_form import (
    NAMES,
    SlotFormBase,
    fresh_form,
    said_part,
    slot_form,
)
from blueprints.manage.meeting_team_form import said_span
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import meeting_slot_changes as actions
from dialognav.actions.meeting_slot_changes import SlotDraft, slot_draft_of
from dialognav.actions.meeting_slots import span_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import (
    EditedMeanwhile,
    EngagedElsewhere,
    LinkInUse,
    NotAllowedNow,
    NotFound,
    NotReady,
    ReasonNeeded,
    RuleBroken,
    SlotInUse,
    TimesOverlap,
    TwoPlaces,
)
from dialognav.domain.meeting_terms import SlotState
from dialognav.domain.permissions import MEETINGS
from dialognav.i18n import gettext as _
from dialognav.models import Event, Slot
from dialognav.queries.access import access_slot
from dialognav.queries.meeting_plans import rules_of, taken_among, team_of

_REFUSED = (
    *(EngagedElsewhere, LinkInUse, NotReady, ReasonNeeded, SlotInUse, TimesOverlap, TwoPlaces),
)
bp = Blueprint("meeting_slot", __name__)


@bp.get("/events/<public_id>/meetings/plan/times/<slot_id>")
def edit(public_id: str, slot_id: str) -> ResponseReturnValue:
    event, slot = _own(public_id, slot_id)
    team = team_of(db.session(), event.id)
    return _show(event, slot, fresh_form(team, slot_draft_of(slot), event.zone))


@bp.post("/events/<public_id>/meetings/plan/times/<slot_id>")
def update(public_id: str, slot_id: str) -> ResponseReturnValue:
    event, slot = _own(public_id, slot_id)
    form = slot_form(team_of(db.session(), event.id))()
    form.validate()
    draft = form.read(event.zone)
    if draft is None:
        return _show(event, slot, form, 422)
    stored = slot_draft_of(slot)
    if form.version.data != mark_of(stored):
        return _show_both(public_id, slot_id, draft)
    row_id = slot.id
    given: dict[str, Any] = {"expected": stored, "now": utcnow(), "actor": actor(), "post": post()}
    try:
        with unit_of_work() as session:
            changed = actions.save_slot(session, row_id, draft, **given)
    except (EditedMeanwhile, NotAllowedNow):
        return _show_both(public_id, slot_id, draft)
    except _REFUSED as refused:
        event, slot = _own(public_id, slot_id)
        _complain(form, refused, event)
        return _show(event, slot, form, 422)
    return _to_plan(public_id, "slot" if changed else "unchanged")


def _complain(form: SlotFormBase, refused: RuleBroken, event: Event) -> None:
    """Say at its field what cannot be."""
    if isinstance(refused, TwoPlaces):
        names = {member.id: member.name for member in team_of(db.session(), event.id)}
        for member_id in refused.args:
            sentence = _("%(who)s is in another meeting then", who=names[member_id])
            complain(form.role_of(member_id), sentence)
    elif isinstance(refused, EngagedElsewhere):
        for member_id, sentence in elsewhere_words(refused).items():
            complain(form.role_of(member_id), sentence)
    elif isinstance(refused, LinkInUse):
        complain(form.online_url, words_of(refused))
    elif isinstance(refused, ReasonNeeded):
        complain(form.deviation, _("Say why: all suppliers are to have the same terms"))
    elif isinstance(refused, NotReady):
        complain(form.day, _("Choose a time that is ahead of us"))
    else:
        complain(form.from_time, words_of(refused))


@bp.post("/events/<public_id>/meetings/plan/times/<slot_id>/block")
def block(public_id: str, slot_id: str) -> ResponseReturnValue:
    _event, slot = _own(public_id, slot_id)
    demand_token()
    row_id, who, reason = slot.id, actor(), clean_line(request.form.get("reason", ""))[:300]
    try:
        with unit_of_work() as session:
            actions.block(session, row_id, reason, now=utcnow(), actor=who, post=post())
    except (NotAllowedNow, SlotInUse):
        return _to_plan(public_id, "in_use")
    return _to_plan(public_id, "blocked")


@bp.post("/events/<public_id>/meetings/plan/times/<slot_id>/unblock")
def unblock(public_id: str, slot_id: str) -> ResponseReturnValue:
    _event, slot = _own(public_id, slot_id)
    demand_token()
    row_id, who, mail = slot.id, actor(), post()
    try:
        with unit_of_work() as session:
            actions.unblock(session, row_id, now=utcnow(), actor=who, post=mail)
    except NotAllowedNow:
        return _to_plan(public_id, "unchanged")
    except EngagedElsewhere:
        return _to_plan(public_id, "engaged")
    return _to_plan(public_id, "unblocked")


def _own(public_id: str, slot_id: str) -> tuple[Event, Slot]:
    event = own_event(public_id, MEETINGS)
    slot = access_slot(db.session(), event, slot_id)
    if slot.state == SlotState.REMOVED:
        raise NotFound
    return event, slot


def _to_plan(public_id: str, done: str) -> ResponseReturnValue:
    return redirect(url_for("manage.meeting_plan.index", public_id=public_id, done=done), 303)


def _show_both(public_id: str, slot_id: str, mine: SlotDraft) -> ResponseReturnValue:
    """Somebody saved meanwhile: both are shown, nothing is overwritten (decisions.md 23)."""
    event, slot = _own(public_id, slot_id)
    team, theirs = team_of(db.session(), event.id), slot_draft_of(slot)

    def say(name: str, value: Any) -> str:
        return said_part(name, value, event.zone, team)

    form = fresh_form(team, mine, event.zone, theirs)
    return _show(event, slot, form, 409, both=both_of(theirs, mine, NAMES, say))


def _show(
    event: Event,
    slot: Slot,
    form: SlotFormBase,
    status: int = 200,
    *,
    both: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    session = db.session()
    page = render_template(
        "manage/meeting_plan/time.html",
        form=form,
        slot=slot,
        both=both,
        when=said_span(span_of(slot), event.zone),
        rules=rules_of(session, event.id),
        is_taken=slot.id in taken_among(session, [slot.id]),
        people=rows_of(form, team_of(session, event.id)),
        action=ActionForm(formdata=None),
        **event_page(event, "meetings"),
    )
    return page, status
