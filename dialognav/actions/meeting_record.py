"""What the record keeps of how one-to-one meetings are planned."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.models import Event


def record_plan(
    session: Session,
    event: Event,
    verb: str,
    *,
    now: datetime,
    actor: str,
    **facts: Any,
) -> None:
    """The audit row of a verb on an event's plan. `facts` are ids, instants and closed words."""
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"event:{event.id}",
        now=now,
        event_id=event.id,
        facts=facts,
    )
