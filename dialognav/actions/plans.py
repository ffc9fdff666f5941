"""What of an event writes itself: the usual with every new event, and what the organiser makes of
it. When it is sent: plan_runs.py."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.db import Text
from dialognav.domain.errors import EditedMeanwhile, NotFound, NotReady, SecondPerson
from dialognav.domain.message_rules import may_approve
from dialognav.domain.plans import STANDARD, wrong_in
from dialognav.domain.terms import Phase
from dialognav.models import Event, Message, MessagePlan, PlanRun, lock_event

_WORDS = {"subject", "body", "evaluation_url"}


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """`days` and `at_wall` as domain/plans.py has them. Empty words are the standard ones."""

    days: int
    at_wall: str
    is_on: bool
    subject: Text = field(default_factory=dict)
    body: Text = field(default_factory=dict)
    evaluation_url: str = ""


def draft_of(plan: MessagePlan) -> PlanDraft:
    return PlanDraft(
        plan.days,
        plan.at_wall,
        plan.is_on,
        dict(plan.subject),
        dict(plan.body),
        plan.evaluation_url,
    )


def add_standard_plans(session: Session, event: Event, *, now: datetime) -> None:
    """The usual, with a new event. Nothing of it is sent before the event is published."""
    session.add_all(
        MessagePlan(event=event, kind=kind, days=days, at_wall=wall, is_on=is_on, created_at=now)
        for kind, days, wall, is_on in STANDARD
    )


def add_usual_plans(session: Session, event_id: int, *, now: datetime, actor: str) -> None:
    """To an event that has none; one from before there were any."""
    event = lock_event(session, event_id)
    if session.scalar(sa.select(MessagePlan.id).where(MessagePlan.event_id == event.id).limit(1)):
        return
    add_standard_plans(session, event, now=now)
    audit.record(
        session,
        event.organisation_id,
        actor,
        "plan.created",
        f"event:{event.id}",
        now=now,
        event_id=event.id,
    )


def copy_plans(session: Session, source: Event, target: Event, *, now: datetime) -> None:
    """A copied event sends the same, in the same words. The evaluation was of the other.

    Where the procurement has switched all of it off, the usual is on again.
    """
    usually_on = {kind for kind, _days, _wall, is_on in STANDARD if is_on}
    for plan in session.scalars(
        sa.select(MessagePlan).where(MessagePlan.event_id == source.id).order_by(MessagePlan.id)
    ):
        copied = draft_of(plan)
        copy = MessagePlan(event=target, kind=plan.kind, created_at=now)
        _write(copy, copied)
        copy.evaluation_url, copy.writer_ids = "", list(plan.writer_ids)
        if source.phase == Phase.PROCUREMENT:
            copy.is_on = plan.kind in usually_on and not waits_for_approval(target, copy)
        session.add(copy)


def delete_plans(session: Session, event_id: int) -> None:
    """With a draft that is deleted: nothing can have been sent."""
    session.execute(sa.delete(MessagePlan).where(MessagePlan.event_id == event_id))


def switch_off_plans(session: Session, event: Event) -> int:
    """The procurement begins: nothing more is sent by itself (decisions.md 6). How many were on."""
    switched = session.execute(
        sa.update(MessagePlan)
        .where(MessagePlan.event_id == event.id, MessagePlan.is_on)
        .values(is_on=False, revision=MessagePlan.revision + 1)
        .returning(MessagePlan.id)
        .execution_options(synchronize_session=False)
    )
    return len(switched.all())


def waits_for_approval(event: Event, plan: MessagePlan) -> bool:
    """Own words are another's to switch on, where the organisation wants two to look."""
    return event.organisation.message_approval and bool(plan.writer_ids)


def create_plan(
    session: Session,
    event_id: int,
    kind: str,
    draft: PlanDraft,
    *,
    user_id: int,
    now: datetime,
    actor: str,
) -> MessagePlan:
    """NotReady names what cannot be: "days", "at_wall"; "taken" where its kind has that day.

    Off, whatever the draft says, where another person has to see its words (waits_for_approval).
    """
    event = lock_event(session, event_id)
    _refuse_unfit(session, event.id, kind, draft)
    plan = MessagePlan(event=event, kind=kind, writer_ids=[], created_at=now)
    _note_writer(event, plan, _write(plan, draft), user_id)
    session.add(plan)
    session.flush()
    _note(session, event, plan, "plan.created", now=now, actor=actor, is_on=plan.is_on)
    return plan


def save_plan(
    session: Session,
    event_id: int,
    plan_id: int,
    draft: PlanDraft,
    *,
    expected_revision: int,
    user_id: int,
    now: datetime,
    actor: str,
) -> tuple[str, ...]:
    """What changed. EditedMeanwhile when somebody saved since; else as create_plan()."""
    event = lock_event(session, event_id)
    plan = _of(session, event, plan_id)
    if plan.revision != expected_revision:
        raise EditedMeanwhile
    _refuse_unfit(session, event.id, plan.kind, draft, own_id=plan.id)
    changed = _write(plan, draft)
    _note_writer(event, plan, changed, user_id)
    if changed:
        plan.revision += 1
        _note(session, event, plan, "plan.saved", now=now, actor=actor, changed=list(changed))
    return changed


def _note_writer(event: Event, plan: MessagePlan, changed: Collection[str], user_id: int) -> None:
    if not (plan.subject or plan.body or plan.evaluation_url):
        plan.writer_ids = []  # the standard words need nobody's approval
    elif event.organisation.message_approval and not _WORDS.isdisjoint(changed):
        plan.writer_ids = sorted({*plan.writer_ids, user_id})
    if waits_for_approval(event, plan):
        plan.is_on = False


def switch_plan(
    session: Session,
    event_id: int,
    plan_id: int,
    *,
    is_on: bool,
    seen: int,
    user_id: int,
    now: datetime,
    actor: str,
) -> None:
    """Switching on approves its own words: SecondPerson for whoever wrote any of them, and
    EditedMeanwhile when they are others than in the revision `seen`."""
    event = lock_event(session, event_id)
    plan = _of(session, event, plan_id)
    if is_on and waits_for_approval(event, plan):
        if plan.revision != seen:
            raise EditedMeanwhile
        if not may_approve(user_id, plan.writer_ids):
            raise SecondPerson
    if plan.is_on != is_on:
        if is_on:
            plan.writer_ids = []
        plan.is_on = is_on
        plan.revision += 1
        verb = "plan.switched_on" if is_on else "plan.switched_off"
        _note(session, event, plan, verb, now=now, actor=actor)


def remove_plan(
    session: Session, event_id: int, plan_id: int, *, now: datetime, actor: str
) -> None:
    """Take away one that has sent nothing yet; another is switched off instead (NotReady)."""
    event = lock_event(session, event_id)
    plan = _of(session, event, plan_id)
    if session.scalar(sa.select(Message.id).where(Message.plan_id == plan.id).limit(1)):
        raise NotReady("plan")
    session.execute(sa.delete(PlanRun).where(PlanRun.plan_id == plan.id))
    session.delete(plan)
    session.flush()
    _note(session, event, plan, "plan.removed", now=now, actor=actor)


def _of(session: Session, event: Event, plan_id: int) -> MessagePlan:
    plan = session.get(MessagePlan, plan_id, populate_existing=True)
    if plan is None or plan.event_id != event.id:
        raise NotFound
    return plan


def _refuse_unfit(
    session: Session, event_id: int, kind: str, draft: PlanDraft, own_id: int | None = None
) -> None:
    if wrong := wrong_in(kind, draft.days, draft.at_wall):
        raise NotReady(*wrong)
    same = session.scalar(
        sa.select(MessagePlan.id)
        .where(MessagePlan.event_id == event_id)
        .where(MessagePlan.kind == kind, MessagePlan.days == draft.days)
    )
    if same not in (None, own_id):
        raise NotReady("taken")


def _write(plan: MessagePlan, draft: PlanDraft) -> tuple[str, ...]:
    new: Mapping[str, Any] = {
        "days": draft.days,
        "at_wall": draft.at_wall,
        "is_on": draft.is_on,
        "subject": {code: said for code, said in draft.subject.items() if said},
        "body": {code: said for code, said in draft.body.items() if said},
        "evaluation_url": draft.evaluation_url,
    }
    changed = tuple(name for name, value in new.items() if getattr(plan, name) != value)
    for name in changed:
        setattr(plan, name, new[name])
    return changed


def _note(
    session: Session,
    event: Event,
    plan: MessagePlan,
    verb: str,
    *,
    now: datetime,
    actor: str,
    **facts: Any,
) -> None:
    about = {"kind": str(plan.kind), "days": plan.days}
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"plan:{plan.id}",
        now=now,
        event_id=event.id,
        facts={**about, **facts},
    )
