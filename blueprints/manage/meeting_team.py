"""Who of us is in the one-to-one meetings: joins, is away, has a conflict of interest, leaves."""

from collections import Counter
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.errors import words_of
from blueprints.forms import ActionForm, demand_token, options
from blueprints.guard import actor, current_membership, current_user
from blueprints.manage.meeting_both import both_of, mark_of
from blueprints.manage.meeting_plan_words import done_words
from blueprints.manage.meeting_team_form import (
    NAMES,
    ConflictForm,
    MemberForm,
    NewMemberForm,
    fresh_form,
    said_part,
)
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import meeting_team as actions
from dialognav.actions.meeting_team import MemberDraft, member_draft_of
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import AlreadyInTeam, EditedMeanwhile, NotFound
from dialognav.domain.permissions import MEETINGS
from dialognav.i18n import gettext as _
from dialognav.models import Event, TeamMember
from dialognav.queries.access import access_registration, access_team_member
from dialognav.queries.hosts import possible_hosts
from dialognav.queries.meeting_plans import conflicts_with, parties_of, team_of

bp = Blueprint("meeting_team", __name__)


@bp.get("/events/<public_id>/meetings/plan/team/new")
def new(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    return _show_new(event, _new_form(event, formdata=None))


@bp.post("/events/<public_id>/meetings/plan/team/new")
def create(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MEETINGS)
    form = _new_form(event)
    form.validate()
    member = form.read()
    if member is None:
        return _show_new(event, form, 422)
    event_id, who = event.id, actor()
    try:
        with unit_of_work() as session:
            actions.add_member(session, event_id, member, now=utcnow(), actor=who)
    except AlreadyInTeam as refused:
        complain(form.email if member.user_id is None else form.user, words_of(refused))
        return _show_new(own_event(public_id, MEETINGS), form, 422)
    if request.form.get("then") == "more":
        return redirect(url_for(".new", public_id=public_id, done="member"), 303)
    return _to_plan(public_id, "member")


def _new_form(event: Event, **given: Any) -> NewMemberForm:
    """Those of the staff who are not in the team, and somebody from outside."""
    form = NewMemberForm(**given)
    there = {member.user_id for member in team_of(db.session(), event.id)}
    people = [
        user for user in possible_hosts(db.session(), event.organisation_id) if user.id not in there
    ]
    alike = Counter(user.name for user in people)
    form.user.choices = options(
        [
            ("", _("Somebody from outside, named below")),
            *(
                (str(user.id), user.name if alike[user.name] == 1 else f"{user.name}, {user.email}")
                for user in people
            ),
        ]
    )
    form.language.data = form.language.data or event.primary_language
    return form


def _show_new(event: Event, form: NewMemberForm, status: int = 200) -> ResponseReturnValue:
    done = done_words(request.args.get("done", ""))
    page = render_template(
        "manage/meeting_plan/member_new.html", form=form, **event_page(event, "meetings", done=done)
    )
    return page, status


@bp.get("/events/<public_id>/meetings/plan/team/<team_member_id>")
def edit(public_id: str, team_member_id: str) -> ResponseReturnValue:
    event, member = _own(public_id, team_member_id)
    return _show(event, member, fresh_form(member_draft_of(member), event.zone))


@bp.post("/events/<public_id>/meetings/plan/team/<team_member_id>")
def update(public_id: str, team_member_id: str) -> ResponseReturnValue:
    event, member = _own(public_id, team_member_id)
    form = MemberForm()
    form.validate()
    draft = form.read(event.zone)
    if draft is None:
        return _show(event, member, form, 422)
    stored = member_draft_of(member)
    if form.version.data != mark_of(stored):
        return _show_both(public_id, team_member_id, draft)
    row_id = member.id
    given: dict[str, Any] = {"expected": stored, "now": utcnow(), "actor": actor()}
    try:
        with unit_of_work() as session:
            changed = actions.save_member(session, row_id, draft, **given)
    except EditedMeanwhile:
        return _show_both(public_id, team_member_id, draft)
    return _to_plan(public_id, "member" if changed else "unchanged")


@bp.post("/events/<public_id>/meetings/plan/team/<team_member_id>/remove")
def remove(public_id: str, team_member_id: str) -> ResponseReturnValue:
    _event, member = _own(public_id, team_member_id)
    demand_token()
    row_id, who, mail = member.id, actor(), post()
    with unit_of_work() as session:
        actions.remove_member(session, row_id, now=utcnow(), actor=who, post=mail)
    return _to_plan(public_id, "member_left")


@bp.post("/events/<public_id>/meetings/plan/team/<team_member_id>/conflicts")
def add_conflict(public_id: str, team_member_id: str) -> ResponseReturnValue:
    event, member = _own(public_id, team_member_id)
    form = _conflict_form(event)
    if not form.validate():
        shown = fresh_form(member_draft_of(member), event.zone)
        return _show(event, member, shown, 422, conflict=form)
    row_id, registration_id, reason = member.id, int(form.registration.data), form.why.data or ""
    given: dict[str, Any] = {"user_id": current_user().id, "now": utcnow(), "actor": actor()}
    with unit_of_work() as session:
        actions.note_conflict(session, row_id, registration_id, reason, **given)
    return _to_plan(public_id, "conflict")


@bp.post(
    "/events/<public_id>/meetings/plan/team/<team_member_id>/conflicts/<registration_id>/remove"
)
def drop_conflict(public_id: str, team_member_id: str, registration_id: str) -> ResponseReturnValue:
    _event, member = _own(public_id, team_member_id)
    demand_token()
    found = access_registration(db.session(), current_membership(), registration_id, MEETINGS)
    ids, who = (member.id, found.id), actor()
    with unit_of_work() as session:
        actions.drop_conflict(session, *ids, now=utcnow(), actor=who)
    return _to_plan(public_id, "conflict_gone")


def _own(public_id: str, team_member_id: str) -> tuple[Event, TeamMember]:
    event = own_event(public_id, MEETINGS)
    member = access_team_member(db.session(), event, team_member_id)
    if member.removed_at is not None:
        raise NotFound
    return event, member


def _to_plan(public_id: str, done: str) -> ResponseReturnValue:
    return redirect(url_for("manage.meeting_plan.index", public_id=public_id, done=done), 303)


def _conflict_form(event: Event, **given: Any) -> ConflictForm:
    form = ConflictForm(prefix="c-", **given)
    parties = parties_of(db.session(), event.id)
    form.registration.choices = options((str(number), name) for number, name in parties)
    return form


def _show_both(public_id: str, team_member_id: str, mine: MemberDraft) -> ResponseReturnValue:
    """Somebody saved meanwhile: both are shown, nothing is overwritten (decisions.md 23)."""
    event, member = _own(public_id, team_member_id)
    theirs = member_draft_of(member)
    both = both_of(theirs, mine, NAMES, lambda name, value: said_part(name, value, event.zone))
    return _show(event, member, fresh_form(mine, event.zone, theirs), 409, both=both)


def _show(
    event: Event,
    member: TeamMember,
    form: MemberForm,
    status: int = 200,
    *,
    conflict: ConflictForm | None = None,
    both: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "manage/meeting_plan/member.html",
        form=form,
        member=member,
        both=both,
        conflict=conflict or _conflict_form(event, formdata=None),
        conflicts=conflicts_with(db.session(), member.id),
        action=ActionForm(formdata=None),
        **event_page(event, "meetings"),
    )
    return page, status
