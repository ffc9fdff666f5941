"""kill -9 of the web with its thread for mail, at any moment: nobody who was told is forgotten.

tests/delivery/trial.py does it to the workers and the mail server.
"""

import contextlib
import http.client
import itertools
import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from bench.signups import sign_up
from bench.visitor import Visitor
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import LetterStatus
from dialognav.models import Letter, Participant
from tests.factories import make_event
from tests.fixtures import MakeApp, environment_of_tests
from tests.servers import Installation, free_port, gunicorn

KILLS = 3


class _Memory:
    """Takes every mail, and knows which."""

    def __init__(self) -> None:
        self.taken: dict[str, list[bytes]] = defaultdict(list)

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken[envelope.rcpt_tos[0]].append(envelope.content)
        return "250 OK"

    def repeats(self) -> int:
        return sum(len(mails) - 1 for mails in self.taken.values())


@pytest.fixture
def mail_server() -> Iterator[tuple[_Memory, int]]:
    """The server's memory, and its port."""
    handler = _Memory()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def let_time_pass(app: Flask) -> int:
    """Every lease runs out and every backoff is over; returns how many letters wait."""
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    with app.app_context(), unit_of_work() as session:
        pending = Letter.status == LetterStatus.PENDING
        session.execute(sa.update(Letter).where(pending).values(due_at=long_ago))
        leased = sa.and_(pending, Letter.leased_until.is_not(None))
        session.execute(sa.update(Letter).where(leased).values(leased_until=long_ago))
        return session.scalar(sa.select(sa.func.count()).where(pending)) or 0


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


@pytest.mark.slow
@pytest.mark.smtp
def test_a_killed_web_process_loses_no_letter(
    database_url: str, make_app: MakeApp, tmp_path: Path, mail_server: tuple[_Memory, int]
) -> None:
    memory, port = mail_server
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
        for _ in range(KILLS):
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
    assert memory.repeats() <= KILLS
