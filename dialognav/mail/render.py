"""Facts of a letter -> the mail, as calendar.md 1.7 wants it (RFC 5322, 2045, 6047, 3834).

The same letter gives the same bytes at every try: identity, date and boundaries come from its row.
A body is one template for both parts: it is rendered with the macros of HTML, then with those of
plain text, so that neither can say what the other does not.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialognav import i18n
from dialognav.domain.calendar_text import clean_line
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


def render(letter: Rendered, stationery: Stationery, ics: bytes | None = None) -> EmailMessage:
    """The finished mail; `ics` is the calendar part of a letter whose facts hold an entry.

    BadAddress when nothing can be sent to that address. Jinja's errors for a broken template.
    """
    with i18n.speaking(letter.language):
        words = words_of(letter.facts, letter.language, letter.recipient_name, stationery)
        folder = f"mail/{letter.kind}"
        subject = clean_header(_text().get_template(f"{folder}/subject.txt").render(words))
        words |= {"title": subject}
        html = _body(_html(), folder, "html", words)
        text = _BLANK_LINES.sub("\n\n", _body(_text(), folder, "txt", words)).strip() + "\n"
    message = EmailMessage(policy=SMTP)
    _head(message, letter, stationery, subject)
    _fill(message, letter, text, html, ics)
    return message


def _body(environment: Environment, folder: str, form: str, words: Mapping[str, Any]) -> str:
    template = environment.get_template(f"{folder}/body.html")
    parts = {"layout": f"mail/layout.{form}", "parts": f"mail/_parts.{form}"}
    said = template.render(words, **parts)
    return said.encode("utf-8", "ignore").decode("utf-8")  # half a character cannot be sent


def _head(message: EmailMessage, letter: Rendered, stationery: Stationery, subject: str) -> None:
    facts = letter.facts
    message["From"] = _address(facts["from_name"], facts["sender"])
    message["To"] = _address(letter.recipient_name, letter.recipient)
    if facts["reply_to"] != facts["sender"] and (reply_to := _known_address(facts["reply_to"])):
        message["Reply-To"] = reply_to
    message["Subject"] = subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.public_id}@{stationery.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"


def _fill(message: EmailMessage, letter: Rendered, text: str, html: str, ics: bytes | None) -> None:
    """mixed( alternative( plain, html, calendar ), the same .ics to save )."""
    message.set_content(text, subtype="plain", charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    containers: list[MIMEPart] = [message]
    if ics is not None:
        method = letter.facts["method"]
        message.add_alternative(
            ics, maintype="text", subtype="calendar", params={"charset": "utf-8", "method": method}
        )
        # Type application/ics, else some clients show two invitations (calendar.md 1.7).
        message.add_attachment(ics, maintype="application", subtype="ics", filename="invite.ics")
        containers.append(next(message.iter_parts()))
    for number, part in enumerate(containers):
        part.set_boundary(f"=_{letter.public_id}-{number}")
    message["Content-Language"] = letter.language  # last: parts would take it along


def clean_header(text: str) -> str:
    """One line without controls or marks of direction; the policy refuses what is left of CR LF."""
    return _BIDI.sub("", clean_line(text))[:400]


def _address(name: str, address: str) -> Address:
    """A header's address. A domain in other letters is written in ASCII (IDNA)."""
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadAddress("address: no such domain") from error
    if not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain):
        raise BadAddress("address: not a mail address")
    return Address(clean_header(name).replace('"', "'")[:120], local, ascii_domain)


def _known_address(address: str) -> Address | None:
    """An organiser's mistyped address must not stop the organiser's letters."""
    try:
        return _address("", address)
    except BadAddress:
        return None


def envelope_address(address: str) -> str:
    """The same for MAIL FROM and RCPT TO."""
    return _address("", address).addr_spec


@lru_cache(maxsize=1)
def _html() -> Environment:
    return _environment(autoescape=True)


@lru_cache(maxsize=1)
def _text() -> Environment:
    return _environment(autoescape=False)


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=autoescape,  # noqa: S701 (off for text/plain only)
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=i18n.gettext, ngettext=i18n.ngettext)
    return environment
