"""How a finished mail leaves: by SMTP, or into the demo mailbox.

An answer of the server becomes one of three failures, and the worker needs to know no more.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from email.parser import BytesHeaderParser
from email.policy import default
from typing import Protocol
from urllib.parse import unquote, urlsplit

from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.models import KeptMail

TIMEOUT = 20
"""Seconds for each answer of the server; well under a lease."""

_WHO_ARE_YOU = frozenset({530, 534, 535, 538})
"""Replies that are about our sign-in and not about the letter (RFC 4954)."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?:?")


class ServerDown(Exception):
    """No letter can leave now: not reached, not trusted, not signed in."""


class NotAccepted(Exception):
    """This letter was not taken, and may be later (4xx, or the line went dead).

    `perhaps_sent`: the line went dead after the whole letter had been handed over.
    """

    def __init__(self, answer: str, *, perhaps_sent: bool = False) -> None:
        super().__init__(answer)
        self.perhaps_sent = perhaps_sent


class Refused(Exception):
    """This letter will never be taken (5xx)."""


class Transport(Protocol):
    def send(self, mail: bytes, sender: str, recipient: str) -> None:
        """Hand over one mail (lines end in CRLF). ServerDown, NotAccepted or Refused."""

    def close(self) -> None: ...


def open_transport(mail_url: str) -> Transport:
    """`smtp://[user:password@]host[:587]`, `smtps://…[:465]` or `sink://`. Connects when needed."""
    return KeepingTransport() if mail_url.startswith("sink:") else SmtpTransport(mail_url)


class KeepingTransport:
    """Keeps every mail in the database for /dev/mail; nothing leaves."""

    def send(self, mail: bytes, sender: str, recipient: str) -> None:
        kept = KeptMail(
            at=utcnow(),
            recipient=recipient,
            subject=str(BytesHeaderParser(policy=default).parsebytes(mail)["Subject"])[:500],
            raw=mail,
        )
        with unit_of_work() as session:
            session.add(kept)

    def close(self) -> None:
        """Nothing is open."""


class SmtpTransport:
    """One connection for a batch. To another machine by TLS, verified, whenever that is offered;
    a password goes nowhere else. A relay on this machine needs none.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._is_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._server: smtplib.SMTP | None = None

    def send(self, mail: bytes, sender: str, recipient: str) -> None:
        server = self._server or self._connect()
        self._server = server
        try:
            self._hand_over(server, mail, sender, recipient)
        except (ServerDown, NotAccepted, Refused):
            self._start_over()
            raise

    def rehearse(self, sender: str, recipient: str) -> bool:
        """Go as far as RCPT and no further, for `flask doctor mail`; whether the line is safe.

        Raises as send() does.
        """
        server = self._connect()
        self._server = server
        _checked(lambda: server.mail(sender))
        _checked(lambda: server.rcpt(recipient))
        self._start_over()
        return isinstance(server.sock, ssl.SSLSocket)

    def close(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP | None = None
        try:
            if self._is_tls:
                server = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=context)
            else:
                server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
            server.ehlo_or_helo_if_needed()
            if self._leaves_bare() and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            if self._user:
                self._sign_in(server)
        except (smtplib.SMTPException, OSError) as error:
            if server is not None:
                server.close()
            raise ServerDown(_said(error)) from error
        return server

    def _leaves_bare(self) -> bool:
        return not self._is_tls and self._host not in _LOOPBACK

    def _sign_in(self, server: smtplib.SMTP) -> None:
        if self._leaves_bare() and not isinstance(server.sock, ssl.SSLSocket):
            raise smtplib.SMTPException("the server offers no STARTTLS to send the password in")
        server.login(self._user, self._password)

    def _hand_over(self, server: smtplib.SMTP, raw: bytes, sender: str, recipient: str) -> None:
        """MAIL, RCPT, DATA by hand: smtplib.sendmail() hides at which of them it failed."""
        try:
            _checked(lambda: server.mail(sender))
        except Refused as error:  # about us, not the recipient: whoever runs this can mend it
            raise NotAccepted(str(error)) from error
        _checked(lambda: server.rcpt(recipient))
        _checked(lambda: server.data(raw), perhaps_sent=True)

    def _start_over(self) -> None:
        """Forget the failed conversation; a server that does not play along gets a new one."""
        server = self._server
        if server is None:
            return
        try:
            if server.rset()[0] == 250:
                return
        except (smtplib.SMTPException, OSError):
            pass
        self._server = None
        server.close()


def _checked(command: Callable[[], tuple[int, bytes]], *, perhaps_sent: bool = False) -> None:
    """Run one SMTP command and sort its answer."""
    try:
        code, answer = command()
    except smtplib.SMTPResponseException as error:  # DATA refused before the letter was handed over
        code, answer = error.smtp_code, _bytes(error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        raise NotAccepted(_said(error), perhaps_sent=perhaps_sent) from error
    if 200 <= code < 300:
        return
    said = _without_address(f"{code} {answer.decode('utf-8', 'replace')}")
    if code in _WHO_ARE_YOU:
        raise ServerDown(said)
    if 400 <= code < 500:
        raise NotAccepted(said)
    raise Refused(said)


def _bytes(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode()


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = _bytes(error.smtp_error).decode("utf-8", "replace")
        return _without_address(f"{error.smtp_code} {text}")
    return _without_address(f"{type(error).__name__}: {error}")


def _without_address(answer: str) -> str:
    """One short line without the addresses servers like to repeat: it is shown and logged."""
    return " ".join(_ADDRESS.sub("…", answer).split())[:300]
