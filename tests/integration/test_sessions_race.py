"""The last place of a session goes to one of two, also when they want it among others."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from dialognav.actions import registrations, seats
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EventFull
from dialognav.models import Attendance, Event, Occasion, Participant
from tests.fixtures import Work
from tests.integration.test_sessions import DO, POST, command, make_sessions
from tests.integration.test_sessions import NOW as AT
from tests.integration.test_sessions import seats as all_seats

Done = Callable[[Session], object]


@pytest.fixture
def together(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Both have counted before either has written, if they can; the codes of what was refused."""
    both_counted = threading.Barrier(2)
    decide = seats.decide_places

    def decide_together(*args: Any, **options: Any) -> Sequence[Any]:
        with suppress(threading.BrokenBarrierError):  # the lock kept the other one out
            both_counted.wait(timeout=0.7)
        return decide(*args, **options)

    monkeypatch.setattr(seats, "decide_places", decide_together)

    def run(*deeds: Done) -> list[str]:
        refused: list[str] = []

        def one(deed: Done) -> None:
            try:
                with app.app_context(), unit_of_work() as session:
                    deed(session)
            except EventFull as full:
                refused.append(full.code)

        threads = [threading.Thread(target=one, args=[deed]) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return refused

    return run


def joins(event_id: int, name: str, ids: list[int]) -> Done:
    return lambda session: registrations.register(
        session, event_id, command(name, wishes=[ids]), now=AT, post=POST
    )


def changes(person_id: int, ids: list[int]) -> Done:
    wish = registrations.Wish("on_site", ids)
    return lambda session: registrations.change_mode(session, person_id, wish, **DO)


def taken() -> dict[int, list[str]]:
    """{the session's place in the order: the states there}"""
    found: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for _name, place, state in all_seats(db.session()):
        found[place].append(state)
    return {place: sorted(states) for place, states in found.items()}


@pytest.fixture
def event(work: Work) -> tuple[int, list[int]]:
    """The second of three sessions has one place."""
    with work() as session:
        made = make_sessions(session, places=(None, 1, None))
        return made.id, [each.id for each in made.occasions]


def test_the_last_place_of_one_among_several(app, together, event):
    event_id, ids = event
    assert together(joins(event_id, "Ada A", ids[:2]), joins(event_id, "Bo B", ids[1:])) == []
    with app.app_context():
        assert taken() == {0: ["confirmed"], 1: ["confirmed", "waiting"], 2: ["confirmed"]}


def test_the_race_is_real_without_the_lock(app, together, event, monkeypatch):
    if db_name(app) == "sqlite":
        pytest.skip("has one writer at a time, whatever we do")
    event_id, ids = event
    monkeypatch.setattr(registrations, "lock_event", lambda s, one: s.get_one(Event, one))
    together(joins(event_id, "Ada A", ids[:2]), joins(event_id, "Bo B", ids[1:]))
    with app.app_context():
        assert taken()[1] == ["confirmed", "confirmed"]


def test_without_a_queue_one_of_them_gets_nothing_at_all(app, together, event, work):
    event_id, ids = event
    with work() as session:
        session.get_one(Event, event_id).waiting_list = False
    deeds = joins(event_id, "Ada A", ids[:2]), joins(event_id, "Bo B", ids[1:])
    assert together(*deeds) == ["event_full"]
    with app.app_context():
        held = taken()
        assert held[1] == ["confirmed"]
        assert len(held[0]) + len(held[2]) == 1


def test_two_who_change_to_the_same_last_place(app, together, event, work):
    event_id, ids = event
    with work() as session:
        people = [
            registrations.register(
                session, event_id, command(name, wishes=[ids[:1]]), now=AT, post=POST
            )
            .participants[0]
            .id
            for name in ("Ada A", "Bo B")
        ]
    assert together(*(changes(person, ids[1:2]) for person in people)) == []
    with app.app_context():
        assert taken()[1] == ["confirmed", "waiting"]
        assert taken()[0] == ["withdrawn", "withdrawn"]


def test_a_place_given_back_while_somebody_joins_is_nobodys_twice(app, together, event, work):
    event_id, ids = event
    with work() as session:
        ada = registrations.register(
            session, event_id, command("Ada A", wishes=[ids[:2]]), now=AT, post=POST
        )
        person = ada.participants[0].id
    assert together(changes(person, [ids[0], ids[2]]), joins(event_id, "Bo B", ids[1:2])) == []
    with app.app_context():
        states = taken()[1]
        assert states.count("confirmed") == 1  # Bo has it, by queue or at once
        holder = db.session.scalar(
            sa.select(Participant.name)
            .join(Participant.attendances)
            .join(Occasion)
            .where(Occasion.position == 1, Attendance.state == "confirmed")
        )
        assert holder == "Bo B"


def db_name(app: Flask) -> str:
    with app.app_context():
        return str(db.engine.dialect.name)
