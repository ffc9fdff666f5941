"""After a mailing: once more to whom it did not arrive, and a draft to those who have none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.message_progress import has_withdrawn, wants_no_news
from dialognav.actions.message_states import note, reached_by, require
from dialognav.actions.messages import copy_message
from dialognav.domain.audience import audience_from_json, audience_to_json
from dialognav.domain.errors import NotAllowedNow, NotReady
from dialognav.domain.message_rules import OTHERS, OVER, RESEND
from dialognav.domain.terms import LetterStatus, MessagePurpose
from dialognav.mail.bounce_addresses import of_another_copy
from dialognav.mail.due import letters_are_due
from dialognav.mail.message_streams import has_moved
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
    """One letter once more, whether it arrived or not.

    That which arrived is another mail to mail programs, which drop one that they know by its
    Message-ID; the links and the bounce address of all copies go on naming the letter.
    NotAllowedNow for one that waits, was taken back, or whose words are gone, and where the reader
    has another address by now or wants no more news.
    """
    message = lock_message(session, message_id)
    arrived = Letter.status == LetterStatus.SENT
    there = session.scalar(
        sa.select(Letter).where(Letter.id == letter_id, arrived, Letter.bounced_at.is_(None))
    )
    if not (sent := _resend(session, message, Letter.id == letter_id, FAILED | arrived, now=now)):
        raise NotAllowedNow
    if there is not None:
        there.public_id, there.created_at = of_another_copy(there.public_id), now
    note(session, message, "message.resent", now=now, actor=actor, letter=letter_id, number=sent)
    return sent


def resend_failed(session: Session, message_id: int, *, now: datetime, actor: str) -> int:
    """All that did not arrive, but to those who have withdrawn since; how many. None of them is
    not an error: somebody was faster.
    """
    message = lock_message(session, message_id)
    audience = audience_from_json(message.audience)
    which = [FAILED]
    if not audience.means_gone:
        which.append(~has_withdrawn(audience.events))
    if sent := _resend(session, message, *which, now=now):
        note(session, message, "message.resent", now=now, actor=actor, number=sent)
    return sent


def _resend(
    session: Session, message: Message, *which: sa.ColumnElement[bool], now: datetime
) -> int:
    require(RESEND, message)
    letters_are_due(session)
    in_vain = has_moved()
    if message.purpose == MessagePurpose.NEWS:
        in_vain |= wants_no_news()
    again = session.scalars(
        sa.update(Letter)
        .where(Letter.message_id == message.id, Letter.facts.is_not(None), ~in_vain, *which)
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
    have none of it: registered since, a corrected address. One that somebody has made already, and
    that has not left, is taken instead. NotReady when there is nobody.
    """
    message = lock_message(session, message_id)
    require(OTHERS, message)
    others = without_it(session, message, reached_by(session, message, now=now))
    if not others:
        raise NotReady("audience")
    if (made := _not_left(session, message)) is not None:
        return made
    public_id = copy_message(session, message_id, author_id=author_id, now=now, actor=actor)
    draft = session.scalars(sa.select(Message).where(Message.public_id == public_id)).one()
    audience = audience_from_json(message.audience)
    draft.follows_id = message.follows_id or message.id
    draft.audience = audience_to_json(
        replace(
            audience,
            people=frozenset(one.number for one in others),
            # Whoever withdraws before it leaves was not chosen by anybody.
            only_live=audience.only_live or not (audience.people or audience.means_gone),
        )
    )
    return public_id


def _not_left(session: Session, message: Message) -> str | None:
    """The public id of a mailing after this one of which the last letter has not been settled."""
    query = sa.select(Message.public_id).where(
        Message.follows_id == (message.follows_id or message.id), Message.state.not_in(OVER)
    )
    return session.scalar(query.order_by(Message.id).limit(1))


def without_it(session: Session, message: Message, reached: Sequence[Recipient]) -> list[Recipient]:
    """Those to whose address none of it is on its way, or has arrived as far as we know, be it by
    the mailing itself or by one that was made for those without it.
    """
    first = message.follows_id or message.id
    same = sa.select(Message.id).where((Message.id == first) | (Message.follows_id == first))
    query = sa.select(Letter.recipient).where(
        Letter.message_id.in_(same),
        sa.or_(
            Letter.status == LetterStatus.PENDING,
            sa.and_(Letter.status == LetterStatus.SENT, Letter.bounced_at.is_(None)),
        ),
    )
    there = {address.casefold() for address in session.scalars(query)}
    return [one for one in reached if one.email.casefold() not in there]
