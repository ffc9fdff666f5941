"""What a follower's links open, and what an address follows."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.errors import NotFound
from dialognav.domain.terms import Frequency
from dialognav.mail.bounce_addresses import letter_of_token
from dialognav.models import (
    Letter,
    MailRefusal,
    Organisation,
    Subscription,
)
from dialognav.models.following import left_together
from dialognav.models.labels import NOBODY
from dialognav.tokens import REFUSAL, SUBSCRIPTION, WEEKLY, proves, read_link


@dataclass(frozen=True, slots=True)
class Refusal:
    """An address and the organiser whose letter it has; `is_refused` already or not."""

    organisation: Organisation
    address: str
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Weekly:
    """What an address is told of by the week; once it has left, what it left together."""

    address: str
    rows: Sequence[Subscription]
    is_told: bool


def open_subscription(session: Session, keys: Sequence[str], secret: str) -> Subscription:
    """What this link is about, its organiser loaded. NotFound for a wrong one, and for one whose
    row is gone: unanswered too long, or left a while ago."""
    return _proven(session, keys, secret, SUBSCRIPTION)


def open_weekly(session: Session, keys: Sequence[str], secret: str) -> Weekly:
    """What the weekly letter with this link is for by now."""
    address = _proven(session, keys, secret, WEEKLY).email
    rows = session.scalars(
        sa.select(Subscription)
        .where(
            Subscription.email == address,
            Subscription.frequency == Frequency.WEEKLY,
            Subscription.confirmed_at.is_not(None),
        )
        .options(joinedload(Subscription.organisation))
        .order_by(Subscription.id)
    ).all()
    live = [row for row in rows if row.ended_at is None]
    return Weekly(address, live or left_together(rows), bool(live))


def _proven(session: Session, keys: Sequence[str], secret: str, purpose: str) -> Subscription:
    claimed = read_link(secret)
    if claimed is None or claimed[0] != purpose or not proves(keys, secret, claimed[1], 0):
        raise NotFound
    found = session.scalar(
        sa.select(Subscription)
        .where(Subscription.public_id == claimed[1])
        .options(joinedload(Subscription.organisation))
    )
    if found is None:
        raise NotFound
    return found


def is_ours(keys: Sequence[str], secret: str) -> bool:
    """Whether we made this link once, whatever has become of its row."""
    claimed = read_link(secret)
    if claimed is None or claimed[0] not in (SUBSCRIPTION, WEEKLY, REFUSAL):
        return False
    return proves(keys, secret, claimed[1], 0)


def open_refusal(session: Session, keys: Sequence[str], secret: str) -> Refusal:
    """Who the letter with this link went to, and from whom. NotFound also for an erased reader."""
    digits = letter_of_token(keys, secret, REFUSAL)
    if digits is None:
        raise NotFound
    row = session.execute(
        sa.select(Letter.recipient, Organisation)
        .join(Organisation, Organisation.id == Letter.organisation_id)
        # "g" comes after every hexadecimal digit
        .where(Letter.public_id.between(digits, digits + "g"), Letter.recipient != NOBODY)
        .limit(1)
    ).first()
    if row is None:
        raise NotFound
    address, organisation = row.recipient.lower(), row.Organisation
    whose = {"organisation_id": organisation.id, "address": address}
    return Refusal(organisation, address, session.get(MailRefusal, whose) is not None)


def organisers(session: Session) -> Sequence[Organisation]:
    """Whom one can follow."""
    return session.scalars(sa.select(Organisation).order_by(Organisation.slug)).all()
