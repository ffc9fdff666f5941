"""Somebody of the team cannot come: what becomes of their meetings, looked at and then done."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.guard import actor
from blueprints.manage.board_words import refusal_words
from blueprints.manage.meeting_people import elsewhere_words
from blueprints.manage.replan_form import AbsenceForm, ReplanForm, absence_choices, read_span
from blueprints.manage.replan_lines import Plan, plan_lines, typed_steps
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import meeting_replan
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EngagedElsewhere, RuleBroken
from dialognav.domain.permissions import MEETINGS
from dialognav.domain.replanning import best_steps, impossible
from dialognav.i18n import gettext as _
from dialognav.meeting_words import TABLE_ROLES
from dialognav.models import Event
from dialognav.models.meeting_losses import absence_of
from dialognav.queries import meeting_board, meeting_plans

bp = Blueprint("meeting_replan", __name__)


@bp.get("/events/<public_id>/meetings/replan")
def show(public_id: str) -> ResponseReturnValue:
    """First who and when; with that in the address, what would become of each meeting."""
    event = own_event(public_id, MEETINGS)
    form = _absence_form(event, request.args)
    if "member" not in request.args:
        return _ask(event, form)
    if not form.validate():
        return _ask(event, form), 422
    return _preview(event, form, ReplanForm(formdata=None))


@bp.post("/events/<public_id>/meetings/replan")
def replan(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    absence_form = _absence_form(event, request.form)
    if not absence_form.validate():
        return _ask(event, absence_form), 422
    form, plan = ReplanForm(), _plan(event, absence_form)
    steps = typed_steps(plan, request.form)
    wrong = impossible(plan.absence.losses, steps)
    if not form.validate() or wrong:
        return _preview(event, absence_form, form, wrong=wrong), 422
    member_id, span, reason, how = plan.member.id, plan.span, str(form.reason.data), _how()
    day = absence_form.day.data
    try:
        with unit_of_work() as session:
            meeting_replan.send_away(session, member_id, span, steps, reason=reason, **how)
    except RuleBroken as broken:
        form.form_errors.extend(_why(broken))
        event = own_event(public_id, MEETINGS)
        return _preview(event, _absence_form(event, request.form), form), 409
    where = url_for("manage.meeting_board.show", public_id=public_id, day=day, done="replanned")
    return redirect(where, 303)


def _why(broken: RuleBroken) -> list[str]:
    if isinstance(broken, EngagedElsewhere):
        return list(elsewhere_words(broken).values())
    return [refusal_words(broken, words_of(broken))]


def _how() -> dict[str, Any]:
    return {"now": utcnow(), "actor": actor(), "post": post()}


def _absence_form(event: Event, given: Any) -> AbsenceForm:
    session = db.session()
    board = meeting_board.board_of(session, event, now=utcnow())
    form = AbsenceForm(given if "member" in given else None, data={"day": given.get("day", "")})
    members, days = absence_choices(meeting_plans.team_of(session, event.id), board, utcnow())
    return form.choose_among(members, days)


def _plan(event: Event, form: AbsenceForm) -> Plan:
    """Who, when, and what that means as things stand."""
    session, now = db.session(), utcnow()
    team = meeting_plans.team_of(session, event.id)
    member = next(one for one in team if one.public_id == form.member.data)
    span = read_span(form, event.zone)
    absence = absence_of(session, event, member, span, now=now)
    board = meeting_board.board_of(session, event, now=utcnow())
    return Plan(board, member, span, absence, {one.id: one for one in team})


def _ask(event: Event, form: AbsenceForm) -> str:
    return render_template(
        "manage/meeting_board/absence.html", form=form, **event_page(event, "meetings")
    )


def _preview(
    event: Event,
    absence_form: AbsenceForm,
    form: ReplanForm,
    *,
    wrong: frozenset[int] = frozenset(),
) -> str:
    plan = _plan(event, absence_form)
    steps = typed_steps(plan, request.form) if request.method == "POST" else None
    if wrong:
        form.form_errors.append(_("Two meetings cannot have the same time. Choose another way."))
    return render_template(
        "manage/meeting_board/replan.html",
        form=form,
        absence_form=absence_form,
        plan=plan,
        lines=plan_lines(plan, steps or best_steps(plan.absence.losses), wrong),
        empty=len(plan.absence.empty),
        roles=TABLE_ROLES,
        **event_page(event, "meetings"),
    )
