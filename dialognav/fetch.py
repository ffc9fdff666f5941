"""One GET to somebody else's server, which may be slow, hostile, or a way into our own network.

The name is resolved once, every address it has must be a public one, and the connection goes to
that very address: a name that changes its mind between the check and the connection gains nothing.
Each redirect is checked the same way. No cookie, no credential, no proxy of the environment; a
limit on bytes, also unpacked ones, and one on the time of it all.
"""

import http.client
import io
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin

from dialognav.domain.web_targets import IPAddress, Target, is_public, read_target

MOST_BYTES = 5_000_000
SECONDS = 10.0  # for everything, redirects included
_RESOLVING = 4.0
_REDIRECTS = 4
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,190}"')
_DATE = re.compile(r"[A-Za-z0-9,: +-]{1,60}")


class FetchFailed(Exception):
    """`code`: address, private, port, unknown_host, unreachable, slow, insecure, redirects, large,
    gone, locked, status or garbled."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Fetched:
    """`content` is None when it is still what `etag` or `last_modified` named (304)."""

    content: bytes | None
    etag: str = ""
    last_modified: str = ""


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host as the system knows it. OSError when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[4][0]) for where in found))


@dataclass(frozen=True, slots=True)
class Network:
    """What may be reached. Tests make one of their own; no setting does."""

    resolve: Callable[[str, int], list[str]] = resolve
    is_allowed: Callable[[IPAddress], bool] = is_public
    ports: frozenset[int] = frozenset({80, 443, 8080, 8443})
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context


PUBLIC = Network()


def fetch(
    address: str,
    *,
    agent: str,
    etag: str = "",
    last_modified: str = "",
    most: int = MOST_BYTES,
    seconds: float = SECONDS,
    network: Network | None = None,
) -> Fetched:
    """What stands at a web address, within `seconds`. `agent` names us. FetchFailed says why not.

    Never call it inside a unit of work: others wait for that.
    """
    wanted = {"etag": etag, "last_modified": last_modified}
    errand = _Errand(network or PUBLIC, time.monotonic() + seconds, most, agent, wanted)
    try:
        target = read_target(address)
    except ValueError as error:
        raise FetchFailed("address") from error
    try:
        for _hop in range(_REDIRECTS + 1):
            answer = errand.ask(target)
            if isinstance(answer, Fetched):
                return answer
            target = _redirected(target, answer)
    except TimeoutError as error:
        raise FetchFailed("slow") from error
    except ssl.SSLError as error:
        raise FetchFailed("insecure") from error
    except OSError as error:
        raise FetchFailed("unreachable") from error
    except (http.client.HTTPException, zlib.error, ValueError) as error:
        raise FetchFailed("garbled") from error
    raise FetchFailed("redirects")


def _redirected(target: Target, location: str) -> Target:
    try:
        there = read_target(urljoin(target.url, location))
    except ValueError as error:
        raise FetchFailed("redirects") from error
    if target.scheme == "https" and there.scheme == "http":
        raise FetchFailed("insecure")
    return there


@dataclass(frozen=True, slots=True)
class _Errand:
    network: Network
    deadline: float
    most: int
    agent: str
    wanted: dict[str, str]

    def ask(self, target: Target) -> Fetched | str:
        """The answer of one server, or the address it sends us on to."""
        connection = _Connection(target, self._addresses(target), self.deadline, self.network)
        try:
            connection.request("GET", target.path, headers=self._headers(target))
            response = connection.getresponse()
            if response.status in (301, 302, 303, 307, 308):
                return response.getheader("Location") or ""
            return self._read(response)
        finally:
            connection.hang_up()

    def _addresses(self, target: Target) -> list[str]:
        if target.port not in self.network.ports:
            raise FetchFailed("port")
        found = _in_time(
            lambda: self.network.resolve(target.host, target.port),
            min(_RESOLVING, _left(self.deadline)),
        )
        if not found:
            raise FetchFailed("unknown_host")
        if not all(self.network.is_allowed(ip_address(each.partition("%")[0])) for each in found):
            raise FetchFailed("private")
        return found

    def _headers(self, target: Target) -> dict[str, str]:
        headers = {
            "Host": target.authority,
            "User-Agent": self.agent,
            "Accept": "text/calendar, */*;q=0.1",
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        if _ETAG.fullmatch(self.wanted["etag"]):
            headers["If-None-Match"] = self.wanted["etag"]
        if _DATE.fullmatch(self.wanted["last_modified"]):
            headers["If-Modified-Since"] = self.wanted["last_modified"]
        return headers

    def _read(self, response: http.client.HTTPResponse) -> Fetched:
        given = response.getheader("ETag") or "", response.getheader("Last-Modified") or ""
        etag, changed = (
            text if shape.fullmatch(text) else ""
            for text, shape in zip(given, (_ETAG, _DATE), strict=True)
        )
        if response.status == 304 and any(self.wanted.values()):
            return Fetched(None, etag, changed)
        if response.status != 200:
            raise FetchFailed(_STATUS.get(response.status, "status"))
        content = response.read(self.most + 1)
        encoding = (response.getheader("Content-Encoding") or "identity").strip().lower()
        if encoding == "gzip":
            content = zlib.decompressobj(wbits=31).decompress(content, self.most + 1)
        elif encoding != "identity":
            raise FetchFailed("garbled")
        if len(content) > self.most:
            raise FetchFailed("large")
        return Fetched(content, etag, changed)


_STATUS = {401: "locked", 403: "locked", 404: "gone", 410: "gone"}


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _in_time(ask: Callable[[], list[str]], seconds: float) -> list[str]:
    """What the system's resolver says, which has no time limit of its own; [] when it knows none.

    A resolver that hangs keeps its thread until it gives up, and nobody waits for it.
    """
    found: list[list[str]] = []

    def run() -> None:
        try:
            found.append(ask())
        except (OSError, UnicodeError):
            found.append([])

    thread = threading.Thread(target=run, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError
    return found[0]


class _Connection(http.client.HTTPConnection):
    """Goes to addresses that were checked; the host is only a name in it and its certificate."""

    def __init__(
        self, target: Target, addresses: list[str], deadline: float, network: Network
    ) -> None:
        super().__init__(target.host, target.port)
        self._target, self._addresses = target, addresses
        self._deadline, self._network = deadline, network
        self._socket: socket.socket | None = None

    def hang_up(self) -> None:
        """Not `close`: http.client calls that before the body is read."""
        if self._socket is not None:
            self._socket.close()

    def connect(self) -> None:
        self._socket = self._reach()
        if self._target.scheme == "https":
            self._socket.settimeout(_left(self._deadline))
            context = self._network.trust()
            self._socket = context.wrap_socket(self._socket, server_hostname=self._target.host)
        self.sock: Any = _Wire(self._socket, self._deadline)

    def _reach(self) -> socket.socket:
        """A half of the time for each address but the last, as one of IPv6 may lead nowhere."""
        *others, last = self._addresses[:3]
        for address in others:
            try:
                return self._dial(address, _left(self._deadline) / 2)
            except OSError:
                continue
        return self._dial(last, _left(self._deadline))

    def _dial(self, address: str, seconds: float) -> socket.socket:
        return socket.create_connection((address, self._target.port), timeout=seconds)


class _Wire:
    """As much of a socket as http.client uses; each read has what is left of the whole time.

    A socket's own timeout begins anew at each byte, which a server may send ever so slowly.
    """

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_left(self._deadline))
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Stream(self._sock, self._deadline))

    def close(self) -> None:
        """The connection hangs up."""


class _Stream(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._deadline))
        return self._sock.recv_into(buffer)
