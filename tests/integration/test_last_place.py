"""The last place goes to one of two; and the twin without the lock shows that the race is real."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from dialognav.actions import registrations, seats
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish
from dialognav.db import db, unit_of_work
from dialognav.domain.parties import make_party
from dialognav.domain.terms import Mode
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event
from tests.conftest import NOW
from tests.factories import make_event
from tests.fixtures import Work

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
Race = Callable[[int], list[str]]


def command(n: int) -> Register:
    email = f"person{n}@firm{n}.example"
    party = make_party(f"Firm {n} AB", "company", None, email=email, secret="s" * 32)
    person = NewPerson(f"Person {n}", email, Wish(Mode.ON_SITE))
    return Register(party, Contact(person.name, email), (person,), "sv")


@pytest.fixture
def race(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Race:
    """Two sign-ups, both of which have counted before either has written, if they can."""
    both_counted = threading.Barrier(2)
    decide = seats.decide_places

    def decide_together(*args: Any, **options: Any) -> Sequence[Any]:
        with suppress(threading.BrokenBarrierError):  # the lock kept the other one out
            both_counted.wait(timeout=0.7)
        return decide(*args, **options)

    monkeypatch.setattr(seats, "decide_places", decide_together)

    def run(event_id: int) -> list[str]:
        failures: list[BaseException] = []

        def one(n: int) -> None:
            try:
                with app.app_context(), unit_of_work() as session:
                    registrations.register(session, event_id, command(n), now=NOW, post=POST)
            except Exception as failure:
                failures.append(failure)

        threads = [threading.Thread(target=one, args=[n]) for n in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        with app.app_context():
            return sorted(db.session.scalars(sa.select(Attendance.state)))

    return run


def one_place(work: Work) -> int:
    with work() as session:
        return make_event(session, capacity_on_site=1).id


def test_last_place_goes_to_one_of_two(race: Race, work: Work) -> None:
    assert race(one_place(work)) == ["confirmed", "waiting"]


def test_the_race_is_real_without_the_lock(
    race: Race, work: Work, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL sells the place twice. SQLite has a second lock, BEGIN IMMEDIATE; without that too
    it does not oversell, but turns one of the two away with an error."""
    event_id = one_place(work)

    def unlocked(session: Session, event_id: int) -> Event:
        return session.get_one(Event, event_id)

    monkeypatch.setattr(registrations, "lock_event", unlocked)
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    if not is_sqlite:
        assert race(event_id) == ["confirmed", "confirmed"]
        return
    connection = Session.connection

    def deferred(self: Session, **_options: Any) -> Any:
        return connection(self, execution_options={"writes": False})

    monkeypatch.setattr(Session, "connection", deferred)
    with pytest.raises(AssertionError, match="database is locked"):
        race(event_id)


@pytest.mark.slow
def test_forty_at_once_for_ten_places_wait_in_an_unbroken_order(app: Flask, work: Work) -> None:
    with work() as session:
        event_id = make_event(session, capacity_on_site=10).id
    failures: list[BaseException] = []

    def one(n: int) -> None:
        try:
            with app.app_context(), unit_of_work() as session:
                registrations.register(session, event_id, command(n), now=NOW, post=POST)
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=one, args=[n]) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context():
        rows = db.session.execute(sa.select(Attendance.state, Attendance.queue_number)).all()
    assert sum(state == "confirmed" for state, _ in rows) == 10
    assert sorted(n for state, n in rows if state == "waiting") == list(range(1, 31))
