"""What may be wrong with this installation's mail, found by trying, said in plain words.

For `flask doctor mail`. Nothing is sent, fetched or changed by a check.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from config import Dkim, MailIn, Settings
from dialognav.jobs.inbox import InboxDown, Mailbox
from dialognav.jobs.oauth import Tokens
from dialognav.mail.health import MailHealth
from dialognav.mail.post import Post, sender_domains
from dialognav.mail.signing import fits
from dialognav.mail.smtp import SmtpTransport
from dialognav.mail.smtp_replies import NotAccepted, Refused, ServerDown
from dialognav.name_service import NameServiceDown, has_mail_server, texts

_RESERVED = (".example", ".test", ".invalid", ".localhost", "example.com", "example.org")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LATE = 600  # seconds
_LARGEST = 14_500_000  # bytes of a mail with all that a message may have attached
_PROBE = "doctor"


class Grade(StrEnum):
    FINE = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    grade: Grade
    text: str


def relay_findings(settings: Settings, recipient: str) -> Iterator[Finding]:
    """Whether letters can leave: the server that MAIL_URL names, up to RCPT TO."""
    if settings.mail_is_kept:
        yield Finding(
            Grade.NOTE,
            "MAIL_URL is sink://: every letter is kept in the database and none leaves. Set it to"
            " smtp://user:password@server:587 to send.",
        )
        return
    parts = urlsplit(settings.mail_url)
    server = f"{parts.hostname}:{parts.port or (465 if parts.scheme == 'smtps' else 587)}"
    transport = SmtpTransport(settings.mail_url)
    try:
        is_safe, most = transport.rehearse(settings.mail_sender, recipient)
    except (ServerDown, NotAccepted, Refused) as error:
        yield Finding(Grade.WRONG, f"{server}: {_why(error)}")
        return
    finally:
        transport.close()
    yield Finding(Grade.FINE, f"{server} takes a letter from {settings.mail_sender}.")
    if not is_safe:
        yield Finding(Grade.NOTE, f"{server}: letters travel there without TLS.")
    if 0 < most < _LARGEST:
        yield Finding(
            Grade.NOTE,
            f"{server} takes {most / 1e6:.1f} MB at most. Attachments of 10 MB make 14 MB of mail,"
            " and such a message would reach nobody (Postfix: message_size_limit).",
        )


def _why(error: Exception) -> str:
    """The commonest causes in words; else what the server said."""
    cause = error.__cause__
    if isinstance(cause, ssl.SSLError):
        return f"its certificate or TLS does not hold ({cause.reason}). smtps:// is for port 465."
    if isinstance(cause, socket.gaierror):
        return "there is no server of that name. Look at MAIL_URL."
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens there. Look at the port in MAIL_URL."
    if isinstance(cause, TimeoutError):
        return "no answer. Does a firewall stop connections out to that port?"
    if isinstance(cause, smtplib.SMTPAuthenticationError):
        return f"user and password in MAIL_URL are refused: {error}"
    if isinstance(error, ServerDown):
        return f"no conversation: {error}"
    return f"refuses the sender or the recipient: {error}. May this server be used from here?"


def outbox_findings(health: MailHealth, *, is_held: bool) -> Iterator[Finding]:
    """Whether letters wait that should have left."""
    if is_held:
        yield Finding(
            Grade.WRONG,
            "Letters are held, because this database is a copy. `flask --app app mail release`"
            " makes it the installation.",
        )
    if health.oldest_due > _LATE:
        minutes = health.oldest_due // 60
        yield Finding(
            Grade.WRONG,
            f"A letter should have left {minutes:.0f} minutes ago. Is the worker running"
            " (JOBS=embedded, or `flask --app app worker`)?",
        )
    if health.given_up:
        yield Finding(
            Grade.NOTE, f"{health.given_up} letters were given up; see the events' pages."
        )


def sender_findings(settings: Settings) -> Iterator[Finding]:
    """Whether other servers will believe the domains that letters come from (SPF, DKIM, DMARC)."""
    for name in sorted(sender_domains(settings)):
        if name.endswith(_RESERVED) or "." not in name:
            yield Finding(
                Grade.WRONG, f"{name} is nobody's domain. Set MAIL_SENDER and MAIL_DOMAIN to yours."
            )
            continue
        try:
            yield from _domain_findings(name)
            if settings.dkim.is_on:
                yield _key_finding(name, settings.dkim)
        except NameServiceDown as error:
            yield Finding(Grade.NOTE, f"{name}: cannot be looked up from here ({error}).")


def own_address_findings(addresses: Sequence[str], settings: Settings) -> Iterator[Finding]:
    """Organisations' own addresses from which no letter comes."""
    post = Post.of(settings)
    for address in addresses:
        if not post.takes_mail and not post.may_send_as(address):
            yield Finding(
                Grade.NOTE,
                f"{address}: letters come from {settings.mail_sender} instead, and answers go to"
                " the organisation. Once its domain lets your relay send (SPF, DKIM), add it to"
                " MAIL_SENDER_DOMAINS.",
            )


def _key_finding(name: str, dkim: Dkim) -> Finding:
    place = f"{dkim.selector}._domainkey.{name}"
    records = texts(place)
    if any(fits(record, dkim) for record in records):
        return Finding(Grade.FINE, f"{place} publishes the other half of DKIM_KEY.")
    said = "another key" if records else "nothing"
    return Finding(
        Grade.WRONG,
        f'{place} publishes {said}. Add a TXT record "v=DKIM1; k=rsa; p=…" with the public half of'
        " DKIM_KEY (`openssl rsa -in KEY -pubout`, without its first and last line).",
    )


def _domain_findings(name: str) -> Iterator[Finding]:
    rules = [text for text in texts(name) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if not rules:
        yield Finding(
            Grade.WRONG,
            f"{name} publishes no SPF. Add a TXT record that names the server that sends for it,"
            ' like "v=spf1 include:relay.example -all".',
        )
    elif len(rules) > 1:
        yield Finding(Grade.WRONG, f"{name} publishes {len(rules)} SPF records: none counts.")
    elif re.search(r"(^| )\+?all( |$)", rules[0], re.IGNORECASE):
        yield Finding(Grade.WRONG, f"{name}: its SPF lets everybody send ({rules[0]}).")
    else:
        yield Finding(Grade.FINE, f"{name}: {rules[0]}. Is your relay among them?")
    policy = [text for text in texts(f"_dmarc.{name}") if text.lower().startswith("v=dmarc1")]
    if len(policy) == 1:
        yield Finding(Grade.FINE, f"{name}: {policy[0]}")
    else:
        yield Finding(
            Grade.NOTE,
            f"{name} publishes {'no' if not policy else 'more than one'} DMARC policy. Many servers"
            ' trust letters less: add TXT _dmarc with "v=DMARC1; p=quarantine".',
        )


def inbox_findings(settings: Settings) -> Iterator[Finding]:
    """Whether what people and calendars answer can come in."""
    inbox = settings.mail_in
    if not inbox.is_on:
        yield Finding(
            Grade.NOTE,
            "MAIL_IN is not set: answers in calendars and letters that come back are not seen."
            " People's replies go to the organiser.",
        )
        return
    if inbox.scheme == "webhook":
        yield _webhook_finding(settings)
    elif inbox.scheme == "lmtp":
        yield _lmtp_finding(inbox)
    else:
        yield _mailbox_finding(inbox)
    yield from _route_findings(settings.mail_domain)


def _webhook_finding(settings: Settings) -> Finding:
    address = f"{settings.base_url}/mail/in"
    if settings.is_https or urlsplit(address).hostname in _LOOPBACK:
        return Finding(Grade.FINE, f"Mail may be posted to {address}, signed with MAIL_IN_SECRET.")
    return Finding(
        Grade.WRONG, f"Mail posted to {address} travels unencrypted. Set BASE_URL to https://…"
    )


def _lmtp_finding(inbox: MailIn) -> Finding:
    parts = urlsplit(inbox.url)
    place = f"{parts.hostname}:{parts.port}"
    try:
        with smtplib.LMTP(parts.hostname or "", parts.port or 0, timeout=5) as line:
            line.ehlo(_PROBE)
    except (OSError, smtplib.SMTPException):
        return Finding(
            Grade.WRONG,
            f"Nothing of ours listens at {place}. Is the worker running, and the port free?",
        )
    return Finding(Grade.FINE, f"{place} is listened on. Let only your mail server reach it.")


def _mailbox_finding(inbox: MailIn) -> Finding:
    parts = urlsplit(inbox.url)
    try:
        with Mailbox(inbox, Tokens(inbox)) as mailbox:
            waiting = len(mailbox.unread())
    except InboxDown as error:
        return Finding(
            Grade.WRONG,
            f"The mailbox at {parts.hostname} cannot be opened: {error}. Look at MAIL_IN: user,"
            " password (with special characters as %xx), folder.",
        )
    return Finding(Grade.FINE, f"The mailbox at {parts.hostname} opens; {waiting} wait unread.")


def _route_findings(domain: str) -> Iterator[Finding]:
    """Whether mail to our addresses finds its way at all."""
    if domain.lower().endswith(_RESERVED):
        return  # said already
    try:
        is_reached = has_mail_server(domain)
    except NameServiceDown:
        return
    if is_reached:
        yield Finding(Grade.FINE, f"Mail to …@{domain} finds a server. Does it take every address?")
    else:
        yield Finding(
            Grade.WRONG,
            f"Mail to …@{domain} reaches nobody: the domain has no MX record. Answers go to"
            f" <organisation>@{domain}, failures to bounce+…@{domain}.",
        )
