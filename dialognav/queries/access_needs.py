"""Who asked for an interpreter or other help, and by when an answer was promised (GDPR art. 9)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from dialognav.domain.access_needs import default_answer_by
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.terms import LIVE, NeedState
from dialognav.domain.working_hours import WorkingHours
from dialognav.models import (
    AccessNeed,
    Attendance,
    Booking,
    BookingPerson,
    Event,
    Participant,
    Registration,
    Slot,
)
from dialognav.models.meeting_ends import meets_ahead


def _may_come(now: datetime) -> sa.ColumnElement[bool]:
    """Of a Participant in a query: has a seat or waits for one, or has a one-to-one meeting ahead,
    which may come after all seats, or without any. Whom answer_need() lets staff answer."""
    seat = sa.exists().where(
        Attendance.participant_id == Participant.id, Attendance.state.in_(LIVE)
    )
    return sa.or_(seat.correlate(Participant), meets_ahead(now))


def people_with_needs(session: Session, event_id: int, *, now: datetime) -> list[Participant]:
    """Those who come or may come and asked for help: the unanswered first, then by day."""
    return list(
        session.scalars(
            sa.select(Participant)
            .join(Participant.access_need)
            .join(Participant.registration)
            .where(Registration.event_id == event_id, _may_come(now))
            .options(
                contains_eager(Participant.access_need),
                contains_eager(Participant.registration),
                selectinload(Participant.attendances).joinedload(Attendance.occasion),
            )
            .order_by(
                AccessNeed.state != NeedState.ASKED,
                AccessNeed.answer_by.is_(None),
                AccessNeed.answer_by,
                sa.func.lower(Participant.name),
            )
        )
    )


def needs_at(session: Session, event_id: int) -> dict[int, list[AccessNeed]]:
    """{booking id: what help those who come from the supplier have asked for}. For whoever may see
    registrations, and for nobody else."""
    rows = session.execute(
        sa.select(BookingPerson.booking_id, AccessNeed)
        .join(AccessNeed, AccessNeed.participant_id == BookingPerson.participant_id)
        .join(Booking, Booking.id == BookingPerson.booking_id)
        .where(Booking.event_id == event_id)
        .order_by(BookingPerson.participant_id)
    )
    found: dict[int, list[AccessNeed]] = defaultdict(list)
    for booking_id, need in rows:
        found[booking_id].append(need)
    return found


def open_needs(session: Session, event_id: int, *, now: datetime) -> tuple[int, date | None]:
    """(how many wishes for help wait for an answer, the first day one was promised by)"""
    number, first = session.execute(
        sa.select(sa.func.count(), sa.func.min(AccessNeed.answer_by))
        .select_from(AccessNeed)
        .join(Participant, Participant.id == AccessNeed.participant_id)
        .join(Participant.registration)
        .where(Registration.event_id == event_id, AccessNeed.state == NeedState.ASKED)
        .where(_may_come(now))
    ).one()
    return int(number), first


def answer_days(
    session: Session, event: Event, people: Sequence[Participant], *, now: datetime
) -> dict[int, date | None]:
    """{person id: the day an answer is promised by while there is none}: the organiser's, else the
    usual one before the event; before their first meeting ahead, for whoever has no seat there.
    One statement at most."""
    asked = [one for one in people if one.access_need and one.access_need.state == NeedState.ASKED]
    days: dict[int, date | None] = {
        one.id: one.access_need.answer_by for one in asked if one.access_need
    }
    unset = [one for one in asked if days[one.id] is None]
    seatless = [one.id for one in unset if all(seat.state not in LIVE for seat in one.attendances)]
    meetings = _first_meetings(session, seatless, now) if seatless else {}
    hours = WorkingHours(event.zone, event.organisation.country)
    for person in unset:
        starts_at = meetings.get(person.id, event.starts_at)
        if starts_at is not None:
            days[person.id] = default_answer_by(person.created_at, starts_at, hours)
    return days


def _first_meetings(session: Session, ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    rows = session.execute(
        sa.select(BookingPerson.participant_id, sa.func.min(Slot.starts_at))
        .join(Booking, Booking.id == BookingPerson.booking_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(BookingPerson.participant_id.in_(ids), Booking.state == BookingState.BOOKED)
        .where(Slot.ends_at > now)
        .group_by(BookingPerson.participant_id)
    )
    return dict(rows.all())
