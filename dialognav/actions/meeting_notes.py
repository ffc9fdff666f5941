"""A team member's own notes of a meeting: kept for the minutes, and in no audit trail."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.held_meetings import locked_meeting
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow
from dialognav.domain.meeting_presence import SAID
from dialognav.domain.meeting_terms import MinutesState
from dialognav.models import MeetingNote, Minutes


def save_notes(
    session: Session,
    booking_id: int,
    answers: Sequence[list[str]],
    text: str,
    *,
    expected_revision: int,
    writer_id: int,
    now: datetime,
) -> MeetingNote:
    """Write one person's notes; `answers` as MeetingNote has them.

    EditedMeanwhile when the same person has saved elsewhere since `expected_revision` (0: there was
    nothing yet). NotAllowedNow when the minutes are approved, or the meeting is not to be.
    """
    _event, booking = locked_meeting(session, booking_id)
    minutes = session.scalar(sa.select(Minutes.state).where(Minutes.booking_id == booking.id))
    if booking.state not in SAID or minutes == MinutesState.APPROVED:
        raise NotAllowedNow
    note = session.scalars(
        sa.select(MeetingNote)
        .where(MeetingNote.booking_id == booking.id, MeetingNote.writer_id == writer_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if (note.revision if note else 0) != expected_revision:
        raise EditedMeanwhile
    if note is None:
        note = MeetingNote(booking_id=booking.id, writer_id=writer_id, revision=0)
        session.add(note)
    note.answers, note.text = [list(each) for each in answers], text
    note.revision += 1
    note.changed_at = now
    session.flush()
    return note
