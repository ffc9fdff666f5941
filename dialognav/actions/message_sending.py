"""A mailing on its way: now or at a time, in steps, paused, stopped, sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.message_progress import STOPPED, WITHDRAWN, drop, drop_in_vain
from dialognav.actions.message_readers import follow_readers
from dialognav.actions.message_states import demand_complete, note, reached_by, require
from dialognav.domain.audience import audience_from_json, audience_to_json
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotReady
from dialognav.domain.message_rules import (
    PAUSE,
    RESUME,
    SCHEDULE,
    SEND,
    STOP,
    UNDER_WAY,
    UNSCHEDULE,
    fingerprint,
    is_fit_time,
    state_before_schedule,
)
from dialognav.domain.terms import EventState, MessageState
from dialognav.mail import outbox
from dialognav.mail.due import letters_are_due
from dialognav.mail.message_letters import message_letters
from dialognav.mail.post import Post
from dialognav.mail.recipients import Recipient
from dialognav.models import Event, Letter, Message, lock_message

STEP = 1_000
"""Letters written in one unit of work: between two, others get to the database."""

AT_ONCE = 200
"""So many urgent letters are written with the click: the first leaves within seconds."""


def start(
    session: Session,
    message_id: int,
    *,
    seen: str | None = None,
    now: datetime,
    actor: str,
    post: Post,
) -> Message:
    """Let it go. Its words are frozen from now on; the job writes the letters.

    `seen` is the fingerprint of what the page said and whom it named: EditedMeanwhile when that is
    something else by now. NotReady names what it misses; NotAllowedNow by its state, and where it
    is not approved.
    """
    message = lock_message(session, message_id)
    require(SEND, message)
    reached = reached_by(session, message, now=now)
    if seen is not None and seen != fingerprint((one.number for one in reached), message.revision):
        raise EditedMeanwhile
    demand_complete(message, reached)
    message.state, message.started_at = MessageState.SENDING, now
    message.approved_recipients = None
    if message.is_urgent and len(reached) <= AT_ONCE:
        _write(session, message, reached, now=now, post=post)
        message.written_at = now
    note(session, message, "message.sending", now=now, actor=actor, number=len(reached))
    return message


def schedule(
    session: Session,
    message_id: int,
    at: datetime,
    *,
    seen: int | None = None,
    now: datetime,
    actor: str,
) -> Message:
    """Let it go by itself at an instant ahead, to those whom it reaches then.

    `seen` is the revision on the page: EditedMeanwhile when it says something else by now. NotReady
    as start(), and "send_at" for a time that is past or too far away.
    """
    message = lock_message(session, message_id)
    require(SCHEDULE, message)
    if seen is not None and seen != message.revision:
        raise EditedMeanwhile
    if not is_fit_time(at, now):
        raise NotReady("send_at")
    demand_complete(message, reached_by(session, message, now=now))
    message.state, message.send_at = MessageState.SCHEDULED, at
    note(session, message, "message.scheduled", now=now, actor=actor, at=at.isoformat())
    return message


def unschedule(session: Session, message_id: int, *, now: datetime, actor: str) -> Message:
    message = lock_message(session, message_id)
    require(UNSCHEDULE, message)
    _take_back(message)
    message.send_at = None
    note(session, message, "message.unscheduled", now=now, actor=actor)
    return message


def _take_back(message: Message) -> None:
    message.state = state_before_schedule(is_approved=message.approved_at is not None)


def start_due(session: Session, message_id: int, *, now: datetime, post: Post) -> Message:
    """One whose time has come. What reaches nobody by then, or is to be approved since, waits for a
    person instead, and keeps the time that it missed."""
    message = lock_message(session, message_id)
    if message.state != MessageState.SCHEDULED or message.send_at is None or now < message.send_at:
        return message  # another worker was faster, or somebody has put it off
    try:
        return start(session, message_id, now=now, actor="job", post=post)
    except (NotReady, NotAllowedNow):
        _take_back(message)
        note(session, message, "message.not_sent", now=now, actor="job")
        return message


def write_letters(session: Session, message_id: int, *, now: datetime, post: Post) -> bool:
    """One step of writing its letters; whether there is another.

    Asked anew in each step whom it reaches, so that nobody who has withdrawn in between gets it;
    an address that has its letter gets no second one.
    """
    message = lock_message(session, message_id)
    if message.state != MessageState.SENDING or message.written_at is not None:
        return False
    rest = _without_letter(session, message, reached_by(session, message, now=now))
    _write(session, message, rest[:STEP], now=now, post=post)
    if len(rest) <= STEP:
        message.written_at = now
    return message.written_at is None


def _without_letter(
    session: Session, message: Message, reached: Sequence[Recipient]
) -> list[Recipient]:
    query = sa.select(Letter.recipient).where(Letter.message_id == message.id)
    written = {address.casefold() for address in session.scalars(query)}
    return [one for one in reached if one.email.casefold() not in written]


def _write(
    session: Session, message: Message, some: Sequence[Recipient], *, now: datetime, post: Post
) -> None:
    letters = message_letters(session, message, some, post=post)
    outbox.promise(session, letters, now=now, are_new=True)


def pause(session: Session, message_id: int, *, now: datetime, actor: str) -> Message:
    """Nothing more of it leaves; what a worker has in hand does."""
    message = lock_message(session, message_id)
    require(PAUSE, message)
    message.state = MessageState.PAUSED
    note(session, message, "message.paused", now=now, actor=actor)
    return message


def resume(session: Session, message_id: int, *, now: datetime, actor: str, post: Post) -> Message:
    """Go on, without those who have withdrawn meanwhile."""
    message = lock_message(session, message_id)
    require(RESUME, message)
    message.state = MessageState.SENDING
    follow_readers(session, message, WITHDRAWN, now=now, post=post)
    drop_in_vain(session, message, now=now)
    letters_are_due(session)
    note(session, message, "message.resumed", now=now, actor=actor)
    return message


def stop(session: Session, message_id: int, *, now: datetime, actor: str) -> int:
    """For good: what has not left never will. How many letters that was."""
    message = lock_message(session, message_id)
    require(STOP, message)
    return _stop(session, message, now=now, actor=actor)


def _stop(session: Session, message: Message, *, now: datetime, actor: str) -> int:
    message.state, message.finished_at = MessageState.STOPPED, now
    dropped = drop(session, message, STOPPED, now=now)
    note(session, message, "message.stopped", now=now, actor=actor, number=dropped)
    return dropped


def stop_for_event(session: Session, event: Event, *, now: datetime, actor: str, post: Post) -> int:
    """The locked event was called off, put off, or turned into a procurement: what is planned about
    it stays unsent, and one that goes across several events leaves it out: whoever is at another of
    them gets it about that one. How many that were.

    One that is being sent goes on when the procurement begins: all are to know the same.
    Before any audit row of the same unit of work (lock_message).
    """
    states = [MessageState.SCHEDULED]
    if event.state in (EventState.CANCELLED, EventState.POSTPONED):
        states += UNDER_WAY
    rows = session.execute(
        sa.select(Message.id, Message.event_id, Message.audience)
        .where(Message.organisation_id == event.organisation_id, Message.state.in_(states))
        .where(sa.or_(Message.event_id == event.id, Message.event_id.is_(None)))
        .order_by(Message.id)
    ).all()
    concerned = [
        row.id
        for row in rows
        if row.event_id is not None or event.id in audience_from_json(row.audience).events
    ]
    messages = [lock_message(session, message_id) for message_id in concerned]
    for message in messages:
        if message.state in states:
            _leave_out(session, message, event, now=now, actor=actor, post=post)
    return len(messages)


def _leave_out(
    session: Session, message: Message, event: Event, *, now: datetime, actor: str, post: Post
) -> None:
    audience = audience_from_json(message.audience)
    others = tuple(each for each in audience.events if each != event.id)
    if message.event_id == event.id or not others:
        _stop(session, message, now=now, actor=actor)
        return
    message.audience = audience_to_json(replace(audience, events=others))
    dropped = follow_readers(session, message, STOPPED, now=now, post=post)
    note(session, message, "message.event_left_out", now=now, actor=actor, number=dropped)
