"""Who comes to one-to-one meetings at which table, as an audience of messages."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.db import Text
from dialognav.mail.meeting_people import STANDS
from dialognav.models import Booking, BookingPerson, MeetingTable, Participant, Slot


@dataclass(frozen=True, slots=True)
class TableReaders:
    """A table, and how many addresses come to meetings there."""

    id: int
    name: Text
    number: int


def meets_at(tables: Collection[int]) -> sa.ColumnElement[bool]:
    """Of Participant: whether they come to a booked meeting at one of these."""
    return sa.exists().where(
        BookingPerson.participant_id == Participant.id,
        Booking.id == BookingPerson.booking_id,
        Booking.state.in_(STANDS),
        Slot.id == Booking.slot_id,
        Slot.table_id.in_(sorted(tables)),
    )


def table_readers(session: Session, event_id: int) -> list[TableReaders]:
    """Of an event's tables those that somebody comes to; one statement."""
    addresses = sa.func.count(sa.distinct(sa.func.lower(Participant.email)))
    rows = session.execute(
        sa.select(MeetingTable.id, MeetingTable.name, addresses)
        .join(Slot, Slot.table_id == MeetingTable.id)
        .join(Booking, sa.and_(Booking.slot_id == Slot.id, Booking.state.in_(STANDS)))
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .join(Participant, Participant.id == BookingPerson.participant_id)
        .where(MeetingTable.event_id == event_id, Participant.erased_at.is_(None))
        .group_by(MeetingTable.id)
        .order_by(MeetingTable.position, MeetingTable.id)
    )
    return [TableReaders(id_, name, number) for id_, name, number in rows]
