"""What of one-to-one meetings is held about the holder of a link, as data (queries/own_data.py)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from dialognav.domain.meeting_terms import BookingState
from dialognav.models import (
    Booking,
    BookingPerson,
    MeetingRequest,
    Minutes,
    MinutesVersion,
    Slot,
    Wish,
)
from dialognav.queries.registrations import Own

Data = dict[str, Any]


def meetings_data(session: Session, own: Own) -> Data:
    """Meetings of the registration, or of one colleague the times and what that person said of the
    minutes: what was written for them is the registration's. Nobody of the team is named, as nobody
    is in the invitations."""
    bookings = _bookings(session, own)
    minutes = _minutes(session, bookings)
    return {
        "booked": [_booking(one, own, minutes.get(one.id)) for one in bookings],
        "asked": _asked(session, own) if own.is_contact else None,
    }


def _bookings(session: Session, own: Own) -> list[Booking]:
    query = (
        sa.select(Booking)
        .join(Booking.slot)
        .where(Booking.registration_id == own.registration.id, Booking.state != BookingState.HELD)
        .options(
            contains_eager(Booking.slot),
            selectinload(Booking.people).joinedload(BookingPerson.participant),
        )
        .order_by(Booking.id)
    )
    if own.participant is not None:
        query = query.where(Booking.people.any(BookingPerson.participant_id == own.participant.id))
    return list(session.scalars(query))


def _minutes(session: Session, bookings: Sequence[Booking]) -> dict[int, Minutes]:
    """Those that the supplier has been shown, also while they are opened again."""
    rows = session.scalars(
        sa.select(Minutes)
        .where(Minutes.booking_id.in_({one.id for one in bookings}), Minutes.versions.any())
        .options(selectinload(Minutes.marks), selectinload(Minutes.versions))
    )
    return {one.booking_id: one for one in rows}


def _booking(booking: Booking, own: Own, minutes: Minutes | None) -> Data:
    slot: Slot = booking.slot
    data: Data = {
        "starts_at": _instant(slot.starts_at),
        "ends_at": _instant(slot.ends_at),
        "state": str(booking.state),
        "booked_at": _instant(booking.booked_at),
        "ended_at": _instant(booking.ended_at),
    }
    if not own.is_contact:
        return data | (_own_words(minutes, own.actor) if minutes else {})
    return data | {
        "offered_at": _instant(booking.offered_at),
        "people": [one.participant.name for one in booking.people],
        "language": booking.language,
        "topics": booking.topics,
        "secret_marks": booking.secret_marks,
        "secret_reason": booking.secret_reason,
        "minutes": _checked(minutes) if minutes else None,
    }


def _checked(minutes: Minutes) -> Data:
    """What the supplier said of them; the minutes themselves are read on the own page."""
    return {
        "sent_at": _instant(minutes.sent_at),
        "checked_at": _instant(minutes.checked_at),
        "correction": minutes.correction,
        "approved_at": _instant(minutes.approved_at),
        "earlier": [
            {"checked_at": _instant(one.checked_at), "correction": one.correction}
            for one in minutes.versions
            if one.checked_at is not None
        ],
        "marks": [
            {"passage": one.passage, "reason": one.reason, "marked_at": _instant(one.marked_at)}
            for one in minutes.marks
        ],
    }


def _own_words(minutes: Minutes, actor: str) -> Data:
    """What one person said of them, where that person did."""
    checks: list[Minutes | MinutesVersion] = [*minutes.versions, minutes]
    rounds = [one for one in checks if one.checked_by == actor]
    marks = [one for one in minutes.marks if one.marked_by == actor]
    if not (rounds or marks):
        return {}
    return {
        "minutes": {
            "corrections": [one.correction for one in rounds if one.correction],
            "marks": [{"passage": one.passage, "reason": one.reason} for one in marks],
        }
    }


def _asked(session: Session, own: Own) -> Data | None:
    row = session.scalars(
        sa.select(MeetingRequest)
        .where(MeetingRequest.registration_id == own.registration.id)
        .options(selectinload(MeetingRequest.wishes).joinedload(Wish.slot))
    ).one_or_none()
    if row is None:
        return None
    return {
        "asked_at": _instant(row.asked_at),
        "state": str(row.state),
        "queue_number": row.queue_number,
        "modes": row.modes,
        "languages": row.languages,
        "away": row.away,
        "topics": row.topics,
        "secret_marks": row.secret_marks,
        "secret_reason": row.secret_reason,
        "wishes": [_instant(one.slot.starts_at) for one in row.wishes],
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
