"""Messages that write themselves are sent when they are due, and only then (domain/plans.py)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.actions.message_sending import start, stop
from dialognav.actions.message_states import reached_by
from dialognav.domain.audience import Audience, audience_from_json, audience_to_json
from dialognav.domain.message_rules import UNDER_WAY
from dialognav.domain.plans import BEFORE, Run, Slot, is_left, sendings
from dialognav.domain.terms import EventState, LetterStatus, MessagePurpose, Mode, PlanKind, Seat
from dialognav.mail.plan_words import texts_of
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    Event,
    InboundMail,
    Letter,
    Message,
    MessagePlan,
    Occasion,
    Participant,
    PlanRun,
    Registration,
    lock_event,
    lock_message,
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
    is_late = plan.kind == PlanKind.LINK and min(s.begun_at for s in slots) - now <= _SHORTLY
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


def renew_under_way(session: Session, event: Event, *, now: datetime) -> None:
    """Something about the locked event's dates has changed: what of a plan waits to leave is
    written anew, so that no old link or place arrives after the news of it.

    Dates that begin at another time than the plan was for, are cancelled, or have lost the link it
    is about, are left out: their people are told of the change itself. A message of which nothing
    is left stops. Before any audit row of the same unit of work (lock_message).
    """
    live = {each.id: each for each in event.live_occasions}
    rows = session.execute(
        sa.select(PlanRun.message_id, PlanRun.occasion_id, PlanRun.starts_at, MessagePlan.kind)
        .join(MessagePlan, PlanRun.plan_id == MessagePlan.id)
        .join(Message, PlanRun.message_id == Message.id)
        .where(MessagePlan.event_id == event.id, MessagePlan.kind.in_(BEFORE))
        .where(Message.state.in_(UNDER_WAY))
        .order_by(PlanRun.message_id)
    )
    holding: dict[int, set[int]] = {}
    for row in rows:
        some, day = holding.setdefault(row.message_id, set()), live.get(row.occasion_id)
        has_link = row.kind != PlanKind.LINK or (day is not None and day.online_url)
        if day is not None and day.starts_at == row.starts_at and has_link:
            some.add(row.occasion_id)
    messages = [lock_message(session, message_id) for message_id in holding]
    for message in messages:
        if message.state not in UNDER_WAY:
            continue  # its last letter was settled while this waited for it
        if holding[message.id]:
            _write_anew(session, message, holding[message.id], now=now)
        else:
            stop(session, message.id, now=now, actor="job")


def _write_anew(
    session: Session, message: Message, occasions: Collection[int], *, now: datetime
) -> None:
    """Take back what nobody has in hand, and let the job write it as things are."""
    audience = audience_from_json(message.audience)
    message.audience = audience_to_json(replace(audience, occasions=frozenset(occasions)))
    session.execute(
        sa.delete(Letter)
        .where(Letter.message_id == message.id, Letter.status == LetterStatus.PENDING)
        .where(sa.or_(Letter.leased_until.is_(None), Letter.leased_until <= now))
        .where(~sa.exists().where(InboundMail.letter_id == Letter.id))
        .execution_options(synchronize_session=False)
    )
    message.written_at = None
