"""What visitors and suppliers are shown of an event's one-to-one meetings, never who has which."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from dialognav.domain.meeting_terms import LIVE_BOOKING, SlotState
from dialognav.models import (
    Booking,
    BookingPerson,
    MeetingTable,
    Slot,
)


class Times(NamedTuple):
    """`number` slots alike; `published_at` may lie ahead. `deviates`: for a reason on record."""

    starts_at: datetime
    mode: str
    published_at: datetime
    opens_at: datetime | None
    deviates: bool
    number: int


def times_of(session: Session, event_id: int) -> list[Times]:
    """How many slots begin when, of those that are or will be public; one statement."""
    kinds = (Slot.starts_at, MeetingTable.mode, Slot.published_at, Slot.opens_at)
    deviates = Slot.deviation != ""
    rows = session.execute(
        sa.select(*kinds, deviates, sa.func.count(Slot.id))
        .join(Slot.table)
        .where(
            Slot.event_id == event_id,
            Slot.state == SlotState.OPEN,
            Slot.published_at.is_not(None),
            MeetingTable.removed_at.is_(None),
        )
        .group_by(*kinds, deviates)
        .order_by(Slot.starts_at, MeetingTable.mode)
    )
    return [
        Times(starts_at, mode, published_at, opens_at, bool(deviates), number)
        for starts_at, mode, published_at, opens_at, deviates, number in rows
        if published_at is not None
    ]


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
