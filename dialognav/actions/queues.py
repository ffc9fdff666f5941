"""The queue of an event: who is next, and how a free place goes on. All wants the event locked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav import audit
from dialognav.domain import admission
from dialognav.domain.admission import Occupancy, choose_promotions
from dialognav.domain.offers import Turn, may_reopen, next_turn, rule_of
from dialognav.domain.terms import HOLDING, Seat
from dialognav.mail import notices, queue_notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Occasion, Participant
from dialognav.models.occupancy import count_held

Key = tuple[int, str]  # (occasion id, mode)


def occupancies(session: Session, event: Event) -> dict[Key, Occupancy]:
    held = count_held(session, [event.id])
    return admission.occupancies(event.live_occasions, event.format, held)


def last_numbers(session: Session, keys: Collection[Key]) -> dict[Key, int]:
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
    session: Session, event: Event, *, now: datetime, post: Post, added: bool = False
) -> list[Attendance]:
    """Hand free places on to those who wait, lowest number first, and tell them.

    Call it under lock_event() after freeing places. They are confirmed, or offered for a time, as
    the event's rule has it. While an event is postponed or called off, nobody moves: a confirmation
    would name a day that is not. After the cut-off nobody moves either, but into places that the
    organiser has `added`.
    """
    turns = _turns(event, now, added=added)
    if not turns:
        return []
    session.flush()
    moved_up: list[Attendance] = []
    while moved := _move_up(session, event, turns, now=now):
        moved_up += moved
        confirmed = [seat for seat in moved if seat.state == Seat.CONFIRMED]
        if not leave_other_modes(session, confirmed, now=now):
            break
    _tell(session, event, moved_up, now=now, post=post)
    return moved_up


def _turns(event: Event, now: datetime, *, added: bool) -> dict[int, Turn]:
    """{occasion id: how its queue goes on}; those that do not are absent."""
    turns = {each.id: next_turn(event, now, each, added=added) for each in event.live_occasions}
    return {occasion_id: turn for occasion_id, turn in turns.items() if turn is not None}


def _tell(
    session: Session, event: Event, moved_up: Sequence[Attendance], *, now: datetime, post: Post
) -> None:
    offered = [seat for seat in moved_up if seat.state == Seat.OFFERED]
    confirmed = [seat for seat in moved_up if seat.state == Seat.CONFIRMED]
    if offered:
        queue_notices.tell_offered(session, event, offered, now=now, post=post)
        note_queue(session, event, "job", "offer", offered, now=now)
    if confirmed:
        notices.tell_places(session, event, confirmed, why="promoted", now=now, post=post)
        note_queue(session, event, "job", "promote", confirmed, now=now)


def note_queue(
    session: Session,
    event: Event,
    actor: str,
    verb: str,
    seats: Sequence[Attendance],
    *,
    now: datetime,
    **facts: object,
) -> None:
    """The audit row of what happened to these people in the queue."""
    people = {"participants": [seat.participant_id for seat in seats]}
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"event:{event.id}",
        now=now,
        event_id=event.id,
        facts=people | facts,
    )


def _move_up(
    session: Session, event: Event, turns: Mapping[int, Turn], *, now: datetime
) -> list[Attendance]:
    moved: list[Attendance] = []
    for key, held in occupancies(session, event).items():
        if key[0] in turns and held.waiting and held.has_room:
            together = _registration_of if event.offer_together else None
            chosen = choose_promotions(held, waiting_at(session, key), together=together)
            for seat in chosen:
                give_turn(seat, turns[key[0]], now=now)
            moved += chosen
    session.flush()
    return moved


def waiting_at(session: Session, key: Key) -> Sequence[Attendance]:
    """Those who wait at one occasion in one mode, the next in turn first."""
    occasion_id, mode = key
    return session.scalars(
        sa.select(Attendance)
        .where(
            Attendance.occasion_id == occasion_id,
            Attendance.mode == mode,
            Attendance.state == Seat.WAITING,
        )
        .order_by(Attendance.queue_number)
        .options(joinedload(Attendance.participant).joinedload(Participant.registration))
    ).all()


def _registration_of(seat: Attendance) -> int:
    return seat.participant.registration_id


def give_turn(seat: Attendance, turn: Turn, *, now: datetime) -> None:
    seat.state, seat.state_at, seat.offer_ends_at = turn.state, now, turn.offer_ends_at


def leave_other_modes(session: Session, moved: Sequence[Attendance], *, now: datetime) -> int:
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


def resume_queue(
    session: Session, event: Event, *, now: datetime, post: Post, added: bool = False
) -> list[Attendance]:
    """Call it after the event's day, rules or places changed (`added`: there are more places).

    A queue that closed opens again when its cut-off is ahead once more; what is free goes on.
    """
    for occasion in event.live_occasions:
        if may_reopen(event, now, occasion):
            occasion.queue_closed_at = event.queue_closed_at = None
    return fill_free_places(session, event, now=now, post=post, added=added)


def fit_offers(session: Session, event: Event, *, now: datetime, anew: bool = False) -> None:
    """No offer outlasts the start, also when that came nearer. Call it before anybody is told.

    `anew`: the event was without a day, so everybody has the time to answer again.
    """
    session.flush()
    offered = session.scalars(
        sa.select(Attendance)
        .join(Attendance.occasion)
        .where(Occasion.event_id == event.id, Attendance.state == Seat.OFFERED)
    )
    for seat in offered:
        assert seat.offer_ends_at is not None
        rule = rule_of(event, seat.occasion) if anew else None
        fresh = rule.offer_ends_at(now) if rule else None
        seat.offer_ends_at = min(fresh or seat.offer_ends_at, seat.occasion.starts_at)
