"""The numbers on the tabs of an event's workspace."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.meeting_terms import LIVE_BOOKING, SlotState
from dialognav.domain.terms import LIVE, LetterStatus, MessageState, Review, Seat
from dialognav.models import (
    Attendance,
    Booking,
    Document,
    Letter,
    MeetingRules,
    Message,
    Occasion,
    Participant,
    Registration,
    Slot,
)


@dataclass(frozen=True, slots=True)
class EventCounts:
    """For the tabs of one event: by which published rule meetings are handed out ("" without one);
    live people, documents, letters that were given up, registrations that are to be looked at, and
    all that ever were; people on the waiting list; messages that somebody has to approve; times for
    one-to-one meetings, and how many of them are taken."""

    hand_out: str
    people: int
    documents: int
    given_up: int
    to_review: int
    reviewed: int
    waiting: int
    to_approve: int
    slots: int
    meetings: int


def event_counts(session: Session, event_id: int) -> EventCounts:
    """All of them, in one statement."""
    people = (
        sa.select(sa.func.count(Participant.id.distinct()))
        .join(Registration)
        .join(Attendance)
        .where(Registration.event_id == event_id, Attendance.state.in_(LIVE))
    )
    documents = sa.select(sa.func.count()).where(
        Document.event_id == event_id, Document.removed_at.is_(None)
    )
    given_up = sa.select(sa.func.count()).where(
        Letter.event_id == event_id, Letter.status == LetterStatus.GIVEN_UP
    )
    reviewed = sa.select(sa.func.count()).where(
        Registration.event_id == event_id, Registration.withdrawn_at.is_(None)
    )
    to_review = reviewed.where(Registration.review.in_((Review.PENDING, Review.CHANGED)))
    waiting = (
        sa.select(sa.func.count())
        .select_from(Attendance)
        .join(Occasion)
        .where(Occasion.event_id == event_id, Attendance.state == Seat.WAITING)
    )
    ever = reviewed.where(Registration.review != "")
    to_approve = sa.select(sa.func.count()).where(
        Message.event_id == event_id, Message.state == MessageState.SUBMITTED
    )
    slots = sa.select(sa.func.count()).where(
        Slot.event_id == event_id, Slot.state == SlotState.OPEN
    )
    meetings = sa.select(sa.func.count()).where(
        Booking.event_id == event_id, Booking.state.in_(LIVE_BOOKING)
    )
    hand_out = sa.select(MeetingRules.hand_out).where(
        MeetingRules.event_id == event_id, MeetingRules.published_at.is_not(None)
    )
    counted = (
        *(people, documents, given_up, to_review, ever, waiting, to_approve),
        *(slots, meetings),
    )
    asked = (*counted, hand_out)
    *numbers, rule = session.execute(sa.select(*(each.scalar_subquery() for each in asked))).one()
    return EventCounts(rule or "", *map(int, numbers))
