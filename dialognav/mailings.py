"""Lets mailings go when their time has come, and looks after those that are on their way."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import message_progress, message_readers, message_sending
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import MessageState
from dialognav.mail.post import Post
from dialognav.models import Letter, Message


def take_step(post: Post) -> bool:
    """One step of each that has something to do, the urgent first; whether there may be more.

    Each in a unit of work of its own, so that a mailing to thousands stops no other.
    """
    is_busy = False
    for message_id, state, is_written in _at_hand(db.session(), utcnow()):
        is_going = state == MessageState.SENDING and is_written
        if is_going and not message_progress.needs_a_look(db.session(), message_id):
            continue
        with unit_of_work() as session:
            is_busy |= _take(session, message_id, state, is_written=is_written, post=post)
    return is_busy


def _take(session: Session, message_id: int, state: str, *, is_written: bool, post: Post) -> bool:
    now = utcnow()
    if state == MessageState.SCHEDULED:
        message_sending.start_due(session, message_id, now=now, post=post)
    elif state == MessageState.STOPPED:
        message_progress.drop_stopped(session, message_id, now=now)
        return False
    elif is_written:
        message_readers.look_after(session, message_id, now=now, post=post)
        return False
    else:
        message_sending.write_letters(session, message_id, now=now, post=post)
    return True


def _at_hand(session: Session, now: datetime) -> list[tuple[int, str, bool]]:
    """(id, state, whether its letters are written) of those whose time has come, that go, or that
    were stopped while a worker had some of it in hand."""
    is_due = (Message.state == MessageState.SCHEDULED) & (Message.send_at <= now)
    left_over = sa.exists().where(
        Letter.message_id == Message.id, message_progress.WAITS, message_progress.is_free(now)
    )
    is_left_over = (Message.state == MessageState.STOPPED) & left_over
    rows = session.execute(
        sa.select(Message.id, Message.state, Message.written_at)
        .where(is_due | (Message.state == MessageState.SENDING) | is_left_over)
        .order_by(Message.is_urgent.desc(), Message.id)
    )
    return [(row.id, row.state, row.written_at is not None) for row in rows]
