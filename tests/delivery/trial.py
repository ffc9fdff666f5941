"""The trial: many invitations by a mail server that misbehaves, and everybody is killed by and by.

`make trial ARGS="--letters 10000 --workers 3 --database postgresql"`, or run() from a test. In the
end everybody has exactly one copy, or the same one again (the same Message-ID) where a crash or a
silence fell between the server's taking it and our knowing.
"""

import argparse
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

import config
from app import create_app
from blueprints.context import post
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import LANGUAGES, LetterStatus, Seat
from dialognav.mail import notices
from dialognav.mail.meeting_notices import tell_booked
from dialognav.models import Attendance, Booking, Letter, Participant
from tests.databases import migrate, new_database
from tests.delivery.server import NOBODY
from tests.factories import make_event, make_participant, make_registration
from tests.fixtures import environment_of_tests
from tests.meeting_factories import make_booking, make_rules, make_slots
from tests.postgres import running_postgres
from tests.servers import ROOT, free_port

DOMAINS = 200
MEETS = 4  # of ten
_PATIENCE = 60.0  # seconds without any progress, and the trial is over


@dataclass(frozen=True, slots=True)
class Size:
    """`unknown`: one in so many recipients does not exist. Kills are spread over the letters."""

    letters: int = 10_000
    workers: int = 3
    worker_kills: int = 8
    server_kills: int = 4
    unknown: int = 100
    seed: int = 1


@dataclass(slots=True)
class Report:
    """`copies`: per letter that was taken, each copy as (Message-ID, SHA-256 of the bytes)."""

    size: Size
    seconds: float = 0.0
    words: Counter[str] = field(default_factory=Counter)
    copies: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    states: dict[str, int] = field(default_factory=dict)
    expected: set[str] = field(default_factory=set)
    killed: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)

    @property
    def doubles(self) -> int:
        return sum(len(copies) - 1 for copies in self.copies.values())

    @property
    def excuses(self) -> int:
        """As many doubles as there may be: one in flight in each lane at each crash or silence."""
        return self.words["silent"] + self.killed["worker"] + self.killed["server"]

    def broken(self) -> list[str]:
        """The promises that were not kept."""
        said = []
        if lost := self.expected - self.copies.keys():
            said.append(f"{len(lost)} recipients got nothing")
        if strangers := self.copies.keys() - self.expected:
            said.append(f"{len(strangers)} got what was not for them")
        if sum(len(set(copies)) > 1 for copies in self.copies.values()):
            said.append("a second copy differs from the first")
        if self.doubles > self.excuses:
            said.append(f"{self.doubles} doubles, {self.excuses} crashes and silences")
        unknown = self.size.letters - len(self.expected)
        sent, given_up = len(self.expected), self.states.get(LetterStatus.GIVEN_UP, 0)
        if self.states.get(LetterStatus.SENT, 0) != sent or given_up != unknown:
            said.append(f"the letters say {self.states}; {sent} exist, {unknown} do not")
        return said

    def _memory(self) -> str:
        """Of the one that lives, after a fifth of the time and at the end."""
        early = self.memory[len(self.memory) // 5 :][:1] or [0]
        return f"{early[0]:.0f} MB early, {max(self.memory[-5:], default=0):.0f} MB at the end"

    def __str__(self) -> str:
        words = self.words
        return (
            f"{self.size.letters} letters in {self.seconds:.0f} s"
            f" ({self.size.letters / self.seconds:.0f} a second): {words['ok']} taken,"
            f" {words['later']} put off, {words['never']} refused, {words['cut']} cut in the"
            f" middle, {words['silent']} taken without a word; killed: {dict(self.killed)};"
            f" doubles {self.doubles}, all the same; memory of a worker {self._memory()};"
            f" letters: {self.states}"
        )


def run(database_url: str, place: Path, size: Size) -> Report:
    """The trial on an empty, migrated database."""
    report = Report(size)
    port, journal = free_port(), place / "journal"
    environment = environment_of_tests(database_url, place)
    environment |= {"MAIL_URL": f"smtp://127.0.0.1:{port}", "TZ": "UTC"}
    app = create_app(config.load(environment))
    report.expected = promise(app, size)
    journal.touch()
    began = time.monotonic()
    with Stage(environment, port, journal, size) as stage:
        stage.play(app, report)
    report.seconds = time.monotonic() - began
    _read(journal, report)
    report.states = _states(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return report


def promise(app: Flask, size: Size) -> set[str]:
    """An invitation to each of so many people, every tenth to a one-to-one meeting, and to the two
    who hold these a letter with all of them; the addresses of those who exist."""
    now = datetime.now(UTC)
    with app.test_request_context(), unit_of_work() as session:
        event = make_event(session, starts_at=now + timedelta(days=30))
        registrations = [make_registration(session, event, language=one) for one in LANGUAGES]
        make_rules(session, event)
        slots = make_slots(session, event, number=size.letters // 10, starts_at=event.ends_at)
        known = {one.member.email for one in slots[0].staff}
        for n in range(size.letters - len(known)):
            mailbox = NOBODY if n % size.unknown == size.unknown - 1 else "petra"
            email = f"{mailbox}{n}@leverantor{n % DOMAINS}.example"
            if n % 10 == MEETS:
                firm = make_registration(session, event, contact_email=email)
                make_participant(session, firm, email=email)
                make_booking(session, slots[n // 10], firm)
            else:
                make_participant(session, registrations[n % 3], email=email, state=Seat.CONFIRMED)
            known |= {email} if mailbox != NOBODY else set()
        session.flush()
        invited = Participant.registration_id.in_([one.id for one in registrations])
        seats = session.scalars(sa.select(Attendance).join(Participant).where(invited)).all()
        told: dict[str, Any] = {"now": now, "post": post()}
        notices.tell_places(session, event, seats, why="registered", are_new=True, **told)
        tell_booked(session, session.scalars(sa.select(Booking)).all(), **told)
    return known


class Stage:
    """The server and the workers, as processes."""

    def __init__(
        self, environment: Mapping[str, str], port: int, journal: Path, size: Size
    ) -> None:
        self._environment = {"PATH": os.environ["PATH"], **environment}
        self._port, self._journal, self._size = port, journal, size
        self._chance = random.Random(size.seed)
        self._starts = 0
        self._server = self._start_server()
        self._workers = [self._start_worker() for _ in range(size.workers)]

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_given: object) -> None:
        for process in (self._server, *self._workers):
            process.kill()
            process.wait()

    def _start_server(self) -> "subprocess.Popen[bytes]":
        self._starts += 1
        seed = str(self._size.seed * 1000 + self._starts)
        return _start("tests.delivery.server", str(self._port), str(self._journal), seed)

    def _start_worker(self) -> "subprocess.Popen[bytes]":
        return _start("tests.delivery.worker", environment=self._environment)

    def play(self, app: Flask, report: Report) -> None:
        """Until every letter is settled, killing somebody every now and then."""
        kills = ["worker"] * self._size.worker_kills + ["server"] * self._size.server_kills
        self._chance.shuffle(kills)
        steps = [(n + 1) / (len(kills) + 1) for n in range(len(kills))]
        seen, moved_at = -1, time.monotonic()
        while waiting := _waiting(app):
            done = 1 - waiting / self._size.letters
            while kills and done >= steps[0]:
                self._kill(kills.pop(), report)
                steps.pop(0)
            if waiting != seen:
                seen, moved_at = waiting, time.monotonic()
            if time.monotonic() - moved_at > _PATIENCE:
                return
            report.memory.append(_memory(self._workers[0].pid))
            time.sleep(0.4)

    def _kill(self, whom: str, report: Report) -> None:
        """With -9, at any moment; another takes its place. The first worker lives: its memory is
        looked at."""
        time.sleep(self._chance.uniform(0, 0.1))
        report.killed[whom] += 1
        if whom == "server":
            self._server.kill()
            self._server.wait()
            time.sleep(self._chance.uniform(0, 1))
            self._server = self._start_server()
            return
        place = self._chance.randrange(1, len(self._workers)) if len(self._workers) > 1 else 0
        self._workers[place].kill()
        self._workers[place].wait()
        self._workers[place] = self._start_worker()


def _start(module: str, *arguments: str, environment: Mapping[str, str] | None = None):  # type: ignore[no-untyped-def]
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _waiting(app: Flask) -> int:
    with app.app_context():
        query = sa.select(sa.func.count()).where(Letter.status == LetterStatus.PENDING)
        return db.session.scalar(query) or 0


def _states(app: Flask) -> dict[str, int]:
    with app.app_context():
        query = sa.select(Letter.status, sa.func.count()).group_by(Letter.status)
        return {str(status): count for status, count in db.session.execute(query)}


def _memory(pid: int) -> float:
    """MB that are the process's own."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    found = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return found * 1024 / 1e6


def _read(journal: Path, report: Report) -> None:
    for line in journal.read_text().splitlines():
        word, *more = line.split()
        report.words[word] += 1
        if more:
            report.copies[more[0]].append((more[1], more[2]))


@contextmanager
def _database(kind: str, place: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{place / 'trial.sqlite'}"
        return
    with running_postgres() as server, new_database(server, "trial") as url:
        yield url


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(1000))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    given = parser.parse_args()
    logging.disable(logging.INFO)
    is_broken = False
    for kind in given.database or ("sqlite", "postgresql"):
        with ExitStack() as stack:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dn-trial-")))
            url = stack.enter_context(_database(kind, place))
            migrate(url)
            report = run(url, place, Size(given.letters, given.workers, seed=given.seed))
            print(f"{kind}, seed {given.seed}: {report}")
            for said in report.broken():
                print(f"  BROKEN: {said}")
                is_broken = True
    return int(is_broken)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
