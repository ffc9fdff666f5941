"""Slots that came free go on to those who wait: offered for a time, in the order of the queue."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.bookings import Details
from dialognav.mail.post import Post
from dialognav.models import Booking, Event


def offer(
    session: Session,
    request_id: int,
    slot_id: int,
    *,
    now: datetime,
    actor: str,
    post: Post,
    reason: str = "",
) -> Booking:
    """Staff offer a free slot to one who waits, until the rule's time. Who would have been next and
    is passed over wants a reason (ReasonNeeded). CannotMeet; NotAllowedNow for who does not wait;
    TooLate when nobody could answer in time."""
    raise NotImplementedError


def answer(
    session: Session,
    booking_id: int,
    accepts: bool,
    details: Details | None = None,
    *,
    now: datetime,
    actor: str,
    post: Post,
    stays: bool = False,
) -> Booking:
    """Take an offered slot (then with details), or do without it: it goes to the next. `stays`: in
    the queue, with the same number, for another slot. OfferOver, WrongPeople, CannotMeet."""
    raise NotImplementedError


def offer_on(
    session: Session, event: Event, slot_ids: Collection[int], *, now: datetime, post: Post
) -> list[Booking]:
    """Offer free slots to the first in the queue whom each suits, and tell them.

    Call it under lock_event() after freeing them. Nobody gets one by itself where the organiser
    hands out by hand, before a draw is public, or too late to answer: the slot stays free.
    """
    raise NotImplementedError


def events_to_lapse(session: Session, *, now: datetime) -> Sequence[int]:
    """Ids of the events that lapse() has something to do for; one indexed statement."""
    raise NotImplementedError


def lapse(session: Session, event_id: int, *, now: datetime, post: Post) -> list[Booking]:
    """Holds and offers that ran out end, and the slots are offered on. Who let an offer run out
    leaves the queue, is told, and may join it again, last. Safe to run twice, late, and beside
    another worker."""
    raise NotImplementedError
