"""Those in the report of a digital meeting were there. Nothing is said about anybody else."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions import imports
from dialognav.actions.presence import mark
from dialognav.domain.presence import Mark
from dialognav.domain.terms import Seat
from dialognav.models import Event

PURPOSE = "presence"


def mark_reported(
    session: Session,
    event_id: int,
    occasion_id: int,
    staged_id: int,
    person_ids: Collection[str],
    *,
    now: datetime,
    actor: str,
) -> int:
    """Mark them as attended, by their public ids, and let the file go; returns how many it took.

    Who has lost the place meanwhile is left out.
    """
    seen = [
        Mark(str(uuid.uuid4()), person_id, occasion_id, Seat.ATTENDED, now, "report")
        for person_id in sorted(person_ids)
    ]
    told = mark(session, event_id, seen, now=now, actor=actor)
    imports.discard(session, staged_id)
    number = sum(not one.refused for one in told)
    event = session.get_one(Event, event_id)
    audit.record(
        session,
        event.organisation_id,
        actor,
        "presence.report",
        f"event:{event.id}",
        now=now,
        event_id=event.id,
        facts={"rows": number},
    )
    return number
