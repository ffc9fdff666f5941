"""The plan of an event's one-to-one meetings: what it is, what it lacks, when it becomes public."""

from datetime import datetime, time
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import ActionForm, AtMost, BaseForm, LineField
from blueprints.guard import actor
from blueprints.manage.meeting_people import elsewhere_words
from blueprints.manage.meeting_plan_lines import Plan, day_lines, plan_of, problem_lines, steps_of
from blueprints.manage.meeting_plan_words import done_words
from blueprints.manage.typed import complain, read_moment
from blueprints.manage.workspace import can_hold_meetings, event_page, own_event
from dialognav.actions.meeting_rules import meeting_rules_of, publish_meetings
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EngagedElsewhere, NotAllowedNow, NotReady
from dialognav.domain.meeting_rules import DRAWN, lacking_instants
from dialognav.domain.permissions import MEETINGS
from dialognav.domain.slots import NOTICE, usual_opening
from dialognav.domain.timing import to_wall
from dialognav.domain.working_hours import WorkingHours
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy
from dialognav.meeting_rule_words import RULES, said_meeting_rule
from dialognav.models import Event
from dialognav.queries.manage import party_count

bp = Blueprint("meeting_plan", __name__)


class PublishForm(BaseForm):
    opens_date = LineField(lazy("Date"), [AtMost(20)])
    opens_time = LineField(lazy("Time"), [AtMost(10)])


@bp.get("/events/<public_id>/meetings/plan")
def index(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    now = utcnow()
    plan = plan_of(db.session(), event, now)
    is_public = plan.rules is not None and plan.rules.published_at is not None
    return render_template(
        "manage/meeting_plan/plan.html",
        plan=plan,
        rules=_rule_lines(plan),
        problems=problem_lines(plan, now),
        days=day_lines(plan, now),
        conflicts={row.member_id for row in plan.conflicts},
        steps=steps_of(plan) if can_hold_meetings(event) and not is_public else [],
        is_over=not can_hold_meetings(event),
        form=ActionForm(formdata=None),
        **event_page(event, "meetings", done=done_words(request.args.get("done", ""))),
    )


def _rule_lines(plan: Plan) -> list[tuple[str, str]]:
    """[(name, value)] of all but the long text."""
    if plan.rules is None:
        return []
    rules = meeting_rules_of(plan.rules)
    return [
        (str(name), said_meeting_rule(key, getattr(rules, key), plan.event.zone))
        for key, name in RULES.items()
        if key != "text" and (key != "most_wishes" or rules.hand_out == "wishes")
    ]


@bp.get("/events/<public_id>/meetings/plan/publish")
def look(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    hours = WorkingHours(event.zone, event.organisation.country)
    wall = to_wall(usual_opening(hours, utcnow()), event.zone)
    data = {"opens_date": wall.date().isoformat(), "opens_time": f"{wall:%H:%M}"}
    return _show(event, PublishForm(formdata=None, data=data))


@bp.post("/events/<public_id>/meetings/plan/publish")
def publish(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    form = PublishForm()
    form.validate()
    now = utcnow()
    plan = plan_of(db.session(), event, now)
    is_first = plan.rules is None or plan.rules.published_at is None
    opens_at = None if is_first else _read_opening(form, event)
    if any(field.errors for field in form):
        return _show(event, form, 422)
    event_id, who, mail = event.id, actor(), post()
    try:
        with unit_of_work() as session:
            publish_meetings(session, event_id, opens_at=opens_at, now=now, actor=who, post=mail)
    except EngagedElsewhere as refused:
        form.form_errors = list(elsewhere_words(refused).values())
        return _show(own_event(public_id, MEETINGS), form, 422)
    except (NotReady, NotAllowedNow) as refused:
        form.form_errors = [_why(refused)]
        return _show(own_event(public_id, MEETINGS), form, 422)
    done = "published" if is_first else "added"
    return redirect(url_for(".index", public_id=public_id, done=done), 303)


def _read_opening(form: PublishForm, event: Event) -> datetime | None:
    opens_at = read_moment(form.opens_date, form.opens_time, event.zone, time(9))
    if any(field.errors for field in form):
        return None
    if opens_at is None:
        complain(form.opens_date, _("Enter when the new times can be booked"))
    elif opens_at < utcnow() + NOTICE:
        complain(
            form.opens_date,
            _("Choose a time at least an hour ahead, so that all have the same chance"),
        )
    return opens_at


def _why(refused: NotReady | NotAllowedNow) -> str:
    if isinstance(refused, NotAllowedNow):
        return _("Meetings of this event are no longer handed out.")
    sentences = {
        "rules": _("Write the rules first."),
        "opens_at": _("Say in the rules when booking or wishing opens."),
        "closes_at": _("Choose a last day in the rules that is still to come."),
        "opens_late": _(
            "Booking would have closed by then. Let them open earlier, or choose a later last day"
            " in the rules."
        ),
        "slots": _("There are no new times ahead of us to publish."),
    }
    return " ".join(sentences[name] for name in refused.fields)


def _show(event: Event, form: PublishForm, status: int = 200) -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    plan = plan_of(session, event, now)
    page = render_template(
        "manage/meeting_plan/publish.html",
        form=form,
        plan=plan,
        rules=_rule_lines(plan),
        is_first=plan.rules is None or plan.rules.published_at is None,
        is_drawn=bool(plan.rules and plan.rules.hand_out in DRAWN),
        lacks=_lacks(plan),
        problems=problem_lines(plan, now),
        parties=party_count(session, event.id),
        is_soon=_opens_soon(plan, now),
        **event_page(event, "meetings"),
    )
    return page, status


def _lacks(plan: Plan) -> list[str]:
    """What has to be there before it can be public."""
    if plan.rules is None:
        return [_why(NotReady("rules"))]
    names: list[Any] = [each.rule for each in lacking_instants(meeting_rules_of(plan.rules))]
    if not plan.unpublished:
        names.append("slots")
    return [_why(NotReady(name)) for name in names]


def _opens_soon(plan: Plan, now: datetime) -> bool:
    """Whether booking begins before anybody can have read of it."""
    opens_at = plan.rules.opens_at if plan.rules else None
    return opens_at is not None and opens_at < now + NOTICE
