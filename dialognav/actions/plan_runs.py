"""Messages that write themselves are sent when they are due, and only then (domain/plans.py)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.actions.message_sending import start, stop
from dialognav.actions.message_states import reached_by
from dialognav.domain.audience import Audience, audience_to_json
from dialognav.domain.message_rules import UNDER_WAY
from dialognav.domain.plans import BEFORE, Run, Slot, is_left, sendings
from dialognav.domain.terms import EventState, MessagePurpose, Mode, PlanKind, Seat
from dialognav.mail.plan_words import texts_of
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    Event,
    Message,
    MessagePlan,
    Occasion,
    Participant,
    PlanRun,
    Registration,
    lock_event,
)
from dialognav.models.planned import slots_of, time_of

_SHORTLY = timedelta(minutes=30)
"""A link that leaves so late before the start overtakes everything."""


def runs_of(session: Session, plan_ids: Iterable[int]) -> dict[int, list[Run]]:
    """What has been carried out, by plan."""
    found: dict[int, list[Run]] = {}
    for row in session.scalars(sa.select(PlanRun).where(PlanRun.plan_id.in_(list(plan_ids)))):
        run = Run(row.occasion_id, row.starts_at, row.message_id is not None)
        found.setdefault(row.plan_id, []).append(run)
    return found


def events_with_due_plans(session: Session, *, now: datetime) -> list[int]:
    """Ids of published events of which a plan is due and not yet carried out.

    Two statements, and three for events of whose plans one may be due.
    """
    days = session.execute(
        sa.select(MessagePlan.kind, MessagePlan.days).where(MessagePlan.is_on).distinct()
    ).all()
    if not days:
        return []
    near = sa.or_(*(_is_near(row.kind, row.days, now) for row in days))
    candidates = session.scalars(
        sa.select(Event)
        .where(
            Event.state == EventState.PUBLISHED,
            sa.exists().where(
                MessagePlan.event_id == Event.id,
                MessagePlan.is_on,
                Occasion.event_id == Event.id,
                Occasion.cancelled_at.is_(None),
                near,
            ),
        )
        .options(joinedload(Event.occasions))
        .order_by(Event.id)
    )
    return [event.id for event in candidates.unique() if _due(session, event, now)]


def _is_near(kind: str, days: int, now: datetime) -> sa.ColumnElement[bool]:
    """With room for zones, lateness and the length of a day: whether it may be due."""
    room = timedelta(days=2 if kind in BEFORE else 9)
    day = now - timedelta(days=days)
    anchor = Occasion.starts_at if kind in BEFORE else Occasion.ends_at
    return sa.and_(
        MessagePlan.kind == kind,
        MessagePlan.days == days,
        anchor.between(day - room, day + room),
    )


def _due(session: Session, event: Event, now: datetime) -> list[tuple[MessagePlan, list[Slot]]]:
    """Each plan that has to go out now, and for which dates."""
    plans = session.scalars(
        sa.select(MessagePlan)
        .where(MessagePlan.event_id == event.id, MessagePlan.is_on)
        .order_by(MessagePlan.id)
    ).all()
    runs = runs_of(session, [plan.id for plan in plans])
    found = []
    for plan in plans:
        time, done = time_of(plan), runs.get(plan.id, [])
        for sending in sendings(time, slots_of(event), event.zone):
            left = [each for each in sending.slots if is_left(time, each, done, event.zone)]
            if left and sending.is_due(now):
                found.append((plan, left))
    return found


def run_due_plans(session: Session, event_id: int, *, now: datetime, post: Post) -> list[Message]:
    """Start the messages of one event that are due. What reaches nobody is done without one."""
    event = lock_event(session, event_id)
    if event.state != EventState.PUBLISHED:
        return []
    sent = []
    for plan, slots in _due(session, event, now):
        message = _message(session, event, plan, slots, now=now, post=post)
        is_sent = bool(reached_by(session, message, now=now))
        if is_sent:
            session.add(message)
            session.flush()
            sent.append(start(session, message.id, now=now, actor="job", post=post))
        session.add_all(
            PlanRun(
                plan_id=plan.id,
                occasion_id=each.occasion_id,
                starts_at=each.starts_at,
                message_id=message.id if is_sent else None,
                done_at=now,
            )
            for each in slots
        )
        session.flush()
    return sent


def _message(
    session: Session,
    event: Event,
    plan: MessagePlan,
    slots: Sequence[Slot],
    *,
    now: datetime,
    post: Post,
) -> Message:
    subject, body = texts_of(plan, post.base_url)
    is_late = plan.kind == PlanKind.LINK and min(s.starts_at for s in slots) - now <= _SHORTLY
    is_news = plan.kind == PlanKind.NEXT
    return Message(
        organisation_id=event.organisation_id,
        event_id=event.id,
        plan_id=plan.id,
        purpose=MessagePurpose.NEWS if is_news else MessagePurpose.REGISTRATION,
        is_urgent=is_late,
        primary_language=event.primary_language,
        subject=subject,
        body=body,
        audience=audience_to_json(audience_of(session, event, plan.kind, slots)),
        created_at=now,
        changed_at=now,
    )


def audience_of(session: Session, event: Event, kind: str, slots: Sequence[Slot]) -> Audience:
    """Before the event those who are confirmed at these dates, for a link those who take part
    online. After it those who have been there, or of whom nobody has said that they were not."""
    if kind not in BEFORE:
        return Audience(events=(event.id,), people=frozenset(_who_came(session, event.id)))
    return Audience(
        events=(event.id,),
        states=frozenset({"confirmed"}),
        modes=frozenset({str(Mode.ONLINE)} if kind == PlanKind.LINK else ()),
        occasions=frozenset(each.occasion_id for each in slots),
    )


def _who_came(session: Session, event_id: int) -> Iterable[int]:
    return session.scalars(
        sa.select(Attendance.participant_id)
        .join(Participant, Attendance.participant_id == Participant.id)
        .join(Registration, Participant.registration_id == Registration.id)
        .where(Registration.event_id == event_id)
        .where(Attendance.state.in_((Seat.CONFIRMED, Seat.ATTENDED)))
        .distinct()
    )


def stop_outdated(session: Session, event: Event, *, now: datetime) -> int:
    """The locked event's dates have changed: what a plan is sending about another start, or about
    a date that is cancelled, stays unsent. How many messages that was.

    Those whom it has not reached are told of the change itself. Before any audit row.
    """
    holds = {each.id: each.starts_at for each in event.live_occasions}
    rows = session.execute(
        sa.select(PlanRun.message_id, PlanRun.occasion_id, PlanRun.starts_at)
        .join(MessagePlan, PlanRun.plan_id == MessagePlan.id)
        .join(Message, PlanRun.message_id == Message.id)
        .where(MessagePlan.event_id == event.id, MessagePlan.kind.in_(BEFORE))
        .where(Message.state.in_(UNDER_WAY))
    )
    outdated = sorted({r.message_id for r in rows if holds.get(r.occasion_id) != r.starts_at})
    for message_id in outdated:
        stop(session, message_id, now=now, actor="job")
    return len(outdated)
