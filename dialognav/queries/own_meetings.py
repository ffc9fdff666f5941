"""What visitors and suppliers are shown of an event's one-to-one meetings, never who has which."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from dialognav.domain.meeting_terms import LIVE_BOOKING, MinutesState, SlotState
from dialognav.models import (
    Booking,
    BookingPerson,
    Draw,
    MeetingTable,
    Minutes,
    Slot,
)


class Times(NamedTuple):
    """`number` slots alike; `published_at` may lie ahead."""

    starts_at: datetime
    mode: str
    published_at: datetime
    opens_at: datetime | None
    number: int


def times_of(session: Session, event_id: int) -> list[Times]:
    """How many slots begin when, of those that are or will be public; one statement."""
    kinds = (Slot.starts_at, MeetingTable.mode, Slot.published_at, Slot.opens_at)
    rows = session.execute(
        sa.select(*kinds, sa.func.count(Slot.id))
        .join(Slot.table)
        .where(
            Slot.event_id == event_id,
            Slot.state == SlotState.OPEN,
            Slot.published_at.is_not(None),
            MeetingTable.removed_at.is_(None),
        )
        .group_by(*kinds)
        .order_by(Slot.starts_at, MeetingTable.mode)
    )
    return [
        Times(starts_at, mode, published_at, opens_at, number)
        for starts_at, mode, published_at, opens_at, number in rows
        if published_at is not None
    ]


def public_draw(session: Session, event_id: int) -> str | None:
    """The public id of the draw that counts, or will; None where nothing is drawn."""
    return session.scalar(
        sa.select(Draw.public_id)
        .where(Draw.event_id == event_id, Draw.ended_at.is_(None))
        .order_by(Draw.id.desc())
        .limit(1)
    )


def bookings_of_person(session: Session, participant_id: int) -> list[Booking]:
    """The meetings that somebody is named for, by time; slot, table and people loaded."""
    rows = session.scalars(
        sa.select(Booking)
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .join(Booking.slot)
        .where(BookingPerson.participant_id == participant_id, Booking.state.in_(LIVE_BOOKING))
        .order_by(Slot.starts_at)
        .options(
            contains_eager(Booking.slot).joinedload(Slot.table, innerjoin=True),
            selectinload(Booking.people).joinedload(BookingPerson.participant, innerjoin=True),
        )
    )
    return list(rows)


def minutes_of(session: Session, booking_ids: Collection[int]) -> dict[int, Minutes]:
    """{booking id: its minutes} of those that the supplier may read: sent to it, or approved."""
    if not booking_ids:
        return {}
    rows = session.scalars(
        sa.select(Minutes).where(
            Minutes.booking_id.in_(booking_ids), Minutes.state != MinutesState.DRAFT
        )
    )
    return {row.booking_id: row for row in rows}
