"""A meeting whose event is locked, and the audit rows of what is done with it once it is held."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from dialognav import audit
from dialognav.domain.errors import NotFound
from dialognav.models import Booking, Event, lock_event


def locked_meeting(session: Session, booking_id: int) -> tuple[Event, Booking]:
    """The event, locked, and the booking as it stands now, with slot and people; NotFound."""
    event_id = session.scalar(sa.select(Booking.event_id).where(Booking.id == booking_id))
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    query = (
        sa.select(Booking)
        .where(Booking.id == booking_id)
        .options(joinedload(Booking.slot, innerjoin=True), selectinload(Booking.people))
        .execution_options(populate_existing=True)
    )
    return event, session.scalars(query).one()


def record(
    session: Session,
    event: Event,
    verb: str,
    subject: str,
    *,
    now: datetime,
    actor: str,
    **facts: Any,
) -> None:
    """One audit row about the event. `facts` hold ids and numbers, never what was said."""
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        subject,
        now=now,
        event_id=event.id,
        facts=facts,
    )
