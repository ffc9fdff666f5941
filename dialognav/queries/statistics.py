"""Counts of who takes part, without persons: what is reported (domain.md 2.5)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import LIVE, FieldKind, FieldScope, Seat
from dialognav.models import (
    Answer,
    Attendance,
    Booking,
    FormField,
    MeetingTable,
    Occasion,
    Participant,
    Registration,
    Slot,
)
from dialognav.queries.exports import AT_ONCE


class Number(NamedTuple):
    """`what` names the table, `group` and `part` are codes in it."""

    what: str
    group: str
    part: str
    number: int


def numbers_of(session: Session, event_id: int) -> Iterator[Number]:
    """Counts without persons. A person counts once for each occasion in `seats`, else once."""
    of_event = (Registration.event_id == event_id,)
    taking_part = sa.exists().where(
        Attendance.participant_id == Participant.id, Attendance.state.in_(LIVE)
    )
    people = sa.select(Participant).join(Participant.registration).where(*of_event, taking_part)
    seats = (
        sa.select(Attendance.mode, Attendance.state, sa.func.count())
        .join(Attendance.occasion)
        .where(Occasion.event_id == event_id)
        .group_by(Attendance.mode, Attendance.state)
        .order_by(Attendance.mode, Attendance.state)
    )
    for mode, state, number in session.execute(seats):
        yield Number("seats", state, mode, number)
    for what, column in (
        ("kind", Registration.party_kind),
        ("country", Registration.party_country),
    ):
        counted = people.with_only_columns(
            column,
            sa.func.count(Participant.id),
            sa.func.count(Registration.party_key.distinct()),
        )
        for code, persons, parties in session.execute(counted.group_by(column).order_by(column)):
            yield Number(f"people_by_{what}", code, "", persons)
            yield Number(f"parties_by_{what}", code, "", parties)
    origins = (
        sa.select(Registration.origin, sa.func.count())
        .where(*of_event, Registration.withdrawn_at.is_(None))
        .group_by(Registration.origin)
        .order_by(Registration.origin)
    )
    for origin, number in session.execute(origins):
        yield Number("registrations_by_origin", origin, "", number)
    yield from _outcomes(session, event_id)
    yield from _meetings(session, event_id)


def seats_by_session(session: Session, event_id: int) -> list[tuple[int, str, str, int]]:
    """(occasion id, mode, state, how many) of what is live, by the occasion's start."""
    found = session.execute(
        sa.select(Occasion.id, Attendance.mode, Attendance.state, sa.func.count())
        .join(Attendance, Attendance.occasion_id == Occasion.id)
        .where(Occasion.event_id == event_id, Attendance.state.in_(LIVE))
        .group_by(Occasion.id, Occasion.starts_at, Attendance.mode, Attendance.state)
        .order_by(Occasion.starts_at, Occasion.id, Attendance.mode, Attendance.state)
    )
    return [(occasion_id, mode, state, number) for occasion_id, mode, state, number in found]


def _outcomes(session: Session, event_id: int) -> Iterator[Number]:
    """Who came, by kind of organisation."""
    came = (
        sa.select(Registration.party_kind, Attendance.state, sa.func.count())
        .join(Attendance.participant)
        .join(Participant.registration)
        .where(
            Registration.event_id == event_id,
            Attendance.state.in_((Seat.ATTENDED, Seat.NO_SHOW)),
        )
        .group_by(Registration.party_kind, Attendance.state)
        .order_by(Registration.party_kind, Attendance.state)
    )
    for kind, state, number in session.execute(came):
        yield Number("came_by_kind", kind, state, number)


def _meetings(session: Session, event_id: int) -> Iterator[Number]:
    """One-to-one meetings booked, held, missed and called off, by way of attending."""
    counted = (
        sa.select(Booking.state, MeetingTable.mode, sa.func.count())
        .join(Booking.slot)
        .join(Slot.table)
        .where(Booking.event_id == event_id, Booking.booked_at.is_not(None))
        .group_by(Booking.state, MeetingTable.mode)
        .order_by(Booking.state, MeetingTable.mode)
    )
    for state, mode, number in session.execute(counted):
        yield Number("meetings", state, mode, number)


def chosen_answers(session: Session, event_id: int) -> Iterator[tuple[int, Any]]:
    """(field id, value) of every answer to a question with choices asked of an organisation."""
    kinds = (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.YES_NO)
    found = session.execute(
        sa.select(Answer.field_id, Answer.value)
        .join(Answer.field)
        .join(Registration, Registration.id == Answer.registration_id)
        .where(
            FormField.event_id == event_id,
            FormField.kind.in_(kinds),
            FormField.scope == FieldScope.REGISTRATION,
            Registration.withdrawn_at.is_(None),
        )
        .execution_options(yield_per=AT_ONCE)
    )
    try:
        yield from ((field_id, value) for field_id, value in found)
    finally:
        found.close()
