"""That a request for help is answered. Never commits."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.meeting_terms import BookingState
from dialognav.mail import outbox
from dialognav.mail.audience import Standing, standing_of
from dialognav.mail.letters import Letter, Writer
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_letters import guest_letter
from dialognav.mail.meeting_people import meetings_of
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import review_letter
from dialognav.models import Attendance, Booking, BookingPerson, Event, Participant, Slot


def tell_answer(
    session: Session, event: Event, seat: Attendance, *, now: datetime, post: Post
) -> None:
    """To the person alone. What was asked and answered stands on the own page, not in the mail.

    It is health data: a mail is kept by many, and the facts of a letter outlive the event.
    """
    [standing] = standing_of(session, event, [seat])
    outbox.promise(session, [answer_letter(Writer(event, post), standing)], now=now)


def tell_guest(
    session: Session, event: Event, person: Participant, *, now: datetime, post: Post
) -> None:
    """As tell_answer(), to somebody who has nothing but one-to-one meetings ahead."""
    booking = session.scalars(
        sa.select(Booking)
        .join(Booking.slot)
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .where(BookingPerson.participant_id == person.id, Booking.state == BookingState.BOOKED)
        .where(Slot.ends_at > now)
        .order_by(Slot.starts_at)
    ).first()
    assert booking is not None
    [meeting] = meetings_of(session, [booking])
    writer = MeetingWriter.of(session, event.id, now=now, post=post)
    letter = guest_letter(writer, meeting, person, "access_answer")
    letter = replace(letter, stream=_stream(person), replaces=())
    outbox.promise(session, [letter], now=now)


def answer_letter(writer: Writer, standing: Standing) -> Letter:
    letter = review_letter(writer, standing, "access_answer")
    return replace(letter, stream=_stream(standing.participant))


def _stream(person: Participant) -> str:
    return f"access:{person.id}"
