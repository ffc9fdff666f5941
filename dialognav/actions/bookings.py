"""One-to-one meetings, one at a time: hold, book, move, swap people, give up, assign by hand.

Many at once stand in booking_sets.py, offers in meeting_offers.py, wishes and the waiting list in
meeting_requests.py. Whoever acts for a supplier has fetched the booking by the supplier's own link
first (queries/bookings.own_booking), whoever acts for staff by queries/access.access_booking.

An actor "user:7" is staff: they may act outside the window and the rule of handing out, with a
reason; never past a limit, a conflict of interest or a slot that somebody has.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import meeting_offers
from dialognav.actions.booking_changes import (
    assign,
    cancel,
    check_ahead,
    check_move,
    move,
    move_to,
    tell_people,
    withdraw,
)
from dialognav.actions.booking_rows import (
    Details,
    bookings_where,
    check,
    fill_in,
    let_go,
    locked_booking,
    locked_supplier,
    note,
    people_of,
    persons,
)
from dialognav.actions.booking_taking import take
from dialognav.domain.bookings import EXTENSIONS, HELD_LATELY, HOLD, Way, is_busy
from dialognav.domain.errors import HeldEnough, HoldOver, NotFound, OfferOver, WrongPeople
from dialognav.domain.meeting_terms import BookingState
from dialognav.mail import meeting_notices
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, Participant
from dialognav.models.meeting_facts import rules_facts, supplier_facts

__all__ = [
    "Details",
    "assign",
    "book",
    "cancel",
    "change_details",
    "extend_hold",
    "hold",
    "move",
    "release",
    "withdraw",
]


def hold(
    session: Session,
    registration_id: int,
    slot_id: int,
    *,
    now: datetime,
    actor: str,
    post: Post,
    replaces_id: int | None = None,
    is_filled: bool = False,
) -> Booking:
    """Keep a slot for HOLD_MINUTES while the form is filled in: nobody else can take it.

    A registration holds one at a time; an older hold of it is let go, and that of the same slot is
    the one it has. `replaces_id`: the booking that is to be moved to it. `is_filled`: it is booked
    at once. CannotMeet with all that stops it, NotFound for another event's slot, HeldEnough.
    """
    event, registration = locked_supplier(session, registration_id)
    meeting_offers.lapse_due(session, event, now=now, post=post)
    if (own := _held_already(session, registration_id, slot_id, replaces_id)) is not None:
        return own
    freed = let_go(session, registration.id, now=now)
    if not is_filled:
        _refuse_endless(session, registration_id, slot_id, now=now)
    if replaces_id is None:
        check(session, event, registration_id, slot_id, now=now, way=Way.OWN)
    else:
        [old] = bookings_where(session, Booking.id == replaces_id)
        if old.registration_id != registration_id:
            raise NotFound
        check_ahead(old, now=now)
        check_move(session, event, old, slot_id, None, Way.OWN, now=now)
    booking = Booking(
        event_id=event.id,
        slot_id=slot_id,
        registration_id=registration_id,
        state=BookingState.HELD,
        until=now + HOLD,
        replaces_id=replaces_id,
        created_at=now,
    )
    session.add(booking)
    session.flush()
    note(session, event, actor, "meeting.held", [booking], now=now)
    meeting_offers.offer_on(session, event, set(freed) - {slot_id}, now=now, post=post)
    return booking


def _held_already(
    session: Session, registration_id: int, slot_id: int, replaces_id: int | None
) -> Booking | None:
    found = bookings_where(
        session,
        Booking.registration_id == registration_id,
        Booking.slot_id == slot_id,
        Booking.state == BookingState.HELD,
        Booking.replaces_id.is_not_distinct_from(replaces_id),
    )
    return found[0] if found else None


def _refuse_endless(session: Session, registration_id: int, slot_id: int, *, now: datetime) -> None:
    """HeldEnough when one after the other it was held as long as one hold may last at most."""
    rows = session.execute(
        sa.select(Booking.created_at, Booking.until, Booking.ended_at).where(
            Booking.registration_id == registration_id,
            Booking.slot_id == slot_id,
            Booking.state == BookingState.LAPSED,
            Booking.offered_at.is_(None),
            Booking.created_at > now - HELD_LATELY,
        )
    )
    spans = [(began, until or now, ended or now) for began, until, ended in rows]
    held = sum((min(until, ended) - began for began, until, ended in spans), timedelta())
    if held >= HOLD * (EXTENSIONS + 1):
        raise HeldEnough


def extend_hold(session: Session, booking_id: int, *, now: datetime, actor: str) -> Booking:
    """HOLD_MINUTES more from now, EXTENSIONS times at most. HoldOver when it ran out before."""
    event, booking = locked_booking(session, booking_id)
    _check_held(booking, now=now)
    if booking.extensions >= EXTENSIONS:
        raise HoldOver
    booking.until, booking.extensions = now + HOLD, booking.extensions + 1
    note(session, event, actor, "meeting.hold_extended", [booking], now=now)
    return booking


def release(session: Session, booking_id: int, *, now: datetime, actor: str, post: Post) -> Booking:
    """Let a hold go before its time. HoldOver when it is none any more."""
    event, booking = locked_booking(session, booking_id)
    _check_held(booking, now=now)
    let_go(session, booking.registration_id, now=now)
    note(session, event, actor, "meeting.hold_released", [booking], now=now)
    meeting_offers.offer_on(session, event, [booking.slot_id], now=now, post=post)
    return booking


def book(
    session: Session,
    booking_id: int,
    details: Details,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Booking:
    """Take the slot that is held or offered, and tell both sides.

    Of a hold that is to replace a booking: that booking, moved, with these details. HoldOver,
    OfferOver (answered, or ran out), CannotMeet when something came between, WrongPeople.
    """
    event, booking = locked_booking(session, booking_id)
    if booking.state == BookingState.OFFERED:
        return meeting_offers.answer(
            session, booking_id, True, details, now=now, actor=actor, post=post
        )
    if booking.offered_at is not None:
        raise OfferOver
    _check_held(booking, now=now)
    if booking.replaces_id is not None:
        return _book_instead(session, event, booking, details, now=now, actor=actor, post=post)
    take(session, event, booking, details, now=now)
    meeting_notices.tell_booked(session, [booking], now=now, post=post)
    note(session, event, actor, "meeting.booked", [booking], now=now)
    return booking


def change_details(
    session: Session, booking_id: int, details: Details, *, now: datetime, actor: str, post: Post
) -> Booking:
    """Other people, language, topics or marks, until the meeting begins. WrongPeople, TooLate,
    NotAllowedNow for one that is not booked."""
    event, booking = locked_booking(session, booking_id)
    check_ahead(booking, now=now)
    before = [each.participant for each in booking.people]
    people = _people_then(session, event, booking, details, now=now)
    fill_in(booking, details, people)
    session.flush()
    tell_people(session, booking, before, now=now, post=post, always=True)
    there = [one.id for one in people]
    note(session, event, actor, "meeting.changed", [booking], now=now, people=there)
    return booking


def _check_held(booking: Booking, *, now: datetime) -> None:
    if booking.state != BookingState.HELD or booking.until is None or now >= booking.until:
        raise HoldOver


def _people_then(
    session: Session, event: Event, booking: Booking, details: Details, *, now: datetime
) -> list[Participant]:
    """Those who are to come to the meeting where it is. WrongPeople, also for who is in another
    meeting then."""
    most = rules_facts(session, event, now=now).most_people
    people = people_of(session, booking.registration_id, details.people, most)
    facts = supplier_facts(
        session, event.id, [booking.registration_id], now=now, without=[booking.id]
    )[booking.registration_id]
    slot = booking.slot
    if is_busy(facts, (slot.starts_at, slot.ends_at), persons(people)):
        raise WrongPeople(None)
    return people


def _book_instead(
    session: Session,
    event: Event,
    held: Booking,
    details: Details,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Booking:
    """The meeting that the hold was to replace moves there; the hold has done its work."""
    [booking] = bookings_where(session, Booking.id == held.replaces_id)
    check_ahead(booking, now=now)
    most = rules_facts(session, event, now=now).most_people
    people = people_of(session, booking.registration_id, details.people, most)
    freed = let_go(session, booking.registration_id, now=now)
    check_move(session, event, booking, held.slot_id, persons(people), Way.STAFF, now=now)
    before = [each.participant for each in booking.people]
    fill_in(booking, details, people)
    target = held.slot_id
    moved = move_to(session, event, booking, target, freed, now=now, actor=actor, post=post)
    tell_people(session, moved, before, now=now, post=post)
    return moved
