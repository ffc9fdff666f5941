"""A web server on this machine that answers what a test tells it to, byte by byte."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dialognav import fetch
from dialognav.fetch import Fetched, Network

ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def http(body: bytes = ICS, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Server:
    """Answers each connection by the next script; keeps what was asked."""

    def __init__(self) -> None:
        self.scripts: list[Callable[[socket.socket], None]] = []
        self.asked: list[str] = []
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.resolved: list[str] = []

    def says(self, *answers: bytes) -> None:
        self.scripts += [lambda sock, answer=answer: sock.sendall(answer) for answer in answers]

    def run(self) -> None:
        while True:
            try:
                sock, _ = self.sock.accept()
            except OSError:
                return
            with sock:
                self.asked.append(sock.recv(65536).decode("latin-1"))
                try:
                    self.scripts.pop(0)(sock)
                except OSError:
                    continue

    def network(self, **given: object) -> Network:
        """Every name leads here, to this machine, which the real one never allows."""

        def resolve(host: str, _port: int) -> list[str]:
            self.resolved.append(host)
            return ["127.0.0.1"]

        standard = {
            "resolve": resolve,
            "is_allowed": lambda _ip: True,
            "ports": frozenset({self.port}),
        }
        return Network(**standard | given)  # type: ignore[arg-type]

    def get(self, path: str = "/a.ics", **given: object) -> Fetched:
        network = given.pop("network", None) or self.network()
        url = f"http://kalender.example:{self.port}{path}"
        return fetch.fetch(url, agent="Dialognav", network=network, **given)  # type: ignore[arg-type]


@contextmanager
def scripted_server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    yield made
    made.sock.shutdown(socket.SHUT_RDWR)
    made.sock.close()
    thread.join(5)
