"""A meeting as those see it who held it, and its minutes as either side reads them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from dialognav.db import Text
from dialognav.domain.errors import NotFound
from dialognav.domain.meeting_presence import SAID
from dialognav.models import (
    Booking,
    BookingPerson,
    Event,
    MarketQuestion,
    MeetingNote,
    MeetingTable,
    Minutes,
    Registration,
    Slot,
    SlotStaff,
    User,
)
from dialognav.queries.registrations import Own

_VERSIONS = selectinload(Minutes.versions)
_MARKS = selectinload(Minutes.marks)
_SLOT = joinedload(Booking.slot, innerjoin=True)


def access_meeting(session: Session, event: Event, public_id: str) -> Booking:
    """A meeting that is or was to be held, of an event that access_event() gave; supplier, people,
    table and team loaded. NotFound for what never was more than an offer."""
    query = (
        sa.select(Booking)
        .where(Booking.public_id == public_id, Booking.event_id == event.id)
        .where(Booking.booked_at.is_not(None))
        .options(
            _SLOT.joinedload(Slot.table, innerjoin=True),
            _SLOT.selectinload(Slot.staff).joinedload(SlotStaff.member, innerjoin=True),
            joinedload(Booking.registration, innerjoin=True).joinedload(
                Registration.event, innerjoin=True
            ),
            selectinload(Booking.people).joinedload(BookingPerson.participant, innerjoin=True),
        )
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def questions_of(session: Session, event_id: int) -> list[Text]:
    """What is asked of every supplier, in order."""
    rows = session.scalars(
        sa.select(MarketQuestion.text)
        .where(MarketQuestion.event_id == event_id)
        .order_by(MarketQuestion.position, MarketQuestion.id)
    )
    return list(rows)


def note_of(session: Session, booking_id: int, writer_id: int) -> MeetingNote | None:
    """One's own: nobody reads another's."""
    return session.scalars(
        sa.select(MeetingNote).where(
            MeetingNote.booking_id == booking_id, MeetingNote.writer_id == writer_id
        )
    ).one_or_none()


def minutes_of(session: Session, booking_id: int) -> Minutes | None:
    """The minutes of a meeting, versions and marks loaded."""
    query = sa.select(Minutes).where(Minutes.booking_id == booking_id)
    return session.scalars(query.options(_VERSIONS, _MARKS)).one_or_none()


def names_of(session: Session, user_ids: set[int]) -> dict[int, str]:
    """{id: name} of the staff among them."""
    if not user_ids:
        return {}
    rows = session.execute(sa.select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row[0]: row[1] for row in rows}


def minutes_at(session: Session, event_id: int) -> dict[int, str]:
    """{booking id: state of its minutes} of an event."""
    rows = session.execute(
        sa.select(Minutes.booking_id, Minutes.state)
        .join(Minutes.booking)
        .where(Booking.event_id == event_id)
    )
    return {row[0]: row[1] for row in rows}


def own_minutes(session: Session, own: Own) -> list[Minutes]:
    """Those that whoever holds the link may read, newest meeting first; booking and slot loaded.

    The contact reads all of the registration that were sent, another person those of meetings that
    person was in.
    """
    query = _own(own).options(joinedload(Minutes.booking, innerjoin=True).options(_SLOT))
    return list(session.scalars(query.order_by(Minutes.sent_at.desc(), Minutes.id.desc())))


def own_minutes_of(session: Session, own: Own, public_id: str) -> Minutes:
    """One of own_minutes(), with everything its page shows. NotFound."""
    query = _own(own).where(Minutes.public_id == public_id)
    way = joinedload(Minutes.booking, innerjoin=True)
    found = session.scalars(
        query.options(
            way.options(_SLOT.joinedload(Slot.table, innerjoin=True)),
            way.selectinload(Booking.people).joinedload(BookingPerson.participant, innerjoin=True),
            _VERSIONS,
            _MARKS,
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _own(own: Own) -> sa.Select[Minutes]:
    query = (
        sa.select(Minutes)
        .join(Minutes.booking)
        .where(Booking.registration_id == own.registration.id, Minutes.versions.any())
    )
    if own.participant is None:
        return query
    is_in = BookingPerson.participant_id == own.participant.id
    return query.where(Booking.people.any(is_in))


def held_at(
    session: Session, event_id: int, *, now: datetime, only_sent: bool
) -> list[tuple[Booking, Minutes | None]]:
    """The meetings of an event that have begun and were not called off, with their minutes, by time
    and table; or of those the ones that have a version on record. One statement."""
    query = (
        sa.select(Booking, Minutes)
        .join(Booking.slot)
        .join(Slot.table)
        .outerjoin(Minutes, Minutes.booking_id == Booking.id)
        .where(Booking.event_id == event_id, Booking.state.in_(SAID), Slot.starts_at <= now)
        .options(
            contains_eager(Booking.slot).contains_eager(Slot.table),
            joinedload(Booking.registration, innerjoin=True),
        )
        .order_by(Slot.starts_at, MeetingTable.position, Booking.id)
    )
    if only_sent:
        query = query.where(Minutes.versions.any())
    return [(row[0], row[1]) for row in session.execute(query)]
