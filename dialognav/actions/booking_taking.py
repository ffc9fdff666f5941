"""A slot becomes a supplier's meeting: held or offered until now, or moved to."""

from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.booking_rows import (
    Details,
    bookings_where,
    check,
    fill_in,
    has_been_served,
    people_of,
    persons,
)
from dialognav.domain.bookings import Way
from dialognav.domain.meeting_terms import BookingState
from dialognav.models import Booking, Event, Slot, TeamMember
from dialognav.models.meeting_facts import rules_facts


def take(
    session: Session, event: Event, booking: Booking, details: Details, *, now: datetime
) -> None:
    """What is held or offered is booked. CannotMeet when something came between; WrongPeople."""
    most = rules_facts(session, event, now=now).most_people
    people = people_of(session, booking.registration_id, details.people, most)
    check(
        session,
        event,
        booking.registration_id,
        booking.slot_id,
        now=now,
        way=Way.STAFF,  # whether the supplier might was asked when it was held or offered
        people=persons(people),
        without=[booking.id],
    )
    fill_in(booking, details, people)
    booking.state, booking.booked_at = BookingState.BOOKED, now
    has_been_served(session, booking.registration_id, now=now)
    session.flush()


def put_at(
    session: Session, booking: Booking, slot_id: int
) -> tuple[Booking, Slot, list[TeamMember]]:
    """The booking at another slot, which nobody has; with the one it left, and who was at that."""
    old, team = booking.slot, [one.member for one in booking.slot.staff]
    booking.slot_id, booking.reminded_at = slot_id, None
    [moved] = bookings_where(session, Booking.id == booking.id)
    return moved, old, team
