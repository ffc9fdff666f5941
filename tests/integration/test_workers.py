"""Several workers on one PostgreSQL: plain ones, and those that share by Procrastinate."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from bench.attendees import invite, make_attendees
from bench.mail_sink import mail_sink
from dialognav.db import db, unit_of_work
from dialognav.domain.terms import LetterStatus
from dialognav.mail.claims import BATCH
from dialognav.models import Letter
from tests.databases import PostgresDatabase
from tests.factories import make_event
from tests.fixtures import MakeApp, environment_of_tests
from tests.servers import ROOT

LETTERS = 10_000 if os.environ.get("NIGHTLY") == "1" else 600
pytestmark = [pytest.mark.postgresql, pytest.mark.slow]


@pytest.fixture
def database_url(postgres_database: PostgresDatabase) -> str:
    """SQLite has no other machines."""
    postgres_database.empty()
    return postgres_database.url


def promise(app: Flask, people: int) -> None:
    now = datetime.now(UTC)
    with app.app_context(), unit_of_work() as session:
        event = make_event(session, starts_at=now + timedelta(days=30))
        invite(session, event, make_attendees(session, event, people), now)


def states(app: Flask) -> dict[str, int]:
    with app.app_context():
        counted = sa.select(Letter.status, sa.func.count()).group_by(Letter.status)
        return dict(db.session.execute(counted).all())


def in_hand(app: Flask) -> dict[int, str | None]:
    """Letters that have not left, with the lease of the worker that has each, if one has."""
    with app.app_context():
        waiting = sa.select(Letter.id, Letter.lease).where(Letter.status == LetterStatus.PENDING)
        return dict(db.session.execute(waiting).all())


def leases_run_out(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(
            sa.update(Letter)
            .where(Letter.status == LetterStatus.PENDING)
            .values(leased_until=datetime.now(UTC) - timedelta(seconds=1))
        )


@contextmanager
def workers(
    settings: Mapping[str, str], number: int, log: Path
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """That many; told to stop at the end, and then they end in order."""
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    with log.open("ab") as out:
        started = [
            subprocess.Popen(command, cwd=ROOT, env=dict(settings), stdout=out, stderr=out)
            for _ in range(number)
        ]
        try:
            yield started
        finally:
            for one in started:
                one.send_signal(signal.SIGTERM)
            codes = [one.wait(30) for one in started]
            print(log.read_text()[-3000:])
    assert set(codes) <= {0, -signal.SIGKILL}


def wait_for(condition: Callable[[], object], limit: float = LETTERS / 10) -> bool:
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.smtp
@pytest.mark.parametrize("jobs", ["external", "procrastinate"])
def test_two_share_the_letters_and_one_goes_on_when_the_other_is_killed(
    jobs: str, database_url: str, make_app: MakeApp, tmp_path: Path
) -> None:
    with mail_sink() as sink:
        mail = {"JOBS": jobs, "MAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
        app = make_app(**mail)
        promise(app, LETTERS)
        settings = environment_of_tests(database_url, tmp_path) | mail
        with workers(settings, 2, tmp_path / "log") as (first, second):
            assert wait_for(lambda: sink.most_open == 2), "both send at the same time"
            seen = sink.count
            assert wait_for(lambda: sink.count > seen + LETTERS // 5)
            first.kill()
            first.wait()
            at_its_death = in_hand(app)

            def is_stuck() -> bool:
                """All that is left is in the hand of the dead."""
                left = in_hand(app)
                return None not in left.values() and left.items() <= at_its_death.items()

            assert wait_for(is_stuck)
            left = in_hand(app)
            leases_run_out(app)
            assert wait_for(lambda: not in_hand(app))
            assert second.poll() is None
    assert len(left) <= BATCH
    assert states(app) == {LetterStatus.SENT: LETTERS}
    assert len(sink.taken) == LETTERS
    assert sink.doubles() <= 1, "the letter between the server's OK and our commit"
