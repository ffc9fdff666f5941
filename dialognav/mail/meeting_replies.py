"""What is written because somebody answered the invitation to a one-to-one meeting. Never commits.

A meeting is the supplier's, not one person's: a no in one calendar gives nothing up by itself.
"""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.calendar import Entry, entry_to_json
from dialognav.domain.terms import LetterStatus
from dialognav.mail import outbox
from dialognav.mail.letters import URGENT, Letter
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_host_letters import News, host_letter
from dialognav.mail.meeting_letters import guest_letter
from dialognav.mail.meeting_people import Meeting, meetings_of
from dialognav.mail.post import Post
from dialognav.models import Booking, CalendarObject, Event, InboundMail, Participant
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


def tell_passed_on(
    session: Session,
    booking: Booking,
    person: Participant,
    mail: InboundMail,
    *,
    now: datetime,
    post: Post,
) -> None:
    """Somebody else answered the invitation: it was passed on, which puts nobody in a meeting."""
    writer = MeetingWriter(session.get_one(Event, booking.event_id), post)
    [meeting] = meetings_of(session, [booking])
    said = {"who": mail.sender_name or mail.sender, "address": mail.sender}
    letter = guest_letter(writer, meeting, person, "passed_on", more={"answer": said})
    stream = f"meeting_passed_on:{booking.id}:{person.id}"
    outbox.promise(session, [replace(letter, stream=stream, replaces=())], now=now)


def tell_again(
    session: Session, booking: Booking, numbered: CalendarObject, *, now: datetime, post: Post
) -> None:
    """The revision that holds once more, the same bytes (RFC 5546 section 3.2.6)."""
    writer = MeetingWriter(session.get_one(Event, booking.event_id), post)
    [meeting] = meetings_of(session, [booking])
    letter, entry = _again(writer, meeting, numbered)
    calendar = {
        "method": "REQUEST",
        "entry": entry_to_json(entry),
        "sender": numbered.organizer_address,
    }
    letter = replace(
        letter,
        stream=f"again:{numbered.uid}",
        replaces=(),
        priority=URGENT,
        appointment=None,
        facts=letter.facts | calendar,
    )
    outbox.promise(session, [letter], now=now)


def tell_time_declined(
    session: Session,
    booking: Booking,
    numbered: CalendarObject,
    text: str,
    *,
    now: datetime,
    post: Post,
) -> None:
    """The proposed time is not taken: DECLINECOUNTER (RFC 5546 section 3.2.8), and why. `text` is
    the organiser's own, for this one person; "" for none."""
    writer = MeetingWriter(session.get_one(Event, booking.event_id), post)
    [meeting] = meetings_of(session, [booking])
    person = next(one for one in meeting.guests if one.id == numbered.participant_id)
    letter = time_declined_letter(writer, meeting, person, numbered, text, now=now)
    outbox.promise(session, [letter], now=now)


def time_declined_letter(
    writer: MeetingWriter,
    meeting: Meeting,
    person: Participant,
    numbered: CalendarObject,
    text: str,
    *,
    now: datetime,
) -> Letter:
    entry = writer.guest_entry(meeting, person, "REQUEST").entry(numbered)
    calendar = {
        "method": "DECLINECOUNTER",
        "entry": entry_to_json(replace(entry, dtstamp=now)),
        "sender": numbered.organizer_address,
        "answer": {"text": text},
    }
    letter = guest_letter(writer, meeting, person, "time_declined", more=calendar)
    return replace(letter, stream=f"proposal:{numbered.uid}", replaces=())


def _again(
    writer: MeetingWriter, meeting: Meeting, numbered: CalendarObject
) -> tuple[Letter, Entry]:
    """As it was told first, to one of the supplier's people or of the team."""
    if numbered.member_id is not None:
        member = next(one for one in meeting.hosts if one.id == numbered.member_id)
        letter = host_letter(writer, News(member, meeting, "new"))
        return letter, writer.host_entry(meeting, member, "REQUEST").entry(numbered)
    person = next(one for one in meeting.guests if one.id == numbered.participant_id)
    letter = guest_letter(writer, meeting, person, "meeting_booked", link=True)
    return letter, writer.guest_entry(meeting, person, "REQUEST").entry(numbered)


def drop_no(session: Session, booking_id: int, participant_id: int) -> None:
    """They come after all: the question that has not left needs no answer."""
    session.execute(
        sa.update(Row)
        .where(Row.stream == answer_stream(booking_id, participant_id))
        .where(Row.status == LetterStatus.PENDING, Row.lease.is_(None))
        .values(status=LetterStatus.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )
