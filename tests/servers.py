"""Real servers: the app in a thread of the test, or gunicorn as an installation runs it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

ROOT = Path(__file__).resolve().parent.parent
_START_LIMIT = 40  # seconds


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_said: object) -> None:
        """A test's output is the test's."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the app from threads of this process, under the test's clock; yields its address."""
    server = make_server("localhost", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True, slots=True)
class Installation:
    """A running gunicorn."""

    address: str
    pid: int

    def workers(self) -> list[int]:
        """The processes that answer, which gunicorn's own (`pid`) replaces when they die."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


@contextmanager
def gunicorn(
    settings: Mapping[str, str], *, workers: int = 2, app: str = "app:create_app()"
) -> Iterator[Installation]:
    """Serve an installation with these settings from processes of its own."""
    port = free_port()
    address = f"http://localhost:{port}"
    environment = {
        "PATH": os.environ["PATH"],
        **settings,
        "PORT": str(port),
        "BASE_URL": address,
        "WEB_CONCURRENCY": str(workers),
    }
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", app],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(port, server)
            yield Installation(address, server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
            log.seek(0)
            said = log.read().decode(errors="replace").strip()
            if said:
                print(said)  # pytest shows it beside a failure


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_LIMIT
    while True:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("gunicorn did not start") from error
            time.sleep(0.05)
