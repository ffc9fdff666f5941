"""Who asked for a one-to-one meeting, for staff who hand the times out themselves."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from dialognav.domain.bookings import Stop, Way, what_stops
from dialognav.domain.meeting_terms import LIVE_BOOKING, RequestState
from dialognav.models import Booking, Event, MeetingRequest, Registration, Slot, Wish
from dialognav.models.meeting_facts import rules_facts, slot_facts, supplier_facts


def all_asking(
    session: Session, event_id: int, *, with_proposed: bool = False
) -> list[MeetingRequest]:
    """All but those who have left, in the order in which they asked; wishes and proposed slots
    loaded. `with_proposed`: also those who left after a slot was proposed to them."""
    is_shown = MeetingRequest.state != RequestState.WITHDRAWN
    if with_proposed:
        is_shown |= MeetingRequest.proposed_slot_id.is_not(None)
    rows = session.scalars(
        sa.select(MeetingRequest)
        .join(MeetingRequest.registration)
        .where(MeetingRequest.event_id == event_id, is_shown)
        .options(
            contains_eager(MeetingRequest.registration),
            joinedload(MeetingRequest.proposed_slot).joinedload(Slot.table, innerjoin=True),
            selectinload(MeetingRequest.wishes).joinedload(Wish.slot, innerjoin=True),
        )
        .order_by(MeetingRequest.asked_at, MeetingRequest.id)
    )
    return list(rows)


def stops_of_proposed(
    session: Session, event: Event, asking: Sequence[MeetingRequest], *, now: datetime
) -> dict[int, tuple[tuple[Stop, ...], tuple[Stop, ...]]]:
    """{request id: (what stops it, what does not suit the supplier)} of those to whom a slot is
    proposed; as many statements however many they are."""
    proposed = {one: one.proposed_slot_id for one in asking if one.proposed_slot_id is not None}
    if not proposed:
        return {}
    rules = rules_facts(session, event, now=now)
    slots = slot_facts(session, event.id, rules, now=now, only=set(proposed.values()))
    ids = [one.registration_id for one in proposed]
    suppliers = supplier_facts(session, event.id, ids, now=now)
    found = {}
    for one, slot_id in proposed.items():
        slot, supplier = slots[slot_id], suppliers[one.registration_id]
        stops = what_stops(slot, supplier, rules, now, way=Way.STAFF)
        unsuited = what_stops(slot, supplier, rules, now, way=Way.AUTO)
        found[one.id] = stops, tuple(each for each in unsuited if each not in stops)
    return found


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


def proposed_to_others(session: Session, asked: MeetingRequest) -> set[int]:
    """Ids of the slots that somebody else who waits is to get."""
    rows = session.scalars(
        sa.select(MeetingRequest.proposed_slot_id).where(
            MeetingRequest.event_id == asked.event_id,
            MeetingRequest.id != asked.id,
            MeetingRequest.state == RequestState.WAITING,
            MeetingRequest.proposed_slot_id.is_not(None),
        )
    )
    return {slot_id for slot_id in rows if slot_id is not None}


def names_of(session: Session, registration_ids: Collection[int]) -> list[str]:
    """Of the parties, by name."""
    query = sa.select(Registration.party_name).where(Registration.id.in_(list(registration_ids)))
    return list(session.scalars(query.order_by(Registration.party_name)))
