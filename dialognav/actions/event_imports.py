"""Events of a calendar file become drafts: all that were chosen, or none."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.events import create_event
from dialognav.domain.drafts import EventDraft
from dialognav.domain.errors import NotFound
from dialognav.models import Event, StagedCalendar


def import_events(
    session: Session, staged_id: int, drafts: Sequence[EventDraft], *, now: datetime, actor: str
) -> list[Event]:
    """Drafts that only the organisation sees; the file is gone afterwards.

    NotFound when it has gone meanwhile, so that the same file is not taken twice.
    """
    staged = session.get(StagedCalendar, staged_id)
    if staged is None:
        raise NotFound
    organisation_id = staged.organisation_id
    session.delete(staged)
    session.flush()
    made = [create_event(session, organisation_id, draft, now=now, actor=actor) for draft in drafts]
    audit.record(
        session,
        organisation_id,
        actor,
        "events.imported",
        f"organisation:{organisation_id}",
        now=now,
        facts={"events": len(made)},
    )
    return made
