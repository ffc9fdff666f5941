"""A small load generator: some connections, each asking again as soon as it is answered.

Every request opens a connection and reads to its end, as gunicorn's sync workers close it anyway.
Nothing is compressed: no Accept-Encoding is sent.
"""

import selectors
import socket
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Load:
    """What a run saw. Times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    bad: int
    """Answers whose status was not the expected one."""

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


class _Visit:
    """One connection and one request on it."""

    __slots__ = ("began", "head", "sock")

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self.began = time.perf_counter()
        self.sock = socket.create_connection(address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.sendall(request)
        self.sock.setblocking(False)
        self.head = b""

    def read(self) -> bool:
        """Take what has come; returns whether that was the end."""
        try:
            part = self.sock.recv(262144)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            part = b""
        if not self.head:
            self.head = part[:12]
        if part:
            return False
        self.sock.close()
        return True


def run(
    url: str,
    seconds: float,
    *,
    connections: int = 8,
    headers: Mapping[str, str] | None = None,
    expect: int = 200,
) -> Load:
    """Ask for one address over and over."""
    parts = urlsplit(url)
    address = (parts.hostname or "localhost", parts.port or 80)
    lines = {"Host": parts.netloc, "Connection": "close", **(headers or {})}
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    fields = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    request = f"GET {target} HTTP/1.1\r\n{fields}\r\n".encode()
    wanted = b"HTTP/1.1 %d" % expect
    times: list[float] = []
    bad = 0
    chooser = selectors.EpollSelector()

    def ask() -> None:
        visit = _Visit(address, request)
        chooser.register(visit.sock, selectors.EVENT_READ, visit)

    began = time.perf_counter()
    until = began + seconds
    for _ in range(connections):
        ask()
    while chooser.get_map():
        for key, _events in chooser.select(timeout=10):
            visit: _Visit = key.data
            if not visit.read():
                continue
            chooser.unregister(key.fd)
            now = time.perf_counter()
            times.append((now - visit.began) * 1000)
            bad += visit.head != wanted
            if now < until:
                ask()
    chooser.close()
    elapsed = time.perf_counter() - began
    return Load(len(times), elapsed, statistics.median(times), percentile(times, 99), bad)


def percentile(times: list[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
