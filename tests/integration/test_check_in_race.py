"""The same mark comes twice at once; and the twin without the lock shows that the race is real."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from dialognav.actions import presence
from dialognav.db import db, unit_of_work
from dialognav.domain.presence import Mark
from dialognav.models import Attendance, Event, PresenceMark
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.fixtures import Work

Race = Callable[[], list[str]]


@pytest.fixture
def race(app: Flask, work: Work, monkeypatch: pytest.MonkeyPatch) -> Race:
    """Two parcels with one uid; both have looked for it before either is written, if they can."""
    with work() as session:
        event = make_event(session, starts_at=NOW)
        person = make_participant(session, make_registration(session, event))
        event_id = event.id
        seen = Mark("f" * 32, person.public_id, event.occasions[0].id, "attended", NOW)
    both_looked = threading.Barrier(2)
    known = presence._known

    def know_together(*args: Any) -> set[str]:
        found = known(*args)
        with suppress(threading.BrokenBarrierError):  # the lock kept the other one out
            both_looked.wait(timeout=0.7)
        return found

    monkeypatch.setattr(presence, "_known", know_together)

    def run() -> list[str]:
        outcomes: list[str] = []

        def one() -> None:
            try:
                with app.app_context(), unit_of_work() as session:
                    [told] = presence.mark(session, event_id, [seen], now=NOW, actor="job")
                    outcomes.append(told.state)
            except Exception as failure:
                outcomes.append(type(failure).__name__)

        threads = [threading.Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(outcomes)

    return run


def test_a_mark_that_comes_twice_at_once_counts_once(race: Race, look: Work) -> None:
    assert race() == ["attended", "attended"]
    with look() as session:
        assert session.query(PresenceMark).count() == 1
        assert session.query(Attendance).one().state == "attended"


def test_the_race_is_real_without_the_lock(
    race: Race, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL turns one away with an error; SQLite has a second lock, BEGIN IMMEDIATE."""

    def unlocked(session: Session, event_id: int) -> Event:
        return session.get_one(Event, event_id)

    monkeypatch.setattr(presence, "lock_event", unlocked)
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    expected = "attended" if is_sqlite else "IntegrityError"
    assert race() == sorted([expected, "attended"])
