"""A mail server that takes everything and forgets all but who got what: cheaper than any sender."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>\r\n]+)>", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(rb"<([^>]*)>")
_END = b"\r\n.\r\n"
_REPLIES = {
    b"EHLO": b"250-sink.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class MailSink:
    """What has come in so far, over how many lines, and how many of them were open at once."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: Counter[tuple[str, str]] = Counter()
        """Copies of each letter: recipient and Message-ID."""
        self.count = 0
        self.lines = 0
        self.open = 0
        self.most_open = 0

    def doubles(self) -> int:
        """Copies beyond the first."""
        return self.count - len(self.taken)

    def take(self, recipient: bytes, mail: bytes) -> None:
        found = _MESSAGE_ID.search(mail)
        identity = found[1].decode() if found else ""
        self.taken[recipient.decode(), identity] += 1
        self.count += 1


class _Line(asyncio.Protocol):
    """One connection (RFC 5321), of senders that make no mistakes."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink
        self._buffer = bytearray()
        self._recipient = b""
        self._is_mail = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        sink = self._sink
        sink.lines += 1
        sink.open += 1
        sink.most_open = max(sink.most_open, sink.open)
        transport.write(b"220 sink.example\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self._sink.open -= 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._take_mail() if self._is_mail else self._take_command():
            pass

    def _take_mail(self) -> bool:
        head, end, rest = self._buffer.partition(_END)
        if not end:
            return False
        self._sink.take(self._recipient, bytes(head))
        self._buffer, self._is_mail = rest, False
        self._transport.write(b"250 taken\r\n")
        return True

    def _take_command(self) -> bool:
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            return False
        self._buffer = rest
        verb = bytes(line[:4]).upper()
        if verb == b"RCPT" and (found := _RECIPIENT.search(line)):
            self._recipient = bytes(found[1])
        self._is_mail = verb == b"DATA"
        self._transport.write(_REPLIES.get(verb, b"250 ok\r\n"))
        if verb == b"QUIT":
            self._transport.close()
        return True


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """Listens on a free port of this machine, from a thread, until the block ends."""
    sink = MailSink()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listening = loop.create_server(lambda: _Line(sink), host="127.0.0.1", port=0)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result()
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
