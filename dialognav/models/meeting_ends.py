"""When an event is over for those it names: its one-to-one meetings may come after its last day."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.fairness import STANDS
from dialognav.domain.meeting_terms import BookingState, SlotState
from dialognav.models.booking import Booking, BookingPerson
from dialognav.models.event import Event
from dialognav.models.meetings import Slot
from dialognav.models.registration import Participant


def meeting_ends(session: Session, event_ids: Iterable[int]) -> dict[int, datetime]:
    """{event id: when the last meeting that somebody has or had there ends}; one statement."""
    rows = session.execute(
        sa.select(Booking.event_id, sa.func.max(Slot.ends_at))
        .join(Booking.slot)
        .where(Booking.event_id.in_(set(event_ids)), Booking.state.in_(STANDS))
        .group_by(Booking.event_id)
    )
    return dict(rows.all())


def over_at(event: Event, ends: Mapping[int, datetime]) -> datetime | None:
    """The later of the event's own end and its last meeting's; None for one without a date."""
    if event.ends_at is None:
        return None
    return max(event.ends_at, ends.get(event.id, event.ends_at))


def has_meetings_ahead(now: datetime) -> sa.ColumnElement[bool]:
    """Of an Event in a query: a time of its one-to-one meetings, taken or not, is still to come."""
    return (
        sa.exists()
        .where(
            Slot.event_id == Event.id,
            Slot.state != SlotState.REMOVED,
            Slot.ends_at > now,
        )
        .correlate(Event)
    )


def meets_ahead(now: datetime) -> sa.ColumnElement[bool]:
    """Of a Participant in a query: comes to a meeting that has not ended."""
    return (
        sa.exists()
        .where(
            BookingPerson.participant_id == Participant.id,
            BookingPerson.booking_id == Booking.id,
            Booking.slot_id == Slot.id,
            Booking.state == BookingState.BOOKED,
            Slot.ends_at > now,
        )
        .correlate(Participant)
    )
