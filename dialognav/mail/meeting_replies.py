"""What is written because somebody answered the invitation to a one-to-one meeting. Never commits.

A meeting is the supplier's, not one person's: a no in one calendar gives nothing up by itself.
"""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import LetterStatus
from dialognav.mail import outbox
from dialognav.mail.letters import URGENT, Letter
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_letters import guest_letter
from dialognav.mail.meeting_people import Meeting, meetings_of
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, Participant
from dialognav.models import Letter as Row


def answer_stream(booking_id: int, participant_id: int) -> str:
    return f"meeting_answer:{booking_id}:{participant_id}"


def no_letter(writer: MeetingWriter, meeting: Meeting, person: Participant) -> Letter:
    letter = guest_letter(writer, meeting, person, "meeting_confirm_no")
    stream = answer_stream(meeting.booking.id, person.id)
    return replace(letter, stream=stream, replaces=(), priority=URGENT)


def tell_no(
    session: Session, booking: Booking, person: Participant, *, now: datetime, post: Post
) -> None:
    """One person said no in the calendar: one letter with the page where the meeting is withdrawn,
    or somebody else named to come."""
    writer = MeetingWriter(session.get_one(Event, booking.event_id), post)
    [meeting] = meetings_of(session, [booking])
    outbox.promise(session, [no_letter(writer, meeting, person)], now=now)


def drop_no(session: Session, booking_id: int, participant_id: int) -> None:
    """They come after all: the question that has not left needs no answer."""
    session.execute(
        sa.update(Row)
        .where(Row.stream == answer_stream(booking_id, participant_id))
        .where(Row.status == LetterStatus.PENDING, Row.lease.is_(None))
        .values(status=LetterStatus.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )
