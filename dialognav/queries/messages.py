"""What the organiser asks about mailings: their lists, whom one may choose, what may be chosen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav.domain.names import alphabetical
from dialognav.domain.terms import EventState, LetterStatus, MessageState
from dialognav.mail.contact_rows import is_contact_away
from dialognav.models import (
    AuditEntry,
    Event,
    Letter,
    Message,
    MessageTemplate,
    Participant,
    Registration,
)
from dialognav.queries.manage import Page, fetch_page, names_of_actors

VIEWS: dict[str, tuple[MessageState, ...]] = {
    "drafts": (MessageState.DRAFT, MessageState.SUBMITTED, MessageState.APPROVED),
    "planned": (MessageState.SCHEDULED,),
    "sent": (
        MessageState.SENDING,
        MessageState.PAUSED,
        MessageState.SENT,
        MessageState.STOPPED,
    ),
}
"""The lists and the states in each."""

RECENT = timedelta(days=400)
"""How long after its end an event can still be written about together with others."""
MOST_EVENTS = 60
MOST_PEOPLE = 200  # shown at a time


def messages_of(
    session: Session, organisation_id: int, event_id: int | None, view: str, offset: int
) -> Page[Message]:
    """Of one event, those across several that reached it among them; or of the organisation."""
    query = (
        sa.select(Message)
        .where(*_own(organisation_id, event_id), Message.state.in_(VIEWS[view]))
        .options(selectinload(Message.event), selectinload(Message.author))
    )
    order = {
        "drafts": Message.changed_at.desc(),
        "planned": Message.send_at.asc(),
        "sent": Message.started_at.desc(),
    }[view]
    return fetch_page(session, query, offset, order, Message.id.desc())


def view_counts(session: Session, organisation_id: int, event_id: int | None) -> dict[str, int]:
    """{view: number of mailings}, in one statement."""
    rows = session.execute(
        sa.select(Message.state, sa.func.count())
        .where(*_own(organisation_id, event_id))
        .group_by(Message.state)
    )
    by_state = {row[0]: row[1] for row in rows}
    return {view: sum(by_state.get(state, 0) for state in states) for view, states in VIEWS.items()}


def _own(organisation_id: int, event_id: int | None) -> list[sa.ColumnElement[bool]]:
    ours = Message.organisation_id == organisation_id
    if event_id is None:
        return [ours]
    told = (
        sa.select(Letter.id)
        .where(Letter.message_id == Message.id, Letter.event_id == event_id)
        .exists()
    )
    return [ours, sa.or_(Message.event_id == event_id, sa.and_(Message.event_id.is_(None), told))]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far the letters of a mailing have come. `failed`: came back, or were given up;
    `dropped`: not sent after all."""

    written: int = 0
    sent: int = 0
    waiting: int = 0
    failed: int = 0
    dropped: int = 0


def deliveries(session: Session, message_ids: Collection[int]) -> dict[int, Delivery]:
    """{message id: Delivery} of those that have letters, in one statement."""
    has_failed = sa.or_(
        Letter.status == LetterStatus.GIVEN_UP,
        sa.and_(Letter.status == LetterStatus.SENT, Letter.bounced_at.is_not(None)),
    )
    rows = session.execute(
        sa.select(
            Letter.message_id,
            sa.func.count(),
            _number(Letter.status == LetterStatus.SENT),
            _number(Letter.status == LetterStatus.PENDING),
            _number(has_failed),
            _number(Letter.status == LetterStatus.SUPERSEDED),
        )
        .where(Letter.message_id.in_(message_ids))
        .group_by(Letter.message_id)
    )
    return {row[0]: Delivery(*map(int, row[1:])) for row in rows if row[0] is not None}


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def last_writer(session: Session, message: Message) -> str:
    """The name of the member of staff who did something to it last; "" when it was nobody."""
    query = (
        sa.select(AuditEntry.actor)
        .where(
            AuditEntry.organisation_id == message.organisation_id,
            AuditEntry.subject == f"message:{message.id}",
        )
        .order_by(AuditEntry.number.desc())
        .limit(1)
    )
    names = names_of_actors(session, session.scalars(query))
    return next(iter(names.values()), "")


def templates_of(
    session: Session, organisation_id: int, event_id: int | None
) -> list[MessageTemplate]:
    """The organisation's, and before them the event's own."""
    mine: sa.ColumnElement[bool] = MessageTemplate.event_id.is_(None)
    if event_id is not None:
        mine = sa.or_(mine, MessageTemplate.event_id == event_id)
    return list(
        session.scalars(
            sa.select(MessageTemplate)
            .where(MessageTemplate.organisation_id == organisation_id, mine)
            .order_by(MessageTemplate.event_id.is_(None), MessageTemplate.name)
        )
    )


def events_to_choose(
    session: Session, organisation_id: int, *, now: datetime, also: Collection[int] = ()
) -> list[Event]:
    """What somebody has been able to register for, newest first, and `also` those chosen before."""
    recent = sa.and_(
        Event.state != EventState.DRAFT, Event.starts_at.is_not(None), Event.ends_at > now - RECENT
    )
    return list(
        session.scalars(
            sa.select(Event)
            .where(Event.organisation_id == organisation_id)
            .where(sa.or_(recent, Event.id.in_(also)))
            .order_by(Event.id.in_(also).desc(), Event.starts_at.desc(), Event.id)
            .limit(max(MOST_EVENTS, len(also)))
            .options(selectinload(Event.occasions))
        )
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be chosen by name. `id` is below zero for a contact who does not take part
    (mail/recipients.py)."""

    id: int
    name: str
    party: str
    email: str
    is_gone: bool

    def fits(self, words: Collection[str]) -> bool:
        """Whether name, party or address hold each of the casefolded words."""
        said = f"{self.name} {self.party} {self.email}".casefold()
        return all(word in said for word in words)


def people_of(session: Session, event_ids: Collection[int]) -> list[Person]:
    """Everybody who was ever registered for one of the events, and the contacts who do not take
    part themselves, by name; two statements."""
    is_gone = sa.or_(Participant.withdrawn_at.is_not(None), Registration.withdrawn_at.is_not(None))
    rows = session.execute(
        sa.select(
            Participant.id, Participant.name, Registration.party_name, Participant.email, is_gone
        )
        .join(Participant.registration)
        .where(
            Registration.event_id.in_(event_ids),
            Participant.erased_at.is_(None),
            Registration.erased_at.is_(None),
        )
    ).all()
    contacts = session.execute(
        sa.select(
            -Registration.id,
            Registration.contact_name,
            Registration.party_name,
            Registration.contact_email,
            Registration.withdrawn_at.is_not(None),
        ).where(Registration.event_id.in_(event_ids), is_contact_away())
    ).all()
    people = [Person(*row) for row in (*rows, *contacts)]
    return sorted(people, key=lambda one: (alphabetical(one.name, "sv"), one.id))
