"""A mail's form by the letter of the standards: what a relay, a filter or an old client minds.

A linter of our own, because none for Python is kept. Each sentence names where it is written.
"""

import re
from email import message_from_bytes
from email.errors import MessageDefect
from email.message import EmailMessage
from email.policy import strict
from email.utils import parsedate_to_datetime

ONCE = (
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("Auto-Submitted", "Content-Language"),
)
AT_MOST_ONCE = ("Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence")
NEVER = ("Cc", "Bcc", "Sender", "Return-Path", "Errors-To", "Disposition-Notification-To")

_NAME = re.compile(rb"[!-9;-~]+")
_ENCODED = re.compile(rb"=\?[^?\s]+\?[QqBb]\?[^?\s]*\?=")
_ID = re.compile(r"<[0-9a-f]{32}@[a-z0-9.-]+>")


def faults(raw: bytes) -> list[str]:
    """What is wrong with the bytes; nothing for a mail as it should be."""
    found = _of_lines(raw)
    head = raw.partition(b"\r\n\r\n")[0]
    found += _of_head(head)
    try:
        message = message_from_bytes(raw, _class=EmailMessage, policy=strict)
    except MessageDefect as defect:
        return [*found, f"not to be read: {defect!r}"]
    return found + _of_fields(message) + _of_parts(message)


def _of_lines(raw: bytes) -> list[str]:
    rules = {
        "a bare CR or LF (RFC 5321 2.3.8)": re.search(rb"(?<!\r)\n|\r(?!\n)", raw),
        "eight bits where seven go (RFC 5321 2.4)": not raw.isascii(),
        "a NUL (RFC 5322 2.2)": b"\x00" in raw,
        "a line of more than 998 (RFC 5322 2.1.1)": any(len(x) > 998 for x in raw.split(b"\r\n")),
    }
    return [rule for rule, is_broken in rules.items() if is_broken]


def _of_head(head: bytes) -> list[str]:
    found = []
    for line in head.split(b"\r\n"):
        if len(line) > 78 and b"://" not in line:
            found.append(f"a field's line of more than 78 (RFC 5322 2.1.1): {line[:40]!r}")
        if not line.strip():
            found.append("a line of blanks in the head (RFC 5322 3.2.2)")
        if line[:1] not in b" \t" and not _NAME.fullmatch(line.partition(b":")[0]):
            found.append(f"no field's name (RFC 5322 2.2): {line[:40]!r}")
    found += [
        "an encoded word of more than 75 (RFC 2047 2)"
        for word in _ENCODED.findall(head)
        if len(word) > 75
    ]
    return found


def _of_fields(message: EmailMessage) -> list[str]:
    found = [f"{name} not once" for name in ONCE if len(message.get_all(name, [])) != 1]
    found += [f"{name} twice" for name in AT_MOST_ONCE if len(message.get_all(name, [])) > 1]
    found += [f"a {name} of ours" for name in NEVER if name in message]
    if found:
        return found
    if not _ID.fullmatch(message["Message-ID"]):
        found.append("a Message-ID that is not one of ours (RFC 5322 3.6.4)")
    if parsedate_to_datetime(message["Date"]).tzinfo is None:
        found.append("a Date without a zone (RFC 5322 3.3)")
    if ("List-Unsubscribe" in message) != ("List-Unsubscribe-Post" in message):
        found.append("half of one click (RFC 8058 3.1)")
    if message["Auto-Submitted"] != "auto-generated":
        found.append("nobody wrote it by hand (RFC 3834 5)")
    return found + [f"a defect in {name}" for name, field in message.items() if field.defects]


def _of_parts(message: EmailMessage) -> list[str]:
    found = []
    for part in message.walk():
        if part.defects:
            found.append(f"{part.get_content_type()}: {part.defects}")
        if part.is_multipart():
            found += _of_boundary(part)
        elif part["Content-Transfer-Encoding"] not in ("7bit", "quoted-printable", "base64"):
            found.append(f"{part.get_content_type()}: no encoding said (RFC 2045 6)")
        elif _is_words(part) and part.get_content_charset() != "utf-8":
            found.append(f"{part.get_content_type()}: letters of no known kind (RFC 2046 4.1.2)")
    return found


def _is_words(part: EmailMessage) -> bool:
    """A file may be in letters that nobody knows."""
    return part.get_content_maintype() == "text" and not part.get_filename()


def _of_boundary(part: EmailMessage) -> list[str]:
    boundary = part.get_boundary() or ""
    if not 0 < len(boundary) <= 70 or boundary.endswith(" "):
        return ["a boundary too long or none (RFC 2046 5.1.1)"]
    return []
