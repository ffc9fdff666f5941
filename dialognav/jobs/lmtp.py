"""Listens for mail that our own mail server hands over by LMTP (RFC 2033).

Each recipient of a mail gets an answer of its own, and 250 only when the mail is in the database.
There is no sign-in: the port must be open to the mail server alone.
"""

import errno
import logging
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, current_app

from dialognav.domain.replies import LARGEST
from dialognav.jobs.taker import Taker

log = logging.getLogger(__name__)

_SILENCE = 120  # seconds for each line of the other side
_LINE = 64 * 1024
_COMMANDS = 1000
_RECIPIENTS = 50
_CONNECTIONS = 8
_MOST = 64 * 1024 * 1024
"""Bytes of a mail; more is refused. Of what is taken, LARGEST are kept in memory."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the conversations need to know: our domain, and where a mail goes."""

    app: Flask
    domain: str
    taker: Taker


class Listener:
    """Opens the port once; of several processes one has it, and another follows when that ends."""

    def __init__(self, url: str, domain: str, taker: Taker) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname or "127.0.0.1", parts.port or 0
        self._domain = domain
        self._taker = taker
        self._thread: threading.Thread | None = None
        self._trouble: int | None = None

    def listen(self, stopping: threading.Event) -> bool:
        """Inside an app context. Listens until `stopping` is set, in a thread of its own."""
        if self._thread is not None and self._thread.is_alive():
            return False
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        door = Door(app, self._domain, self._taker)
        try:
            server = _Server(self._address, door)
        except OSError as error:
            self._tell(error)
            return False
        self._trouble = None
        log.info("lmtp: listens on %s:%s", *self._address)
        self._thread = threading.Thread(target=server.run, args=(stopping,), daemon=True)
        self._thread.start()
        return False

    def _tell(self, error: OSError) -> None:
        """Once, for it is tried again and again; a port in use is another process of ours."""
        is_news = error.errno not in (errno.EADDRINUSE, self._trouble)
        log.log(
            logging.WARNING if is_news else logging.DEBUG,
            "lmtp: cannot listen on %s:%s: %s",
            *self._address,
            error,
        )
        self._trouble = error.errno


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 16
    timeout = 0.5

    def __init__(self, address: tuple[str, int], door: Door) -> None:
        self.door = door
        self.free = threading.BoundedSemaphore(_CONNECTIONS)
        super().__init__(address, _Conversation)

    def run(self, stopping: threading.Event) -> None:
        with self:
            while not stopping.is_set():
                self.handle_request()

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that goes dead is the other side's matter; it tries again."""
        log.debug("lmtp: the line went dead", exc_info=True)


class _Conversation(socketserver.StreamRequestHandler):
    """One connection (RFC 5321 section 4.1 with LHLO instead of EHLO)."""

    timeout = _SILENCE
    server: _Server

    def handle(self) -> None:
        if not self.server.free.acquire(blocking=False):
            self._say("421 4.3.2 too many connections")
            return
        try:
            self._talk()
        finally:
            self.server.free.release()

    def _talk(self) -> None:
        self._forget()
        self._has_greeted = False
        self._say(f"220 {self.server.door.domain} LMTP Dialognav")
        for _ in range(_COMMANDS):
            line = self.rfile.readline(_LINE)
            if not line.endswith(b"\n"):
                return
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if verb.upper() == "QUIT":
                self._say("221 2.0.0 bye")
                return
            answer = _VERBS.get(verb.upper())
            if answer is None:
                self._say("500 5.5.2 what?")
            else:
                answer(self, rest.strip())

    def _forget(self) -> None:
        self._sender: str | None = None
        self._recipients: list[str] = []

    def _greet(self, _rest: str) -> None:
        self._forget()
        self._has_greeted = True
        self._say(
            f"250-{self.server.door.domain}",
            "250-PIPELINING",
            "250-ENHANCEDSTATUSCODES",
            "250-8BITMIME",
            "250-SMTPUTF8",
            f"250 SIZE {_MOST}",
        )

    def _from(self, rest: str) -> None:
        address = _path(rest, "FROM:")
        if not self._has_greeted or address is None:
            self._say("503 5.5.1 LHLO, then MAIL FROM:<address>")
            return
        self._forget()
        self._sender = address
        self._say("250 2.1.0 ok")

    def _to(self, rest: str) -> None:
        address = _path(rest, "TO:")
        if self._sender is None or not address:
            self._say("503 5.5.1 MAIL, then RCPT TO:<address>")
        elif address.rpartition("@")[2].lower() != self.server.door.domain.lower():
            self._say("550 5.1.2 not our domain")
        elif len(self._recipients) >= _RECIPIENTS:
            self._say("452 4.5.3 too many recipients")
        else:
            self._recipients.append(address)
            self._say("250 2.1.5 ok")

    def _data(self, _rest: str) -> None:
        if not self._recipients:
            self._say("503 5.5.1 no recipients")
            return
        self._say("354 end with a line of one dot")
        raw, size = bytearray(), 0
        for piece in self._content():
            size += len(piece)
            raw += piece[: max(0, LARGEST + 1 - len(raw))]
        for recipient in self._recipients:
            self._say(
                self._taken(bytes(raw), recipient) if size <= _MOST else "552 5.3.4 too large"
            )
        self._forget()

    def _content(self) -> Iterator[bytes]:
        """Up to the dot. Only CR LF ends a line: a bare LF before the dot is somebody's trick."""
        is_start, last = True, b""
        while True:
            piece = self.rfile.readline(_LINE)
            if not piece:
                raise ConnectionError("the line went dead within a mail")
            if is_start and piece == b".\r\n":
                return
            yield piece[1:] if is_start and piece.startswith(b".") else piece
            is_start = (last + piece[-2:]).endswith(b"\r\n")  # a long line comes in pieces
            last = piece[-1:]

    def _taken(self, raw: bytes, recipient: str) -> str:
        door = self.server.door
        head = f"Return-Path: <{self._sender}>\r\nDelivered-To: {recipient}\r\n"
        try:
            with door.app.app_context():
                if not door.taker.is_open():
                    return "451 4.3.2 this installation is a copy"
                door.taker.take(head.encode() + raw, recipient)
        except Exception:  # the mail server keeps it, and tries again
            log.exception("lmtp: a mail could not be taken in")
            return "451 4.3.0 try again later"
        return "250 2.0.0 taken in"

    def _reset(self, _rest: str) -> None:
        self._forget()
        self._say("250 2.0.0 ok")

    def _nothing(self, _rest: str) -> None:
        self._say("250 2.0.0 ok")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


_VERBS: dict[str, Callable[[_Conversation, str], None]] = {
    "LHLO": _Conversation._greet,
    "MAIL": _Conversation._from,
    "RCPT": _Conversation._to,
    "DATA": _Conversation._data,
    "RSET": _Conversation._reset,
    "NOOP": _Conversation._nothing,
    "VRFY": _Conversation._nothing,
}


def _path(rest: str, word: str) -> str | None:
    """`FROM:<a@b> SIZE=1` -> `a@b`; None for what is none, "" for the null sender."""
    if not rest.upper().startswith(word):
        return None
    inside, closed, _parameters = rest[len(word) :].strip().removeprefix("<").partition(">")
    is_clean = inside.isprintable() and not set(inside) & set("<> ") and len(inside) <= 254
    return inside if closed and is_clean else None
