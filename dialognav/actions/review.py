"""Somebody looks at a registration before it holds a place: approve, decline, think again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav import audit
from dialognav.actions.meeting_effects import people_declined
from dialognav.actions.seats import fill_free_places, seat_pending
from dialognav.db import Text
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotFound, TooLate
from dialognav.domain.reviews import CHANGED, approve_all_but, fingerprint
from dialognav.domain.terms import EventState, Review, Seat
from dialognav.mail import review_notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Participant, Registration, lock_event
from dialognav.models.approvals import facts_of, is_declined

OPEN = (Review.PENDING, Review.CHANGED)


@dataclass(frozen=True, slots=True)
class Look:
    """A registration somebody decides on. `seen` is the fingerprint of what stood on the page;
    without people named, all of them are meant."""

    registration_id: int
    seen: str
    participant_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why: one of domain.reviews.DECLINE_REASONS, and what is said beside it, by language."""

    reason: str
    text: Text


@dataclass(frozen=True, slots=True)
class _Case:
    """A registration with those of its people who are decided on."""

    registration: Registration
    people: tuple[Participant, ...]

    @property
    def pending(self) -> list[Attendance]:
        return [seat for one in self.people for seat in pending_seats(one)]


def begin_review(registration: Registration, reasons: Sequence[str], *, now: datetime) -> None:
    """Put a new registration in line to be looked at; without a reason, nobody has to."""
    if reasons:
        registration.review = Review.PENDING
        registration.review_reasons = list(reasons)
        registration.review_since = now


def approve(
    session: Session,
    event_id: int,
    looks: Sequence[Look],
    *,
    now: datetime,
    actor: str,
    decided_by_id: int | None,
    post: Post,
) -> list[Attendance]:
    """Give them what they asked for, who waited longest first; a declined one gets another chance.

    All or none: EventFull when one can have neither a place nor a number in the queue,
    EditedMeanwhile when one is not as it was on the page, or has been decided by somebody else,
    NotAllowedNow while the event has no date, TooLate once it has begun.
    """
    event = lock_event(session, event_id)
    _check_can_approve(event, now=now)
    cases = _cases(session, event, looks, states=(*OPEN, Review.DECLINED))
    known = {seat.id for case in cases for seat in _known(case)}
    for case in cases:
        if case.registration.review == Review.DECLINED:
            case.registration.review = Review.PENDING
    seats = [seat for case in cases for seat in (*case.pending, *_again(session, case, now=now))]
    session.flush()
    seat_pending(session, event, seats, now=now)
    _settle(session, [case.registration for case in cases])
    for case in cases:
        case.registration.decided_at, case.registration.decided_by_id = now, decided_by_id
        _note(session, event, actor, "registration.approve", case, now=now)
    moved = fill_free_places(session, event, now=now, post=post)
    told = [seat for seat in seats if seat not in moved]
    review_notices.tell_approved(session, event, told, known=known, now=now, post=post)
    review_notices.tell_contacts(
        session, event, [case.registration for case in cases], now=now, post=post
    )
    return seats


def decline(
    session: Session,
    event_id: int,
    looks: Sequence[Look],
    refusal: Refusal,
    *,
    now: datetime,
    actor: str,
    decided_by_id: int | None,
    post: Post,
) -> list[Attendance]:
    """Refuse them, with a reason that is mailed; places that were kept go to the next in turn.

    All or none: EditedMeanwhile as for approve(), NotAllowedNow for an event called off.
    """
    event = lock_event(session, event_id)
    if event.state == EventState.CANCELLED:
        raise NotAllowedNow
    cases = _cases(session, event, looks, states=OPEN)
    seats = [seat for case in cases for seat in case.pending]
    for seat in seats:
        seat.state, seat.state_at, seat.keeps_seat = Seat.DECLINED, now, False
    session.flush()
    rows = [case.registration for case in cases]
    _settle(session, rows)
    reason, text = refusal.reason, dict(refusal.text)
    for case in cases:
        case.registration.decided_at, case.registration.decided_by_id = now, decided_by_id
        case.registration.decision_reason, case.registration.decision_text = reason, text
        _note(session, event, actor, "registration.decline", case, now=now, more={"reason": reason})
    for case in cases:
        people = [one for one in case.people if is_declined(one)]
        people_declined(session, case.registration, people, now=now, actor=actor, post=post)
    review_notices.tell_declined(session, event, seats, reason, text, now=now, post=post)
    review_notices.tell_contacts(session, event, rows, reason=reason, text=text, now=now, post=post)
    fill_free_places(session, event, now=now, post=post)
    return seats


def pending_seats(person: Participant) -> list[Attendance]:
    return [seat for seat in person.attendances if seat.state == Seat.PENDING]


def close_when_done(session: Session, registration: Registration) -> None:
    """When the last of those to be looked at has left by themselves, nothing remains to decide."""
    if registration.review in OPEN and _still_here(registration):
        _settle(session, [registration])


def _settle(session: Session, registrations: Sequence[Registration]) -> None:
    """What stands after a decision, and what was approved, for the next edit to be compared with.

    While one of its people still waits for a decision, the registration does.
    """
    session.flush()
    facts = facts_of(session, registrations)
    for row in registrations:
        waiting = {one.id for one in _still_here(row) if pending_seats(one)}
        approved = approve_all_but(waiting, facts[row.id], row.approved)
        if approved["people"]:
            row.approved = approved
        if all(is_declined(one) for one in _still_here(row)):
            row.review = Review.DECLINED
        elif not waiting:
            row.review = Review.APPROVED
            row.review_reasons = [each for each in row.review_reasons if each != CHANGED]


def _check_can_approve(event: Event, *, now: datetime) -> None:
    if event.state != EventState.PUBLISHED:
        raise NotAllowedNow
    if all(occasion.starts_at <= now for occasion in event.live_occasions):
        raise TooLate


def _cases(
    session: Session, event: Event, looks: Sequence[Look], *, states: Sequence[str]
) -> list[_Case]:
    """What is decided on, under the lock, who waited longest first. NotFound for what is not this
    event's."""
    wanted = {look.registration_id: look for look in looks}
    rows = session.scalars(
        sa.select(Registration)
        .where(Registration.id.in_(wanted), Registration.event_id == event.id)
        .options(
            selectinload(Registration.participants)
            .selectinload(Participant.attendances)
            .joinedload(Attendance.occasion)
        )
        .order_by(Registration.review_since, Registration.id)
        .execution_options(populate_existing=True)
    ).all()
    if not rows or len(rows) != len(wanted):
        raise NotFound
    facts = facts_of(session, rows)
    for row in rows:
        is_same = fingerprint(facts[row.id], row.review) == wanted[row.id].seen
        if row.withdrawn_at is not None or row.review not in states or not is_same:
            raise EditedMeanwhile
    return [_case(row, wanted[row.id]) for row in rows]


def _case(registration: Registration, look: Look) -> _Case:
    """EditedMeanwhile when one of the people named has nothing to be decided."""
    here = _still_here(registration)
    people = tuple(
        one for one in here if not look.participant_ids or one.id in look.participant_ids
    )
    if look.participant_ids:
        is_ready = all(pending_seats(one) or is_declined(one) for one in people)
        if len(people) != len(look.participant_ids) or not is_ready:
            raise EditedMeanwhile
        return _Case(registration, people)
    if registration.review in OPEN:  # who was declined by name stays so
        people = tuple(one for one in people if not is_declined(one))
    return _Case(registration, people)


def _still_here(registration: Registration) -> list[Participant]:
    return [one for one in registration.participants if one.withdrawn_at is None]


def _again(session: Session, case: _Case, *, now: datetime) -> list[Attendance]:
    """New seats to be decided, for those who were declined; the old rows tell of that decision."""
    seats = [
        Attendance(
            participant=one,
            occasion=seat.occasion,
            mode=seat.mode,
            state=Seat.PENDING,
            created_at=now,
            state_at=now,
        )
        for one in case.people
        if is_declined(one)
        for seat in _last_declined(one)
        if now < seat.occasion.starts_at
    ]
    session.add_all(seats)
    return seats


def _last_declined(person: Participant) -> Iterable[Attendance]:
    """One for each occasion, the latest."""
    declined = (seat for seat in person.attendances if seat.state == Seat.DECLINED)
    return {seat.occasion_id: seat for seat in declined}.values()


def _known(case: _Case) -> list[Attendance]:
    """The seats that were kept for people whose name and address are as they were approved."""
    before = (case.registration.approved or {}).get("people", ())
    was = {one["id"]: (one["name"], one["email"]) for one in before}
    return [
        seat
        for one in case.people
        if was.get(one.id) == (one.name, one.email)
        for seat in pending_seats(one)
        if seat.keeps_seat
    ]


def _note(
    session: Session,
    event: Event,
    actor: str,
    verb: str,
    case: _Case,
    *,
    now: datetime,
    more: dict[str, Any] | None = None,
) -> None:
    """Ids and codes only: the words that were mailed are with the registration."""
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"registration:{case.registration.id}",
        now=now,
        event_id=event.id,
        facts={"participants": [one.id for one in case.people], **(more or {})},
    )


def tell_refusal(
    session: Session, event: Event, person: Participant, *, now: datetime, post: Post
) -> None:
    """Once more, to an address that was corrected."""
    registration = person.registration
    review_notices.tell_declined(
        session,
        event,
        list(_last_declined(person)),
        registration.decision_reason,
        registration.decision_text,
        now=now,
        post=post,
    )
