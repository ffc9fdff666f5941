"""What of one-to-one meetings waits for somebody: for the dashboard and the morning's letter."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager, selectinload

from dialognav.domain.meeting_terms import (
    LIVE_BOOKING,
    BookingState,
    MinutesState,
    RequestState,
    SlotState,
    TableRole,
)
from dialognav.domain.terms import EventState, Mode, Phase
from dialognav.models import (
    Booking,
    Draw,
    Event,
    MeetingRequest,
    MeetingRules,
    MeetingTable,
    Minutes,
    SharedItem,
    Slot,
    SlotStaff,
)
from dialognav.models.meeting_elsewhere import busy_spans, engaged_elsewhere
from dialognav.models.meeting_losses import roles_at

SOON = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class MinutesTodo:
    """Minutes that the supplier has read; `needs_answer` to what it says is wrong in them."""

    event: Event
    booking_id: str  # public
    party: str
    needs_answer: bool
    writer_ids: frozenset[int]


def are_planned(session: Session, organisation_id: int) -> bool:
    """Whether any event of the organisation has one-to-one meetings at all."""
    query = (
        sa.select(MeetingRules.event_id)
        .join(Event, Event.id == MeetingRules.event_id)
        .where(Event.organisation_id == organisation_id)
    )
    return session.scalar(query.limit(1)) is not None


def booked_ahead(session: Session, event_id: int, *, now: datetime) -> int:
    """Meetings that would be called off if the event were."""
    query = (
        sa.select(sa.func.count(Booking.id))
        .join(Booking.slot)
        .where(
            Booking.event_id == event_id,
            Booking.state.in_((BookingState.BOOKED, BookingState.OFFERED)),
            Slot.starts_at > now,
        )
    )
    return session.scalar(query) or 0


def minutes_todos(session: Session, organisation_id: int) -> list[MinutesTodo]:
    """Those to be answered or approved, the oldest first; one statement."""
    rows = session.execute(
        sa.select(Minutes, Event, Booking)
        .join(Minutes.booking)
        .join(Event, Event.id == Booking.event_id)
        .join(Booking.registration)
        .options(contains_eager(Minutes.booking).contains_eager(Booking.registration))
        .where(
            Event.organisation_id == organisation_id,
            Event.disposed_at.is_(None),
            Minutes.state == MinutesState.CHECKED,
        )
        .order_by(Minutes.checked_at, Minutes.id)
    )
    return [
        MinutesTodo(
            event,
            booking.public_id,
            booking.registration.party_name,
            bool(minutes.correction) and not minutes.correction_answer,
            frozenset(minutes.writer_ids),
        )
        for minutes, event, booking in rows
    ]


def unstaffed_by_event(
    session: Session, organisation_id: int, *, now: datetime
) -> list[tuple[Event, int]]:
    """Meetings within the next days that lack somebody who asks or takes notes, or whose somebody
    is away or in another event's meeting; three statements, one where there are no meetings."""
    found = session.execute(
        sa.select(Event, Slot)
        .join(Slot, Slot.event_id == Event.id)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(
            Event.organisation_id == organisation_id,
            Event.state == EventState.PUBLISHED,
            Booking.state == BookingState.BOOKED,
            Slot.starts_at > now,
            Slot.starts_at < now + SOON,
        )
        .options(selectinload(Slot.staff).joinedload(SlotStaff.member, innerjoin=True))
        .order_by(Event.starts_at, Event.id)
    )
    rows = found.unique().all()
    members = {one.member_id for _event, slot in rows for one in slot.staff}
    elsewhere = busy_spans(engaged_elsewhere(session, None, now=now, members=members))
    numbers: dict[Event, int] = {}
    for event, slot in rows:
        if not roles_at(slot, elsewhere) >= {TableRole.ASKS, TableRole.NOTES}:
            numbers[event] = numbers.get(event, 0) + 1
    return list(numbers.items())


def drafts_to_share(session: Session, organisation_id: int) -> list[tuple[Event, int]]:
    """What was written for all and waits to be published; one statement."""
    rows = session.execute(
        sa.select(Event, sa.func.count())
        .join(SharedItem, SharedItem.event_id == Event.id)
        .where(
            Event.organisation_id == organisation_id,
            Event.disposed_at.is_(None),
            Event.state.not_in((EventState.DRAFT, EventState.SCHEDULED)),
            SharedItem.published_at.is_(None),
        )
        .group_by(Event.id)
        .order_by(Event.starts_at, Event.id)
    )
    return [(event, number) for event, number in rows]


def draws_to_publish(session: Session, organisation_id: int) -> list[Event]:
    """Events whose draw is made and waits to be looked through; one statement."""
    rows = session.scalars(
        sa.select(Event)
        .join(Draw, Draw.event_id == Event.id)
        .where(
            Event.organisation_id == organisation_id,
            Event.state == EventState.PUBLISHED,
            sa.or_(Event.phase.is_(None), Event.phase != Phase.PROCUREMENT),
            Draw.ended_at.is_(None),
            Draw.drawn_at.is_not(None),
            Draw.published_at.is_(None),
        )
        .order_by(Event.starts_at, Event.id)
    )
    return list(rows.unique())


def waiting_by_event(
    session: Session, organisation_id: int, *, now: datetime
) -> list[tuple[Event, int]]:
    """Suppliers who wait for a meeting where a time is free, in a way they can take part in, that
    nobody has been offered; two statements, one where nobody waits."""
    waiting = session.execute(
        sa.select(Event, MeetingRequest.modes)
        .join(MeetingRequest, MeetingRequest.event_id == Event.id)
        .where(
            Event.organisation_id == organisation_id,
            Event.state == EventState.PUBLISHED,
            MeetingRequest.state == RequestState.WAITING,
            MeetingRequest.queue_number.is_not(None),
        )
        .order_by(Event.starts_at, Event.id)
    ).all()
    free = _free_modes(session, {event.id for event, _modes in waiting}, now=now)
    numbers: dict[Event, int] = {}
    for event, modes in waiting:
        if free.get(event.id, set()) & set(modes or Mode):
            numbers[event] = numbers.get(event, 0) + 1
    return list(numbers.items())


def _free_modes(session: Session, event_ids: set[int], *, now: datetime) -> dict[int, set[str]]:
    """{event id: ways of attending at times that are free}"""
    if not event_ids:
        return {}
    taken = aliased(Booking)
    rows = session.execute(
        sa.select(Slot.event_id, MeetingTable.mode)
        .distinct()
        .join(Slot.table)
        .where(
            Slot.event_id.in_(event_ids),
            Slot.state == SlotState.OPEN,
            Slot.published_at.is_not(None),
            Slot.starts_at > now,
            MeetingTable.removed_at.is_(None),
            ~sa.exists().where(taken.slot_id == Slot.id, taken.state.in_(LIVE_BOOKING)),
        )
    )
    found: dict[int, set[str]] = {}
    for event_id, mode in rows:
        found.setdefault(event_id, set()).add(mode)
    return found
