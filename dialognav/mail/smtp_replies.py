"""What a mail server answers, sorted by what a worker has to do about it (RFC 5321, 3463, 4954)."""

import re
import smtplib
from enum import StrEnum

_WHO_ARE_YOU = frozenset({530, 534, 535, 538})
"""Replies that are about our sign-in and not about the letter (RFC 4954)."""

_CLOSING = 421
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?:?")

_TOO_FAST = re.compile(
    r"\b4\.7\.28\b|too (many|much|fast)|throttl|rate[ -]?limit|\brate\b.*exceed|exceed.*\brate\b"
    r"|sending (rate|limit|quota)|quota exceeded for sender|slow down|unusual rate",
    re.IGNORECASE,
)
"""How Exchange Online, Gmail, Postfix, Amazon SES and others ask for fewer letters at a time."""

_ABOUT_US = re.compile(
    r"\b5\.7\.\d|relay(ing)? (access )?(denied|not)|not (allowed|permitted) to (relay|send)"
    r"|black ?list|block ?list|blocked|\bspf\b|\bdkim\b|\bdmarc\b|\bspam\b",
    re.IGNORECASE,
)
"""Refusals that would meet whomever we write to: those that run this can mend them."""


TOO_LARGE = "size: our own mail server takes no letter as large"


class Step(StrEnum):
    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    LETTER = "DATA"


class ServerDown(Exception):
    """No letter can leave now: not reached, not trusted, not signed in."""


class NotAccepted(Exception):
    """This letter was not taken, and may be later (4xx, or the line went dead).

    `perhaps_sent`: the line went dead after the whole letter had been handed over. `is_ours`: it is
    about the line or the sender, so that other letters may fare alike.
    """

    def __init__(self, answer: str, *, perhaps_sent: bool = False, is_ours: bool = False) -> None:
        super().__init__(answer)
        self.perhaps_sent = perhaps_sent
        self.is_ours = is_ours


class TooFast(NotAccepted):
    """The server asks for fewer letters at a time: all of them, or those to this one's domain."""

    def __init__(self, answer: str, *, is_ours: bool) -> None:
        super().__init__(answer, is_ours=is_ours)


class Refused(Exception):
    """This letter will never be taken (5xx)."""


def failure(step: Step, code: int, answer: bytes | str) -> Exception:
    """What a reply of 4xx or 5xx means for the letter in hand."""
    said = short(f"{code} {as_text(answer)}")
    if code in _WHO_ARE_YOU:
        return ServerDown(said)
    is_ours = step is Step.SENDER or code == _CLOSING
    if code < 500 and _TOO_FAST.search(said):
        return TooFast(said, is_ours=step is not Step.RECIPIENT)
    if code == _CLOSING and step is Step.SENDER:
        return ServerDown(said)
    # A refused sender is about us and not the recipient: whoever runs this can mend it.
    if code < 500 or step is Step.SENDER:
        return NotAccepted(said, is_ours=is_ours)
    if _ABOUT_US.search(said):
        return NotAccepted(said, is_ours=True)
    return Refused(said)


def said_by(error: Exception) -> str:
    """An exception of smtplib or of the network, in one short line."""
    if isinstance(error, smtplib.SMTPResponseException):
        return short(f"{error.smtp_code} {as_text(error.smtp_error)}")
    return short(f"{type(error).__name__}: {error}")


def as_text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def short(answer: str) -> str:
    """One short line without the addresses servers like to repeat: it is shown and logged."""
    return " ".join(_ADDRESS.sub("…", answer).split())[:300]
