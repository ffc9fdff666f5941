"""What an event sends by itself: when, to whom, in which words; on, off, added, taken away."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.context import post
from blueprints.forms import ActionForm, demand_token
from blueprints.guard import actor, allows, current_user, require
from blueprints.manage.messages import reading_verb
from blueprints.manage.plan_desk import show_editor
from blueprints.manage.plan_form import PlanFormBase, form_class, fresh_form
from blueprints.manage.plan_lines import plan_lines
from blueprints.manage.plan_words import KINDS, NAMES, done_words
from blueprints.manage.typed import complain
from blueprints.manage.workspace import event_page, own_event
from dialognav.actions import plans as actions
from dialognav.actions.plans import PlanDraft, draft_of, waits_for_approval
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotReady, SecondPerson
from dialognav.domain.permissions import MESSAGE_APPROVAL, MESSAGES
from dialognav.domain.terms import LANGUAGES, PlanKind
from dialognav.i18n import NAMES as LANGUAGE_NAMES
from dialognav.i18n import gettext as _
from dialognav.models import Event, MessagePlan
from dialognav.queries.plans import plan_of

bp = Blueprint("plans", __name__)

_NEW = {"reminder": -3, "link": -1, "thanks": 3, "next": 30}
"""The day that a new one of each kind begins with."""


@bp.get("/events/<public_id>/plans")
def index(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, reading_verb())
    return render_template(
        "manage/plans/index.html",
        lines=plan_lines(event),
        kinds=[(str(kind), str(word)) for kind, word in KINDS.items()],
        writes=allows(MESSAGES),
        form=ActionForm(formdata=None),
        **event_page(event, "messages", done=done_words(request.args.get("done", ""))),
    )


@bp.post("/events/<public_id>/plans/usual")
def add_usual(public_id: str) -> ResponseReturnValue:
    """For an event from before there were any."""
    event_id = own_event(public_id, MESSAGES).id
    demand_token()
    who = actor()
    with unit_of_work() as session:
        actions.add_usual_plans(session, event_id, now=utcnow(), actor=who)
    return redirect(url_for(".index", public_id=public_id, done="usual"), 303)


@bp.get("/events/<public_id>/plans/new")
def new(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MESSAGES)
    plan = _begun(event, request.args.get("kind", ""))
    return show_editor(event, plan, fresh_form(event, plan, post().base_url))


@bp.post("/events/<public_id>/plans/new")
def create(public_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MESSAGES)
    return _receive(event, _begun(event, request.form.get("kind", "")))


def _begun(event: Event, kind: str) -> MessagePlan:
    """One that is not stored yet."""
    known = kind if kind in KINDS else PlanKind.REMINDER
    return MessagePlan(
        event=event,
        kind=known,
        days=_NEW[known],
        at_wall="09:00",
        is_on=True,
        subject={},
        body={},
        evaluation_url="",
    )


@bp.get("/events/<public_id>/plans/<plan_id>")
def edit(public_id: str, plan_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MESSAGES)
    plan = plan_of(db.session(), event, plan_id)
    return show_editor(event, plan, fresh_form(event, plan, post().base_url))


@bp.post("/events/<public_id>/plans/<plan_id>")
def update(public_id: str, plan_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MESSAGES)
    return _receive(event, plan_of(db.session(), event, plan_id))


def _receive(event: Event, plan: MessagePlan) -> ResponseReturnValue:
    form = form_class(event)()
    draft = form.read(plan, post().base_url)
    if request.form.get("then") in ("update", "next") or request.form.get("action") == "restore":
        return show_editor(event, plan, form)
    if draft is None:
        return show_editor(event, plan, form, 422)
    public_id, plan_id = event.public_id, plan.public_id
    try:
        done = _save(event, plan, draft, form.revision)
    except EditedMeanwhile:
        return _show_both(public_id, plan_id, draft)
    except NotReady as refused:
        _complain(form, refused)
        event = own_event(public_id, MESSAGES)
        plan = plan_of(db.session(), event, plan_id) if plan_id else _begun(event, plan.kind)
        return show_editor(event, plan, form, 422)
    return redirect(url_for(".index", public_id=public_id, done=done), 303)


def _save(event: Event, plan: MessagePlan, draft: PlanDraft, revision: int) -> str:
    event_id, plan_id, kind = event.id, plan.id, plan.kind
    is_new = not plan.public_id
    by: dict[str, Any] = {"now": utcnow(), "actor": actor(), "user_id": current_user().id}
    with unit_of_work() as session:
        if is_new:
            plan = actions.create_plan(session, event_id, kind, draft, **by)
            return "waits" if waits_for_approval(plan.event, plan) else "created"
        actions.save_plan(session, event_id, plan_id, draft, expected_revision=revision, **by)
        plan = session.get_one(MessagePlan, plan_id)
        return "waits" if waits_for_approval(plan.event, plan) else "saved"


def _complain(form: PlanFormBase, refused: NotReady) -> None:
    if "at_wall" in refused.fields:
        complain(form.at_wall, _("Enter a time of day, like 09:00"))
    else:
        complain(form.days, _("There is one like this for that day already. Choose another day."))


def _show_both(public_id: str, plan_id: str, mine: PlanDraft) -> ResponseReturnValue:
    """Somebody saved meanwhile: both are shown, nothing is overwritten (decisions.md 23)."""
    event = own_event(public_id, MESSAGES)
    plan = plan_of(db.session(), event, plan_id)
    theirs = draft_of(plan)
    both = {"who": _("A colleague"), "taken": [], "conflicts": list(_conflicts(theirs, mine))}
    form = fresh_form(event, plan, post().base_url, mine)
    return show_editor(event, plan, form, 409, both=both)


def _conflicts(theirs: PlanDraft, mine: PlanDraft) -> Any:
    """(name, theirs, mine) of everything in which they differ."""
    on = {True: _("On"), False: _("Off")}
    for name in ("days", "at_wall", "is_on", "evaluation_url"):
        was, is_mine = getattr(theirs, name), getattr(mine, name)
        if was != is_mine:
            said = [on[each] if name == "is_on" else str(each) for each in (was, is_mine)]
            yield str(NAMES[name]), *said
    for name in ("subject", "body"):
        for code in LANGUAGES:
            was, is_mine = (getattr(each, name).get(code, "") for each in (theirs, mine))
            if was != is_mine:
                usual = _("The standard words")
                yield f"{NAMES[name]} ({LANGUAGE_NAMES[code][0]})", was or usual, is_mine or usual


@bp.post("/events/<public_id>/plans/<plan_id>/switch")
def switch(public_id: str, plan_id: str) -> ResponseReturnValue:
    """Whoever approves need not be one who writes."""
    event = own_event(public_id, reading_verb())
    plan = plan_of(db.session(), event, plan_id)
    is_on = request.form.get("on") == "1"
    require(MESSAGE_APPROVAL if is_on and waits_for_approval(event, plan) else MESSAGES)
    demand_token()
    ids, done = (event.id, plan.id), "on" if is_on else "off"
    by: dict[str, Any] = {"now": utcnow(), "actor": actor(), "user_id": current_user().id}
    try:
        with unit_of_work() as session:
            actions.switch_plan(session, *ids, is_on=is_on, seen=_seen(), **by)
    except (EditedMeanwhile, SecondPerson) as refused:
        done = "changed" if isinstance(refused, EditedMeanwhile) else "second"
    return redirect(url_for(".index", public_id=public_id, done=done), 303)


def _seen() -> int:
    """The revision that the page showed; -1 for none."""
    return request.form.get("seen", -1, type=int)


@bp.post("/events/<public_id>/plans/<plan_id>/remove")
def remove(public_id: str, plan_id: str) -> ResponseReturnValue:
    event = own_event(public_id, MESSAGES)
    plan = plan_of(db.session(), event, plan_id)
    demand_token()
    event_id, row_id, who = event.id, plan.id, actor()
    done = "removed"
    try:
        with unit_of_work() as session:
            actions.remove_plan(session, event_id, row_id, now=utcnow(), actor=who)
    except NotReady:
        done = "sent_once"
    return redirect(url_for(".index", public_id=public_id, done=done), 303)
