"""Who of the staff may host an event, and who does."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import Standing
from dialognav.models import EventHost, Membership, User


def possible_hosts(session: Session, organisation_id: int) -> list[User]:
    """Everybody who works there now."""
    return list(
        session.scalars(
            sa.select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(
                Membership.organisation_id == organisation_id,
                Membership.state == Standing.ACTIVE,
                User.is_active,
            )
            .order_by(User.name, User.id)
        )
    )


def hosts_of(session: Session, event_id: int) -> list[User]:
    """Also those who have left since."""
    return list(
        session.scalars(
            sa.select(User)
            .join(EventHost, EventHost.user_id == User.id)
            .where(EventHost.event_id == event_id)
            .order_by(User.name, User.id)
        )
    )
