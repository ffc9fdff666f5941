"""What the state machines share: a database of their own, the ledger over it, the judgement."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy.orm import Session

from dialognav.db import db, unit_of_work
from dialognav.mail.post import Post
from tests.conftest import NOW
from tests.history.judge import judge
from tests.history.ledger import ledger, name_transactions, read_ledger
from tests.history.letters import Mail
from tests.history.rules import worst

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
IS_NIGHTLY = os.environ.get("NIGHTLY") == "1"


def effort(examples: int, steps: int) -> settings:
    """How hard to look. NIGHTLY=1 looks twenty times as long, and for other things each time."""
    times = 20 if IS_NIGHTLY else 1
    return settings(
        max_examples=examples * times,
        stateful_step_count=steps,
        deadline=None,
        derandomize=not IS_NIGHTLY,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


@dataclass
class Stage:
    """An app whose every commit is written down; the clock is the machine's own."""

    app: Flask
    now: datetime = NOW
    serial: int = 0

    @contextmanager
    def work(self) -> Iterator[Session]:
        with self.app.app_context(), unit_of_work() as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Session]:
        with self.app.app_context():
            yield db.session()
            db.session.rollback()

    def begin(self) -> None:
        """What happens from now on belongs to a new example."""
        with self.look() as session:
            [[last]] = session.connection().exec_driver_sql("SELECT max(serial) FROM history")
        self.serial, self.now = last or 0, NOW

    def check(self, mails: Sequence[Mail] | None = None) -> None:
        """Judge everything since begin(). Raises AssertionError with what is wrong."""
        with self.look() as session:
            found = judge(read_ledger(session.connection(), since=self.serial), mails=mails)
        assert not found, worst(found)


@contextmanager
def stage(app: Flask) -> Iterator[Stage]:
    """The app's database is a file of this machine's own, and need not survive a power cut."""
    with app.app_context():
        engine = db.engine
    engine.dispose()  # connections from now on know what the ledger wants of them
    name_transactions(engine)
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def connect(connection: Any, _entry: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")

    with ledger(engine):
        yield Stage(app)  # outside any app context: a client's requests have their own
