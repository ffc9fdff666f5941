"""One SMTP connection, kept for many letters (RFC 5321, 2920, 3207, 4954)."""

import smtplib
import ssl
from collections.abc import Callable
from time import monotonic
from urllib.parse import unquote, urlsplit

from dialognav.mail.smtp_replies import (
    TOO_LARGE,
    NotAccepted,
    Refused,
    ServerDown,
    Step,
    failure,
    said_by,
)

TIMEOUT = 20
"""Seconds for each answer of the server but the last."""

AT_THE_END = 240
"""Seconds to upload a letter, and for the answer to it. Who hangs up on a server that scans what it
has taken sends it twice (RFC 5321 section 4.5.3.2.6). All of a letter is within claims.IN_HAND."""

IDLE = 20.0
"""Seconds after which a connection that carried nothing is not trusted to stand."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_GO_ON = 354
_Reply = tuple[int, bytes]


class SmtpTransport:
    """To another machine by TLS, verified, whenever that is offered; a password goes nowhere else.
    A relay on this machine needs none. One thread at a time.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._is_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._server: smtplib.SMTP | None = None
        self._context: ssl.SSLContext | None = None
        self._carried = 0
        self._used_at = 0.0

    def send(self, mail: bytes, sender: str, recipient: str) -> None:
        server = self._connected()
        _fits(server, mail)
        try:
            self._envelope(server, sender, recipient)
            _hand_over(self._server or server, mail)
        except (ServerDown, NotAccepted, Refused):
            self._start_over()
            raise
        self._carried += 1
        self._used_at = monotonic()

    def rehearse(self, sender: str, recipient: str) -> tuple[bool, int]:
        """Go as far as RCPT and no further, for `flask doctor mail`: whether the line is safe, and
        how large a letter may be (0: unknown).

        Raises as send() does.
        """
        server = self._connected()
        _checked(Step.SENDER, lambda: server.mail(sender))
        _checked(Step.RECIPIENT, lambda: server.rcpt(recipient))
        self._start_over()
        return isinstance(server.sock, ssl.SSLSocket), most_bytes(server)

    def close(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None and monotonic() - self._used_at > IDLE:
            self.close()
        if self._server is None:
            self._server, self._carried = self._connect(), 0
            self._used_at = monotonic()
        return self._server

    def _connect(self) -> smtplib.SMTP:
        server: smtplib.SMTP | None = None
        try:
            if self._is_tls:
                server = smtplib.SMTP_SSL(
                    self._host, self._port, timeout=TIMEOUT, context=self._tls()
                )
            else:
                server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
            server.ehlo_or_helo_if_needed()
            if self._leaves_bare() and server.has_extn("starttls"):
                server.starttls(context=self._tls())
                server.ehlo()
            if self._user:
                self._sign_in(server)
        except (smtplib.SMTPException, OSError) as error:
            if server is not None:
                server.close()
            raise ServerDown(said_by(error)) from error
        return server

    def _tls(self) -> ssl.SSLContext:
        """Made once: it reads every authority that this machine trusts."""
        self._context = self._context or ssl.create_default_context()
        return self._context

    def _leaves_bare(self) -> bool:
        return not self._is_tls and self._host not in _LOOPBACK

    def _sign_in(self, server: smtplib.SMTP) -> None:
        if self._leaves_bare() and not isinstance(server.sock, ssl.SSLSocket):
            raise smtplib.SMTPException("the server offers no STARTTLS to send the password in")
        server.login(self._user, self._password)

    def _envelope(self, server: smtplib.SMTP, sender: str, recipient: str) -> None:
        """MAIL and RCPT. A line that had carried letters and ends now, as servers do after so many
        or so long, is no news: once, a new one is asked the same."""
        try:
            _greet(server, sender, recipient)
        except (NotAccepted, ServerDown) as error:
            if not self._carried or not _has_ended(error):
                raise
            self._hang_up()
            _greet(self._connected(), sender, recipient)

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

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
        self._hang_up()


def _greet(server: smtplib.SMTP, sender: str, recipient: str) -> None:
    _checked(Step.SENDER, lambda: server.mail(sender))
    _checked(Step.RECIPIENT, lambda: server.rcpt(recipient))


def most_bytes(server: smtplib.SMTP) -> int:
    """How large a letter may be (RFC 1870); 0 where the server does not say."""
    said = server.esmtp_features.get("size", "").split()
    return int(said[0]) if said and said[0].isascii() and said[0].isdigit() else 0


def _fits(server: smtplib.SMTP, mail: bytes) -> None:
    """Refused before it is uploaded for nothing, to each of a thousand."""
    most = most_bytes(server)
    if 0 < most < len(mail):
        raise Refused(f"{TOO_LARGE} ({len(mail) / 1e6:.1f} MB; at most {most / 1e6:.1f} MB)")


def _hand_over(server: smtplib.SMTP, mail: bytes) -> None:
    """DATA by hand: smtplib's does not say whether the line went dead before or after the end."""
    _checked(Step.LETTER, lambda: server.docmd("DATA"), wanted=_GO_ON)
    lines = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
    stuffed = lines.replace(b"\r\n.", b"\r\n..")  # RFC 5321 section 4.5.2
    _wait_for(server, AT_THE_END)
    try:
        server.send(stuffed + b".\r\n")
    except (smtplib.SMTPException, OSError) as error:
        raise NotAccepted(said_by(error), is_ours=True) from error
    _checked(Step.LETTER, server.getreply, perhaps_sent=True)
    _wait_for(server, TIMEOUT)


def _wait_for(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)


def _has_ended(error: Exception) -> bool:
    """The line is dead, or the server says that it closes it (421), before it heard of anybody."""
    return isinstance(error.__cause__, smtplib.SMTPServerDisconnected | ConnectionError) or str(
        error
    ).startswith("421 ")


def _checked(
    step: Step, command: Callable[[], _Reply], *, wanted: int = 2, perhaps_sent: bool = False
) -> None:
    """Run one SMTP command and sort its answer; `wanted` is a code, or its first digit."""
    try:
        code, answer = command()
    except (smtplib.SMTPException, OSError) as error:
        raise NotAccepted(said_by(error), perhaps_sent=perhaps_sent, is_ours=True) from error
    if wanted in (code, code // 100):
        return
    raise failure(step, code, answer)
