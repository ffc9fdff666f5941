"""What an event sends by itself, and what has gone out already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.errors import NotFound
from dialognav.domain.plans import Run
from dialognav.models import Event, Message, MessagePlan, PlanRun


@dataclass(frozen=True, slots=True)
class PlanRunRow:
    """`message_id` (public) and its state where somebody got it."""

    run: Run
    done_at: datetime
    message_id: str
    state: str


def plans_of(session: Session, event_id: int) -> list[MessagePlan]:
    """In the order in which they are sent."""
    rows = session.scalars(
        sa.select(MessagePlan)
        .where(MessagePlan.event_id == event_id)
        .order_by(MessagePlan.days, MessagePlan.at_wall, MessagePlan.id)
    )
    return list(rows)


def plan_of(session: Session, event: Event, public_id: str) -> MessagePlan:
    """NotFound also for one of another event."""
    plan = session.scalars(
        sa.select(MessagePlan).where(
            MessagePlan.event_id == event.id, MessagePlan.public_id == public_id
        )
    ).one_or_none()
    if plan is None:
        raise NotFound
    return plan


def runs_of(session: Session, plan_ids: Iterable[int]) -> dict[int, list[PlanRunRow]]:
    """By plan, the latest first."""
    found: dict[int, list[PlanRunRow]] = {}
    for row in session.execute(
        sa.select(PlanRun, Message.public_id, Message.state)
        .outerjoin(Message, PlanRun.message_id == Message.id)
        .where(PlanRun.plan_id.in_(list(plan_ids)))
        .order_by(PlanRun.done_at.desc())
    ):
        carried: PlanRun = row[0]
        run = Run(carried.occasion_id, carried.starts_at, carried.message_id is not None)
        said = PlanRunRow(run, carried.done_at, row[1] or "", row[2] or "")
        found.setdefault(carried.plan_id, []).append(said)
    return found
