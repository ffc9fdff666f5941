"""The judge of one-to-one meetings convicts: each promise, with what it stands on removed.

Six suppliers, of whom two are one firm and two share a consultant, and four slots at two tables.
A missing lock does no harm on SQLite, which has one writer at a time; that nobody took it is seen.
"""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dialognav.actions import (
    bookings,
    meeting_requests,
    meeting_staffing,
    merging,
    participants,
)
from dialognav.actions.bookings import Details
from dialognav.actions.meeting_requests import Asked
from dialognav.actions.meeting_slot_changes import save_slot, slot_draft_of
from dialognav.actions.participants import NewPerson
from dialognav.actions.seats import Wish
from dialognav.db import db
from dialognav.domain.errors import RuleBroken, TwoPlaces, WrongPeople
from dialognav.domain.meeting_terms import BookingState, TableRole
from dialognav.domain.slots import Span
from dialognav.domain.terms import Mode
from dialognav.models import Booking, Participant, Registration, Slot, SlotStaff
from tests.conftest import NOW
from tests.factories import make_event, make_registration, make_user
from tests.history import faults
from tests.history.judge import judge
from tests.history.ledger import read_ledger, snapshot
from tests.history.machine_parts import POST, Stage, stage
from tests.meeting_factories import DAY, make_rules, make_slots

HALF = timedelta(minutes=30)
Act = Callable[[], object]
Convict = Callable[[str], set[str]]


class Suppliers:
    """What they do, each step by all at the same time."""

    def __init__(self, made: Stage) -> None:
        self.stage = made
        with made.work() as session:
            event = make_event(session)
            make_rules(session, event)
            self.actor = f"user:{make_user(session, event.organisation).id}"
            slots = [*make_slots(session, event, number=2), *make_slots(session, event, number=2)]
            self.slots = [slot.id for slot in slots]
            self.ids: list[int] = []
            self.people: list[int] = []
            for n in range(6):
                firm = make_registration(session, event, party_key=f"firm {max(1, n)}")
                name = f"person {n % 5}"  # the last one comes for the first, too
                email = f"{name.replace(' ', '')}@firm.example"
                row = {"position": 0, "name": name, "email": email, "created_at": NOW}
                person = Participant(registration=firm, **row)
                session.add(person)
                session.flush()
                self.ids.append(firm.id)
                self.people.append(person.id)
            self.team = sorted(session.scalars(sa.select(SlotStaff.member_id).distinct()))
        made.begin()
        with made.look() as session:
            self.before = snapshot(session.connection())

    def together(self, *acts: Act) -> None:
        ready = threading.Barrier(len(acts))
        failures: list[BaseException] = []

        def one(act: Act) -> None:
            ready.wait(30)
            try:
                with contextlib.suppress(RuleBroken, sa.exc.IntegrityError):
                    act()
            except Exception as failure:
                failures.append(failure)

        threads = [threading.Thread(target=one, args=[act]) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []

    def take(self, n: int, slot: int) -> None:
        given = {"now": NOW, "actor": f"registration:{n}", "post": POST}
        with self.stage.work() as session:
            held = bookings.hold(session, self.ids[n], self.slots[slot], **given)
            held_id = held.id
        with self.stage.work() as session:
            bookings.book(session, held_id, Details((self.people[n],)), **given)

    def give(self, n: int, slot: int) -> None:
        """By hand, in one step."""
        given = {"reason": "De bad", "now": NOW, "actor": self.actor, "post": POST}
        with self.stage.work() as session:
            bookings.assign(session, self.ids[n], self.slots[slot], **given)

    def ask(self, n: int) -> None:
        with self.stage.work() as session:
            meeting_requests.ask(
                session, self.ids[n], Asked((self.people[n],)), now=NOW, actor="x", post=POST
            )

    def withdraw_the_first(self) -> None:
        with self.stage.work() as session:
            first = sa.select(Booking.id).where(Booking.state == BookingState.BOOKED)
            booking_id = session.scalars(first.order_by(Booking.id).limit(1)).one()
            bookings.withdraw(session, booking_id, now=NOW, actor="x", post=POST)

    def staff(self, slot: int, asks: int, notes: int) -> None:
        team: dict[int, str] = {
            self.team[asks]: TableRole.ASKS,
            self.team[notes]: TableRole.NOTES,
        }
        with self.stage.work() as session:
            meeting_staffing.staff_slot(
                session, self.slots[slot], team, now=NOW, actor=self.actor, post=POST
            )

    def put_off(self, slot: int, times: int) -> None:
        """To a time that begins so many slots of a table after its first."""
        with self.stage.work() as session:
            row = session.get_one(Slot, self.slots[slot])
            old = slot_draft_of(row)
            begins = DAY + times * timedelta(minutes=40)
            draft = replace(old, span=Span(begins, begins + HALF), deviation="Byte")
            given = {"expected": old, "now": NOW, "actor": self.actor, "post": POST}
            save_slot(session, row.id, draft, **given)

    def swap_for(self, n: int, other: int) -> None:
        """Whoever comes for one supplier, for whoever comes for another."""
        given = {"now": NOW, "actor": "x", "post": POST}
        with self.stage.work() as session:
            comes = session.get_one(Participant, self.people[other])
            new = NewPerson(comes.name, comes.email, Wish(Mode.ON_SITE))
            participants.swap_person(session, self.people[n], new, **given)

    def merge(self, kept: int, gone: int) -> None:
        given = {"now": NOW, "actor": self.actor, "post": POST}
        with self.stage.work() as session:
            ids = [self.ids[kept], self.ids[gone]]
            seen = merging.plan([session.get_one(Registration, one) for one in ids])
            merging.merge(session, ids[0], ids[1:], seen.mark, **given)

    def convicted(self) -> set[str]:
        with self.stage.look() as session:
            transactions = read_ledger(session.connection(), self.before, since=self.stage.serial)
        found = judge(transactions, before=self.before, mails=[])
        return {one.rule for one in found if one.rule.startswith(("meeting", "lock"))}


@pytest.fixture
def convict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Convict:
    """`convict("meetings-kept")`: the rules that the judge finds broken with this fault."""

    def run(fault: str) -> set[str]:
        with stage(app) as made:
            all_six = Suppliers(made)
            faults.let_in(fault, monkeypatch.setattr)
            gives = [lambda: all_six.give(0, 0), lambda: all_six.give(1, 1)]
            takes = [(2, 2), (3, 2), (5, 2)]
            all_six.together(
                *gives, *(lambda n=n, slot=slot: all_six.take(n, slot) for n, slot in takes)
            )
            all_six.together(*(lambda n=n: all_six.ask(n) for n in (3, 4)))
            with contextlib.suppress(RuleBroken):
                all_six.withdraw_the_first()
            all_six.together(lambda: all_six.staff(1, 0, 1), lambda: all_six.staff(3, 0, 1))
            return all_six.convicted()

    return run


def test_the_judge_acquits_an_app_without_fault(convict: Convict) -> None:
    assert convict("") == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("fault", "rules"), [("", set()), ("team-anywhere", {"meeting-team"})])
def test_another_time_puts_nobody_in_two_places(
    app: Flask, monkeypatch: pytest.MonkeyPatch, fault: str, rules: set[str]
) -> None:
    with stage(app) as made:
        organiser = Suppliers(made)
        organiser.put_off(3, 9)
        organiser.staff(3, 0, 1)
        assert organiser.convicted() == set()
        faults.let_in(fault, monkeypatch.setattr)
        with contextlib.suppress(TwoPlaces):
            organiser.put_off(3, 1)
        assert organiser.convicted() == rules


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("fault", "rules"), [("", set()), ("swaps-anyhow", {"meeting-people"})])
def test_a_swap_puts_nobody_in_two_meetings(
    app: Flask, monkeypatch: pytest.MonkeyPatch, fault: str, rules: set[str]
) -> None:
    with stage(app) as made:
        both = Suppliers(made)
        both.give(2, 0)
        both.give(3, 2)
        faults.let_in(fault, monkeypatch.setattr)
        with contextlib.suppress(WrongPeople):
            both.swap_for(2, 3)
        assert both.convicted() == rules


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("fault", "rules"), [("", set()), ("merges-forget", {"meeting-merged"})])
def test_a_merge_takes_the_meetings_along(
    app: Flask, monkeypatch: pytest.MonkeyPatch, fault: str, rules: set[str]
) -> None:
    with stage(app) as made:
        firm = Suppliers(made)
        firm.give(0, 0)
        faults.let_in(fault, monkeypatch.setattr)
        firm.merge(1, 0)
        assert firm.convicted() == rules


def test_without_the_lock_a_firm_has_more_than_it_may(convict: Convict, app: Flask) -> None:
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    found = convict("meetings-unlocked")
    assert "lock" in found
    assert ("meeting-limit" in found) is not is_sqlite


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "rules"),
    [
        ("meetings-unordered", {"meeting-order"}),
        ("meetings-kept", {"meeting-handed-on"}),
        ("meetings-untold", {"meeting-entry"}),
        ("team-anywhere", {"meeting-team"}),
        ("meetings-anyhow", {"meeting-limit", "meeting-people"}),
    ],
)
def test_each_fault_breaks_its_promise(convict: Convict, fault: str, rules: set[str]) -> None:
    assert rules <= convict(fault)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_its_index_a_slot_is_taken_twice(convict: Convict, app: Flask) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX uq_booking_live_slot")
    assert "meeting-slot" in convict("meetings-anyhow")
