"""Who asked for a one-to-one meeting, for staff who hand the times out themselves."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from dialognav.domain.meeting_terms import LIVE_BOOKING, RequestState
from dialognav.models import Booking, Event, MeetingRequest, Slot, Wish


def all_asking(session: Session, event_id: int) -> list[MeetingRequest]:
    """All but those who have left, in the order in which they asked; wishes loaded."""
    rows = session.scalars(
        sa.select(MeetingRequest)
        .join(MeetingRequest.registration)
        .where(MeetingRequest.event_id == event_id, MeetingRequest.state != RequestState.WITHDRAWN)
        .options(
            contains_eager(MeetingRequest.registration),
            selectinload(MeetingRequest.wishes).joinedload(Wish.slot, innerjoin=True),
        )
        .order_by(MeetingRequest.asked_at, MeetingRequest.id)
    )
    return list(rows)


def live_bookings(session: Session, event_id: int) -> dict[int, list[Booking]]:
    """{registration id: its meetings, offers and holds, by time}; slot and table loaded."""
    rows = session.scalars(
        sa.select(Booking)
        .join(Booking.slot)
        .where(Booking.event_id == event_id, Booking.state.in_(LIVE_BOOKING))
        .options(contains_eager(Booking.slot).joinedload(Slot.table, innerjoin=True))
        .order_by(Slot.starts_at, Booking.id)
    )
    found: dict[int, list[Booking]] = {}
    for booking in rows:
        found.setdefault(booking.registration_id, []).append(booking)
    return found


def slots_with_tables(session: Session, event: Event, slot_ids: list[int]) -> list[Slot]:
    """In the order of time."""
    rows = session.scalars(
        sa.select(Slot)
        .where(Slot.event_id == event.id, Slot.id.in_(slot_ids))
        .options(joinedload(Slot.table, innerjoin=True))
        .order_by(Slot.starts_at, Slot.id)
    )
    return list(rows)
