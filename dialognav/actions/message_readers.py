"""Letters of a mailing that wait while their reader's address, or the event they are about, has
become another one."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.message_progress import (
    WAITS,
    WITHDRAWN,
    drop,
    finish,
    is_free,
    is_left_out,
)
from dialognav.actions.message_states import reached_by
from dialognav.domain.audience import audience_from_json
from dialognav.mail.letters import Letter as Written
from dialognav.mail.message_letters import message_letters
from dialognav.mail.message_streams import has_moved
from dialognav.mail.post import Post
from dialognav.mail.recipients import Recipient
from dialognav.models import Letter, Message, lock_message

Found = tuple[Letter, Recipient]


def look_after(session: Session, message_id: int, *, now: datetime, post: Post) -> bool:
    """What the job does for one whose letters are all written; True once it is at its end."""
    message = lock_message(session, message_id)
    follow_readers(session, message, WITHDRAWN, now=now, post=post)
    return finish(session, message_id, now=now)


def follow_readers(
    session: Session, message: Message, reason: str, *, now: datetime, post: Post
) -> int:
    """Write those that nobody has in hand anew: to the corrected address, with the link that works
    there; about the event at which the reader still is. How many had nobody left to go to, and were
    dropped for the reason.
    """
    events = audience_from_json(message.audience).events
    rows = session.scalars(
        sa.select(Letter)
        .where(Letter.message_id == message.id, WAITS, is_free(now))
        .where(has_moved() | is_left_out(events))
        .order_by(Letter.id)
        .with_for_update(skip_locked=True)  # what a worker takes just now is seen the next time
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return 0
    found = _still_there(session, message, rows, reached_by(session, message, now=now))
    letters = message_letters(session, message, [one for _row, one in found], post=post)
    for (row, _one), letter in zip(found, letters, strict=True):
        _write_anew(row, letter, now)
    session.flush()
    kept = {row.id for row, _one in found}
    lost = [row.id for row in rows if row.id not in kept]
    return drop(session, message, reason, Letter.id.in_(lost), now=now) if lost else 0


def _still_there(
    session: Session, message: Message, rows: Collection[Letter], reached: Collection[Recipient]
) -> list[Found]:
    """Each with its reader of today; without those whose new address has a letter already."""
    by_number = {one.number: one for one in reached}
    by_email = {one.email.casefold(): one for one in reached}
    query = sa.select(Letter.recipient).where(Letter.message_id == message.id)
    taken = {address.casefold() for address in session.scalars(query)}
    found = []
    for row in rows:
        old = row.recipient.casefold()
        one = by_number.get(int(row.stream.rpartition(":")[2])) or by_email.get(old)
        if one is None or (one.email.casefold() != old and one.email.casefold() in taken):
            continue
        taken.add(one.email.casefold())
        found.append((row, one))
    return found


def _write_anew(row: Letter, letter: Written, now: datetime) -> None:
    """The same letter, by its Message-ID. Another server is asked without delay."""
    if row.recipient != letter.recipient:
        row.recipient, row.domain = letter.recipient, letter.recipient.rpartition("@")[2].lower()
        row.attempts, row.due_at, row.lease, row.last_error = 0, now, None, ""
    row.recipient_name, row.language = letter.recipient_name, letter.language
    row.event_id, row.participant_id = letter.event_id, letter.participant_id
    row.stream, row.facts = letter.stream, dict(letter.facts)
