"""The end of an event's queue, and the one way past it: somebody decides so, and says why."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from dialognav import audit
from dialognav.actions.queues import (
    fill_free_places,
    give_turn,
    leave_other_modes,
    note_queue,
    occupancies,
    waiting_at,
)
from dialognav.domain.errors import EventFull, NotAllowedNow, NotFound, TooLate
from dialognav.domain.offers import Turn, next_turn, rule_of
from dialognav.domain.terms import EventState, QueueReason, Seat
from dialognav.mail import notices, queue_notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Occasion, Participant, lock_event

BY_TIME, BY_PROCUREMENT = "time", "procurement"


def events_to_close(session: Session, *, now: datetime) -> list[int]:
    """Ids of the events where a cut-off has come while people wait; those not over yet."""
    is_waited_for = sa.exists().where(
        Attendance.occasion_id == Occasion.id,
        Occasion.event_id == Event.id,
        Attendance.state == Seat.WAITING,
    )
    candidates = session.scalars(
        sa.select(Event)
        .where(
            Event.state == EventState.PUBLISHED,
            Event.queue_closed_at.is_(None),
            Event.ends_at > now,
            is_waited_for,
        )
        .options(joinedload(Event.organisation, innerjoin=True), selectinload(Event.occasions))
        .order_by(Event.id)
    )
    return [event.id for event in candidates if _due(event, now)]


def _due(event: Event, now: datetime) -> list[Occasion]:
    """The occasions whose cut-off has come, and whose queues nobody has closed."""
    rules = [(each, rule_of(event, each)) for each in event.live_occasions]
    return [
        each
        for each, rule in rules
        if each.queue_closed_at is None and rule is not None and now >= rule.closes_at
    ]


def close_when_due(
    session: Session, event_id: int, *, now: datetime, post: Post
) -> list[Attendance]:
    """At the cut-off: one letter to everybody who still waits; once, whoever else runs it too."""
    event = lock_event(session, event_id)
    is_open = event.state == EventState.PUBLISHED and event.queue_closed_at is None
    due = _due(event, now) if is_open else []
    return close_queue(session, event, BY_TIME, occasions=due, now=now, post=post) if due else []


def close_queue(
    session: Session,
    event: Event,
    closed_by: str,
    *,
    occasions: Collection[Occasion] = (),
    now: datetime,
    post: Post,
) -> list[Attendance]:
    """Nobody moves up by itself any more, at these occasions or (without any) at all.

    Returns those who were told so. The event is locked.
    """
    closed = occasions or event.live_occasions
    for occasion in closed:
        occasion.queue_closed_at = now
    if all(each.queue_closed_at is not None for each in event.live_occasions):
        event.queue_closed_at = now
    session.flush()
    waiting = session.scalars(
        sa.select(Attendance)
        .where(
            Attendance.occasion_id.in_({each.id for each in closed}),
            Attendance.state == Seat.WAITING,
        )
        .order_by(Attendance.id)
        .options(joinedload(Attendance.participant).joinedload(Participant.registration))
    ).all()
    seated = _seated(session, waiting)
    told = [seat for seat in waiting if (seat.participant_id, seat.occasion_id) not in seated]
    if told:
        queue_notices.tell_no_place(session, event, told, closed_by=closed_by, now=now, post=post)
        note_queue(session, event, "job", "queue.close", told, now=now, closed_by=closed_by)
    return told


def _seated(session: Session, waiting: Sequence[Attendance]) -> set[tuple[int, int]]:
    """(participant, occasion) of those who have a place and only wait for another way to attend."""
    rows = session.execute(
        sa.select(Attendance.participant_id, Attendance.occasion_id).where(
            Attendance.participant_id.in_({seat.participant_id for seat in waiting}),
            Attendance.state == Seat.CONFIRMED,
        )
    )
    return {(participant, occasion) for participant, occasion in rows}


def move_up(
    session: Session,
    attendance_id: int,
    reason: str,
    text: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> Attendance:
    """Put one who waits first in the queue, past the others, for a reason that stays in the record.

    A free place goes to them at once, by the event's rule; after the cut-off confirmed, and then
    EventFull when there is none. `reason` is a code, `text` what else there is to say, about the
    case and without names. NotAllowedNow for somebody who does not wait, TooLate once begun.
    """
    event, seat = _locked_seat(session, attendance_id)
    if seat.state != Seat.WAITING or event.state != EventState.PUBLISHED:
        raise NotAllowedNow
    if now >= seat.occasion.starts_at:
        raise TooLate
    passed, was = _before(session, seat), seat.queue_number
    seat.queue_number, seat.queue_reason = _before_all(session, seat), QueueReason.MOVED
    session.flush()
    audit.record(
        session,
        event.organisation_id,
        actor,
        "queue.move_up",
        f"participant:{seat.participant_id}",
        now=now,
        event_id=event.id,
        facts={"reason": reason, "text": text, "attendance": seat.id, "number": was}
        | {"passed": [other.participant_id for other in passed]},
    )
    if next_turn(event, now, seat.occasion) is not None:
        fill_free_places(session, event, now=now, post=post)
    else:
        _confirm(session, event, seat, now=now, post=post)
    return seat


def _locked_seat(session: Session, attendance_id: int) -> tuple[Event, Attendance]:
    event_id = session.scalar(
        sa.select(Occasion.event_id)
        .join(Attendance, Attendance.occasion_id == Occasion.id)
        .where(Attendance.id == attendance_id)
    )
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    seat = session.get_one(Attendance, attendance_id, populate_existing=True)
    return event, seat


def _before(session: Session, seat: Attendance) -> list[Attendance]:
    """Those who wait for the same with a lower number."""
    queue = waiting_at(session, (seat.occasion_id, seat.mode))
    return [other for other in queue if (other.queue_number or 0) < (seat.queue_number or 0)]


def _before_all(session: Session, seat: Attendance) -> int:
    """A number lower than any ever given at that occasion in that mode."""
    lowest = session.scalar(
        sa.select(sa.func.min(Attendance.queue_number)).where(
            Attendance.occasion_id == seat.occasion_id, Attendance.mode == seat.mode
        )
    )
    return (1 if lowest is None else lowest) - 1


def _confirm(
    session: Session, event: Event, seat: Attendance, *, now: datetime, post: Post
) -> None:
    """The queue has closed: whoever decides so gives one of the places that are free."""
    if not occupancies(session, event)[seat.occasion_id, seat.mode].has_room:
        raise EventFull
    give_turn(seat, Turn(Seat.CONFIRMED), now=now)
    session.flush()
    leave_other_modes(session, [seat], now=now)
    notices.tell_places(session, event, [seat], why="promoted", now=now, post=post)
