"""What a recipient's calendar, or mail server, would send back to a letter in the demo mailbox."""

import secrets
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

from icalendar import Calendar, Component, Event, vCalAddress

ANSWERS = ("ACCEPTED", "TENTATIVE", "DECLINED")
COUNTER = "COUNTER"
LATER = timedelta(hours=1)
"""What the proposal of another time proposes."""


def invitation_of(letter: EmailMessage) -> Component | None:
    """The event that the letter invites to; None when it does not."""
    for part in letter.walk():
        if part.get_content_type() == "text/calendar" and part.get_param("method") == "REQUEST":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            return next(iter(Calendar.from_ical(content).walk("VEVENT")), None)
    return None


def calendar_answer(
    letter: EmailMessage, invited: Component, answer: str, *, now: datetime
) -> bytes:
    """A REPLY with one of ANSWERS, or a COUNTER with the same time an hour later."""
    event = Event()
    for name in ("UID", "SEQUENCE", "RECURRENCE-ID", "ORGANIZER", "SUMMARY"):
        if name in invited:
            event[name] = invited[name]
    event.add("DTSTAMP", now)
    if answer == COUNTER:
        event.add("DTSTART", invited.decoded("DTSTART") + LATER)
        event.add("DTEND", invited.decoded("DTEND") + LATER)
    address = vCalAddress(str(invited["ATTENDEE"]))
    address.params["PARTSTAT"] = "TENTATIVE" if answer == COUNTER else answer
    event.add("ATTENDEE", address)
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Dialognav//Demo recipient//EN")
    calendar.add("METHOD", COUNTER if answer == COUNTER else "REPLY")
    calendar.add_component(event)
    return _mail(letter, calendar, now)


def _mail(letter: EmailMessage, calendar: Calendar, now: datetime) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = str(letter["To"])
    mail["To"] = str(letter["From"])
    mail["Subject"] = f"Re: {letter['Subject']}"
    mail["Date"] = now
    mail["Message-ID"] = f"<{secrets.token_hex(16)}@demo.example>"
    mail.set_content("\n")
    method = {"method": str(calendar["METHOD"])}
    mail.add_alternative(calendar.to_ical(), maintype="text", subtype="calendar", params=method)
    return mail.as_bytes(policy=SMTP)


_FAILURE = """\
Return-Path: <>
From: MAILER-DAEMON@relay.example
To: {sender}
Subject: Undelivered mail
Message-ID: <{name}@relay.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=part

--part
Content-Type: text/plain

Nobody has that address.
--part
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown
--part
Content-Type: text/rfc822-headers

Message-ID: {letter}
--part--
"""


def failure(letter: EmailMessage) -> bytes:
    """A report that the address does not exist (RFC 3464)."""
    report = _FAILURE.format(
        sender=letter["From"].addresses[0].addr_spec,
        recipient=letter["To"].addresses[0].addr_spec,
        letter=str(letter["Message-ID"]).strip(),
        name=secrets.token_hex(16),
    )
    return report.replace("\n", "\r\n").encode()
