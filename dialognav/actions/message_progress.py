"""What becomes of the letters of a mailing that is on its way, until the last one is settled."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.actions.message_states import note
from dialognav.domain.audience import audience_from_json
from dialognav.domain.message_rules import is_finished
from dialognav.domain.terms import LetterStatus, MessagePurpose, MessageState
from dialognav.mail.message_streams import contact_of, has_moved, is_to_contact
from dialognav.models import (
    Letter,
    MailRefusal,
    Message,
    Participant,
    Registration,
    lock_message,
)

STOPPED, WITHDRAWN, REFUSED = "message: stopped", "message: withdrawn", "message: refused"
"""`Letter.last_error` of those that were not sent after all."""

WAITS: sa.ColumnElement[bool] = Letter.status == LetterStatus.PENDING


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    """In nobody's hand."""
    return sa.or_(Letter.leased_until.is_(None), Letter.leased_until <= now)


def drop_in_vain(session: Session, message: Message, *, now: datetime) -> int:
    """Letters that wait, to those who have withdrawn or, where it is news, want none any more."""
    dropped = drop_withdrawn(session, message, now=now)
    if message.purpose == MessagePurpose.NEWS:
        dropped += drop(session, message, REFUSED, wants_no_news(), now=now)
    return dropped


def drop_withdrawn(session: Session, message: Message, *, now: datetime) -> int:
    """Letters that wait and whose readers have withdrawn since they were written, unless it is
    meant for such. Somebody who takes part by another registration keeps the letter, as does the
    contact of another one; a contact no longer is one after handing over, too.
    """
    audience = audience_from_json(message.audience)
    if audience.means_gone:
        return 0
    return drop(session, message, WITHDRAWN, has_withdrawn(audience.events), now=now)


def needs_a_look(session: Session, message_id: int) -> bool:
    """Without a lock: whether nothing of it waits any more, or something waits in vain."""
    waits = sa.select(Letter.id).where(Letter.message_id == message_id, WAITS).limit(1)
    if session.scalar(waits) is None:
        return True
    row = session.execute(
        sa.select(Message.audience, Message.purpose).where(Message.id == message_id)
    ).one()
    audience = audience_from_json(row.audience)
    in_vain = [has_moved(), is_left_out(audience.events)]
    if not audience.means_gone:
        in_vain.append(has_withdrawn(audience.events))
    if row.purpose == MessagePurpose.NEWS:
        in_vain.append(wants_no_news())
    return session.scalar(waits.where(sa.or_(*in_vain))) is not None


def wants_no_news() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        MailRefusal.organisation_id == Letter.organisation_id,
        MailRefusal.address == sa.func.lower(Letter.recipient),
    )


def is_left_out(events: Sequence[int]) -> sa.ColumnElement[bool]:
    """Whether it is about an event that the mailing is not for any more."""
    return Letter.event_id.not_in(events)


def has_withdrawn(events: Sequence[int]) -> sa.ColumnElement[bool]:
    other, another = aliased(Participant), aliased(Registration)
    gone = sa.select(Participant.id).where(
        Participant.id == Letter.participant_id, Participant.withdrawn_at >= Letter.created_at
    )
    elsewhere = (
        sa.select(other.id)
        .join(Registration, Registration.id == other.registration_id)
        .where(Registration.event_id.in_(events), Registration.withdrawn_at.is_(None))
        .where(other.withdrawn_at.is_(None), other.email == Letter.recipient)
    )
    handed_over = sa.select(Registration.id).where(
        Registration.id == contact_of,
        (Registration.withdrawn_at >= Letter.created_at)
        | (Registration.contact_email != Letter.recipient),
    )
    leads = sa.select(another.id).where(
        another.event_id.in_(events),
        another.withdrawn_at.is_(None),
        another.contact_email == Letter.recipient,
    )
    contact = is_to_contact & handed_over.exists() & ~leads.exists()
    return (gone.exists() | contact) & ~elsewhere.exists()


def drop(
    session: Session,
    message: Message,
    reason: str,
    *which: sa.ColumnElement[bool],
    now: datetime,
) -> int:
    """Those that nobody has in hand: a leased letter counts as sent (decisions.md 14)."""
    dropped = session.scalars(
        sa.update(Letter)
        .where(Letter.message_id == message.id, WAITS, is_free(now), *which)
        .values(status=LetterStatus.SUPERSEDED, last_error=reason, lease=None, leased_until=None)
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    )
    return len(dropped.all())


def drop_stopped(session: Session, message_id: int, *, now: datetime) -> int:
    """What a worker had in hand when it was stopped, and did not get rid of."""
    return drop(session, lock_message(session, message_id), STOPPED, now=now)


def finish(session: Session, message_id: int, *, now: datetime) -> bool:
    """Look after one whose letters are all written; True once the last of them is settled."""
    message = lock_message(session, message_id)
    drop_in_vain(session, message, now=now)
    number = dict(
        session.execute(
            sa.select(Letter.status, sa.func.count())
            .where(Letter.message_id == message.id)
            .group_by(Letter.status)
        ).all()
    )
    waiting = number.get(LetterStatus.PENDING, 0)
    all_written = message.written_at is not None
    if not is_finished(message.state, all_written=all_written, waiting=waiting):
        return False
    message.state, message.finished_at = MessageState.SENT, now
    note(
        session,
        message,
        "message.sent",
        now=now,
        actor="job",
        number=number.get(LetterStatus.SENT, 0),
        failed=number.get(LetterStatus.GIVEN_UP, 0),
    )
    return True
