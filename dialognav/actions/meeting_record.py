"""What the record keeps of how one-to-one meetings are planned."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.models import Event, Slot


def record_plan(
    session: Session,
    event: Event,
    verb: str,
    *,
    now: datetime,
    actor: str,
    reason: str = "",
    **facts: Any,
) -> None:
    """The audit row of a verb on an event's plan. `facts` are ids, instants and closed words; the
    reason stands beside it."""
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"event:{event.id}",
        now=now,
        event_id=event.id,
        facts=facts,
        reason=reason,
    )


def how_many_public(slots: Iterable[Slot]) -> int:
    """Of these, what somebody outside has read of: it is a change for them, not for staff alone."""
    return sum(slot.published_at is not None for slot in slots)
