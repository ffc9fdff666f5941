"""Personal links to sign up: what one opens, and an event's list of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.errors import NotFound
from dialognav.domain.terms import Review
from dialognav.models import Event, EventInvitation, Registration
from dialognav.queries.event_sets import SHOWN
from dialognav.tokens import INVITATION, proves, read_link

LIVE = sa.and_(Registration.withdrawn_at.is_(None), Registration.review != Review.DECLINED)
"""A registration that uses up the invitation it came by."""


def access_invitation(session: Session, keys: Sequence[str], secret: str) -> EventInvitation:
    """What this secret opens, its event, organisation and occasions loaded.

    NotFound for a wrong or revoked one, and while nobody may see the event. `keys` are SECRET_KEY
    and its fallbacks.
    """
    found = _claimed(session, secret)
    if found is None or not proves(keys, secret, found.public_id, found.generation):
        raise NotFound
    if found.revoked_at is not None:
        raise NotFound
    return found


def event_once_open(session: Session, keys: Sequence[str], secret: str) -> Event | None:
    """The event a secret opened until it was revoked: whoever holds it may be told whom to ask."""
    found = _claimed(session, secret)
    if found is None or found.revoked_at is None:
        return None
    was_theirs = proves(keys, secret, found.public_id, found.generation - 1)
    return found.event if was_theirs else None


def _claimed(session: Session, secret: str) -> EventInvitation | None:
    purpose, public_id = read_link(secret) or ("", "")
    if purpose != INVITATION:
        return None
    of_event = joinedload(EventInvitation.event, innerjoin=True)
    found = session.scalars(
        sa.select(EventInvitation)
        .join(EventInvitation.event)
        .where(EventInvitation.public_id == public_id, SHOWN)
        .options(
            of_event.joinedload(Event.organisation, innerjoin=True),
            of_event.joinedload(Event.occasions),
        )
    )
    return found.unique().one_or_none()


def is_used(session: Session, invitation_id: int) -> bool:
    """Whether a live registration came by it."""
    found = sa.select(Registration.id).where(Registration.invitation_id == invitation_id, LIVE)
    return session.scalar(found.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """`registration_id` is the public id of the live registration that came by the invitation."""

    invitation: EventInvitation
    registration_id: str
    registered_at: datetime | None


def invitations_of(session: Session, event_id: int) -> list[InvitationLine]:
    """By organisation; revoked ones last."""
    rows = session.execute(
        sa.select(EventInvitation, Registration.public_id, Registration.created_at)
        .outerjoin(Registration, sa.and_(Registration.invitation_id == EventInvitation.id, LIVE))
        .where(EventInvitation.event_id == event_id)
        .order_by(
            EventInvitation.revoked_at.is_not(None),
            EventInvitation.party_name,
            EventInvitation.id,
        )
    )
    return [InvitationLine(each, public_id or "", at) for each, public_id, at in rows]


def invitation_of(session: Session, event_id: int, public_id: str) -> EventInvitation:
    """One of the event's; NotFound for another's."""
    found = session.scalar(
        sa.select(EventInvitation).where(
            EventInvitation.public_id == public_id, EventInvitation.event_id == event_id
        )
    )
    if found is None:
        raise NotFound
    return found


def invited_addresses(session: Session, event_id: int) -> set[str]:
    """Those of the invitations that hold."""
    return set(
        session.scalars(
            sa.select(EventInvitation.email).where(
                EventInvitation.event_id == event_id, EventInvitation.revoked_at.is_(None)
            )
        )
    )
