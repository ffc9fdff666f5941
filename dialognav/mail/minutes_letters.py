"""Letters about the minutes of a one-to-one meeting, to those who were in it and the contact. Never
commits."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.mail import outbox
from dialognav.mail.letters import Letter
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_letters import away_letter, guest_letter, told_at
from dialognav.mail.meeting_people import Meeting, meetings_of
from dialognav.mail.post import Post
from dialognav.models import Event, Minutes


def minutes_letters(
    writer: MeetingWriter, meeting: Meeting, minutes: Minutes, kind: str
) -> Iterator[Letter]:
    """`kind`: minutes_check or minutes_approved. What is said in them is on the page alone."""
    facts = {
        "minutes": {"id": minutes.public_id, "check_until": told_at(minutes.check_until)},
        "void_after": None,
    }
    stream = f"minutes:{minutes.id}"
    for person in meeting.people:
        letter = guest_letter(writer, meeting, person, kind, more=facts)
        yield replace(letter, stream=f"{stream}:{person.id}", replaces=())
    if not meeting.reads_as_contact(meeting.people):
        letter = away_letter(writer, meeting, kind, more=facts)
        yield replace(letter, stream=f"{stream}:contact", replaces=())


def tell_check(session: Session, minutes: Sequence[Minutes], *, now: datetime, post: Post) -> None:
    """Minutes to check the facts of, until `check_until`."""
    _tell(session, minutes, "minutes_check", now, post)


def tell_approved(
    session: Session, minutes: Sequence[Minutes], *, now: datetime, post: Post
) -> None:
    """The minutes are approved, and with that a public record."""
    _tell(session, minutes, "minutes_approved", now, post)


def _tell(
    session: Session, minutes: Sequence[Minutes], kind: str, now: datetime, post: Post
) -> None:
    if not minutes:
        return
    bookings = [one.booking for one in minutes]
    writer = MeetingWriter(session.get_one(Event, bookings[0].event_id), post)
    by_booking = {one.booking_id: one for one in minutes}
    letters = [
        letter
        for meeting in meetings_of(session, bookings)
        for letter in minutes_letters(writer, meeting, by_booking[meeting.booking.id], kind)
    ]
    outbox.promise(session, letters, now=now)
