"""Facts of a letter -> the mail, as calendar.md 1.7 wants it (RFC 5322, 2045, 6047, 3834).

The same letter gives the same bytes at every try: identity, date and boundaries come from its row.
A body is one template for both parts: it is rendered with the macros of HTML, then with those of
plain text, so that neither can say what the other does not.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialognav import i18n
from dialognav.domain.calendar_text import clean_line
from dialognav.domain.message_drafts import MOST_FILES
from dialognav.mail.mime import (
    Part,
    address_field,
    binary_part,
    multipart,
    text_field,
    text_part,
)
from dialognav.mail.stationery import Stationery
from dialognav.mail.wording import words_of

_TEMPLATES = Path(__file__).parents[2] / "templates"
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of text: in a header they make a name look like another."""
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
"""Addresses without quotes and comments (RFC 5321 4.1.2, Dot-string)."""

_BLANK_LINES = re.compile(r"\n{3,}")


class BadAddress(Exception):
    """No mail can be addressed like this."""


class Rendered(Protocol):
    """What of a letter is seen in the mail."""

    @property
    def public_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def recipient_name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def created_at(self) -> datetime: ...


class Attached(Protocol):
    """A file that goes along."""

    def __hash__(self) -> int: ...
    @property
    def filename(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def content(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Said:
    """What a letter says, before it is a mail: for its parts, and to look at beforehand."""

    subject: str
    html: str
    text: str


def said(letter: Rendered, stationery: Stationery, looks: str = "html") -> Said:
    """Subject and bodies in the letter's language. Jinja's errors for a broken template.

    With the `looks` of "page" the HTML is what a page of ours shows, without a mail's styles.
    """
    with i18n.speaking(letter.language):
        words = words_of(letter.facts, letter.language, letter.recipient_name, stationery)
        folder = f"mail/{letter.kind}"
        subject = clean_header(_text().get_template(f"{folder}/subject.txt").render(words))
        words |= {"title": subject, "leave_url": _leave_url(letter, stationery)}
        html = _body(_html(), folder, looks, words)
        text = _BLANK_LINES.sub("\n\n", _body(_text(), folder, "txt", words)).strip() + "\n"
    return Said(subject, html, text)


def render(
    letter: Rendered,
    stationery: Stationery,
    ics: bytes | None = None,
    attachments: Sequence[Attached] = (),
) -> bytes:
    """The finished mail; `ics` is the calendar part of a letter whose facts hold an entry.

    BadAddress when nothing can be sent to that address. Jinja's errors for a broken template.
    """
    words = said(letter, stationery)
    inside = [text_part(words.text, "plain").lines(), text_part(words.html, "html").lines()]
    beside = [_attachment(one) for one in attachments]
    if ics is not None:
        kind = f'text/calendar; charset="utf-8"; method="{letter.facts["method"]}"'
        shown = binary_part(kind, ics)
        # Type application/ics, else some clients show two invitations (calendar.md 1.7).
        saved = binary_part("application/ics", b"", "invite.ics")
        inside.append(shown.lines())
        beside.insert(0, Part(saved.head, shown.body).lines())
    head = _head(letter, stationery, words.subject)
    return _together(head, f"=_{letter.public_id}", inside, beside)


def _together(
    head: Sequence[str], boundary: str, inside: Sequence[bytes], beside: Sequence[bytes]
) -> bytes:
    """mixed( alternative( plain, html, calendar ), the same .ics to save, what was attached )."""
    if not beside:
        return multipart(head, "alternative", f"{boundary}-0", inside)
    alternative = multipart([], "alternative", f"{boundary}-1", inside)
    return multipart(head, "mixed", f"{boundary}-0", [alternative, *beside])


def _body(environment: Environment, folder: str, form: str, words: Mapping[str, Any]) -> str:
    template = environment.get_template(f"{folder}/body.html")
    parts = {"layout": f"mail/layout.{form}", "parts": f"mail/_parts.{form}"}
    return template.render(words, **parts)


def _head(letter: Rendered, stationery: Stationery, subject: str) -> list[str]:
    facts = letter.facts
    sender = stationery.from_address(facts)
    fields = [
        _address_field("From", facts["from_name"], sender),
        _address_field("To", letter.recipient_name, letter.recipient),
    ]
    if facts["reply_to"] != sender:
        fields += _reply_to(facts["reply_to"])
    fields += [
        text_field("Subject", subject),
        f"Date: {format_datetime(letter.created_at)}",
        f"Message-ID: <{letter.public_id}@{stationery.domain}>",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
    ]
    if "leave" in facts:
        fields += _leave_fields(_leave_url(letter, stationery))
    return [*fields, f"Content-Language: {letter.language}", "MIME-Version: 1.0"]


def _leave_url(letter: Rendered, stationery: Stationery) -> str:
    """ "" for a letter that belongs to something, which is left on its own page."""
    if "leave" not in letter.facts:
        return ""
    return stationery.leave_page(letter.facts["leave"], letter.language, letter.public_id)


def _leave_fields(url: str) -> list[str]:
    """For what somebody may end without ending anything else: one click, and no mail program needs
    to show a page for it (RFC 2369, RFC 8058). Vacation notices are not for such a letter either
    (RFC 3834 section 2)."""
    return [
        f"List-Unsubscribe:\r\n <{url}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Precedence: bulk",
    ]


@lru_cache(maxsize=MOST_FILES)
def _attachment(one: Attached) -> bytes:
    """The same for every reader of a message."""
    kind = one.media_type
    if kind.startswith("text/") and _is_utf8(one.content):
        kind = f'{kind}; charset="utf-8"'  # else it is ASCII (RFC 2046 4.1.2), where it is shown
    return binary_part(kind, one.content, clean_header(one.filename)).lines()


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def clean_header(text: str) -> str:
    """One line without controls or marks of direction; the policy refuses what is left of CR LF."""
    return _BIDI.sub("", clean_line(text))[:400]


@lru_cache(maxsize=1000)
def envelope_address(address: str) -> str:
    """As MAIL FROM, RCPT TO and the header write it. A domain in other letters is ASCII (IDNA)."""
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadAddress("address: no such domain") from error
    if not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain):
        raise BadAddress("address: not a mail address")
    return f"{local}@{ascii_domain}"


def _address_field(name: str, display: str, address: str) -> str:
    return address_field(
        name, clean_header(display).replace('"', "'")[:120], envelope_address(address)
    )


def _reply_to(address: str) -> list[str]:
    """An organiser's mistyped address must not stop the organiser's letters."""
    try:
        return [_address_field("Reply-To", "", address)]
    except BadAddress:
        return []


@lru_cache(maxsize=1)
def _html() -> Environment:
    return _environment(autoescape=True)


@lru_cache(maxsize=1)
def _text() -> Environment:
    return _environment(autoescape=False)


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        auto_reload=False,  # it would ask the disk about each of a letter's templates
        undefined=StrictUndefined,
        autoescape=autoescape,  # noqa: S701 (off for text/plain only)
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=i18n.gettext, ngettext=i18n.ngettext)
    return environment
