"""What becomes of a meeting that is booked, and meetings given by hand; by way of bookings.py."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions import meeting_offers
from dialognav.actions.booking_rows import (
    Details,
    bookings_where,
    check,
    details_of,
    fill_in,
    first_in_line,
    has_been_served,
    is_staff,
    let_go,
    live_people,
    locked_booking,
    locked_supplier,
    no_longer_served,
    note,
    people_of,
    persons,
    request_of,
    user_id_of,
    waits_again,
)
from dialognav.actions.booking_taking import leave_link, put_at
from dialognav.domain.bookings import Person, Stop, Way
from dialognav.domain.errors import CannotMeet, NotAllowedNow, ReasonNeeded, TooLate
from dialognav.domain.meeting_terms import BookingState
from dialognav.mail import meeting_notices
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, Participant
from dialognav.models.meeting_facts import rules_facts


def move(
    session: Session,
    booking_id: int,
    slot_id: int,
    *,
    now: datetime,
    actor: str,
    post: Post,
    reason: str = "",
) -> Booking:
    """The same meeting at another slot, of which both sides are told; the old one is offered on.

    A supplier moves while booking is open, staff until the meeting begins, with a reason
    (ReasonNeeded). CannotMeet (TAKEN: somebody was faster, and the old slot is kept), TooLate,
    NotAllowedNow.
    """
    event, booking = locked_booking(session, booking_id)
    check_ahead(booking, now=now)
    if is_staff(actor) and not reason.strip():
        raise ReasonNeeded
    meeting_offers.lapse_due(session, event, now=now, post=post)
    freed = let_go(session, booking.registration_id, now=now)
    people = persons([each.participant for each in booking.people])
    way = Way.STAFF if is_staff(actor) else Way.OWN
    check_move(session, event, booking, slot_id, people, way, now=now)
    return move_to(
        session, event, booking, slot_id, freed, reason=reason, now=now, actor=actor, post=post
    )


def withdraw(
    session: Session, booking_id: int, *, now: datetime, actor: str, post: Post
) -> Booking:
    """The supplier does without; the slot is offered on. TooLate once it has begun; NotAllowedNow
    for one that is not booked."""
    event, booking = locked_booking(session, booking_id)
    check_ahead(booking, now=now)
    booking.state, booking.ended_at = BookingState.WITHDRAWN, now
    leave_link(booking)
    no_longer_served(session, booking.registration_id, now=now)
    session.flush()
    meeting_notices.tell_ended(session, [booking], by="supplier", now=now, post=post)
    note(session, event, actor, "meeting.withdrawn", [booking], now=now)
    meeting_offers.offer_on(session, event, [booking.slot_id], now=now, post=post)
    return booking


def cancel(
    session: Session,
    booking_id: int,
    reason: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
    offer_on: bool = True,
    requeue: bool = False,
) -> Booking:
    """Staff call a meeting off, or take an offer back; the slot is offered on, unless it shall stay
    free. `requeue`: the supplier is next in turn for another. Whose offer is taken back waits with
    the number it had.

    ReasonNeeded, TooLate, NotAllowedNow for one that is neither booked nor offered.
    """
    event, booking = locked_booking(session, booking_id)
    if not reason.strip():
        raise ReasonNeeded
    was_offered = booking.state == BookingState.OFFERED
    if not was_offered:
        check_ahead(booking, now=now)
    booking.state, booking.ended_at = BookingState.CANCELLED, now
    leave_link(booking)
    session.flush()
    if requeue:
        first_in_line(session, booking, now=now)
    elif was_offered:
        waits_again(session, booking.registration_id, now=now)
    else:
        no_longer_served(session, booking.registration_id, now=now)
    meeting_notices.tell_ended(
        session, [booking], by="organiser", reason=reason, now=now, post=post
    )
    note(
        session,
        event,
        actor,
        "meeting.cancelled",
        [booking],
        now=now,
        reason=reason,
        requeued=requeue,
    )
    if offer_on:
        meeting_offers.offer_on(session, event, [booking.slot_id], now=now, post=post)
    return booking


def assign(
    session: Session,
    registration_id: int,
    slot_id: int,
    *,
    reason: str,
    now: datetime,
    actor: str,
    post: Post,
    details: Details | None = None,
) -> Booking:
    """Staff give a supplier a slot by hand; without details those of its request, or everybody of
    it as far as there is room. ReasonNeeded, CannotMeet, WrongPeople."""
    event, registration = locked_supplier(session, registration_id)
    if not reason.strip():
        raise ReasonNeeded
    meeting_offers.lapse_due(session, event, now=now, post=post)
    freed = let_go(session, registration_id, now=now)
    details = details or _asked_for(session, event, registration_id, now=now)
    most = rules_facts(session, event, now=now).most_people
    people = people_of(session, registration_id, details.people, most)
    there = persons(people)
    check(session, event, registration_id, slot_id, now=now, way=Way.STAFF, people=there)
    booking = Booking(
        event_id=event.id,
        slot_id=slot_id,
        registration=registration,
        state=BookingState.BOOKED,
        assigned_by_id=user_id_of(actor),
        reason=reason,
        created_at=now,
        booked_at=now,
    )
    fill_in(booking, details, people)
    session.add(booking)
    session.flush()
    has_been_served(session, registration_id, now=now)
    [booking] = bookings_where(session, Booking.id == booking.id)
    meeting_notices.tell_booked(session, [booking], now=now, post=post)
    note(session, event, actor, "meeting.assigned", [booking], now=now, reason=reason)
    meeting_offers.offer_on(session, event, set(freed) - {slot_id}, now=now, post=post)
    return booking


def _asked_for(session: Session, event: Event, registration_id: int, *, now: datetime) -> Details:
    """What the supplier said when it asked; else everybody as far as there is room."""
    request = request_of(session, registration_id)
    there = [one.id for one in live_people(session, registration_id)]
    if request is None:
        return Details(tuple(there[: rules_facts(session, event, now=now).most_people]))
    wanted = [one for one in request.people if one in there]
    return details_of(request, wanted or there[:1])


def check_ahead(booking: Booking, *, now: datetime) -> None:
    """NotAllowedNow for one that is not booked, TooLate once it has begun."""
    if booking.state != BookingState.BOOKED:
        raise NotAllowedNow
    if booking.slot.starts_at <= now:
        raise TooLate


def check_move(
    session: Session,
    event: Event,
    booking: Booking,
    slot_id: int,
    people: frozenset[Person] | None,
    way: Way,
    *,
    now: datetime,
) -> None:
    """CannotMeet when the meeting cannot be at that slot: nor where it is already."""
    if slot_id == booking.slot_id:
        raise CannotMeet((Stop.TAKEN,))
    check(
        session,
        event,
        booking.registration_id,
        slot_id,
        now=now,
        way=way,
        people=people,
        moves=True,
        without=[booking.id],
    )


def move_to(
    session: Session,
    event: Event,
    booking: Booking,
    slot_id: int,
    freed: Collection[int],
    reason: str = "",
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Booking:
    """Write the move, tell both sides, and offer on what is free then, as are those `freed`."""
    old = booking.slot
    moved, before, team = put_at(session, booking, slot_id)
    meeting_notices.tell_moved(session, [(moved, before, team)], reason=reason, now=now, post=post)
    note(session, event, actor, "meeting.moved", [moved], now=now, reason=reason, from_slot=old.id)
    free = {*freed, old.id} - {slot_id}
    meeting_offers.offer_on(session, event, free, now=now, post=post)
    return moved


def tell_people(
    session: Session,
    booking: Booking,
    before: Collection[Participant],
    *,
    now: datetime,
    post: Post,
    always: bool = False,
) -> None:
    """Who comes now and came not before, and the other way round; `always`: also when nobody."""
    people = [each.participant for each in booking.people]
    gone = [one for one in before if one not in people]
    new = [one for one in people if one not in before]
    if gone or new or always:
        meeting_notices.tell_people(session, booking, gone, new, now=now, post=post)
