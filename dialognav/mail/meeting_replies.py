"""What is written because somebody answered the invitation to a one-to-one meeting. Never commits.

A meeting is the supplier's, not one person's: a no in one calendar gives nothing up by itself.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.calendar import Entry, entry_to_json
from dialognav.domain.reply_rules import fits_uid, is_alias
from dialognav.domain.terms import LetterStatus
from dialognav.mail import outbox
from dialognav.mail.letters import URGENT, Letter
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_host_letters import News, host_letter
from dialognav.mail.meeting_letters import guest_letter
from dialognav.mail.meeting_people import Meeting, meetings_of
from dialognav.mail.post import Post
from dialognav.models import Booking, CalendarObject, InboundMail, Participant, TeamMember
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
    writer = MeetingWriter.of(session, booking.event_id, now=now, post=post)
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
    writer = MeetingWriter.of(session, booking.event_id, now=now, post=post)
    [meeting] = meetings_of(session, [booking])
    said = {"who": mail.sender_name or mail.sender, "address": mail.sender}
    letter = guest_letter(writer, meeting, person, "passed_on", more={"answer": said})
    stream = f"meeting_passed_on:{booking.id}:{person.id}"
    outbox.promise(session, [replace(letter, stream=stream, replaces=())], now=now)


def tell_again(
    session: Session, booking: Booking, numbered: CalendarObject, *, now: datetime, post: Post
) -> None:
    """The revision that holds once more, the same bytes (RFC 5546 section 3.2.6)."""
    writer = MeetingWriter.of(session, booking.event_id, now=now, post=post)
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
    """The proposed time is not taken: DECLINECOUNTER (RFC 5546 section 3.2.8), and why, to one of
    the supplier's people or of the team. `text` is the organiser's own, for this one person; "" for
    none."""
    writer = MeetingWriter.of(session, booking.event_id, now=now, post=post)
    [meeting] = meetings_of(session, [booking])
    letter = time_declined_letter(writer, meeting, numbered, text, now=now)
    outbox.promise(session, [letter], now=now)


def time_declined_letter(
    writer: MeetingWriter, meeting: Meeting, numbered: CalendarObject, text: str, *, now: datetime
) -> Letter:
    if numbered.member_id is not None:
        member = _host_of(meeting, numbered)
        letter = host_letter(writer, News(member, meeting, "new"))
        letter = replace(letter, kind="meeting_host_time_declined")
        appointment = writer.host_entry(meeting, member, "REQUEST")
    else:
        person = _guest_of(meeting, numbered)
        letter = guest_letter(writer, meeting, person, "time_declined")
        appointment = writer.guest_entry(meeting, person, "REQUEST")
    calendar = {
        "method": "DECLINECOUNTER",
        "entry": entry_to_json(replace(appointment.entry(numbered), dtstamp=now)),
        "sender": numbered.organizer_address,
        "answer": {"text": text},
    }
    stream = f"proposal:{numbered.uid}"
    facts = letter.facts | calendar
    return replace(letter, stream=stream, replaces=(), appointment=None, facts=facts)


def _host_of(meeting: Meeting, numbered: CalendarObject) -> TeamMember:
    return next(one for one in meeting.hosts if one.id == numbered.member_id)


def _guest_of(meeting: Meeting, numbered: CalendarObject) -> Participant:
    return next(one for one in meeting.guests if one.id == numbered.participant_id)


def proposed_for(session: Session, mail: InboundMail) -> CalendarObject | None:
    """The entry that another time was proposed for, of whoever is still invited. Of the team's the
    one that the mail's address names; else the sender's, or that of the only one in the sender's
    organisation."""
    rows = session.execute(
        sa.select(CalendarObject, TeamMember.email)
        .outerjoin(TeamMember, TeamMember.id == CalendarObject.member_id)
        .where(CalendarObject.booking_id == mail.booking_id, CalendarObject.cancelled_at.is_(None))
    ).all()
    if mail.participant_id is not None:
        return next((row for row, _ in rows if row.participant_id == mail.participant_id), None)
    hosts = [(row, email.lower()) for row, email in rows if row.member_id is not None]
    tests: tuple[Callable[[CalendarObject, str], bool], ...] = (
        lambda row, _: "+" in mail.recipient and fits_uid(mail.recipient, row.uid),
        lambda _, email: email == mail.sender.lower(),
        lambda _, email: is_alias(mail.sender.lower(), email),
    )
    for fits in tests:
        found = [row for row, email in hosts if fits(row, email)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _again(
    writer: MeetingWriter, meeting: Meeting, numbered: CalendarObject
) -> tuple[Letter, Entry]:
    """As it was told first, to one of the supplier's people or of the team."""
    if numbered.member_id is not None:
        member = _host_of(meeting, numbered)
        letter = host_letter(writer, News(member, meeting, "new"))
        return letter, writer.host_entry(meeting, member, "REQUEST").entry(numbered)
    person = _guest_of(meeting, numbered)
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
