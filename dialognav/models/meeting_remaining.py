"""What is left of an event's one-to-one meetings: times to come, who has one, and who waits."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.meeting_terms import BookingState, RequestState, SlotState
from dialognav.domain.timing import to_wall
from dialognav.models.booking import Booking, MeetingRequest
from dialognav.models.event import Event
from dialognav.models.meeting_plan import standing_slots
from dialognav.models.meetings import Slot


@dataclass(frozen=True, slots=True)
class Remaining:
    """Of all days, or one. `slots` have not begun, also the blocked ones; `bookings` are held,
    offered and booked in them; `waiting` wish or wait for a time, and are nobody's of one day."""

    slots: Sequence[Slot]
    bookings: Sequence[Booking]
    waiting: Sequence[MeetingRequest]

    @property
    def told(self) -> list[Booking]:
        """Who holds a time while filling in the form has nothing yet."""
        return [one for one in self.bookings if one.state != BookingState.HELD]

    @property
    def free(self) -> list[Slot]:
        taken = {one.slot_id for one in self.told}
        return [
            slot for slot in self.slots if slot.state == SlotState.OPEN and slot.id not in taken
        ]

    @property
    def untold(self) -> list[MeetingRequest]:
        """Who waits, and is not told of an offer that ends."""
        offered = {one.registration_id for one in self.told}
        return [one for one in self.waiting if one.registration_id not in offered]

    @property
    def is_empty(self) -> bool:
        return not (self.told or self.free or self.waiting)

    @property
    def mark(self) -> str:
        """Another one when somebody else would be told."""
        said = sorted((one.id, one.state) for one in self.told), sorted(one.id for one in self.free)
        waiting = sorted(one.id for one in self.waiting)
        return hashlib.sha256(repr((said, waiting)).encode()).hexdigest()[:16]


def remaining_of(session: Session, event: Event, day: date | None, *, now: datetime) -> Remaining:
    """As things stand; `day` on the event's clock, None: all of them. Five statements."""
    slots = [
        slot
        for slot in standing_slots(session, event.id)
        if now < slot.starts_at
        and (day is None or to_wall(slot.starts_at, event.zone).date() == day)
    ]
    bookings = session.scalars(
        sa.select(Booking)
        .where(
            Booking.slot_id.in_([slot.id for slot in slots]),
            Booking.state.in_((BookingState.HELD, BookingState.OFFERED, BookingState.BOOKED)),
        )
        .order_by(Booking.id)
        .options(joinedload(Booking.registration, innerjoin=True))
        .execution_options(populate_existing=True)
    ).all()
    waiting = [] if day else _waiting(session, event.id)
    return Remaining(slots, bookings, waiting)


def _waiting(session: Session, event_id: int) -> Sequence[MeetingRequest]:
    return session.scalars(
        sa.select(MeetingRequest)
        .where(
            MeetingRequest.event_id == event_id,
            MeetingRequest.state.in_((RequestState.WAITING, RequestState.OFFERED)),
        )
        .order_by(MeetingRequest.id)
        .options(joinedload(MeetingRequest.registration, innerjoin=True))
    ).all()
