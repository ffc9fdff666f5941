"""Reports that a mail could not be delivered (RFC 3464), and those in mere words (qmail, Exim).

A report is a claim: that it answers a letter of ours is proven by the secret in the address it was
sent to, and by nothing in here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialognav.domain.mime import Part, read_part
from dialognav.domain.typed_text import clean_line

_FAILURES = 10
_TEXT = 64 * 1024
_ADDRESS = re.compile(r"[^\s<>@\"'(),:;\\\[\]]{1,64}@[^\s<>@\"'(),:;\\\[\]]{1,190}")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.+-])([45])\d\d[ -]")
_MESSAGE_ID = re.compile(r"^Message-ID:\s*<([^<>\s]{1,300})>", re.IGNORECASE | re.MULTILINE)

_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_COPIES = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")

_COPY_BEGINS = re.compile(
    r"^(?:-+ ?(?:Below this line is a copy|This is a copy of the message|Original message|Returned"
    r"|Included is a copy|Transcript)|Original message headers:|Reporting-MTA:)",
    re.IGNORECASE | re.MULTILINE,
)
"""Below it the mail that failed is quoted, with addresses that did not."""

_DEAD = re.compile(
    r"5\.1\.[1236]|5\.1\.10|5\.2\.1|5\.4\.4|5\.4\.310"  # RFC 3463; the long ones are Exchange's
)
_ALIVE = re.compile(r"5\.2\.[234]|5\.[367]\.\d+|[24]\..*")
"""A full mailbox, a mail too large, a policy: about the mail or the moment, not the address."""

_NOBODY_THERE = re.compile(
    r"(?:user|recipient|mailbox|address|account) (?:is )?"
    r"(?:unknown|not found|unavailable|disabled|inactive|does(?: not|n't) exist)"
    r"|(?:unknown|no such|invalid|nonexistent) (?:local |virtual )?"
    r"(?:user|recipient|mailbox|address|account|person)"
    r"|RecipientNotFound|does(?: not|n't) exist|no mailbox here by that name|couldn't be found"
    r"|no longer (?:exists|valid|active|in use)"
    r"|recipient address rejected: (?:access denied|user unknown|undeliverable)"
    r"|unrouteable address|domain (?:name )?not found",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One address that a server could not deliver to (RFC 3464 section 2.3).

    `address` is in lower case, and as the server has it: after forwarding it may be one we never
    wrote to. `status` is an enhanced code such as "5.1.1" (RFC 3463), "" when none was given.
    `is_permanent`: the server has given up.
    """

    address: str
    status: str
    diagnostic: str
    is_permanent: bool

    @property
    def is_about_the_address(self) -> bool:
        """Whether a further mail would fail as well, because nobody is there. An answer that could
        be about the mail or the moment is taken to be."""
        if not self.is_permanent or _ALIVE.fullmatch(self.status):
            return False
        is_said = _NOBODY_THERE.search(self.diagnostic) is not None
        return is_said or _DEAD.fullmatch(self.status) is not None


def is_report(mail: Part) -> bool:
    """Whether it says of itself that it reports on a delivery."""
    kind = mail.parameters.get("report-type", "").lower()
    return mail.content_type == "multipart/report" and kind.endswith("delivery-status")


def reported(leaves: Sequence[Part]) -> tuple[Failure, ...]:
    """The failures in the machine-readable part; none in a report of success."""
    found: dict[str, Failure] = {}
    for part in leaves:
        if part.content_type not in _REPORTS:
            continue
        blocks = re.split(rb"\r?\n(?:\r?\n)+", part.content[:_TEXT].strip())
        for block in blocks[: 1 + _FAILURES]:
            failure = _of_recipient(read_part(block + b"\n\n"))
            if failure is not None:
                found.setdefault(failure.address, failure)
    return tuple(found.values())


def _of_recipient(block: Part) -> Failure | None:
    """One block of a report; None for the one about the whole, and for what did not fail."""
    action = block.field("action").strip().lower()
    if action not in ("failed", "delayed"):
        return None
    given = block.field("original-recipient") or block.field("final-recipient")
    address = _ADDRESS.search(given.partition(";")[2] or given)
    if address is None:
        return None
    diagnostic = block.field("diagnostic-code")
    status = _STATUS.search(diagnostic) if _is_vague(block.field("status")) else None
    return _failure(
        address[0], (status or _STATUS.search(block.field("status"))), diagnostic, action
    )


def _is_vague(status: str) -> bool:
    """`5.0.0`, `5.0.350`: the server's own answer, quoted beside it, says more."""
    return re.fullmatch(r"\s*[45]\.0\.\d+.*", status) is not None or not status.strip()


def described(mail: Part, text: str, ours: Iterable[str]) -> tuple[Failure, ...]:
    """The failures that a report in mere words tells of; `ours` are addresses that did not fail."""
    own_words = text[:_TEXT]
    copy = _COPY_BEGINS.search(own_words)
    own_words = own_words[: copy.start()] if copy else own_words
    named = _ADDRESS.findall(mail.field("x-failed-recipients")) or _ADDRESS.findall(own_words)
    addresses = dict.fromkeys(address.lower().rstrip(".") for address in named)
    wanted = [address for address in addresses if address not in set(ours)][:_FAILURES]
    status = _STATUS.search(own_words)
    action = "failed" if _says_it_failed(own_words) else "delayed"
    return tuple(
        _failure(address, status, _reason(own_words, address), action) for address in wanted
    )


def _says_it_failed(text: str) -> bool:
    code = _REPLY_CODE.search(text)
    if code is not None:
        return code[1] == "5"
    return re.search(
        r"permanent|fatal|given up|undeliverable|could not be delivered", text, re.I
    ) is not None or (_NOBODY_THERE.search(text) is not None)


def _reason(text: str, address: str) -> str:
    """The words after the address, up to the next empty line."""
    place = text.lower().find(address)
    return re.split(r"\n\s*\n", text[place + len(address) :][:1000].lstrip(">:' \r\n"))[0]


def _failure(address: str, status: re.Match[str] | None, diagnostic: str, action: str) -> Failure:
    code = status[1] if status else ""
    return Failure(
        address=address.lower()[:254],
        status=code,
        diagnostic=clean_line(diagnostic[:2000])[:300],
        is_permanent=action == "failed" and not code.startswith(("2.", "4.")),
    )


def original_message_id(leaves: Sequence[Part], text: str) -> str:
    """Of the mail that failed, without angle brackets; "" when the report does not quote it."""
    for part in leaves:
        if part.content_type in _COPIES:
            found = re.search(r"<([^<>\s]{1,300})>", read_part(part.content).field("message-id"))
            if found:
                return found[1]
    quoted = _MESSAGE_ID.search(text[:_TEXT])
    return quoted[1] if quoted else ""
