"""Who hosts what in the demo."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.hosts import set_hosts
from dialognav.domain.terms import Role
from dialognav.models import Event, Membership


def choose_hosts(session: Session, event: Event, *, now: datetime, actor: str) -> None:
    """Those who arrange things at the organisation, in turn, now and then together."""
    working = sa.select(Membership.user_id).where(
        Membership.organisation_id == event.organisation_id,
        Membership.role.in_((Role.ADMIN, Role.PLANNER, Role.HOST)),
    )
    people = session.scalars(working.order_by(Membership.id)).all()
    chosen = [user for n, user in enumerate(people) if event.id % 3 == 2 or event.id % 3 == n % 2]
    set_hosts(session, event.id, chosen, now=now, actor=actor)
