"""One-to-one meetings, one at a time: hold, book, move, swap people, give up, assign by hand.

Many at once stand in booking_sets.py, offers in meeting_offers.py, wishes and the waiting list in
meeting_requests.py. Whoever acts for a supplier has fetched the booking by the supplier's own link
first (queries/bookings.own_booking), whoever acts for staff by queries/access.access_booking.

An actor "user:7" is staff: they may act outside the window and the rule of handing out, with a
reason; never past a limit, a conflict of interest or a slot that somebody has.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.mail.post import Post
from dialognav.models import Booking


@dataclass(frozen=True, slots=True)
class Details:
    """What a supplier says of its meeting. `people` are ids of participants; `language` is one of
    those spoken, "" when only one is."""

    people: tuple[int, ...]
    language: str = ""
    topics: str = ""
    secret_marks: str = ""
    secret_reason: str = ""


def hold(
    session: Session,
    registration_id: int,
    slot_id: int,
    *,
    now: datetime,
    actor: str,
    post: Post,
    replaces_id: int | None = None,
) -> Booking:
    """Keep a slot for HOLD_MINUTES while the form is filled in: nobody else can take it.

    A registration holds one at a time; an older hold of it is let go. `replaces_id`: the booking
    that is to be moved to it. CannotMeet with all that stops it, NotFound for another event's slot.
    """
    raise NotImplementedError


def extend_hold(session: Session, booking_id: int, *, now: datetime, actor: str) -> Booking:
    """HOLD_MINUTES more from now, EXTENSIONS times at most. HoldOver when it ran out before."""
    raise NotImplementedError


def release(session: Session, booking_id: int, *, now: datetime, actor: str, post: Post) -> Booking:
    """Let a hold go before its time. HoldOver when it is none any more."""
    raise NotImplementedError


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
    raise NotImplementedError


def change_details(
    session: Session, booking_id: int, details: Details, *, now: datetime, actor: str, post: Post
) -> Booking:
    """Other people, language, topics or marks, until the meeting begins. WrongPeople, TooLate,
    NotAllowedNow for one that is not booked."""
    raise NotImplementedError


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
    raise NotImplementedError


def withdraw(
    session: Session, booking_id: int, *, now: datetime, actor: str, post: Post
) -> Booking:
    """The supplier does without; the slot is offered on. TooLate once it has begun; NotAllowedNow
    for one that is not booked."""
    raise NotImplementedError


def cancel(
    session: Session,
    booking_id: int,
    reason: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
    offer_on: bool = False,
) -> Booking:
    """Staff call a meeting off, or take an offer back. The slot stays free unless it is to go on.

    ReasonNeeded, TooLate, NotAllowedNow for one that is neither booked nor offered.
    """
    raise NotImplementedError


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
    raise NotImplementedError
