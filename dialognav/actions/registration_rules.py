"""What every verb of a registration asks first: the rows under the lock, and whether it may."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session, selectinload

from dialognav import audit
from dialognav.actions.meeting_effects import meets_ahead
from dialognav.actions.seats import live_seats
from dialognav.domain.admission import (
    PERSONS_PER_FORM,
    TAKES_SIGN_UPS,
    Occupancy,
    sign_up_state,
)
from dialognav.domain.errors import NotAllowedNow, NotFound, RegistrationClosed, TooLate
from dialognav.domain.offers import is_stopped
from dialognav.domain.terms import LIVE, EventState, Seat
from dialognav.models import Attendance, Event, Participant, Registration, lock_event
from dialognav.models.approvals import is_declined


def locked_registration(session: Session, registration_id: int) -> tuple[Event, Registration]:
    """The event, locked, and the registration with its people as they stand under the lock."""
    event_id = session.scalar(
        sa.select(Registration.event_id).where(Registration.id == registration_id)
    )
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    registration = session.scalars(
        sa.select(Registration)
        .where(Registration.id == registration_id)
        .options(
            selectinload(Registration.participants)
            .selectinload(Participant.attendances)
            .joinedload(Attendance.occasion),
            selectinload(Registration.participants).joinedload(Participant.diet),
            selectinload(Registration.participants).joinedload(Participant.access_need),
        )
        .execution_options(populate_existing=True)
    ).one()
    return event, registration


def locked_participant(session: Session, participant_id: int) -> tuple[Event, Participant]:
    registration_id = session.scalar(
        sa.select(Participant.registration_id).where(Participant.id == participant_id)
    )
    if registration_id is None:
        raise NotFound
    event, registration = locked_registration(session, registration_id)
    [participant] = [one for one in registration.participants if one.id == participant_id]
    return event, participant


def check_open(event: Event, *, now: datetime, by_staff: bool) -> None:
    """RegistrationClosed outside the window of sign-up; staff add people until the last start."""
    window = (
        (None, None) if by_staff else (event.registration_opens_at, event.registration_closes_at)
    )
    state = sign_up_state(
        state=event.state,
        opens_at=window[0],
        closes_at=window[1],
        starts_at=event.last_start,
        ends_at=event.ends_at,
        waiting_list=event.waiting_list,
        seats=[Occupancy(None, 0, 0)],  # whether there is room is seat_people()'s to say
        now=now,
    )
    if state not in TAKES_SIGN_UPS:
        raise RegistrationClosed


def check_not_over(event: Event, participant: Participant, *, now: datetime) -> None:
    """NotAllowedNow for somebody who has withdrawn or an event called off; TooLate once begun."""
    if event.state == EventState.CANCELLED or participant.withdrawn_at is not None:
        raise NotAllowedNow
    if not can_leave(event, participant, now=now):
        raise TooLate


def check_may_choose(event: Event, participant: Participant, *, now: datetime) -> None:
    """As check_not_over(), where may_choose() says no."""
    if not may_choose(event, participant, now=now):
        check_not_over(event, participant, now=now)


def may_choose(event: Event, participant: Participant, *, now: datetime) -> bool:
    """Whether anything is left to change: one whose occasions have all begun or been called off
    may still come to another."""
    if event.state == EventState.CANCELLED or participant.withdrawn_at is not None:
        return False
    has_another = any(now < each.starts_at for each in event.live_occasions)
    seats = participant.attendances
    is_registered = any(seat.state in LIVE or is_called_off(seat) for seat in seats)
    return (has_another and is_registered) or can_leave(event, participant, now=now)


def check_may_add(
    event: Event,
    participant: Participant,
    *,
    now: datetime,
    by_staff: bool = False,
    more: int = 1,
) -> None:
    """RegistrationClosed for `more` occasions when sign-up is over; not for one instead of each
    that was called off, unless a procurement has begun."""
    off = [seat for seat in participant.attendances if is_called_off(seat)]
    lost = len({seat.occasion_id for seat in off}) - _added_since(participant, off)
    if more > lost or is_stopped(event, now):
        check_open(event, now=now, by_staff=by_staff)


def _added_since(participant: Participant, off: Sequence[Attendance]) -> int:
    """How many occasions somebody has who had not asked for them when the first was called off."""
    if not off:
        return 0
    since = min(seat.state_at for seat in off)
    before = {seat.occasion_id for seat in participant.attendances if seat.created_at <= since}
    return len({seat.occasion_id for seat in live_seats(participant)} - before)


def is_called_off(seat: Attendance) -> bool:
    """Whether somebody had this seat, or waited for it, until the occasion was cancelled."""
    cancelled_at = seat.occasion.cancelled_at
    return (
        cancelled_at is not None and seat.state == Seat.WITHDRAWN and seat.state_at >= cancelled_at
    )


def can_leave(event: Event, participant: Participant, *, now: datetime) -> bool:
    """Whether there is anything left to give up: a seat, or a one-to-one meeting after all seats
    have begun."""
    if event.state == EventState.POSTPONED or seats_ahead(participant, now=now):
        return True
    session = object_session(participant)
    return session is not None and meets_ahead(session, [participant], now=now)


def seats_ahead(participant: Participant, *, now: datetime) -> list[Attendance]:
    return [seat for seat in live_seats(participant) if now < seat.occasion.starts_at]


def seats_to_leave(event: Event, participant: Participant, *, now: datetime) -> list[Attendance]:
    """The live seats one may still give up: those that have not begun, or have no date now. None
    for somebody who has only a one-to-one meeting ahead."""
    check_not_over(event, participant, now=now)
    if event.state == EventState.POSTPONED:
        return live_seats(participant)
    return seats_ahead(participant, now=now)


def live_people(registration: Registration) -> list[Participant]:
    """Those who have neither left nor been declined."""
    people = (one for one in registration.participants if one.withdrawn_at is None)
    return [one for one in people if not is_declined(one)]


def persons_allowed(event: Event) -> int:
    """How many people one registration may bring."""
    return event.limit_per_party or PERSONS_PER_FORM


def room_for(event: Event, registration: Registration) -> int:
    """Seats that this registration's people could still have; others of the party not counted."""
    return persons_allowed(event) - seated(registration)


def seated(registration: Registration) -> int:
    """How many of its people have a seat, wait for one, or are looked at."""
    return sum(bool(live_seats(one)) for one in live_people(registration))


def note(
    session: Session,
    event: Event,
    actor: str,
    verb: str,
    participant: Participant,
    *,
    now: datetime,
    facts: dict[str, object] | None = None,
) -> None:
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"participant:{participant.id}",
        now=now,
        event_id=event.id,
        facts=facts,
    )


def contact_person(registration: Registration) -> Participant | None:
    """The contact among those who take part: by the address, and the name where several share it.

    The letters see it the same way (mail/audience.py).
    """
    here = (one for one in registration.participants if one.withdrawn_at is None)
    people = [one for one in here if one.email == registration.contact_email]
    named = [one for one in people if one.name == registration.contact_name]
    return next(iter((*named, *people)), None)
