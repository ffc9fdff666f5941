"""The demo's answers from calendars: two that come, one perhaps, one that asks for another time,
and a mail that a person wrote. Taken in the way real ones are."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.replies import receive
from dialognav.domain.replies import read_mail
from dialognav.domain.terms import LetterStatus, Seat
from dialognav.mail.post import Post
from dialognav.models import Attendance, CalendarObject, Event, Letter, Occasion, Participant

ANSWERED = "tryggare-natter-i-hemtjansten"


def answer_some(session: Session, *, now: datetime, post: Post) -> None:
    """Those whose invitations left long ago have answered since."""
    session.flush()
    found = _told(session)
    mails = [
        ("REPLY", "ACCEPTED", "", 0),
        ("REPLY", "TENTATIVE", "Återkommer när jag vet om resan går.", 0),
        ("REPLY", "ACCEPTED", "Kommer med morgontåget.", 0),
        ("COUNTER", "TENTATIVE", "Vi har en annan dialog samma förmiddag. Går eftermiddagen?", 5),
    ]
    for hours, ((method, answer, comment, later), one) in enumerate(
        zip(mails, found, strict=False), 1
    ):
        at = now - timedelta(hours=7 * hours)
        raw = _calendar_mail(one, method, answer, comment, timedelta(hours=later), at)
        receive(session, read_mail(raw), raw, now=at, post=post)
    for person, _entry, _occasion in found[len(mails) : len(mails) + 1]:
        raw = _person_mail(person)
        receive(session, read_mail(raw), raw, now=now - timedelta(hours=2), post=post)


def _told(session: Session) -> list[tuple[Participant, CalendarObject, Occasion]]:
    """Those who are confirmed and have nothing in the outbox."""
    waiting = sa.exists().where(
        Letter.participant_id == Participant.id, Letter.status == LetterStatus.PENDING
    )
    rows = session.execute(
        sa.select(Participant, CalendarObject, Occasion)
        .join(Attendance, Attendance.participant_id == Participant.id)
        .join(Occasion, Occasion.id == Attendance.occasion_id)
        .join(Event, Event.id == Occasion.event_id)
        .join(
            CalendarObject,
            sa.and_(
                CalendarObject.participant_id == Participant.id,
                CalendarObject.occasion_id == Occasion.id,
            ),
        )
        .where(Event.slug == ANSWERED, Attendance.state == Seat.CONFIRMED, ~waiting)
        .order_by(Participant.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _calendar_mail(
    whose: tuple[Participant, CalendarObject, Occasion],
    method: str,
    answer: str,
    comment: str,
    later: timedelta,
    at: datetime,
) -> bytes:
    person, entry, occasion = whose
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Example//Calendar//EN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{occasion.starts_at + later:%Y%m%dT%H%M%SZ}",
        f"DTEND:{occasion.ends_at + later:%Y%m%dT%H%M%SZ}",
        f"ORGANIZER:mailto:{entry.organizer_address}",
        f"ATTENDEE;PARTSTAT={answer}:mailto:{person.email}",
        f"COMMENT:{comment}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    subject = "Nytt förslag på tid" if method == "COUNTER" else "Svar på inbjudan"
    kind = f"text/calendar; charset=utf-8; method={method}"
    return _mail(person, entry.organizer_address, subject, kind, lines)


def _person_mail(person: Participant) -> bytes:
    lines = [
        "Hej!",
        "",
        "Får vi ta med en kollega från vårt norska bolag? Och finns det plats för en skärm?",
        "",
        "Vänliga hälsningar",
        person.name,
    ]
    to, kind = "dialog@dialognav.example", "text/plain; charset=utf-8"
    return _mail(person, to, "SV: Ni är anmälda", kind, lines)


def _mail(person: Participant, to: str, subject: str, kind: str, lines: list[str]) -> bytes:
    def head() -> Iterator[str]:
        yield f"From: {person.name} <{person.email}>"
        yield f"To: {to}"
        yield f"Subject: {subject}"
        yield f"Message-ID: <{person.public_id}.{kind[5]}@kund.example>"
        yield "MIME-Version: 1.0"
        yield f"Content-Type: {kind}"
        yield "Content-Transfer-Encoding: 8bit"
        yield ""

    return "\r\n".join([*head(), *lines, ""]).encode()
