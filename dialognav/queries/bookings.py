"""One-to-one meetings as their pages show them: what can be had, and what each supplier has."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from dialognav.domain.bookings import Stop, Way, what_stops, what_stops_asking
from dialognav.domain.errors import NotFound
from dialognav.domain.meeting_terms import LIVE_BOOKING, RequestState
from dialognav.models import (
    Booking,
    BookingPerson,
    Event,
    MeetingRequest,
    MeetingTable,
    Slot,
    SlotStaff,
    Wish,
    meeting_queues,
)
from dialognav.models.meeting_facts import rules_facts, slot_facts, supplier_facts
from dialognav.models.meeting_queues import IN_LINE, asking_facts

_LOADED = (
    joinedload(Booking.registration, innerjoin=True),
    joinedload(Booking.slot, innerjoin=True).joinedload(Slot.table, innerjoin=True),
    joinedload(Booking.slot, innerjoin=True)
    .selectinload(Slot.staff)
    .joinedload(SlotStaff.member, innerjoin=True),
    selectinload(Booking.people).joinedload(BookingPerson.participant, innerjoin=True),
)


def stops_of(
    session: Session,
    event: Event,
    registration_id: int | None,
    *,
    now: datetime,
    way: Way = Way.OWN,
    replaces_id: int | None = None,
) -> dict[int, tuple[Stop, ...]]:
    """{slot id: what stops this supplier from having it, () when nothing does}, of all slots that
    stand, in nine statements. `replaces_id`: the booking that would be moved there.

    Who chooses alone (Way.OWN) does not see when people of theirs are in another supplier's
    meeting: naming a competitor's people would otherwise show when it meets.
    """
    without = [] if replaces_id is None else [replaces_id]
    rules = rules_facts(session, event, now=now)
    slots = slot_facts(session, event.id, rules, now=now)
    supplier = None
    if registration_id is not None:
        found = supplier_facts(
            session,
            event.id,
            [registration_id],
            now=now,
            without=without,
            own_alone=way is Way.OWN,
        )
        supplier = found[registration_id]
    moves = replaces_id is not None
    return {
        slot.id: what_stops(slot, supplier, rules, now, way=way, moves=moves)
        for slot in slots.values()
    }


def stops_of_asking(
    session: Session, event: Event, registration_id: int, *, now: datetime
) -> tuple[Stop, ...]:
    """What stops this supplier from asking for a meeting (actions/meeting_requests.ask)."""
    rules = rules_facts(session, event, now=now)
    asking = asking_facts(session, event, rules, now=now)
    supplier = supplier_facts(session, event.id, [registration_id], now=now)[registration_id]
    return what_stops_asking(supplier, rules, asking, now)


def bookings_of(
    session: Session, registration_id: int, *, also_ended: bool = False
) -> list[Booking]:
    """A supplier's meetings, by time, live ones alone unless `also_ended`; slot, table and people
    loaded."""
    query = _all().where(Booking.registration_id == registration_id)
    if not also_ended:
        query = query.where(Booking.state.in_(LIVE_BOOKING))
    return list(session.scalars(query))


def own_booking(session: Session, registration_id: int, public_id: str) -> Booking:
    """One of the supplier's own, live or not, as bookings_of(). NotFound."""
    query = _all().where(Booking.registration_id == registration_id, Booking.public_id == public_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def _all() -> sa.Select[Booking]:
    """By the slots' time and table, then in the order of their making."""
    return (
        sa.select(Booking)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(MeetingTable, MeetingTable.id == Slot.table_id)
        .order_by(Slot.starts_at, MeetingTable.position, Slot.id, Booking.id)
        .options(*_LOADED)
    )


def request_of(session: Session, registration_id: int) -> MeetingRequest | None:
    """What the supplier has asked for, also when it has left the queue; wishes loaded."""
    return session.scalars(
        sa.select(MeetingRequest)
        .where(MeetingRequest.registration_id == registration_id)
        .options(selectinload(MeetingRequest.wishes).joinedload(Wish.slot, innerjoin=True))
    ).one_or_none()


def place_of(session: Session, request: MeetingRequest) -> int | None:
    """Which place in the queue, from 1; None for one who does not wait."""
    if request.state != RequestState.WAITING or request.queue_number is None:
        return None
    before = sa.select(sa.func.count()).where(
        MeetingRequest.event_id == request.event_id,
        *IN_LINE,
        MeetingRequest.queue_number <= request.queue_number,
    )
    return session.scalar(before)


def queue_moves_until(session: Session, event: Event) -> datetime | None:
    """By when those who wait know: afterwards nothing is offered by itself. None without slots."""
    return meeting_queues.queue_moves_until(session, event)
