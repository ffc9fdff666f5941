"""The board of an event's one-to-one meetings: every time, who has it, and who waits for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from dialognav.domain.meeting_terms import LIVE_BOOKING, RequestState, SlotState
from dialognav.domain.timing import to_wall
from dialognav.models import (
    Booking,
    BookingPerson,
    Event,
    MeetingBreak,
    MeetingRequest,
    MeetingRules,
    MeetingTable,
    Registration,
    Slot,
)
from dialognav.queries import meeting_plans


@dataclass(frozen=True, slots=True)
class Board:
    """All days of it. `bookings` are those in force, by slot; `requests` in the queue's order."""

    event: Event
    rules: MeetingRules | None
    tables: Sequence[MeetingTable]
    slots: Sequence[Slot]
    breaks: Sequence[MeetingBreak]
    bookings: Mapping[int, Booking]
    requests: Sequence[MeetingRequest]

    @property
    def days(self) -> list[date]:
        """On the event's clock, in their order."""
        return sorted({day_of(slot, self.event.zone) for slot in self.slots})

    def slots_on(self, day: date) -> list[Slot]:
        return [slot for slot in self.slots if day_of(slot, self.event.zone) == day]

    def taken(self, slots: Sequence[Slot]) -> int:
        return sum(slot.id in self.bookings for slot in slots)


def day_of(what: Slot | MeetingBreak, zone: str) -> date:
    return to_wall(what.starts_at, zone).date()


def offerable(slots: Sequence[Slot]) -> int:
    """How many are meant for suppliers: the blocked ones are not."""
    return sum(slot.state == SlotState.OPEN for slot in slots)


def board_of(session: Session, event: Event) -> Board:
    """Nine statements, however many days it has."""
    return Board(
        event=event,
        rules=meeting_plans.rules_of(session, event.id),
        tables=meeting_plans.tables_of(session, event.id),
        slots=meeting_plans.slots_of(session, event.id),
        breaks=meeting_plans.breaks_of(session, event.id),
        bookings={one.slot_id: one for one in bookings_of(session, event.id)},
        requests=requests_of(session, event.id),
    )


def bookings_of(session: Session, event_id: int) -> Sequence[Booking]:
    """Those in force, their registration and people loaded; two statements."""
    return session.scalars(
        sa.select(Booking)
        .join(Booking.registration)
        .where(Booking.event_id == event_id, Booking.state.in_(LIVE_BOOKING))
        .options(
            contains_eager(Booking.registration),
            selectinload(Booking.people).joinedload(BookingPerson.participant, innerjoin=True),
        )
        .order_by(Booking.id)
    ).all()


def requests_of(session: Session, event_id: int) -> Sequence[MeetingRequest]:
    """Who wants a meeting and has none, the next in turn first; without a queue number last."""
    return session.scalars(
        sa.select(MeetingRequest)
        .join(MeetingRequest.registration)
        .where(
            MeetingRequest.event_id == event_id,
            MeetingRequest.state.in_((RequestState.WAITING, RequestState.OFFERED)),
            Registration.withdrawn_at.is_(None),
        )
        .options(contains_eager(MeetingRequest.registration))
        .order_by(
            MeetingRequest.queue_number.is_(None),
            MeetingRequest.queue_number,
            MeetingRequest.asked_at,
            MeetingRequest.id,
        )
    ).all()
