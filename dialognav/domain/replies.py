"""What came in by mail: an answer from a calendar, a bounce, an automatic reply, or a person.

Everything in a `Received` was written by somebody else. It is cleaned (NFC, no control characters)
and cut to what the columns of `InboundMail` hold, and it has been compared with nothing yet.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from dialognav.domain import bounces, imip
from dialognav.domain.bounces import Failure
from dialognav.domain.mail_text import readable
from dialognav.domain.mime import Part, cut, leaves, read_part
from dialognav.domain.terms import InboundKind

__all__ = ["LARGEST", "Failure", "Received", "read_mail"]

LARGEST = 2 * 1024 * 1024
"""Bytes of a mail that are read; what follows is left (calendar.md 2.8(1))."""

_CALENDARS = ("text/calendar", "application/ics", "text/x-vcalendar")
_CANDIDATES = 5

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')
_ADDRESS = re.compile(r"[^\s<>@\"(),:;\\\[\]]{1,64}@[^\s<>@\"(),:;\\\[\]]{1,189}")
_LONGEST = 254  # characters; in lower case some letters become two
_MESSAGE_ID = re.compile(r"<?([^<>\s]{1,300})>?")
_DELIVERED_TO = ("x-original-to", "envelope-to", "delivered-to")
_MOST_RECIPIENTS = 20
_BOUNCE_ADDRESS = re.compile(r"bounce\+([a-z2-7]{20,60})@.+")
_MAIL_SYSTEMS = re.compile(r"(?:mailer-daemon|mail-daemon|postmaster|microsoftexchange[^@]*)@.*")
_PASSES_DMARC = re.compile(r"(?:^|;)\s*dmarc\s*=\s*pass(?=[\s;]|$)", re.IGNORECASE)
_FAILS_DMARC = re.compile(r"\b(?:dmarc|compauth)\s*=\s*fail", re.IGNORECASE)
_SAYS_AUTOMATIC = re.compile(
    r"(?:automatiskt? svar|autosvar|automatic reply|auto-?reply|out of office(?: autoreply)?"
    r"|frånvaromeddelande|fraværsmelding)\s*:",
    re.IGNORECASE,
)
"""Subjects of systems that set no field for it; with the colon, for people use the words too."""

_BULK = ("bulk", "junk", "list", "auto_reply")
_AUTOMATIC_FIELDS = (
    "x-auto-response-suppress",  # MS-OXCMAIL 2.2.3.2.14
    "x-autoreply",
    "x-autorespond",
    "list-id",
    "list-unsubscribe",
)


@dataclass(frozen=True, slots=True)
class Received:
    """One mail. Which fields hold anything follows from `kind`; the rest are empty.

    `fingerprint` is the SHA-256, in hex, of the Message-ID, or of the mail when it has none, and
    of the recipient: one mail to two organisations is two.
    Addresses (`recipient`, `sender`, `reply_to`, `attendee`) are bare and in lower case; "" when
    there is none, or when it is not clear which. `text` has at most 20 000 characters.
    `addressed` are further ones that the head names, the surest first.
    `is_trusted` is False when our own mail server found that DMARC fails (RFC 8601), `is_proved`
    True when it found that it passes; neither says anything where it does not check.
    `problem` is a code, "" when there is none: `too_large` (the beginning was read), `not_a_mail`,
    and of a calendar part `bad_calendar`, `no_event`, `several_uids`, `several_answers`, `no_uid`,
    `no_stamp`, `no_attendee`, `several_attendees`, `bad_answer`, `no_time`.

    Of REPLY, COUNTER and REFRESH (RFC 5546 section 3.2): `sequence` is 0 when the mail has none;
    `dtstamp`, `recurs_at` (RECURRENCE-ID), `proposed_starts_at` and `proposed_ends_at` (COUNTER)
    are instants in UTC, of dates (`is_all_day`) their midnight in UTC; `partstat` is upper case
    ("ACCEPTED", "DELEGATED" ..); `comment` has at most 500 characters; `attendee_count` is how many
    attendees it names, `attendee` the only one or, of several, the sender.

    Of a bounce: `failures`; `letter_token` from the address bounce+<token>@..; the Message-ID,
    without angle brackets, of the mail that failed, as the report quotes it.
    """

    kind: InboundKind
    fingerprint: str
    message_id: str = ""
    recipient: str = ""
    addressed: tuple[str, ...] = ()
    sender: str = ""
    reply_to: str = ""
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    is_trusted: bool = True
    is_proved: bool = False
    uid: str = ""
    sequence: int = 0
    dtstamp: datetime | None = None
    recurs_at: datetime | None = None
    is_all_day: bool = False
    attendee: str = ""
    attendee_count: int = 0
    partstat: str = ""
    comment: str = ""
    proposed_starts_at: datetime | None = None
    proposed_ends_at: datetime | None = None
    failures: tuple[Failure, ...] = ()
    letter_token: str = ""
    original_message_id: str = ""
    problem: str = ""


def read_mail(raw: bytes, *, recipient: str = "", domain: str = "") -> Received:
    """Read one mail as it came from the server; raises nothing, whatever the bytes are.

    `recipient` is the address it was delivered to, where the server told. Else it is looked up in
    the head, the first one at `domain` (ours).
    """
    mail = read_part(cut(raw, LARGEST))
    sender = _only(mail.all("from"))
    message_id = _message_id(mail)
    to = _recipient(mail, recipient, domain)
    whole = (message_id.encode() or raw) + (b"\0" + to.encode() if to else b"")
    said: dict[str, Any] = {
        "fingerprint": sha256(whole).hexdigest(),
        "message_id": message_id,
        "recipient": to,
        "addressed": tuple(islice(_recipients(mail), _MOST_RECIPIENTS)),
        "sender": sender,
        "reply_to": _only(mail.all("reply-to")),
        "sender_name": _sender_name(mail),
        "subject": mail.line("subject", 300),
        "is_trusted": not any(map(_FAILS_DMARC.search, mail.all("authentication-results"))),
        "is_proved": any(map(_passes_dmarc, mail.all("authentication-results"))),
    }
    if not any(mail.field(name) for name in ("from", "date", "received", "message-id", "subject")):
        return Received(kind=InboundKind.UNREADABLE, problem="not_a_mail", **said)
    parts = leaves(mail)
    said["text"] = readable(parts)
    return _sorted(mail, parts, said, "too_large" if len(raw) > LARGEST else "")


def _sorted(mail: Part, parts: Sequence[Part], said: dict[str, Any], problem: str) -> Received:
    """Bounce, answer, bounce in words, automatic, person: the first that fits."""
    if bounces.is_report(mail) and (failures := bounces.reported(parts)):
        return _bounce(mail, parts, said, failures, problem)
    if (answer := _answer(parts)) is not None:
        return _calendar(answer, said)
    if _is_from_mail_system(mail, said["sender"]):
        failures = bounces.described(mail, said["text"], (said["recipient"], said["sender"]))
        if failures:
            return _bounce(mail, parts, said, failures, problem)
    kind = InboundKind.AUTOMATIC if _is_automatic(mail) else InboundKind.PERSON
    return Received(kind=kind, problem=problem, **said)


def _bounce(
    mail: Part,
    parts: Sequence[Part],
    said: dict[str, Any],
    failures: tuple[Failure, ...],
    problem: str,
) -> Received:
    tokens = (_BOUNCE_ADDRESS.fullmatch(one) for one in (said["recipient"], *_recipients(mail)))
    return Received(
        kind=InboundKind.BOUNCE,
        failures=failures,
        letter_token=next((token[1] for token in tokens if token), ""),
        original_message_id=bounces.original_message_id(parts, said["text"]),
        problem=problem,
        **said,
    )


def _answer(parts: Sequence[Part]) -> imip.Answer | None:
    """Of the first calendar part that answers. Thunderbird and Gmail send the same one twice."""
    calendars = (
        part
        for part in parts
        if part.content_type in _CALENDARS or part.file_name.lower().endswith(".ics")
    )
    for _, part in zip(range(_CANDIDATES), calendars, strict=False):
        method = part.parameters.get("method", "").upper()
        if len(part.content) > imip.LARGEST:
            answer = imip.too_large(method)
        else:
            answer = imip.read_answer(part.text(imip.LARGEST), method)
        if answer is not None:
            return answer
    return None


def _calendar(answer: imip.Answer, said: dict[str, Any]) -> Received:
    named = [one for one in answer.attendees if one.address == said["sender"]]
    attendee = (named or [*answer.attendees] or [imip.Attendee("", "", "")])[0]
    is_clear = bool(named) or len(answer.attendees) == 1
    is_counter = answer.method == "COUNTER"
    return Received(
        kind=InboundKind(answer.method.lower()),
        uid=answer.uid,
        sequence=answer.sequence,
        dtstamp=answer.dtstamp,
        recurs_at=answer.recurs_at,
        is_all_day=answer.is_all_day,
        attendee=attendee.address if is_clear else "",
        attendee_count=len(answer.attendees),
        partstat=attendee.partstat if is_clear else "",
        comment=answer.comment,
        proposed_starts_at=answer.starts_at if is_counter else None,
        proposed_ends_at=answer.ends_at if is_counter else None,
        problem=answer.problem,
        **said,
    )


def _is_from_mail_system(mail: Part, sender: str) -> bool:
    """The null sender alone says nothing: automatic replies have it too (RFC 3834 section 3.3)."""
    return bool(
        mail.field("x-failed-recipients")
        or _MAIL_SYSTEMS.fullmatch(sender)
        or bounces.is_report(mail)
    )


def _is_automatic(mail: Part) -> bool:
    """RFC 3834, and what systems did before it (calendar.md 2.8(3))."""
    submitted = mail.field("auto-submitted").partition(";")[0].strip().lower()
    return bool(
        submitted not in ("", "no")
        or mail.field("precedence").strip().lower() in _BULK
        or any(mail.field(name) for name in _AUTOMATIC_FIELDS)
        or mail.content_type == "multipart/report"
        or _has_null_sender(mail)
        or _SAYS_AUTOMATIC.match(mail.line("subject", 300))
    )


def _has_null_sender(mail: Part) -> bool:
    return mail.field("return-path").replace(" ", "") == "<>"


def _passes_dmarc(results: str) -> bool:
    """Quoted strings and comments in it are what a sender wrote (RFC 8601 section 2.2)."""
    return _PASSES_DMARC.search(_QUOTED.sub(" ", results)) is not None


def _message_id(mail: Part) -> str:
    found = _MESSAGE_ID.match(mail.field("message-id").strip())
    return found[1] if found else ""


def _addresses(value: str) -> list[str]:
    """Bare addresses in lower case; those in names and comments are not taken for any.

    A name may hold an address, quoted or not, that is somebody else's: what stands in angle
    brackets counts where there are any (CVE-2023-27043).
    """
    bare = _QUOTED.sub(" ", value)
    bracketed = re.findall(r"<([^<>]*)>", bare)
    found = (one.lower() for part in bracketed or [bare] for one in _ADDRESS.findall(part))
    return [one for one in found if len(one) <= _LONGEST]


def _only(fields: Sequence[str]) -> str:
    """The address in a field, when there is exactly one: more could be read in two ways."""
    found = _addresses(fields[0]) if len(fields) == 1 else []
    return found[0] if len(found) == 1 else ""


def _sender_name(mail: Part) -> str:
    """The words beside the address, before it or in a comment; "" when there are none."""
    whole = mail.line("from", 500)
    before, bracket, _ = whole.partition("<")
    comment = re.search(r"\(([^()]*)\)", whole)
    words = before if bracket else comment[1] if comment else ""
    return words.strip(" \"'")[:120].strip()


def _recipients(mail: Part) -> Iterator[str]:
    """Where it may have been delivered to, the surest first."""
    for name in (*_DELIVERED_TO, "to", "cc"):
        for value in mail.all(name)[:5]:
            yield from _addresses(value)


def _recipient(mail: Part, told: str, domain: str) -> str:
    if known := _addresses(told):
        return known[0]
    found = list(_recipients(mail))
    ours = (one for one in found if domain and one.endswith("@" + domain.lower()))
    return next(ours, "" if domain else next(iter(found), ""))
