"""What a follower's links open, and what an address follows."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.errors import NotFound
from dialognav.mail.bounce_addresses import letter_of_token
from dialognav.models import (
    Letter,
    MailRefusal,
    Organisation,
    Subscription,
)
from dialognav.models.labels import NOBODY
from dialognav.tokens import REFUSAL, SUBSCRIPTION, proves, read_link


@dataclass(frozen=True, slots=True)
class Refusal:
    """An address and the organiser whose letter it has; `is_refused` already or not."""

    organisation: Organisation
    address: str
    is_refused: bool


def open_subscription(session: Session, keys: Sequence[str], secret: str) -> Subscription:
    """What this link is about, its organiser loaded. NotFound for a wrong one, and for one whose
    row is gone: unanswered too long, or left a while ago."""
    claimed = read_link(secret)
    if claimed is None or claimed[0] != SUBSCRIPTION or not proves(keys, secret, claimed[1], 0):
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
    if claimed is None or claimed[0] not in (SUBSCRIPTION, REFUSAL):
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
