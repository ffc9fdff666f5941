"""After a mailing: once more to whom it did not arrive, and a draft to those who have none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.message_states import note, reached_by, require
from dialognav.actions.messages import copy_message
from dialognav.domain.audience import audience_from_json, audience_to_json
from dialognav.domain.errors import NotAllowedNow, NotReady
from dialognav.domain.message_rules import OTHERS, RESEND
from dialognav.domain.terms import LetterStatus
from dialognav.mail.recipients import Recipient
from dialognav.models import Letter, Message, lock_message

FAILED = sa.or_(
    Letter.status == LetterStatus.GIVEN_UP,
    sa.and_(Letter.status == LetterStatus.SENT, Letter.bounced_at.is_not(None)),
)
"""What did not arrive as far as we know."""


def resend_letter(
    session: Session, message_id: int, letter_id: int, *, now: datetime, actor: str
) -> int:
    """One letter once more, whether it arrived or not; it is the same letter, by its Message-ID.

    NotAllowedNow for one that waits, was taken back, or whose words are gone.
    """
    message = lock_message(session, message_id)
    arrived = Letter.status == LetterStatus.SENT
    if not (sent := _resend(session, message, Letter.id == letter_id, FAILED | arrived, now=now)):
        raise NotAllowedNow
    note(session, message, "message.resent", now=now, actor=actor, letter=letter_id, number=sent)
    return sent


def resend_failed(session: Session, message_id: int, *, now: datetime, actor: str) -> int:
    """All that did not arrive; how many. None of them is not an error: somebody was faster."""
    message = lock_message(session, message_id)
    if sent := _resend(session, message, FAILED, now=now):
        note(session, message, "message.resent", now=now, actor=actor, number=sent)
    return sent


def _resend(
    session: Session, message: Message, *which: sa.ColumnElement[bool], now: datetime
) -> int:
    require(RESEND, message)
    again = session.scalars(
        sa.update(Letter)
        .where(Letter.message_id == message.id, Letter.facts.is_not(None), *which)
        .values(
            status=LetterStatus.PENDING,
            attempts=0,
            due_at=now,
            last_error="",
            bounced_at=None,
            lease=None,
            leased_until=None,
        )
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    )
    return len(again.all())


def mail_others(
    session: Session, message_id: int, *, author_id: int, now: datetime, actor: str
) -> str:
    """The public id of a new draft with the same words and files, to those of the audience who
    have none of it: registered since, a corrected address. NotReady when there is nobody.
    """
    message = lock_message(session, message_id)
    require(OTHERS, message)
    others = without_it(session, message, reached_by(session, message, now=now))
    if not others:
        raise NotReady("audience")
    public_id = copy_message(session, message_id, author_id=author_id, now=now, actor=actor)
    draft = session.scalars(sa.select(Message).where(Message.public_id == public_id)).one()
    audience = audience_from_json(message.audience)
    people = frozenset(one.number for one in others)
    draft.audience = audience_to_json(replace(audience, people=people))
    return public_id


def without_it(session: Session, message: Message, reached: Sequence[Recipient]) -> list[Recipient]:
    """Those to whose address none of it is on its way, or has arrived as far as we know."""
    query = sa.select(Letter.recipient).where(
        Letter.message_id == message.id,
        sa.or_(
            Letter.status == LetterStatus.PENDING,
            sa.and_(Letter.status == LetterStatus.SENT, Letter.bounced_at.is_(None)),
        ),
    )
    there = {address.casefold() for address in session.scalars(query)}
    return [one for one in reached if one.email.casefold() not in there]
