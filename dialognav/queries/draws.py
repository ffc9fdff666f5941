"""Draws of an event: the one in force, those given up, and what each supplier may know of one."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from dialognav.domain.draw_files import explanations
from dialognav.models import Draw, MeetingRequest, MeetingTable, Slot


def current_draw(session: Session, event_id: int) -> Draw | None:
    """The one in force: committed to, drawn, or public."""
    return session.scalars(
        sa.select(Draw).where(Draw.event_id == event_id, Draw.ended_at.is_(None))
    ).one_or_none()


def draw_of(session: Session, event_id: int, public_id: str) -> Draw | None:
    """One of the event's, in force or given up."""
    return session.scalars(
        sa.select(Draw).where(Draw.event_id == event_id, Draw.public_id == public_id)
    ).one_or_none()


def given_up_before(session: Session, draw: Draw) -> list[Draw]:
    """Earlier draws of the same event that came to nothing, the oldest first."""
    rows = session.scalars(
        sa.select(Draw)
        .where(Draw.event_id == draw.event_id, Draw.ended_at.is_not(None), Draw.id < draw.id)
        .order_by(Draw.id)
    )
    return list(rows)


def explanation_of(draw: Draw, request: MeetingRequest) -> dict[str, Any] | None:
    """What the supplier is told of a public result; None before, and for who took no part."""
    if draw.published_at is None or draw.given is None or draw.result is None:
        return None
    return explanations(draw.hand_out, draw.given, draw.result).get(request.public_id)


def requests_of(session: Session, event_id: int) -> dict[str, MeetingRequest]:
    """{public id: request} of all who ever asked; registration loaded."""
    rows = session.scalars(
        sa.select(MeetingRequest)
        .join(MeetingRequest.registration)
        .where(MeetingRequest.event_id == event_id)
        .options(contains_eager(MeetingRequest.registration))
    )
    return {each.public_id: each for each in rows}


def slots_named(session: Session, event_id: int, public_ids: Collection[str]) -> dict[str, Slot]:
    """{public id: slot} with its table, also those that were taken away later."""
    rows = session.scalars(
        sa.select(Slot)
        .join(Slot.table)
        .where(Slot.event_id == event_id, Slot.public_id.in_(public_ids))
        .options(contains_eager(Slot.table))
        .order_by(Slot.starts_at, MeetingTable.position, Slot.id)
    )
    return {each.public_id: each for each in rows}
