"""A mail with an invitation as a mail program sees it, and what every client wants of one."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests import ics_reader

GOLDEN = Path(__file__).parent.parent / "golden"


@dataclass(frozen=True)
class Part:
    """A leaf of the message. `method` and `filename` are '' where there is none."""

    kind: str  # text/calendar
    method: str
    filename: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    parts: tuple[Part, ...]  # besides text and html, in their order


def judged(mail: Mail) -> Mail:
    """The mail itself; ValueError for what some client would not take for an invitation."""
    if len(mail.recipients) != 1 or not mail.subject or not mail.text or not mail.html:
        raise ValueError("one recipient, a subject, and the words twice")
    if any("\ufffd" in words for words in (mail.subject, mail.text, mail.html)):
        raise ValueError("letters were lost")
    if mail.parts:
        _judge_invitation(mail)
    return mail


def _judge_invitation(mail: Mail) -> None:
    if [one.kind for one in mail.parts] != ["text/calendar", "application/ics"]:
        raise ValueError("the calendar as the last alternative, and as a file")
    shown, attached = mail.parts
    calendar = ics_reader.lint(shown.content)
    if shown.content != attached.content or not attached.filename.endswith(".ics"):
        raise ValueError("two different calendars")
    if shown.method != calendar.one("METHOD").value or shown.filename:
        raise ValueError("the part says another METHOD, or that it is a file")
    for event in calendar.of("VEVENT"):
        if event.one("ORGANIZER").value != f"mailto:{mail.sender}":
            raise ValueError("somebody else's ORGANIZER")
        if event.one("ATTENDEE").value.lower() != f"mailto:{mail.recipients[0]}".lower():
            raise ValueError("somebody else's invitation")


def by_python(raw: bytes) -> Mail:
    """By the letter: 7 bits, short lines, base64 for the calendar, no Cc (RFC 5322, 6047)."""
    if not raw.isascii() or any(len(line) > 998 for line in raw.splitlines()):
        raise ValueError("a relay would change it")
    message = message_from_bytes(raw, _class=EmailMessage, policy=default)
    if message["Cc"] or message["Bcc"] or not message["Message-ID"] or not message["Date"]:
        raise ValueError("headers")
    leaves = [part for part in message.walk() if not part.is_multipart()]
    if any(part.defects for part in message.walk()):
        raise ValueError("defects")
    text, html, *others = leaves
    return judged(
        Mail(
            sender=message["From"].addresses[0].addr_spec,
            recipients=tuple(one.addr_spec for one in message["To"].addresses),
            subject=str(message["Subject"]),
            text=_words(text, "plain"),
            html=_words(html, "html"),
            parts=tuple(map(_part, others)),
        )
    )


def _words(part: EmailMessage, kind: str) -> str:
    if part.get_content_subtype() != kind:
        raise ValueError(f"no {kind} where it should be")
    return same_ends(part.get_content())


def same_ends(words: str) -> str:
    return words.replace("\r\n", "\n").strip()


def _part(part: EmailMessage) -> Part:
    if part["Content-Transfer-Encoding"] != "base64":
        raise ValueError("relays change folds")
    return Part(
        kind=part.get_content_type(),
        method=part.get_param("method", ""),
        filename=part.get_filename(""),
        content=base64.b64decode(re.sub(r"\s", "", part.get_payload()), validate=True),
    )


WHOLE = (GOLDEN / "invitation.eml").read_bytes()


def swap(old: bytes, new: bytes) -> bytes:
    assert old in WHOLE, old
    return WHOLE.replace(old, new, 1)


def _without_calendar_part() -> bytes:
    start = WHOLE.index(b"Content-Transfer-Encoding: base64")
    return WHOLE[: WHOLE.rindex(b"--=_", 0, start)] + WHOLE[WHOLE.index(b"--=_", start) :]


def _other_file() -> bytes:
    """The attached copy is another one than the part that is shown."""
    attached = WHOLE.index(b"\r\n\r\n", WHOLE.index(b"application/ics"))
    return WHOLE[:attached] + WHOLE[attached:].replace(b"QkVHSU4", b"QkVnSU4", 1)


BROKEN: dict[str, bytes] = {
    "another METHOD in the header": swap(b'method="REQUEST"', b'method="PUBLISH"'),
    "no METHOD in the header": swap(b'; method="REQUEST"', b""),
    "the calendar is a file only": _without_calendar_part(),
    "cut off in the middle": WHOLE[: len(WHOLE) * 2 // 3],
    "base64 is damaged": swap(b"\nQkVHSU4", b"\nQkVHS*U"),
    "another file than part": _other_file(),
    "sent by somebody else": swap(b"<dialog@dialog.example>", b"<info@dialog.example>"),
    "to two people": swap(b"To: ", b"To: kollega@nordsensor.example, "),
    "to somebody else": swap(b"<oskar.thelin@", b"<nils@"),
    "letters outside ASCII in the head": swap(b"Subject: ", "Subject: Anmälan: ".encode("latin-1")),
    "plain words missing": swap(b"Content-Type: text/plain", b"Content-Type: text/x-plain"),
    "boundary lost": swap(b' boundary="=_', b' boundary="=x'),
}
"""What is wrong -> bytes that every judge has to refuse."""

MAIL_JUDGES: dict[str, Callable[[bytes], Mail]] = {"python": by_python}
