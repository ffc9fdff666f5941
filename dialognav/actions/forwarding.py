"""Mails by people, passed on to whoever answers for the event instead of being swallowed."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.replies import Received
from dialognav.domain.terms import InboundState
from dialognav.mail import reply_notices
from dialognav.mail.post import Post
from dialognav.models import (
    DeadAddress,
    Event,
    InboundMail,
    Letter,
    Organisation,
    Participant,
    Registration,
)

MOST_AN_HOUR = 30
"""Mails passed on in one organisation's name; further ones wait in the inbox."""

MOST_OF_ONE = 6
"""Of these, by one sender."""


def organisation_of(session: Session, received: Received, post: Post) -> int | None:
    """Whose mail it is: by the address it came to; else by who wrote, and by who wrote to them
    last; else the only one there is.

    None where an installation has several and nothing tells which: the operator looks.
    """
    if (found := _addressed(session, received, post)) is not None:
        return found
    of_sender = sa.select(Event.organisation_id).join(Registration)
    owners = set(session.scalars(of_sender.where(_writes(received.sender)).distinct()))
    if len(owners) > 1:
        return _last_to_write(session, received.sender)
    if not owners:
        owners = set(session.scalars(sa.select(Organisation.id).limit(2)))
    return owners.pop() if len(owners) == 1 else None


def _addressed(session: Session, received: Received, post: Post) -> int | None:
    """The organisation whose address comes first: behind a mailbox for all of the domain, the one
    it was delivered to is nobody's, and those in the head tell."""
    slugs = dict.fromkeys(
        name.partition("+")[0]
        for name, _at, domain in (one.partition("@") for one in _to(received))
        if domain == post.domain
    )
    known = sa.select(Organisation.slug, Organisation.id).where(Organisation.slug.in_(slugs))
    found = {row.slug: row.id for row in session.execute(known)} if slugs else {}
    return next((found[slug] for slug in slugs if slug in found), None)


def _to(received: Received) -> tuple[str, ...]:
    return (received.recipient, *received.addressed)


def _last_to_write(session: Session, address: str) -> int | None:
    """Whose letter to the address left last: that is the one somebody answers."""
    return session.scalar(
        sa.select(Letter.organisation_id)
        .where(Letter.recipient == address, Letter.organisation_id.is_not(None))
        .where(Letter.sent_at.is_not(None))
        .order_by(Letter.sent_at.desc(), Letter.id.desc())
        .limit(1)
    )


def _writes(address: str) -> sa.ColumnElement[bool]:
    """Registrations whose contact, or one of whose people, has the address."""
    takes_part = sa.exists().where(
        Participant.registration_id == Registration.id, Participant.email == address
    )
    return sa.or_(Registration.contact_email == address, takes_part)


def forward(
    session: Session, received: Received, mail: InboundMail, *, now: datetime, post: Post
) -> None:
    """To the contact of the event the sender is registered to, or else to the organisation.

    Stays open in the inbox when it cannot be passed on: a forged sender, a contact that is an
    address of our own or known to be dead, too many in an hour.
    """
    mail.organisation_id = organisation_of(session, received, post)
    if mail.organisation_id is None:
        mail.reason = "whose"
        return
    organisation = session.get_one(Organisation, mail.organisation_id)
    mail.participant = _person(session, organisation.id, received.sender)
    registration = mail.participant.registration if mail.participant else None
    registration = registration or _registration(session, organisation.id, received.sender)
    event = mail.event = registration.event if registration else None
    recipient = (event.contact_email if event else "") or organisation.email
    mail.reason = _in_the_way(session, received, mail, recipient, now=now, post=post)
    if mail.reason:
        return
    mail.state = InboundState.FORWARDED
    session.flush()
    reply_notices.tell_organiser(
        session,
        "mail_forwarded",
        organisation,
        event,
        mail,
        recipient=recipient,
        now=now,
        post=post,
    )


def tell_of_proposal(
    session: Session, event: Event, mail: InboundMail, *, now: datetime, post: Post
) -> None:
    """Another time is proposed. Without a contact outside, it is seen in the inbox alone."""
    recipient = event.contact_email or event.organisation.email
    if not _leads_out(recipient, post):
        return
    session.flush()
    reply_notices.tell_organiser(
        session,
        "time_proposed",
        event.organisation,
        event,
        mail,
        recipient=recipient,
        now=now,
        post=post,
    )


def _in_the_way(
    session: Session,
    received: Received,
    mail: InboundMail,
    recipient: str,
    *,
    now: datetime,
    post: Post,
) -> str:
    """Why it is not passed on, a code; "" when it is."""
    if not received.is_trusted:
        return "untrusted"
    if _is_ours(received.sender, recipient, post):
        return "own_address"
    is_dead = session.get(DeadAddress, recipient.lower()) is not None
    if is_dead or not _leads_out(recipient, post):
        return "no_contact"
    lately = sa.select(
        sa.func.count(),
        sa.func.coalesce(
            sa.func.sum(sa.case((InboundMail.sender == received.sender, 1), else_=0)), 0
        ),
    ).where(
        InboundMail.organisation_id == mail.organisation_id,
        InboundMail.state == InboundState.FORWARDED,
        InboundMail.received_at > now - timedelta(hours=1),
    )
    total, of_one = session.execute(lately).one()
    return "too_many" if total >= MOST_AN_HOUR or of_one >= MOST_OF_ONE else ""


def _is_ours(sender: str, recipient: str, post: Post) -> bool:
    """Nobody, ourselves, or the contact, whose automatic answer to what is passed on would be
    passed on to them again."""
    return not sender or not _leads_out(sender, post) or sender == recipient.lower()


def _leads_out(address: str, post: Post) -> bool:
    """Not to ourselves: what is passed on there would come back and be passed on again."""
    return "@" in address and address.rpartition("@")[2].lower() != post.domain.lower()


def _person(session: Session, organisation_id: int, address: str) -> Participant | None:
    """Who has the address, at the organisation's event that ends last."""
    return session.scalars(
        sa.select(Participant)
        .join(Participant.registration)
        .join(Registration.event)
        .options(joinedload(Participant.registration).joinedload(Registration.event))
        .where(Event.organisation_id == organisation_id, Participant.email == address)
        .order_by(Participant.withdrawn_at.is_not(None), Event.ends_at.desc(), Participant.id)
        .limit(1)
    ).first()


def _registration(session: Session, organisation_id: int, address: str) -> Registration | None:
    """The same for a contact who does not take part."""
    return session.scalars(
        sa.select(Registration)
        .join(Registration.event)
        .options(joinedload(Registration.event))
        .where(Event.organisation_id == organisation_id, Registration.contact_email == address)
        .order_by(Registration.withdrawn_at.is_not(None), Event.ends_at.desc(), Registration.id)
        .limit(1)
    ).first()
