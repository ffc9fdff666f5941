"""What became of a mailing: how far it is, and each reader's letter."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer, selectinload, undefer

from dialognav.domain.errors import NotFound
from dialognav.domain.message_rules import may_approve
from dialognav.domain.names import alphabetical
from dialognav.domain.terms import LetterStatus, MessageState
from dialognav.mail.message_streams import contact_of, has_moved, is_to_contact
from dialognav.models import (
    Event,
    Letter,
    Message,
    MessageAttachment,
    MessagePlan,
    Participant,
    Registration,
)
from dialognav.queries.manage import Page, fetch_page

_CAME_BACK = sa.and_(Letter.status == LetterStatus.SENT, Letter.bounced_at.is_not(None))
_PARTS: dict[str, sa.ColumnElement[bool]] = {
    "waiting": Letter.status == LetterStatus.PENDING,
    "sent": sa.and_(Letter.status == LetterStatus.SENT, Letter.bounced_at.is_(None)),
    "failed": sa.or_(Letter.status == LetterStatus.GIVEN_UP, _CAME_BACK),
    "dropped": Letter.status == LetterStatus.SUPERSEDED,
}
VIEWS = tuple(_PARTS)
_MOST_TO_APPROVE = 20  # on the first page


@dataclass(frozen=True, slots=True)
class Progress:
    """Letters of one mailing. `failed`: came back, or were given up; `dropped`: not sent after all,
    because it was stopped or the reader withdrew."""

    waiting: int
    sent: int
    failed: int
    dropped: int

    @property
    def written(self) -> int:
        return self.waiting + self.sent + self.failed + self.dropped


def progress_of(session: Session, message_id: int) -> Progress:
    """In one statement."""
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((part, 1), else_=0)), 0) for part in _PARTS.values()
    ]
    row = session.execute(sa.select(*columns).where(Letter.message_id == message_id)).one()
    return Progress(*map(int, row))


def moved(session: Session, letter_ids: Collection[int]) -> frozenset[int]:
    """Those of the letters whose reader has another address by now."""
    query = sa.select(Letter.id).where(Letter.id.in_(letter_ids), has_moved())
    return frozenset(session.scalars(query))


def log_page(session: Session, message_id: int, view: str, offset: int) -> Page[Letter]:
    """The letters by name, without their facts; of one part, or ("") all. Two statements."""
    query = (
        sa.select(Letter)
        .where(Letter.message_id == message_id)
        .options(defer(Letter.facts, raiseload=True))
    )
    if view:
        query = query.where(_PARTS[view])
    return fetch_page(session, query, offset, Letter.recipient_name, Letter.id)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a mailing reached when it was approved. `id`: a number as Recipient.number."""

    id: int
    name: str
    party: str
    email: str


def people_named(session: Session, organisation_id: int, ids: Collection[int]) -> list[Named]:
    """The organisation's registered people of these numbers (mail/recipients.py), by name."""
    if not ids:
        return []
    contacts = session.execute(
        sa.select(
            -Registration.id,
            Registration.contact_name,
            Registration.party_name,
            Registration.contact_email,
        )
        .join(Registration.event)
        .where(Registration.id.in_([-number for number in ids if number < 0]))
        .where(Event.organisation_id == organisation_id)
    ).all()
    people = session.execute(
        sa.select(Participant.id, Participant.name, Registration.party_name, Participant.email)
        .join(Participant.registration)
        .join(Registration.event)
        .where(Participant.id.in_(ids), Event.organisation_id == organisation_id)
    ).all()
    named = [Named(*row) for row in (*people, *contacts)]
    return sorted(named, key=lambda one: (alphabetical(one.name, "sv"), one.id))


@dataclass(frozen=True, slots=True)
class Received:
    """A message that has left to somebody, and that letter."""

    message: Message
    letter: Letter


def received_by(
    session: Session, participant_ids: Collection[int], led: Registration | None = None
) -> list[Received]:
    """What has left to these people, and to the contact of a registration who is none of them,
    each message once, the newest first; one statement, and one for their files.

    What came back is there too: here it can be read all the same.
    """
    rows = session.execute(
        sa.select(Message, Letter)
        .join(Letter, Letter.message_id == Message.id)
        .where(_has_left_to(participant_ids, led))
        .options(selectinload(Message.attachments))
        .order_by(Letter.sent_at.desc(), Letter.id)
    )
    found: dict[int, Received] = {}
    for row in rows:
        if row.Message.id not in found or row.Letter.participant_id is None:
            found[row.Message.id] = Received(row.Message, row.Letter)
    return list(found.values())


def received_file(
    session: Session, participant_ids: Collection[int], led: Registration | None, public_id: str
) -> MessageAttachment:
    """An attachment, with its content, of what received_by() finds. NotFound for any other."""
    file = session.scalar(
        sa.select(MessageAttachment)
        .join(Letter, Letter.message_id == MessageAttachment.message_id)
        .where(MessageAttachment.public_id == public_id, _has_left_to(participant_ids, led))
        .options(undefer(MessageAttachment.content))
        .limit(1)
    )
    if file is None:
        raise NotFound
    return file


def _has_left_to(
    participant_ids: Collection[int], led: Registration | None
) -> sa.ColumnElement[bool]:
    mine: sa.ColumnElement[bool] = Letter.participant_id.in_(participant_ids)
    if led is not None:
        about = Letter.event_id == led.event_id
        mine = mine | sa.and_(about, is_to_contact, contact_of == led.id)
    return sa.and_(mine, Letter.sent_at.is_not(None))


def messages_by_id(
    session: Session, organisation_id: int, ids: Collection[int]
) -> dict[int, Message]:
    """{id: message} of the organisation's own among these."""
    if not ids:
        return {}
    rows = session.scalars(
        sa.select(Message).where(Message.id.in_(ids), Message.organisation_id == organisation_id)
    )
    return {row.id: row for row in rows}


def planned_for(session: Session, event_id: int) -> int:
    """How many messages about the event would go by themselves; one statement."""
    scheduled = sa.select(sa.func.count()).where(
        Message.event_id == event_id, Message.state == MessageState.SCHEDULED
    )
    plans = sa.select(sa.func.count()).where(
        MessagePlan.event_id == event_id, MessagePlan.is_on.is_(True)
    )
    row = session.execute(sa.select(scheduled.scalar_subquery(), plans.scalar_subquery())).one()
    return int(row[0]) + int(row[1])


def to_approve(session: Session, organisation_id: int, user_id: int) -> list[Message]:
    """What waits for somebody's approval, longest first, without what is the user's own."""
    rows = session.scalars(
        sa.select(Message)
        .where(Message.organisation_id == organisation_id, Message.state == MessageState.SUBMITTED)
        .order_by(Message.submitted_at, Message.id)
        .limit(_MOST_TO_APPROVE)
    )
    return [
        row
        for row in rows
        if may_approve(user_id, row.writer_ids, row.author_id, row.submitted_by_id)
    ]
