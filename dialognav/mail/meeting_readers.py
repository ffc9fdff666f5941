"""Which suppliers may take a one-to-one meeting, as readers of what is told to all of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.meeting_terms import LIVE_BOOKING, RequestState
from dialognav.domain.terms import Review, Seat
from dialognav.models import (
    Attendance,
    Booking,
    Event,
    MeetingRequest,
    Participant,
    Registration,
)

_ADMITS = (Seat.CONFIRMED, Seat.ATTENDED, Seat.NO_SHOW)


def may_meet() -> tuple[sa.ColumnElement[bool], ...]:
    """Of Registration: live and approved, with a place at some occasion, or with none asked for, or
    all given back (decisions.md 2). As models/meeting_facts.py has it of those who book."""
    people = sa.exists().where(
        Participant.registration_id == Registration.id, Participant.withdrawn_at.is_(None)
    )
    seats = people.where(
        Attendance.participant_id == Participant.id, Attendance.state != Seat.WITHDRAWN
    )
    return (
        Registration.withdrawn_at.is_(None),
        Registration.merged_into_id.is_(None),
        Registration.erased_at.is_(None),
        Registration.review.not_in((Review.PENDING, Review.DECLINED)),
        people,
        sa.or_(seats.where(Attendance.state.in_(_ADMITS)), ~seats),
    )


def registrations_that_may(session: Session, event: Event) -> Sequence[Registration]:
    """All of them, in the order in which they came."""
    session.flush()
    return session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, *may_meet())
        .options(joinedload(Registration.created_by))
        .order_by(Registration.id)
    ).all()


def registrations_concerned(session: Session, event: Event) -> Sequence[Registration]:
    """The same, and those who have a meeting, or have asked for one, and may not take one now."""
    session.flush()
    has_one = sa.exists().where(
        Booking.registration_id == Registration.id, Booking.state.in_(LIVE_BOOKING)
    )
    has_asked = sa.exists().where(
        MeetingRequest.registration_id == Registration.id,
        MeetingRequest.state != RequestState.WITHDRAWN,
    )
    return session.scalars(
        sa.select(Registration)
        .where(
            Registration.event_id == event.id,
            Registration.withdrawn_at.is_(None),
            Registration.merged_into_id.is_(None),
            Registration.erased_at.is_(None),
            sa.or_(sa.and_(*may_meet()), has_one, has_asked),
        )
        .options(joinedload(Registration.created_by))
        .order_by(Registration.id)
    ).all()


def registrations_without(
    session: Session, event: Event, *those: sa.ColumnElement[bool]
) -> Sequence[Registration]:
    """`those` of them who neither have a meeting nor have asked for one, nor anybody else of the
    same organisation."""
    session.flush()
    same = sa.orm.aliased(Registration)
    of_party = sa.and_(same.event_id == event.id, same.party_key == Registration.party_key)
    has_one = sa.exists().where(
        of_party, Booking.registration_id == same.id, Booking.state.in_(LIVE_BOOKING)
    )
    has_asked = sa.exists().where(
        of_party,
        MeetingRequest.registration_id == same.id,
        MeetingRequest.state != RequestState.WITHDRAWN,
    )
    return session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, *may_meet(), ~has_one, ~has_asked, *those)
        .options(joinedload(Registration.created_by))
        .order_by(Registration.id)
    ).all()
