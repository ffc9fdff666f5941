"""How long the names of one event are kept, where that differs from the organisation's rule."""

from datetime import datetime

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.models import lock_event


def keep_for(
    session: Session, event_id: int, months: int | None, *, now: datetime, actor: str
) -> None:
    """`months` after the end of the event; None is as the organisation's."""
    event = lock_event(session, event_id)
    if event.retention_months == months:
        return
    event.retention_months = months
    audit.record(
        session,
        event.organisation_id,
        actor,
        "event.retention",
        f"event:{event.id}",
        now=now,
        event_id=event.id,
        facts={"months": months},
    )
