"""Letters with invitations, from the promise to a mail server on this machine, by real workers."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench.attendees import invite, make_attendees
from bench.mail_sink import MailSink, mail_sink
from bench.processes import ROOT, cpu_of
from dialognav.db import db, unit_of_work
from dialognav.mail.due import letters_are_due
from dialognav.models import Letter
from tests.factories import make_event

GOAL = 200  # letters a second on one core
_LIMIT = 600  # seconds


@dataclass(frozen=True, slots=True)
class Delivered:
    """What some workers did with some letters; seconds from the first that came in to the last."""

    letters: int
    doubles: int
    seconds: float
    cpu: float
    """Seconds of processor time, of all workers and without their start."""
    memory: float
    """MB of the largest worker at its largest."""


def promise(app: Flask, people: int) -> tuple[int, float]:
    """Write that many letters, to leave tomorrow; statements and seconds that the promise itself
    took."""
    now = datetime.now(UTC)
    statements = 0

    def count(*_seen: object) -> None:
        nonlocal statements
        statements += 1

    with app.app_context(), unit_of_work() as session:
        event = make_event(session, starts_at=now + timedelta(days=30))
        seats = make_attendees(session, event, people)
        sa.event.listen(db.engine, "before_cursor_execute", count)
        began = time.perf_counter()
        invite(session, event, seats, now)
        seconds = time.perf_counter() - began
        sa.event.remove(db.engine, "before_cursor_execute", count)
        session.execute(sa.update(Letter).values(due_at=now + timedelta(days=1)))
    with app.app_context():
        db.engine.dispose()
    return statements, seconds


def deliver(app: Flask, settings: Mapping[str, str], letters: int, workers: int) -> Delivered:
    """Have that many workers send everything that waits, which is so many letters."""
    with mail_sink() as sink:
        given = {**settings, "MAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
        with working(given, workers) as pids:
            _wait_until_started(pids)
            let_go(app)
            used = sum(map(cpu_of, pids))
            _wait(sink, 1)
            began = time.perf_counter()
            _wait(sink, letters)
            seconds = time.perf_counter() - began
            used = sum(map(cpu_of, pids)) - used
            memory = max(map(_peak, pids))
    return Delivered(len(sink.taken), sink.doubles(), seconds, used, memory)


def let_go(app: Flask) -> None:
    """All that waits is due."""
    with app.app_context():
        with unit_of_work() as session:
            session.execute(sa.update(Letter).values(due_at=datetime.now(UTC)))
            letters_are_due(session)
        db.engine.dispose()


def _wait_until_started(pids: list[int]) -> None:
    """They have read their code, and wait."""
    used = 0.0
    while (now := sum(map(cpu_of, pids))) - used > 0.2 * len(pids) or now < 1.2 * len(pids):
        used = now
        time.sleep(1.5)


@contextmanager
def working(settings: Mapping[str, str], workers: int) -> Iterator[list[int]]:
    """So many `flask worker`; their processes."""
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    environment = {"PATH": os.environ["PATH"], **settings}
    with tempfile.TemporaryFile() as log:
        started = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            for _ in range(workers)
        ]
        try:
            yield [one.pid for one in started]
        except BaseException:
            log.seek(0)
            print(log.read().decode(errors="replace")[-4000:])
            raise
        finally:
            for one in started:
                one.send_signal(signal.SIGTERM)
            for one in started:
                one.wait(60)


def _wait(sink: MailSink, letters: int) -> None:
    deadline = time.monotonic() + _LIMIT
    while len(sink.taken) < letters:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{len(sink.taken)} of {letters} letters came in")
        time.sleep(0.01)


def _peak(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6


def line(name: str, workers: int, seen: Delivered) -> str:
    count = f"{workers} worker" if workers == 1 else f"{workers} workers"
    return (
        f"  {name}, {count}: {seen.letters / seen.seconds:.0f} letters a second,"
        f" {seen.letters / seen.cpu:.0f} for each second of a core,"
        f" at most {seen.memory:.0f} MB each, {seen.doubles} twice"
    )
