"""The page of the rules of one-to-one meetings: stated before, kept by all."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.guard import actor
from blueprints.manage.meeting_rules_form import (
    MeetingRulesForm,
    begun_rules,
    fresh_form,
    repeated_hours,
    rules_form,
)
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, languages_of, own_event
from dialognav.actions import meeting_rules as actions
from dialognav.actions.meeting_rules import meeting_rules_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, ReasonNeeded, RulesCannotBe
from dialognav.domain.meeting_rules import (
    MeetingRulesDraft,
    Standing,
    meeting_rules_changed,
    what_meeting_rules_cannot_be,
)
from dialognav.domain.permissions import MEETINGS
from dialognav.domain.rules import Impossible
from dialognav.domain.slots import usual_opening
from dialognav.domain.working_hours import WorkingHours
from dialognav.i18n import gettext as _
from dialognav.meeting_rule_words import RULES, said_meeting_rule
from dialognav.models import Event, MeetingRules
from dialognav.queries.meeting_plans import rules_of, standing_of

bp = Blueprint("meeting_rules", __name__)


@bp.get("/events/<public_id>/meetings/plan/rules")
def edit(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    rules = rules_of(db.session(), event.id)
    tongues = languages_of(event)
    shown = meeting_rules_of(rules) if rules else begun_rules(tongues, _proposed_opening(event))
    form = fresh_form(tongues, shown, event.zone, rules.revision if rules else 0)
    return _show(event, rules, form)


def _proposed_opening(event: Event) -> datetime:
    """In a week, so that everybody has had time to read of it."""
    hours = WorkingHours(event.zone, event.organisation.country)
    return usual_opening(hours, utcnow() + timedelta(days=6))


@bp.post("/events/<public_id>/meetings/plan/rules")
def update(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    rules = rules_of(db.session(), event.id)
    form = rules_form(languages_of(event))()
    form.validate()
    draft = form.read(event.zone, dict(rules.text) if rules else {})
    if draft is not None:
        _complain_of_what_cannot_be(form, rules, draft)
    if draft is None or any(field.errors for field in form):
        return _show(event, rules, form, 422)
    return _save(event, form, draft)


def _complain_of_what_cannot_be(
    form: MeetingRulesForm, rules: MeetingRules | None, draft: MeetingRulesDraft
) -> None:
    old = meeting_rules_of(rules) if rules else None
    for wrong in what_meeting_rules_cannot_be(draft, old, _standing(rules)):
        form.complain(wrong)
    if rules and rules.published_at and draft != old and not form.reason.data:
        _ask_why(form)


def _ask_why(form: MeetingRulesForm) -> None:
    complain(form.reason, _("Say why: the public has read the rules as they were"))


def _standing(rules: MeetingRules | None) -> Standing:
    return standing_of(db.session(), rules) if rules else Standing()


def _save(event: Event, form: MeetingRulesForm, draft: MeetingRulesDraft) -> ResponseReturnValue:
    public_id, event_id = event.public_id, event.id
    given: dict[str, Any] = {
        "expected_revision": form.revision,
        "reason": form.reason.data or "",
        "now": utcnow(),
        "actor": actor(),
        "post": post(),
    }
    try:
        with unit_of_work() as session:
            changed = actions.save_meeting_rules(session, event_id, draft, **given)
            is_public = session.get_one(MeetingRules, event_id).published_at is not None
    except EditedMeanwhile:
        return _show_both(public_id, form, draft)
    except (RulesCannotBe, ReasonNeeded) as refused:  # somebody published, or booked, meanwhile
        _complain_of(form, refused)
        event = own_event(public_id, MEETINGS)
        return _show(event, rules_of(db.session(), event.id), form, 422)
    done = ("rules_public" if is_public else "rules") if changed else "unchanged"
    return redirect(url_for("manage.meeting_plan.index", public_id=public_id, done=done), 303)


def _complain_of(form: MeetingRulesForm, refused: RulesCannotBe | ReasonNeeded) -> None:
    if isinstance(refused, ReasonNeeded):
        _ask_why(form)
        return
    for wrong in refused.wrong:
        assert isinstance(wrong, Impossible)
        form.complain(wrong)


def _show_both(
    public_id: str, form: MeetingRulesForm, mine: MeetingRulesDraft
) -> ResponseReturnValue:
    """Somebody saved meanwhile: both are shown, nothing is overwritten (decisions.md 23)."""
    event = own_event(public_id, MEETINGS)
    rules = rules_of(db.session(), event.id)
    if rules is None:
        return _show(event, None, fresh_form(languages_of(event), mine, event.zone, 0), 409)
    theirs = meeting_rules_of(rules)
    both = {
        "who": _("A colleague"),
        "taken": [],
        "conflicts": [
            (
                str(RULES[name]),
                *(_said(name, getattr(each, name), event) for each in (theirs, mine)),
            )
            for name in meeting_rules_changed(theirs, mine)
        ],
    }
    merged = fresh_form(languages_of(event), mine, event.zone, rules.revision)
    merged.reason.data = form.reason.data
    return _show(event, rules, merged, 409, both=both)


def _said(name: str, value: Any, event: Event) -> str:
    if name == "text":
        return "\n\n".join(value.values())
    return said_meeting_rule(name, value, event.zone)


def _show(
    event: Event,
    rules: MeetingRules | None,
    form: MeetingRulesForm,
    status: int = 200,
    *,
    both: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    stored = meeting_rules_of(rules) if rules else MeetingRulesDraft()
    page = render_template(
        "manage/meeting_plan/rules.html",
        form=form,
        both=both,
        stored=stored,
        standing=_standing(rules),
        twice=repeated_hours(stored, event.zone),
        **event_page(event, "meetings"),
    )
    return page, status
