"""One-to-one meetings follow what an organiser decides of a clock that a government moved."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.domain.zone_shifts import offset_at
from dialognav.mail.meeting_changes import told_of
from dialognav.mail.meeting_notices import tell_changed
from dialognav.mail.post import Post
from dialognav.models import Event, MeetingBreak, Slot
from dialognav.models.meeting_clocks import shifted_breaks, written_of


def settle_meetings(
    session: Session,
    event: Event,
    slots: Sequence[Slot],
    *,
    keeps_wall: bool,
    now: datetime,
    post: Post,
) -> None:
    """Move these times, and breaks, to where the clock shows what was told; else the new wall time
    holds. Both sides of what is booked are told, once. NoSuchTime when the new clock skips one.

    Somebody who is thereby in two events' meetings at once is named on the plan: the other event
    may be about to follow.
    """
    before = [(slot, told_of(slot)) for slot in slots]
    rows: list[Slot | MeetingBreak] = [*slots, *shifted_breaks(session, event, now=now)]
    if keeps_wall:
        _to_wall(session, rows, event.zone)
    else:
        for row in rows:
            row.start_offset = offset_at(row.starts_at, event.zone)
            row.end_offset = offset_at(row.ends_at, event.zone)
    session.flush()
    tell_changed(session, before, now=now, post=post)


def _to_wall(session: Session, rows: Sequence[Slot | MeetingBreak], zone: str) -> None:
    """One after the other, those first that make room: no table has two at the same start."""
    settled = [(row, *written_of(row).kept_by_wall(zone)) for row in rows]
    later = [each for each in settled if each[1] > each[0].starts_at]
    earlier = [each for each in settled if each[1] <= each[0].starts_at]
    for row, starts_at, ends_at in (*reversed(later), *earlier):
        row.starts_at, row.ends_at = starts_at, ends_at
        session.flush()
