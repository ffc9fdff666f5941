"""The queue of an event as its organiser sees it: who waits, and who is offered a place."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from dialognav.domain.admission import Occupancy, occupancy_of
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import MODES_OF, Seat
from dialognav.models import Attendance, Event, Occasion, Participant, Registration
from dialognav.models.occupancy import count_held


@dataclass(frozen=True, slots=True)
class Queue:
    """At one occasion in one mode. Who waits stands in order, the next in turn first."""

    occasion: Occasion
    mode: str
    held: Occupancy
    offered: Sequence[Attendance]
    waiting: Sequence[Attendance]


def queues_of(session: Session, event: Event) -> list[Queue]:
    """One for each occasion and mode, also where nobody waits; three statements."""
    rows = session.scalars(
        sa.select(Attendance)
        .join(Attendance.occasion)
        .join(Attendance.participant)
        .join(Participant.registration)
        .where(
            Occasion.event_id == event.id,
            Attendance.state.in_((Seat.OFFERED, Seat.WAITING)),
        )
        .options(contains_eager(Attendance.participant).contains_eager(Participant.registration))
        .order_by(Attendance.queue_number, Attendance.id)
    ).all()
    held = count_held(session, [event.id])
    return [
        Queue(
            occasion=occasion,
            mode=mode,
            held=occupancy_of(occasion, mode, held),
            offered=_in(rows, occasion, mode, Seat.OFFERED),
            waiting=_in(rows, occasion, mode, Seat.WAITING),
        )
        for occasion in event.live_occasions
        for mode in MODES_OF[event.format]
    ]


def _in(
    rows: Sequence[Attendance], occasion: Occasion, mode: str, state: str
) -> Sequence[Attendance]:
    return [
        row
        for row in rows
        if row.occasion_id == occasion.id and row.mode == mode and row.state == state
    ]


def waiting_seat(session: Session, event: Event, attendance_id: int) -> Attendance:
    """Somebody's row at this event, whether they still wait or not. NotFound for any other row."""
    seat = session.scalars(
        sa.select(Attendance)
        .join(Attendance.participant)
        .join(Participant.registration)
        .where(
            Attendance.id == attendance_id,
            Attendance.queue_number.is_not(None),
            Registration.event_id == event.id,
        )
        .options(contains_eager(Attendance.participant).contains_eager(Participant.registration))
    ).one_or_none()
    if seat is None:
        raise NotFound
    return seat


def number_ahead(session: Session, seat: Attendance) -> int:
    """How many wait before this one."""
    found = session.scalar(
        sa.select(sa.func.count()).where(
            Attendance.occasion_id == seat.occasion_id,
            Attendance.mode == seat.mode,
            Attendance.state == Seat.WAITING,
            Attendance.queue_number < seat.queue_number,
        )
    )
    return found or 0
