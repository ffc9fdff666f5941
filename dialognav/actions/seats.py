"""Seats and the queue. Every function here wants the event locked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav import audit
from dialognav.domain.admission import (
    Occupancy,
    Place,
    choose_promotions,
    decide_places,
    occupancy_of,
)
from dialognav.domain.errors import EventFull, NotAllowedNow
from dialognav.domain.terms import HOLDING, LIVE, MODES_OF, EventState, QueueReason, Seat
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Occasion, Participant
from dialognav.models.occupancy import count_held

Key = tuple[int, str]  # (occasion id, mode)


@dataclass(frozen=True, slots=True)
class Wish:
    """One person wants to attend in this mode; no occasions named means all of them."""

    mode: str
    occasion_ids: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A seat, or a number in the queue and why."""

    state: Seat
    number: int | None = None
    why: str = ""


def live_seats(participant: Participant) -> list[Attendance]:
    return [seat for seat in participant.attendances if seat.state in LIVE]


def occasions_of(event: Event, wish: Wish) -> list[Occasion]:
    """The occasions a wish means. NotAllowedNow for a mode or an occasion the event has not."""
    wanted = [o for o in event.occasions if not wish.occasion_ids or o.id in wish.occasion_ids]
    if wish.mode not in MODES_OF[event.format] or not wanted:
        raise NotAllowedNow
    return wanted


def seat_people(
    session: Session,
    event: Event,
    people: Sequence[tuple[Participant, Wish]],
    *,
    now: datetime,
    pending: bool = False,
    why: QueueReason | None = None,
) -> list[Attendance]:
    """A seat or a place in the queue for each person, in the order given.

    EventFull, and nothing written, when one of them can have neither. `pending`: somebody has to
    look at them first, and until then they hold nothing (decisions.md 4). `why` they wait, if they
    have to and it is not for being late.
    """
    asked = [
        (participant, occasion, wish.mode)
        for participant, wish in people
        for occasion in occasions_of(event, wish)
    ]
    keys = [(occasion.id, mode) for _, occasion, mode in asked]
    given = [] if pending else _decide(session, event, keys, why)
    seats = [
        Attendance(
            participant=participant,
            occasion=occasion,
            mode=mode,
            state=Seat.PENDING,
            created_at=now,
            state_at=now,
        )
        for participant, occasion, mode in asked
    ]
    if not pending:
        _give(seats, given, now=now)
    session.add_all(seats)
    return seats


def seat_pending(
    session: Session, event: Event, attendances: Sequence[Attendance], *, now: datetime
) -> list[Attendance]:
    """Let those who were looked at have what they asked for, in the order given; returns them.

    Who kept a seat or a number while waiting for the decision has it again. The others get a
    place, or the end of the queue (decisions.md 4): EventFull, and nothing written, when the event
    keeps none. Call fill_free_places() after it: a number that was kept may be next in turn.
    """
    pending = [seat for seat in attendances if seat.state == Seat.PENDING]
    new = [seat for seat in pending if not seat.keeps_seat and seat.queue_number is None]
    keys = [(seat.occasion_id, seat.mode) for seat in new]
    given = _decide(session, event, keys, QueueReason.APPROVED)
    for seat in pending:
        if seat.keeps_seat:
            seat.keeps_seat, seat.state = False, _kept(seat)
        elif seat.queue_number is not None:
            seat.state = Seat.WAITING
        seat.state_at = now
    _give(new, given, now=now)
    session.flush()
    confirmed = [seat for seat in pending if seat.state == Seat.CONFIRMED]
    _leave_other_modes(session, confirmed, now=now)
    return pending


def _kept(seat: Attendance) -> Seat:
    """What somebody held before the second look: a place, or the offer of one."""
    return Seat.CONFIRMED if seat.offer_ends_at is None else Seat.OFFERED


def _decide(
    session: Session, event: Event, keys: Sequence[Key], why: QueueReason | None
) -> list[Given]:
    """What each of them gets. EventFull when one can have neither a place nor a number."""
    if not keys:
        return []
    held = _occupancies(session, event)
    places = decide_places(held, keys, waiting_list=event.waiting_list)
    if Place.REFUSED in places:
        raise EventFull
    waiting = {key for key, place in zip(keys, places, strict=True) if place is Place.WAITING}
    last = _last_numbers(session, waiting)
    given = []
    for key, place in zip(keys, places, strict=True):
        if place is Place.CONFIRMED:
            given.append(Given(Seat.CONFIRMED))
        else:
            last[key] += 1
            given.append(Given(Seat.WAITING, last[key], why or QueueReason.FULL))
    return given


def _give(seats: Sequence[Attendance], given: Sequence[Given], *, now: datetime) -> None:
    for seat, one in zip(seats, given, strict=True):
        seat.state, seat.state_at = one.state, now
        seat.queue_number, seat.queue_reason = one.number, one.why


def _occupancies(session: Session, event: Event) -> dict[Key, Occupancy]:
    held = count_held(session, [event.id])
    return {
        (occasion.id, str(mode)): occupancy_of(occasion, mode, held)
        for occasion in event.occasions
        for mode in MODES_OF[event.format]
    }


def _last_numbers(session: Session, keys: Collection[Key]) -> dict[Key, int]:
    """The highest queue number ever given for each key; numbers are never used again."""
    if not keys:
        return {}
    rows = session.execute(
        sa.select(Attendance.occasion_id, Attendance.mode, sa.func.max(Attendance.queue_number))
        .where(Attendance.occasion_id.in_({occasion_id for occasion_id, _ in keys}))
        .group_by(Attendance.occasion_id, Attendance.mode)
    )
    last = {(occasion_id, mode): number or 0 for occasion_id, mode, number in rows}
    return {key: last.get(key, 0) for key in keys}


def leave(seats: Iterable[Attendance], *, now: datetime) -> None:
    """Give seats and places in the queue back. What is freed is not yet given to anyone."""
    for seat in seats:
        seat.state, seat.state_at, seat.keeps_seat = Seat.WITHDRAWN, now, False


def fill_free_places(
    session: Session, event: Event, *, now: datetime, post: Post
) -> list[Attendance]:
    """Move up those who wait, lowest number first, as far as there is room, and tell them.

    Call it under lock_event() after freeing or adding places. While an event is postponed or
    called off, nobody moves: a confirmation would name a day that is not.
    """
    if event.state != EventState.PUBLISHED:
        return []
    session.flush()
    promoted: list[Attendance] = []
    while moved := _promote(session, event, now=now):
        promoted += moved
        if not _leave_other_modes(session, moved, now=now):
            break
    if promoted:
        notices.tell_places(session, event, promoted, why="promoted", now=now, post=post)
        audit.record(
            session,
            event.organisation_id,
            "job",
            "promote",
            f"event:{event.id}",
            now=now,
            event_id=event.id,
            facts={"participants": [seat.participant_id for seat in promoted]},
        )
    return promoted


def _promote(session: Session, event: Event, *, now: datetime) -> list[Attendance]:
    moved: list[Attendance] = []
    ahead = {occasion.id for occasion in event.occasions if now < occasion.starts_at}
    for (occasion_id, mode), held in _occupancies(session, event).items():
        has_room = held.capacity is None or held.confirmed < held.capacity
        if occasion_id not in ahead or not held.waiting or not has_room:
            continue
        queue = session.scalars(
            sa.select(Attendance)
            .where(
                Attendance.occasion_id == occasion_id,
                Attendance.mode == mode,
                Attendance.state == Seat.WAITING,
            )
            .order_by(Attendance.queue_number)
            .options(joinedload(Attendance.participant).joinedload(Participant.registration))
        ).all()
        moved += choose_promotions(held, queue)
    for seat in moved:
        seat.state, seat.state_at = Seat.CONFIRMED, now
    session.flush()
    return moved


def _leave_other_modes(session: Session, moved: Sequence[Attendance], *, now: datetime) -> int:
    """Whoever changed mode lets the old seat go now; returns how many came free."""
    if not moved:
        return 0
    new = {(seat.participant_id, seat.occasion_id): seat.id for seat in moved}
    rows = session.scalars(
        sa.select(Attendance).where(
            Attendance.participant_id.in_({participant_id for participant_id, _ in new}),
            Attendance.state.in_(HOLDING),
        )
    )
    old = [row for row in rows if new.get((row.participant_id, row.occasion_id), row.id) != row.id]
    leave(old, now=now)
    session.flush()
    return len(old)
