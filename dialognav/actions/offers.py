"""Offers of a place: accept, decline, let run out; and joining the queue again afterwards."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav import audit
from dialognav.actions.meeting_effects import meets_ahead, people_retired
from dialognav.actions.participants import retire
from dialognav.actions.party_limits import check_share
from dialognav.actions.queues import leave, leave_other_modes, note_queue
from dialognav.actions.registration_rules import live_people, locked_registration, seated
from dialognav.actions.seats import (
    Wish,
    check_number,
    fill_free_places,
    live_seats,
    seat_people,
)
from dialognav.actions.second_looks import put_in_line
from dialognav.domain.errors import EventFull, NotAllowedNow, OfferOver, TooLate
from dialognav.domain.offers import takes_queue
from dialognav.domain.reviews import LIMIT
from dialognav.domain.terms import EventState, Review, Seat
from dialognav.mail import notices, queue_notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Occasion, Participant, Registration, lock_event


def accept_offers(
    session: Session,
    registration_id: int,
    participant_id: int | None = None,
    occasion_id: int | None = None,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> list[Attendance]:
    """Take the places that are held for one person, or for everybody of the registration; at one
    occasion, or at all.

    OfferOver when none is held any more, also while the job that lets offers lapse is late;
    NotAllowedNow while the event has no day.
    """
    event, registration = locked_registration(session, registration_id)
    seats = _offered(event, registration, participant_id, occasion_id)
    taken = [seat for seat in seats if seat.offer_ends_at and now < seat.offer_ends_at]
    if not taken:
        raise OfferOver
    for seat in taken:
        seat.state, seat.state_at, seat.offer_ends_at = Seat.CONFIRMED, now, None
    session.flush()
    freed = leave_other_modes(session, taken, now=now)
    notices.tell_places(session, event, taken, why="accepted", now=now, post=post)
    note_queue(session, event, actor, "offer.accept", taken, now=now)
    if freed:
        fill_free_places(session, event, now=now, post=post)
    return taken


def decline_offers(
    session: Session,
    registration_id: int,
    participant_id: int | None = None,
    occasion_id: int | None = None,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> list[Attendance]:
    """Do without; each place goes to the next in its queue at once. OfferOver, NotAllowedNow.

    Whoever has no other seat, and no one-to-one meeting ahead, is no longer registered.
    """
    event, registration = locked_registration(session, registration_id)
    seats = _offered(event, registration, participant_id, occasion_id)
    if not seats:
        raise OfferOver
    leave(seats, now=now)
    for person in {seat.participant for seat in seats}:
        if not live_seats(person) and not meets_ahead(session, [person], now=now):
            retire(person, now=now)
    if not live_people(registration):
        registration.withdrawn_at = now
    session.flush()
    gone = [seat for seat in seats if seat.participant.withdrawn_at is not None]
    notices.tell_withdrawn(session, event, gone, by="self", now=now, post=post)
    retired = {seat.participant_id for seat in gone}
    people_retired(session, event, registration, retired, now=now, actor=actor, post=post)
    note_queue(session, event, actor, "offer.decline", seats, now=now)
    fill_free_places(session, event, now=now, post=post)
    return seats


def _offered(
    event: Event, registration: Registration, participant_id: int | None, occasion_id: int | None
) -> list[Attendance]:
    if event.state != EventState.PUBLISHED:
        raise NotAllowedNow
    return [
        seat
        for person in live_people(registration)
        if participant_id in (None, person.id)
        for seat in person.attendances
        if seat.state == Seat.OFFERED and occasion_id in (None, seat.occasion_id)
    ]


def events_with_ended_offers(session: Session, *, now: datetime) -> Sequence[int]:
    """Ids of the events that lapse_offers() has something to do for; one indexed statement."""
    return session.scalars(
        sa.select(Occasion.event_id)
        .distinct()
        .join(Attendance, Attendance.occasion_id == Occasion.id)
        .join(Event, Event.id == Occasion.event_id)
        .where(
            Attendance.state == Seat.OFFERED,
            Attendance.offer_ends_at <= now,
            Event.state == EventState.PUBLISHED,
        )
        .order_by(Occasion.event_id)
    ).all()


def lapse_offers(session: Session, event_id: int, *, now: datetime, post: Post) -> list[Attendance]:
    """Offers that ran out pass on to the next; whoever let one run out may join again, last.

    Safe to run twice, late, and beside another worker. An event without a day keeps its offers.
    """
    event = lock_event(session, event_id)
    if event.state != EventState.PUBLISHED:
        return []
    ended = session.scalars(
        sa.select(Attendance)
        .join(Attendance.occasion)
        .where(
            Occasion.event_id == event_id,
            Attendance.state == Seat.OFFERED,
            Attendance.offer_ends_at <= now,
        )
        .order_by(Attendance.id)
        .options(joinedload(Attendance.participant).joinedload(Participant.registration))
        .execution_options(populate_existing=True)
    ).all()
    if not ended:
        return []
    for seat in ended:
        seat.state, seat.state_at = Seat.LAPSED, now
    session.flush()
    told = [seat for seat in ended if now < seat.occasion.starts_at]
    queue_notices.tell_lapsed(session, event, told, now=now, post=post)
    note_queue(session, event, "job", "offer.lapse", ended, now=now)
    fill_free_places(session, event, now=now, post=post)
    return list(ended)


def join_again(
    session: Session,
    registration_id: int,
    participant_id: int | None = None,
    occasion_id: int | None = None,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> list[Attendance]:
    """Who let an offer run out asks for a place anew: the end of the queue, if there is one.

    NotAllowedNow for anybody else, and for more occasions than one may choose; TooLate once the
    event has begun; EventFull when the queue is closed, even if places are left; LimitReached when
    colleagues have taken the organisation's places meanwhile.
    """
    event, registration = locked_registration(session, registration_id)
    lapsed = _lapsed(registration, participant_id, occasion_id)
    lapsed = _queued_again(event, registration, lapsed, now=now)
    asks = _check_room(session, event, registration, lapsed)
    if asks:
        put_in_line(session, registration, LIMIT, now=now)
    wishes = [(seat.participant, Wish(seat.mode, (seat.occasion_id,))) for seat in lapsed]
    seats = seat_people(session, event, wishes, now=now, pending=asks)
    session.flush()
    notices.tell_places(session, event, seats, why="registered", now=now, post=post)
    audit.record(
        session,
        event.organisation_id,
        actor,
        "queue.join_again",
        f"registration:{registration.id}",
        now=now,
        event_id=event.id,
        facts={"participants": [seat.participant_id for seat in seats]},
    )
    return seats


def _lapsed(
    registration: Registration, participant_id: int | None, occasion_id: int | None
) -> list[Attendance]:
    return [
        seat
        for person in live_people(registration)
        if participant_id in (None, person.id)
        for seat in lapsed_seats(person)
        if occasion_id in (None, seat.occasion_id)
    ]


def _queued_again(
    event: Event, registration: Registration, lapsed: Sequence[Attendance], *, now: datetime
) -> list[Attendance]:
    """Those at occasions whose queue still moves. NotAllowedNow, TooLate, EventFull."""
    is_declined = registration.review == Review.DECLINED
    if event.state != EventState.PUBLISHED or is_declined or not lapsed:
        raise NotAllowedNow
    ahead = [seat for seat in lapsed if now < seat.occasion.starts_at]
    if not ahead:
        raise TooLate
    queued = [seat for seat in ahead if takes_queue(event, now, seat.occasion)]
    if not queued:
        raise EventFull(*(seat.occasion_id for seat in ahead))
    return queued


def _check_room(
    session: Session, event: Event, registration: Registration, lapsed: Sequence[Attendance]
) -> bool:
    """Whether somebody has to look at them first. LimitReached; NotAllowedNow for more occasions
    than one person may choose."""
    people = {seat.participant for seat in lapsed}
    for one in people:
        asked = {seat.occasion_id for seat in lapsed if seat.participant is one}
        check_number(event, len(asked | {seat.occasion_id for seat in live_seats(one)}))
    newcomers = sum(not live_seats(one) for one in people)
    return check_share(session, event, registration, newcomers, beside=seated(registration))


def lapsed_seats(person: Participant) -> list[Attendance]:
    """The offers that ran out, at occasions where the person has nothing else; the latest of each.

    Empty for somebody who has left.
    """
    if person.withdrawn_at is not None:
        return []
    live = {seat.occasion_id for seat in live_seats(person)}
    found = {
        seat.occasion_id: seat
        for seat in sorted(person.attendances, key=lambda seat: seat.id)
        if seat.occasion_id not in live
    }
    return [seat for seat in found.values() if seat.state == Seat.LAPSED]
