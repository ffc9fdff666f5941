"""Who of the staff hosts an event: it stands in their calendars, and in their colleagues'."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.domain.terms import Standing
from dialognav.models import EventHost, Membership, User, lock_event


def set_hosts(
    session: Session, event_id: int, user_ids: Collection[int], *, now: datetime, actor: str
) -> None:
    """These, and no others. Who does not work for the organisation is left out."""
    event = lock_event(session, event_id)
    wanted = set(session.scalars(_staff_of(event.organisation_id).where(User.id.in_(user_ids))))
    present = sa.select(EventHost.user_id).where(EventHost.event_id == event_id)
    before = set(session.scalars(present))
    if wanted == before:
        return
    remove_hosts(session, event_id)
    session.add_all(EventHost(event_id=event_id, user_id=each) for each in sorted(wanted))
    session.flush()
    audit.record(
        session,
        event.organisation_id,
        actor,
        "event.hosts",
        f"event:{event_id}",
        now=now,
        event_id=event_id,
        facts={"hosts": sorted(wanted)},
    )


def remove_hosts(session: Session, event_id: int) -> None:
    session.execute(
        sa.delete(EventHost)
        .where(EventHost.event_id == event_id)
        .execution_options(synchronize_session=False)
    )


def is_staff_of(session: Session, organisation_id: int, user_id: int) -> bool:
    """Whether the person works for the organisation now."""
    return session.scalar(_staff_of(organisation_id).where(User.id == user_id)) is not None


def _staff_of(organisation_id: int) -> sa.Select[int]:
    return (
        sa.select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.state == Standing.ACTIVE,
            User.is_active,
        )
    )
