"""An edit of what was approved is looked at again; until then everybody keeps what they have."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.review import OPEN, close_when_done, pending_seats
from dialognav.actions.seats import fill_free_places, live_seats, seat_pending
from dialognav.domain.reviews import CHANGED, LIMIT, approve_all_but, concerned, differences
from dialognav.domain.terms import Review, Seat
from dialognav.mail import notices, review_notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Participant, Registration
from dialognav.models.approvals import facts_of, under_review

KEPT = (Seat.CONFIRMED, Seat.OFFERED, Seat.WAITING)
"""What somebody keeps while an edit is looked at."""


def is_staff(actor: str) -> bool:
    return actor.startswith("user:")


def newcomers_wait(event: Event, registration: Registration, actor: str) -> bool:
    """Whether somebody added to the registration has to be looked at; staff have looked already."""
    if is_staff(actor):
        return False
    return event.registration_review or registration.review in OPEN or _is_checked(registration)


def look_again(
    session: Session,
    event: Event,
    registration: Registration,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """Call it after any edit of the party, the people or the answers, under the event's lock.

    Whom a difference concerns is pending again, and keeps the seat or the number; whom it no longer
    concerns has it back. What staff change is approved with that.
    """
    session.flush()
    if registration.approved is None or registration.review not in (*OPEN, Review.APPROVED):
        return
    facts = facts_of(session, [registration])[registration.id]
    people = under_review(registration)
    if not newcomers_wait(event, registration, actor):
        waiting = {one.id for one in people if pending_seats(one)}
        registration.approved = approve_all_but(waiting, facts, registration.approved)
        return
    about = concerned(differences(registration.approved, facts), [one.id for one in people])
    _give_back(session, event, registration, people, about, now=now, post=post)
    if about:
        _put_back(session, event, registration, people, about, now=now, actor=actor, post=post)
    else:
        close_when_done(session, registration)


def keep_pending(seats: Iterable[Attendance], *, now: datetime) -> None:
    """Let them be decided on, and keep what they hold: a place, the offer of one, a number."""
    for seat in seats:
        seat.keeps_seat = seat.keeps_seat or seat.state in (Seat.CONFIRMED, Seat.OFFERED)
        seat.state, seat.state_at = Seat.PENDING, now


def accept_as_it_stands(session: Session, registration: Registration) -> None:
    """Whoever had signed up before the event began to look at registrations is approved as such."""
    if registration.review == Review.NONE:
        registration.review = Review.APPROVED
        registration.approved = facts_of(session, [registration])[registration.id]


def put_in_line(
    session: Session, registration: Registration, reason: str, *, now: datetime
) -> None:
    """Behind those who wait already; who waits keeps the place in that line. What nobody had to
    look at so far stands."""
    accept_as_it_stands(session, registration)
    if registration.review not in OPEN:
        registration.review = Review.CHANGED
        registration.review_since = now
    if reason not in registration.review_reasons:
        registration.review_reasons = [*registration.review_reasons, reason]


def _is_checked(registration: Registration) -> bool:
    """Whether it came to be looked at for a reason of its own, and not by the event's rule."""
    return LIMIT in registration.review_reasons


def _put_back(
    session: Session,
    event: Event,
    registration: Registration,
    people: list[Participant],
    about: set[int],
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    seats = [
        seat
        for one in people
        if one.id in about
        for seat in live_seats(one)
        if seat.state in KEPT and now < seat.occasion.starts_at
    ]
    keep_pending(seats, now=now)
    is_known = registration.review in OPEN and not seats
    if is_known or not any(pending_seats(one) for one in people):
        return  # in line already, or everything has begun and no place is left to decide on
    put_in_line(session, registration, CHANGED, now=now)
    session.flush()
    notices.tell_places(session, event, seats, why="changed", now=now, post=post)
    audit.record(
        session,
        event.organisation_id,
        actor,
        "registration.changed",
        f"registration:{registration.id}",
        now=now,
        event_id=event.id,
        facts={"participants": sorted(about)},
    )


def _give_back(
    session: Session,
    event: Event,
    registration: Registration,
    people: list[Participant],
    about: set[int],
    *,
    now: datetime,
    post: Post,
) -> None:
    """Whoever says again what was approved has again what was given."""
    approved = {one["id"] for one in (registration.approved or {}).get("people", ())}
    seats = [
        seat
        for one in people
        if one.id in approved - about
        for seat in pending_seats(one)
        if seat.keeps_seat or seat.queue_number is not None
    ]
    if not seats:
        return
    known = {seat.id for seat in seats if seat.keeps_seat}
    seat_pending(session, event, seats, now=now)
    moved = fill_free_places(session, event, now=now, post=post)
    told = [seat for seat in seats if seat not in moved]
    review_notices.tell_approved(session, event, told, known=known, now=now, post=post)
