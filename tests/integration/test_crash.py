"""kill -9 of the worker or the web, at any moment; and a mail server that misbehaves in every way.

Nothing is lost, and what is sent twice is at most the one letter that was in flight, byte for byte
the same invitation (RFC 5546: same UID and SEQUENCE, so that a repeat is harmless).
"""

import asyncio
import contextlib
import http.client
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from bench.signups import sign_up
from bench.visitor import Visitor
from blueprints.context import post
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import LetterStatus, Seat
from dialognav.mail import notices
from dialognav.models import Attendance, Letter, Participant
from tests.factories import make_event, make_participant, make_registration
from tests.fixtures import MakeApp, environment_of_tests
from tests.servers import ROOT, Installation, free_port, gunicorn

LETTERS = 40
KILLS = 6
UNKNOWN = "nobody-here"
"""The mailbox part of recipients whom the server refuses for ever."""


class _Unreliable:
    """Slow; refuses for now; refuses for ever; takes a mail and dies before it says so."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.taken: dict[str, list[bytes]] = defaultdict(list)
        self.deaths = 0
        self.reliable = False

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address.startswith(UNKNOWN):
            return "550 5.1.1 No such mailbox"
        if not self.reliable and self.chance.random() < 0.2:
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.chance.uniform(0, 0.05))
        assert isinstance(envelope.content, bytes)
        self.taken[envelope.rcpt_tos[0]].append(envelope.content)
        if not self.reliable and self.chance.random() < 0.1:
            self.deaths += 1
            server.transport.abort()
        return "250 OK"

    def count(self) -> int:
        return sum(map(len, self.taken.values()))

    def repeats(self) -> int:
        return sum(len(mails) - 1 for mails in self.taken.values())


@pytest.fixture
def mail_server(request: pytest.FixtureRequest) -> Iterator[tuple[_Unreliable, int]]:
    """The server's memory, and its port."""
    handler = _Unreliable(request.config.getoption("randomly_seed", 0) or 0)
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def promise_letters(app: Flask) -> None:
    """One invitation to each of many people, some of whom do not exist."""
    now = datetime.now(UTC)
    with app.test_request_context(), unit_of_work() as session:
        event = make_event(session, starts_at=now + timedelta(days=30))
        registration = make_registration(session, event)
        seats: list[Attendance] = []
        for n in range(LETTERS):
            mailbox = UNKNOWN if n % 10 == 0 else "petra"
            email = f"{mailbox}{n}@leverantor.example"
            person = make_participant(session, registration, email=email, state=Seat.CONFIRMED)
            seats += person.attendances
        notices.tell_places(session, event, seats, why="registered", now=now, post=post())


def let_time_pass(app: Flask) -> int:
    """Every lease runs out and every backoff is over; returns how many letters wait."""
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    with app.app_context(), unit_of_work() as session:
        pending = Letter.status == LetterStatus.PENDING
        session.execute(sa.update(Letter).where(pending).values(due_at=long_ago))
        leased = sa.and_(pending, Letter.leased_until.is_not(None))
        session.execute(sa.update(Letter).where(leased).values(leased_until=long_ago))
        return session.scalar(sa.select(sa.func.count()).where(pending)) or 0


def start_worker(settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "worker"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(condition: Any, limit: float = 60) -> None:
    deadline = time.monotonic() + limit
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)


def people_with_a_place(app: Flask) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(sa.select(Participant.email)))


def sign_up_until(stop: threading.Event, running: Installation, slug: str, told: set[str]) -> None:
    """One visitor who keeps signing up new parties; `told` are those who saw that it worked."""
    for n in itertools.count(threading.get_ident() % 10_000 * 1000):
        if stop.is_set():
            return
        with contextlib.suppress(OSError, http.client.HTTPException, RuntimeError):
            with Visitor(running.address) as visitor:
                sign_up(visitor, slug, n)
            told.add(f"nina{n}@bolag{n}.example")


def calendar_part(mail: bytes) -> bytes:
    parts = message_from_bytes(mail).walk()
    return next(
        p.get_payload(decode=True) for p in parts if p.get_content_type() == "text/calendar"
    )


@pytest.mark.slow
@pytest.mark.smtp
def test_a_killed_worker_loses_nothing(
    database_url: str, make_app: MakeApp, tmp_path: Path, mail_server: tuple[_Unreliable, int]
) -> None:
    memory, port = mail_server
    mail = {"MAIL_URL": f"smtp://127.0.0.1:{port}"}
    settings = environment_of_tests(database_url, tmp_path) | mail
    app = make_app(**mail)
    promise_letters(app)

    for _ in range(KILLS):
        let_time_pass(app)
        seen = memory.count() + memory.chance.randint(1, LETTERS // KILLS)
        worker = start_worker(settings)
        wait_for(lambda seen=seen: memory.count() >= seen, limit=20)
        time.sleep(memory.chance.uniform(0, 0.05))
        worker.kill()
        worker.wait()

    repeats_by_kills = memory.repeats()
    assert repeats_by_kills <= KILLS + memory.deaths

    memory.reliable = True
    worker = start_worker(settings)
    wait_for(lambda: let_time_pass(app) == 0 or time.sleep(0.5))
    worker.kill()
    worker.wait()

    everybody = {f"petra{n}@leverantor.example" for n in range(LETTERS) if n % 10}
    assert memory.taken.keys() == everybody
    assert memory.repeats() <= KILLS + memory.deaths
    for mails in memory.taken.values():
        assert len({calendar_part(mail) for mail in mails}) == 1
        assert len({message_from_bytes(mail)["Message-ID"] for mail in mails}) == 1
    with app.app_context():
        counted = sa.select(Letter.status, sa.func.count()).group_by(Letter.status)
        states = dict(db.session.execute(counted).all())
    assert states == {LetterStatus.SENT: LETTERS * 9 // 10, LetterStatus.GIVEN_UP: LETTERS // 10}


@pytest.mark.slow
@pytest.mark.smtp
def test_a_killed_web_process_loses_no_letter(
    database_url: str, make_app: MakeApp, tmp_path: Path, mail_server: tuple[_Unreliable, int]
) -> None:
    memory, port = mail_server
    memory.reliable = True
    mail = {"MAIL_URL": f"smtp://127.0.0.1:{port}"}
    settings = environment_of_tests(database_url, tmp_path) | mail | {"JOBS": "embedded"}
    app = make_app(**mail)
    with app.app_context(), unit_of_work() as session:
        slug = make_event(session, starts_at=datetime.now(UTC) + timedelta(days=30)).slug

    told: set[str] = set()
    stop = threading.Event()
    with gunicorn(settings, workers=2) as running:
        visitors = [
            threading.Thread(target=sign_up_until, args=[stop, running, slug, told])
            for _ in range(4)
        ]
        for visitor in visitors:
            visitor.start()
        for _ in range(KILLS // 2):
            seen = len(told)
            wait_for(lambda seen=seen: len(told) > seen + 5, limit=20)
            os.kill(running.workers()[0], signal.SIGKILL)
        stop.set()
        for visitor in visitors:
            visitor.join()
        wait_for(lambda: let_time_pass(app) == 0 or time.sleep(0.5))

    kept = people_with_a_place(app)
    assert told <= kept
    assert memory.taken.keys() == kept
    assert memory.repeats() <= KILLS // 2
