"""Start servers under the same gunicorn settings, and read from /proc what they used."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYNC = ("--config", "bench/sync_workers.py")
EMBEDDED = ("--config", "gunicorn.conf.py")
"""As `make run` serves: one process, eight threads, mail beside them."""
_TICKS = os.sysconf("SC_CLK_TCK")


def with_children(pid: int) -> list[int]:
    """The process and all it has started."""
    found = [pid]
    for one in found:
        for thread in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in thread.read_text().split()]
    return found


def cpu_of(pid: int) -> float:
    """Seconds of processor time used so far by the process and its children, also ended ones."""
    used = 0
    for one in with_children(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        used += sum(int(ticks) for ticks in fields[11:15])
    return used / _TICKS


@dataclass(frozen=True, slots=True)
class Server:
    address: str
    pid: int

    def processes(self) -> list[int]:
        return with_children(self.pid)

    def cpu(self) -> float:
        return cpu_of(self.pid)

    def memory(self) -> float:
        """MB in use, pages shared by several processes counted once (PSS)."""
        total = 0
        for pid in self.processes():
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total * 1024 / 1e6


@contextmanager
def serving(app: str, arguments: tuple[str, ...], settings: Mapping[str, str]) -> Iterator[Server]:
    """Run gunicorn on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", *arguments, "--bind", f"127.0.0.1:{port}"]
    environment = {"PATH": os.environ["PATH"], "BASE_URL": address, **settings}
    with tempfile.TemporaryFile() as log:
        started = subprocess.Popen(
            [*command, app], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            _wait_for(port, started)
            yield Server(address, started.pid)
        except BaseException:
            log.seek(0)
            print(log.read().decode(errors="replace")[-4000:])
            raise
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(30)


def _wait_for(port: int, started: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 40
    while started.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("a server of the bench did not start")
