"""One-to-one meetings, straight on the actions: hold, book, move, give up, and who is next."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import bookings, meeting_offers, meeting_requests
from dialognav.actions.bookings import Details
from dialognav.actions.meeting_requests import Asked
from dialognav.domain.bookings import EXTENSIONS, HOLD, Stop
from dialognav.domain.errors import (
    CannotMeet,
    HoldOver,
    NotAllowedNow,
    NotFound,
    OfferOver,
    ReasonNeeded,
    TooLate,
    WishesCannotBe,
    WrongPeople,
)
from dialognav.domain.meeting_terms import BookingState, HandOut, RequestState
from dialognav.domain.terms import Review
from dialognav.models import (
    AuditEntry,
    Booking,
    Event,
    InterestConflict,
    MeetingRequest,
    Registration,
    Slot,
    TeamMember,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.test_register_actions import POST
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_member,
    make_request,
    make_rules,
    make_slots,
    make_table,
)

DO: dict[str, Any] = {"now": NOW, "actor": "registration:abc", "post": POST}
STAFF = DO | {"actor": "user:1"}


def later(**given: Any) -> dict[str, Any]:
    return DO | {"now": NOW + timedelta(**given)}


class Day:
    """A morning with three slots at one table, and suppliers who may have one."""

    def __init__(self, session: Session, **rules: Any) -> None:
        self.session = session
        self.event = make_event(session)
        make_rules(session, self.event, **rules)
        self.table = make_table(session, self.event)
        self.slots = make_slots(session, self.event, self.table)

    def supplier(self, people: int = 1, **given: Any) -> Registration:
        registration = make_registration(self.session, self.event, **given)
        for _ in range(people):
            make_participant(self.session, registration)
        self.session.refresh(registration)
        return registration

    def booked(self, slot: int = 0, **given: Any) -> Booking:
        return make_booking(self.session, self.slots[slot], self.supplier(), **given)


@contextmanager
def stopped(*stops: Stop) -> Iterator[None]:
    with pytest.raises(CannotMeet) as broken:
        yield
    assert broken.value.stops == stops


def details(registration: Registration, **given: Any) -> Details:
    return Details(tuple(one.id for one in registration.participants), **given)


def asked(registration: Registration, **given: Any) -> Asked:
    return Asked(tuple(one.id for one in registration.participants), **given)


def queue(session: Session) -> list[tuple[str, int | None]]:
    session.flush()
    query = sa.select(MeetingRequest.state, MeetingRequest.queue_number)
    return [(state, n) for state, n in session.execute(query.order_by(MeetingRequest.id))]


def test_a_slot_is_held_and_booked(app, work):
    with work() as session:
        day = Day(session)
        karin = day.supplier()
        held = bookings.hold(session, karin.id, day.slots[0].id, **DO)
        assert (held.state, held.until) == (BookingState.HELD, NOW + HOLD)
        with stopped(Stop.TAKEN):
            bookings.hold(session, day.supplier().id, day.slots[0].id, **DO)
        booked = bookings.book(
            session, held.id, details(karin, topics="Drift", secret_marks="pris"), **DO
        )
        assert (booked.state, booked.topics, len(booked.people)) == ("booked", "Drift", 1)
        with pytest.raises(HoldOver):
            bookings.book(session, held.id, details(karin), **DO)
        with stopped(Stop.LIMIT):
            bookings.hold(session, karin.id, day.slots[1].id, **DO)
    with work() as session:
        verbs = session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.number)).all()
        assert verbs == ["meeting.held", "meeting.booked"]


def test_a_hold_runs_out_and_may_be_extended_only_so_often(app, work):
    with work() as session:
        day = Day(session)
        karin, per = day.supplier(), day.supplier()
        held = bookings.hold(session, karin.id, day.slots[0].id, **DO)
        at = NOW
        for _ in range(EXTENSIONS):
            at += timedelta(minutes=9)
            bookings.extend_hold(session, held.id, now=at, actor="x")
        with pytest.raises(HoldOver):
            bookings.extend_hold(session, held.id, now=at, actor="x")
        assert held.until == at + HOLD
        with pytest.raises(HoldOver):
            bookings.book(session, held.id, details(karin), **DO | {"now": at + HOLD})
        theirs = bookings.hold(session, per.id, day.slots[0].id, **DO | {"now": at + HOLD})
        session.refresh(held)
        assert (held.state, theirs.state) == (BookingState.LAPSED, BookingState.HELD)


def test_a_supplier_holds_one_slot_at_a_time(app, work):
    with work() as session:
        day = Day(session)
        karin = day.supplier()
        first = bookings.hold(session, karin.id, day.slots[0].id, **DO)
        second = bookings.hold(session, karin.id, day.slots[1].id, **DO)
        again = bookings.hold(session, karin.id, day.slots[1].id, **DO)
        assert [first.state, second.state, again.state] == ["lapsed", "lapsed", "held"]
        bookings.release(session, again.id, **DO)
        bookings.hold(session, day.supplier().id, day.slots[1].id, **DO)


def _not_open(day):
    day.rules.opens_at = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("rules", "slot", "stops"),
    [
        ({"published_at": None}, {}, [Stop.NO_MEETINGS]),
        ({"opens_at": NOW + timedelta(1)}, {}, [Stop.NOT_OPEN]),
        ({}, {"opens_at": NOW + timedelta(1)}, [Stop.NOT_OPEN]),
        ({"closes_at": NOW}, {}, [Stop.CLOSED]),
        ({"hand_out": HandOut.LOT}, {}, [Stop.NOT_BY_CHOICE]),
        ({}, {"published_at": None}, [Stop.UNPUBLISHED]),
        ({}, {"published_at": NOW + timedelta(1)}, [Stop.UNPUBLISHED]),
        ({}, {"state": "blocked"}, [Stop.BLOCKED]),
        ({}, {"state": "removed"}, [Stop.REMOVED]),
        ({}, {"starts_at": NOW}, [Stop.BEGUN]),
        ({}, {"staff": []}, [Stop.NOBODY_ASKS, Stop.NOBODY_NOTES]),
    ],
)
def test_what_stops_a_supplier(app, work, rules, slot, stops):
    with work() as session:
        day = Day(session, **rules)
        for name, value in slot.items():
            setattr(day.slots[0], name, value)
        with stopped(*stops):
            bookings.hold(session, day.supplier().id, day.slots[0].id, **DO)


@pytest.mark.parametrize(
    ("given", "seat"),
    [
        ({"withdrawn_at": NOW}, "confirmed"),
        ({"review": Review.PENDING}, "confirmed"),
        ({"review": Review.DECLINED}, "confirmed"),
        ({}, "waiting"),
        ({}, "pending"),
        ({}, "lapsed"),
    ],
)
def test_only_the_registered_and_confirmed_may(app, work, given, seat):
    with work() as session:
        day = Day(session)
        registration = make_registration(session, day.event, **given)
        more = {"queue_number": 1} if seat == "waiting" else {}
        make_participant(session, registration, state=seat, **more)
        with stopped(Stop.NOT_ADMITTED):
            bookings.hold(session, registration.id, day.slots[0].id, **DO)
        make_participant(session, registration)
        if not given:
            bookings.hold(session, registration.id, day.slots[0].id, **DO)
