"""The judge is worth something only if it convicts: each promise, with what it stands on removed.

The same small crowd every time: ten parties for three places, a withdrawal, and two workers that
send. SQLite has one writer at a time whatever the app does, so a missing lock sells no place twice
there; that nobody took the lock is seen on both.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from dialognav.actions import registrations
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish
from dialognav.db import db
from dialognav.domain.errors import RuleBroken
from dialognav.domain.parties import Identifier, make_party
from dialognav.domain.terms import Mode
from dialognav.models import KeptMail, Registration
from tests.factories import make_event
from tests.history import faults
from tests.history.judge import judge
from tests.history.ledger import read_ledger
from tests.history.letters import read_mail
from tests.history.machine_parts import POST, Stage, stage

PARTIES = 10
Convict = Callable[..., set[str]]


def sign_up(n: int, *, address: str = "", number: str = "") -> Register:
    email = address or f"person{n}@firm{n}.example"
    identifier = Identifier("SE", number, number) if number else None
    party = make_party(f"Firm {n} AB", "company", identifier, email=email, secret="s" * 32)
    person = NewPerson(f"Person {n}", email, Wish(Mode.ON_SITE))
    return Register(party, Contact(person.name, email), (person,), "sv")


class Crowd:
    """What ten parties do at one event, all at once."""

    def __init__(self, made: Stage, **event: Any) -> None:
        self.stage = made
        made.begin()
        with made.work() as session:
            self.event_id = make_event(session, **event).id

    def together(self, acts: list[Callable[[], None]]) -> None:
        ready = threading.Barrier(len(acts))
        failures: list[BaseException] = []

        def one(act: Callable[[], None]) -> None:
            ready.wait(30)
            try:
                act()
            except RuleBroken:
                pass
            except Exception as failure:
                failures.append(failure)

        threads = [threading.Thread(target=one, args=[act]) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []

    def register(self, who: Register) -> None:
        with self.stage.work() as session:
            registrations.register(session, self.event_id, who, now=self.stage.now, post=POST)

    def withdraw_the_first(self) -> None:
        with self.stage.work() as session:
            [first] = session.scalars(sa.select(Registration.id).order_by(Registration.id).limit(1))
            registrations.withdraw_all(session, first, now=self.stage.now, actor="x", post=POST)

    def deliver(self) -> None:
        [letters] = [
            job for job in self.stage.app.extensions["dialognav.jobs"] if job.name == "letters"
        ]
        for _ in range(8):
            with self.stage.app.app_context():
                letters.run(threading.Event())
            time.sleep(0.02)

    def convicted(self) -> set[str]:
        """The promises that the judge finds broken."""
        with self.stage.look() as session:
            mails = [
                read_mail(bytes(row.raw), row.recipient)
                for row in session.scalars(sa.select(KeptMail).order_by(KeptMail.id))
            ]
            transactions = read_ledger(session.connection(), since=self.stage.serial)
        return {violation.rule for violation in judge(transactions, mails=mails)}


@pytest.fixture
def convict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Convict:
    """`convict("unlocked")`: the rules that the judge finds broken with this fault in the app."""

    def run(fault: str = "", *, rivals: bool = False, twins: bool = False) -> set[str]:
        with stage(app) as made:
            crowd = Crowd(made, capacity_on_site=3, limit_per_party=2)
            faults.let_in(fault, monkeypatch.setattr)
            parties = [
                sign_up(
                    n,
                    number="559401-2345" if rivals else "",
                    address="the-same@firm.example" if twins and n < 2 else "",
                )
                for n in range(PARTIES)
            ]
            crowd.together([lambda who=who: crowd.register(who) for who in parties])  # type: ignore[misc]
            crowd.withdraw_the_first()
            crowd.together([crowd.deliver, crowd.deliver])
            return crowd.convicted()

    return run


def test_the_judge_acquits_an_app_without_fault(convict: Convict) -> None:
    assert convict() == set()


def test_ten_people_of_one_organisation_get_the_two_places_it_may_have(convict: Convict) -> None:
    assert convict(rivals=True) == set()


def test_without_the_lock_places_are_sold_twice(convict: Convict, app: Flask) -> None:
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    found = convict("unlocked")
    assert "lock" in found
    assert ("places" in found) is not is_sqlite


def test_a_limit_that_is_counted_before_the_lock_is_broken(convict: Convict, app: Flask) -> None:
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    assert ("limit" in convict("early", rivals=True)) is not is_sqlite


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("unordered", "order"),
        ("kept", "handed-on"),
        ("silent", "letters"),
        ("unleased", "mail-twice"),
    ],
)
def test_each_fault_breaks_its_promise(convict: Convict, fault: str, rule: str) -> None:
    assert rule in convict(fault)


def test_without_its_index_an_address_registers_twice(convict: Convict, app: Flask) -> None:
    name = "uq_registration_live_contact"
    with app.app_context(), db.engine.begin() as connection:
        index = next(
            index
            for index in Registration.__table__.indexes  # type: ignore[attr-defined]
            if index.name == name
        )
        connection.exec_driver_sql(f"DROP INDEX {name}")
    try:
        assert "one-registration" in convict(twins=True)
    finally:
        with app.app_context(), db.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM letter")
            connection.exec_driver_sql("UPDATE registration SET withdrawn_at = created_at")
            index.create(connection)
