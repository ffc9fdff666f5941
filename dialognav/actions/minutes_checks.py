"""What the supplier does with minutes: reads, confirms, corrects, marks possible trade secrets.

Whoever calls these has fetched the minutes by the supplier's own link (queries/minutes.py).
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.held_meetings import record
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotFound, TooMany
from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.minutes import CHECK, MOST_CORRECTED, MOST_MARKS, may_now, quoted
from dialognav.models import Booking, Event, Minutes, SecrecyMark, lock_event


def answer_check(
    session: Session, minutes_id: int, correction: str, *, number: int, now: datetime, actor: str
) -> Minutes:
    """They are right (""), or this is wrong in them. What was said before is never overwritten: a
    correction is added to, and asks for an answer of its own; what the organiser had answered is
    kept in between, quoted.

    `number` is the version that was read: EditedMeanwhile when a newer one has been sent.
    NotAllowedNow when they are approved, or not out for a check; TooMany words.
    """
    event, minutes = _read(session, minutes_id, number)
    if minutes.checked_at is not None and not correction:
        return minutes  # the button was pressed twice
    answered = minutes.correction_answer if correction else ""
    said = "\n\n".join(filter(None, (minutes.correction, quoted(answered), correction)))
    if len(said) > MOST_CORRECTED:
        raise TooMany(0)
    minutes.correction = said
    if correction:
        minutes.correction_answer = ""
    minutes.checked_at, minutes.checked_by = now, actor
    minutes.state, minutes.changed_at = MinutesState.CHECKED, now
    minutes.revision += 1
    verb = "minutes.corrected" if correction else "minutes.confirmed"
    _note(session, event, minutes, verb, now=now, actor=actor)
    return minutes


def mark_passage(
    session: Session,
    minutes_id: int,
    passage: str,
    reason: str,
    *,
    number: int,
    now: datetime,
    actor: str,
) -> SecrecyMark:
    """A passage that may be a trade secret, and why: kept for the day somebody asks for the minutes
    (OSL 31 kap. 16 §). TooMany of them; else as answer_check()."""
    event, minutes = _read(session, minutes_id, number)
    if len(minutes.marks) >= MOST_MARKS:
        raise TooMany(0)
    mark = SecrecyMark(passage=passage, reason=reason, marked_at=now, marked_by=actor)
    minutes.marks.append(mark)
    _note(session, event, minutes, "minutes.marked", now=now, actor=actor)
    return mark


def remove_mark(
    session: Session, minutes_id: int, mark_id: int, *, now: datetime, actor: str
) -> None:
    """The supplier takes a mark back, while the minutes are with it. NotFound for another's."""
    event, minutes = _locked(session, minutes_id)
    if not may_now(CHECK, minutes.state):
        raise NotAllowedNow
    mark = next((one for one in minutes.marks if one.id == mark_id), None)
    if mark is None:
        raise NotFound
    minutes.marks.remove(mark)
    _note(session, event, minutes, "minutes.mark_removed", now=now, actor=actor)


def events_with_ended_checks(session: Session, *, now: datetime) -> list[int]:
    """Ids of events where a supplier's time to answer is over."""
    query = sa.select(Booking.event_id).join(Minutes, Minutes.booking_id == Booking.id)
    return list(session.scalars(query.where(*_is_over(now)).distinct()))


def end_checks(session: Session, event_id: int, *, now: datetime) -> int:
    """Whoever has not answered in time has said nothing: the minutes can be approved, and say so.
    How many there were."""
    event = lock_event(session, event_id)
    query = sa.select(Minutes).join(Minutes.booking).where(Booking.event_id == event_id)
    over = session.scalars(query.where(*_is_over(now)).order_by(Minutes.id)).all()
    for minutes in over:
        minutes.state, minutes.changed_at = MinutesState.CHECKED, now
        minutes.revision += 1
        _note(session, event, minutes, "minutes.silent", now=now, actor="job")
    return len(over)


def _is_over(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Minutes.state == MinutesState.FACT_CHECK, Minutes.check_until <= now


def _read(session: Session, minutes_id: int, number: int) -> tuple[Event, Minutes]:
    event, minutes = _locked(session, minutes_id)
    if not may_now(CHECK, minutes.state):
        raise NotAllowedNow
    if minutes.versions[-1].number != number:
        raise EditedMeanwhile
    return event, minutes


def _locked(session: Session, minutes_id: int) -> tuple[Event, Minutes]:
    event_id = session.scalar(
        sa.select(Booking.event_id)
        .join(Minutes, Minutes.booking_id == Booking.id)
        .where(Minutes.id == minutes_id)
    )
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    query = sa.select(Minutes).where(Minutes.id == minutes_id)
    return event, session.scalars(query.execution_options(populate_existing=True)).one()


def _note(
    session: Session, event: Event, minutes: Minutes, verb: str, *, now: datetime, actor: str
) -> None:
    session.flush()
    record(session, event, verb, f"minutes:{minutes.id}", now=now, actor=actor)
