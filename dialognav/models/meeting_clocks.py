"""Times of one-to-one meetings that newer zone data put at another wall time."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.meeting_terms import SlotState
from dialognav.domain.zone_shifts import Written
from dialognav.models.event import Event
from dialognav.models.meetings import MeetingBreak, Slot


def written_of(row: Slot | MeetingBreak) -> Written:
    return Written(row.starts_at, row.ends_at, row.start_offset, row.end_offset)


def shifted_times(session: Session, event: Event, *, now: datetime) -> list[Slot]:
    """Those to come that stand, by time; one statement."""
    rows = session.scalars(
        sa.select(Slot)
        .where(Slot.event_id == event.id, Slot.state != SlotState.REMOVED, Slot.ends_at > now)
        .order_by(Slot.starts_at, Slot.id)
    )
    return [slot for slot in rows if written_of(slot).is_shifted(event.zone)]


def shifted_breaks(session: Session, event: Event, *, now: datetime) -> list[MeetingBreak]:
    """The same of breaks."""
    rows = session.scalars(
        sa.select(MeetingBreak)
        .where(MeetingBreak.event_id == event.id, MeetingBreak.ends_at > now)
        .order_by(MeetingBreak.starts_at, MeetingBreak.id)
    )
    return [row for row in rows if written_of(row).is_shifted(event.zone)]
