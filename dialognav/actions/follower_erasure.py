"""What an address follows and has refused goes with its owner."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.models import (
    Event,
    FollowedEvent,
    MailRefusal,
    Participant,
    Registration,
    Subscription,
)


def forget_follower(session: Session, address: str, organisation_id: int | None = None) -> None:
    """The address goes: what it follows, and what it refused; of one organiser, or everywhere.

    What it refused of one organiser stays while it is registered there: else it got the news again.
    """
    mine = [Subscription.email == address]
    refused = [MailRefusal.address == address]
    if organisation_id is not None:
        mine.append(Subscription.organisation_id == organisation_id)
        refused.append(MailRefusal.organisation_id == organisation_id)
        refused.append(~_is_registered(address, organisation_id))
    ids = sa.select(Subscription.id).where(*mine)
    for rows in (
        sa.delete(FollowedEvent).where(FollowedEvent.subscription_id.in_(ids)),
        sa.delete(Subscription).where(*mine),
        sa.delete(MailRefusal).where(*refused),
    ):
        session.execute(rows.execution_options(synchronize_session=False))


def _is_registered(address: str, organisation_id: int) -> sa.ColumnElement[bool]:
    of_ours = (
        sa.select(Registration.id)
        .join(Event, Registration.event_id == Event.id)
        .where(Event.organisation_id == organisation_id)
    )
    person = of_ours.join(Participant, Participant.registration_id == Registration.id)
    return sa.or_(
        of_ours.where(Registration.contact_email == address).exists(),
        person.where(sa.func.lower(Participant.email) == address).exists(),
    )


def follows(address: str) -> sa.ColumnElement[bool]:
    """Rows of Subscription by which the address is told of something."""
    return sa.and_(
        Subscription.email == address,
        Subscription.confirmed_at.is_not(None),
        Subscription.ended_at.is_(None),
    )
