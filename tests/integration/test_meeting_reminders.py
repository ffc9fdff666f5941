"""Reminders leave once, on a working day, to those whom they concern."""

from datetime import timedelta

import pytest

from dialognav.actions import meeting_reminders
from dialognav.domain.errors import NotAllowedNow
from dialognav.models import Booking, Event, MeetingRules
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.mailed import POST, post_mail
from tests.meeting_factories import DAY, make_booking, make_request, make_rules, make_slots

__all__ = ["post_mail"]
BEFORE = DAY - timedelta(days=1)  # 9 o'clock of the working day before


def firm(session, event, name):
    registration = make_registration(
        session, event, party_name=name, contact_email=f"{name}@firm.example", language="en"
    )
    registration.created_at = NOW - timedelta(days=30)
    make_participant(session, registration, email=f"{name}@firm.example")
    session.refresh(registration)
    return registration


@pytest.fixture
def ids(work):
    with work() as session:
        event = make_event(session)
        make_rules(session, event)
        slots = make_slots(session, event)
        booking = make_booking(session, slots[0], firm(session, event, "early"))
        late = make_booking(session, slots[1], firm(session, event, "late"))
        late.booked_at = BEFORE + timedelta(minutes=1)
        firm(session, event, "none")
        make_request(session, firm(session, event, "waits"))
        return {"event": event.id, "booking": booking.id}


@pytest.fixture
def run(work, ids):
    def at(now):
        with work() as session:
            found = meeting_reminders.events_to_remind(session, now=now)
            for event_id in found:
                meeting_reminders.remind(session, event_id, now=now, post=POST)
            return found

    return at


def readers(mails):
    return sorted(str(one["To"]).split("<")[-1].split("@")[0] for one in mails)


def test_who_knew_before_is_reminded_once(run, post_mail, ids, look, clock):
    clock.move_to(BEFORE + timedelta(minutes=5))
    with look() as session:
        writes = session.get_one(Event, ids["event"]).write_count
    assert run(BEFORE - timedelta(minutes=1)) == []
    with look() as session:
        assert session.get_one(Event, ids["event"]).write_count == writes, "nothing is locked"
    assert run(BEFORE + timedelta(minutes=2)) == [ids["event"]]
    mails = post_mail()
    assert readers(mails) == ["early"]
    assert "Soon" in mails[0]["Subject"]
    assert "text/calendar" not in mails[0].as_string()
    assert run(BEFORE + timedelta(minutes=3)) == []


def test_who_was_reminded_of_a_time_that_is_no_more_is_reminded_of_the_new_one(run, work, ids):
    assert run(BEFORE + timedelta(minutes=2)) == [ids["event"]]
    with work() as session:
        slot = session.get_one(Booking, ids["booking"]).slot
        slot.starts_at += timedelta(days=1, hours=5)
        slot.ends_at += timedelta(days=1, hours=5)
    assert run(BEFORE + timedelta(hours=3)) == []
    assert run(BEFORE + timedelta(days=1, minutes=1)) == [ids["event"]]
    assert run(BEFORE + timedelta(days=1, minutes=2)) == []


def test_an_event_that_is_off_reminds_nobody(run, work, ids):
    with work() as session:
        session.get_one(Event, ids["event"]).state = "cancelled"
    assert run(BEFORE + timedelta(minutes=2)) == []


def test_each_who_has_not_asked_hears_of_the_last_instant_once(
    run, work, ids, post_mail, look, clock
):
    def closes_in(days):
        with work() as session:
            session.get_one(MeetingRules, ids["event"]).closes_at = NOW + timedelta(days=days)

    with work() as session:  # by hand long before
        long_ago = NOW - timedelta(days=20)
        session.get_one(MeetingRules, ids["event"]).opens_at = long_ago
        session.get_one(MeetingRules, ids["event"]).published_at = long_ago
        meeting_reminders.nudge(session, ids["event"], now=long_ago, actor="user:1", post=POST)
    post_mail()
    closes_in(2)
    assert run(NOW - timedelta(hours=2)) == []
    assert run(NOW) == [ids["event"]]
    assert readers(post_mail()) == ["none"]
    assert run(NOW + timedelta(minutes=1)) == []
    with look() as session:
        assert session.get_one(MeetingRules, ids["event"]).nudged_at == NOW
    with work() as session:
        event = session.get_one(Event, ids["event"])
        firm(session, event, "new").created_at = NOW + timedelta(minutes=5)
    assert run(NOW + timedelta(hours=1)) == [], "has just registered"
    assert run(NOW + timedelta(hours=2)) == [ids["event"]]
    clock.move_to(NOW + timedelta(hours=2))
    assert readers(post_mail()) == ["new"]
    closes_in(3)
    assert run(NOW + timedelta(hours=3)) == []
    assert run(NOW + timedelta(days=1, minutes=1)) == [ids["event"]]
    clock.move_to(NOW + timedelta(days=1, minutes=1))
    assert readers(post_mail()) == ["new", "none"]


def test_staff_may_ask_them_any_time_that_it_is_open(work, ids, post_mail, run):
    with work() as session:
        how = {"now": NOW, "actor": "user:1", "post": POST}
        assert meeting_reminders.nudge(session, ids["event"], **how) == 1
    assert readers(post_mail()) == ["none"]
    with work() as session:
        session.get_one(MeetingRules, ids["event"]).closes_at = NOW
        with pytest.raises(NotAllowedNow):
            meeting_reminders.nudge(session, ids["event"], **how)
        assert session.get_one(Booking, ids["booking"]).reminded_at is None
