"""Lets mailings go when their time has come, and looks after those that are on their way."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import message_progress, message_sending
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import MessageState
from dialognav.mail.post import Post
from dialognav.models import Message


def take_step(post: Post) -> bool:
    """One step of each that has something to do, the urgent first; whether there may be more.

    Each in a unit of work of its own, so that a mailing to thousands stops no other.
    """
    is_busy = False
    for message_id, state, is_written in _at_hand(db.session(), utcnow()):
        if is_written and not message_progress.needs_a_look(db.session(), message_id):
            continue
        with unit_of_work() as session:
            if state == MessageState.SCHEDULED:
                message_sending.start_due(session, message_id, now=utcnow(), post=post)
                is_busy = True
            elif not is_written:
                message_sending.write_letters(session, message_id, now=utcnow(), post=post)
                is_busy = True
            else:
                message_progress.finish(session, message_id, now=utcnow())
    return is_busy


def _at_hand(session: Session, now: datetime) -> list[tuple[int, str, bool]]:
    """(id, state, whether its letters are written) of those whose time has come or that go."""
    is_due = (Message.state == MessageState.SCHEDULED) & (Message.send_at <= now)
    rows = session.execute(
        sa.select(Message.id, Message.state, Message.written_at)
        .where(is_due | (Message.state == MessageState.SENDING))
        .order_by(Message.is_urgent.desc(), Message.id)
    )
    return [(row.id, row.state, row.written_at is not None) for row in rows]
