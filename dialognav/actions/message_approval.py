"""Somebody else looks at a mailing before it goes, where the organisation wants that.

Whoever wrote any of it never approves it, nor does who handed it in (decisions.md 9).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.message_states import demand_complete, note, reached_by, require
from dialognav.domain.errors import EditedMeanwhile, SecondPerson
from dialognav.domain.message_rules import APPROVE, RETURN, SUBMIT, TAKE_BACK, may_approve
from dialognav.domain.terms import MessageState
from dialognav.models import Message, lock_message


def submit(
    session: Session,
    message_id: int,
    *,
    seen: int | None = None,
    user_id: int,
    now: datetime,
    actor: str,
) -> Message:
    """Hand it in to be looked at. NotReady names what it misses.

    `seen` is the revision on the page: EditedMeanwhile when it says something else by now.
    """
    message = lock_message(session, message_id)
    require(SUBMIT, message)
    if seen is not None and seen != message.revision:
        raise EditedMeanwhile
    demand_complete(message, reached_by(session, message, now=now))
    message.state, message.approval_note = MessageState.SUBMITTED, ""
    message.submitted_at, message.submitted_by_id = now, user_id
    note(session, message, "message.submitted", now=now, actor=actor)
    return message


def take_back(session: Session, message_id: int, *, now: datetime, actor: str) -> Message:
    """A draft again, of what was handed in too early."""
    message = lock_message(session, message_id)
    require(TAKE_BACK, message)
    _make_draft(message)
    note(session, message, "message.taken_back", now=now, actor=actor)
    return message


def _make_draft(message: Message) -> None:
    message.state = MessageState.DRAFT
    message.submitted_at = message.submitted_by_id = None


def approve(
    session: Session,
    message_id: int,
    *,
    seen: int,
    user_id: int,
    now: datetime,
    actor: str,
) -> Message:
    """It may go as it is, to those whom it reaches now; later differences are shown.

    `seen` is the revision on the page: EditedMeanwhile when it says something else by now.
    SecondPerson for whoever wrote it.
    """
    message = _to_be_decided(session, message_id, APPROVE, seen, user_id)
    reached = reached_by(session, message, now=now)
    demand_complete(message, reached)
    message.state, message.approval_note = MessageState.APPROVED, ""
    message.approved_at, message.approved_by_id = now, user_id
    message.approved_recipients = sorted(one.number for one in reached)
    note(session, message, "message.approved", now=now, actor=actor, number=len(reached))
    return message


def send_back(
    session: Session,
    message_id: int,
    *,
    seen: int,
    why: str,
    user_id: int,
    now: datetime,
    actor: str,
) -> Message:
    """Not like this: a draft again, with the reason for those who wrote it."""
    message = _to_be_decided(session, message_id, RETURN, seen, user_id)
    _make_draft(message)
    message.approval_note = why
    note(session, message, "message.returned", now=now, actor=actor)
    return message


def _to_be_decided(
    session: Session, message_id: int, verb: str, seen: int, user_id: int
) -> Message:
    message = lock_message(session, message_id)
    require(verb, message)
    if message.revision != seen:
        raise EditedMeanwhile
    if not may_approve(user_id, message.writer_ids, message.author_id, message.submitted_by_id):
        raise SecondPerson
    return message
