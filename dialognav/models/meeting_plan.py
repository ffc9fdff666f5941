"""Loading what is planned of an event's one-to-one meetings, for who writes and who asks."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from dialognav.domain.meeting_rules import Standing
from dialognav.domain.meeting_terms import LIVE_BOOKING, SlotState
from dialognav.models.booking import Booking, Draw, MeetingRequest
from dialognav.models.meetings import MeetingRules, MeetingTable, Slot, SlotStaff


def standing_slots(session: Session, event_id: int, *, published_only: bool = False) -> list[Slot]:
    """Open and blocked ones, by time and table, with table and people; two statements."""
    query = (
        sa.select(Slot)
        .join(Slot.table)
        .where(Slot.event_id == event_id, Slot.state != SlotState.REMOVED)
        .options(
            contains_eager(Slot.table),
            selectinload(Slot.staff).joinedload(SlotStaff.member, innerjoin=True),
        )
        .order_by(Slot.starts_at, MeetingTable.position, Slot.id)
    )
    if published_only:
        query = query.where(Slot.published_at.is_not(None))
    return list(session.scalars(query))


def taken_among(session: Session, slot_ids: Iterable[int]) -> set[int]:
    """Those of the slots that a supplier holds, is offered or has."""
    rows = session.scalars(
        sa.select(Booking.slot_id).where(
            Booking.slot_id.in_(list(slot_ids)), Booking.state.in_(LIVE_BOOKING)
        )
    )
    return set(rows)


def standing_of(session: Session, rules: MeetingRules) -> Standing:
    """What narrows the rules by now."""
    there = (
        sa.exists().where(Slot.event_id == rules.event_id, Slot.state != SlotState.REMOVED),
        sa.exists().where(Booking.event_id == rules.event_id),
        sa.exists().where(MeetingRequest.event_id == rules.event_id),
        sa.exists().where(
            Draw.event_id == rules.event_id,
            Draw.ended_at.is_(None),
            Draw.drawn_at.is_not(None),
            Draw.published_at.is_(None),
        ),
    )
    has_slots, is_booked, is_wished, is_drawn = session.execute(sa.select(*there)).one()
    is_public = rules.published_at is not None
    return Standing(is_public, has_slots, is_booked or is_wished, is_drawn)
