"""A slot becomes a supplier's meeting: held or offered until now, or moved to; and is left."""

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
from dialognav.mail.meeting_changes import SlotTold, told_of
from dialognav.models import Booking, Event, TeamMember
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
) -> tuple[Booking, SlotTold, list[TeamMember]]:
    """The booking at another slot, which nobody has; with what was told of the one it left, and who
    was at that."""
    before, team = told_of(booking.slot), [one.member for one in booking.slot.staff]
    leave_link(booking)
    booking.slot_id, booking.reminded_at = slot_id, None
    [moved] = bookings_where(session, Booking.id == booking.id)
    return moved, before, team


def leave_link(booking: Booking) -> None:
    """Of a meeting that leaves its slot: the slot's own link is known to those who were in it, and
    leads to nobody else's meeting. The slot waits for another one."""
    slot = booking.slot
    if booking.booked_at is not None and slot.online_url:
        booking.told_links = [*booking.told_links, slot.online_url]
        slot.online_url = ""
