"""The rest of the one-to-one meetings called off in one step: of all days, or of one."""

import re
from datetime import timedelta

import pytest

from dialognav.actions.meeting_reminders import events_to_remind
from dialognav.domain.bookings import Stop
from dialognav.models import (
    AuditEntry,
    Booking,
    Event,
    Letter,
    MeetingRequest,
    MeetingRules,
    Organisation,
    Slot,
)
from dialognav.queries.bookings import stops_of_asking
from dialognav.queries.fairness import rule_changes
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import open_form, problems_of
from tests.meeting_factories import DAY, make_booking, make_request, make_rules, make_slots

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def planner(sign_in):
    return sign_in("planner", language="en")


@pytest.fixture
def path(work, planner):
    """The event is over. The first day: one booked, one offered, one free; the next: one booked,
    one held; one waits, and one meeting has been held."""
    with work() as session:
        organisation = session.get_one(Organisation, planner.organisation_id)
        event = make_event(session, organisation, starts_at=NOW - timedelta(days=3))
        make_rules(session, event)
        first = make_slots(session, event)
        table = first[0].table
        second = make_slots(session, event, table, number=2, starts_at=NEXT)
        [past] = make_slots(session, event, table, number=1, starts_at=NOW - timedelta(hours=2))
        offer = {"state": "offered", "booked_at": None, "offered_at": NOW, "until": NEXT}
        held = {"state": "held", "booked_at": None, "until": NOW + timedelta(minutes=9)}
        for name, slot, given in (
            ("Bokad", first[0], {}),
            ("Erbjuden", first[1], offer),
            ("Senare", second[0], {}),
            ("Fyller i", second[1], held),
            ("Har mötts", past, {"state": "attended"}),
            ("Väntar", None, {}),
        ):
            supplier = make_registration(session, event, party_name=f"{name} AB")
            make_participant(session, supplier)
            session.refresh(supplier)
            if slot is not None:
                make_booking(session, slot, supplier, **given)
            if slot in (None, first[1]):
                make_request(session, supplier, state="waiting" if slot is None else "offered")
        return f"/manage/events/{event.public_id}/meetings"


def outcome(look):
    with look() as session:
        bookings = session.query(Booking).order_by(Booking.id)
        requests = session.query(MeetingRequest).order_by(MeetingRequest.id)
        slots = session.query(Slot).order_by(Slot.id)
        return (
            [one.state for one in bookings],
            [one.state for one in requests],
            [one.state for one in slots],
        )


def told(look):
    """[(kind, to whom)] of letters that wait."""
    with look() as session:
        return sorted((row.kind, row.recipient) for row in session.query(Letter))


def press(planner, path, day="all", reason="Projektet pausas."):
    form = open_form(planner.client, f"{path}/call-off?day={day}", "reason")
    form["reason"] = reason
    return form


def test_all_that_is_left_ends_at_once_and_everybody_is_told_once(planner, path, look, work):
    page = planner.client.get(f"{path}/call-off").text
    for said in ("Bokad AB", "Erbjuden AB", "Senare AB", "Väntar AB"):
        assert said in page
    assert "Har mötts" not in page
    assert "Call off all 2 meetings that are left, and tell everybody" in page
    answer = press(planner, path).send()
    assert answer.status_code == 303
    assert "The meetings are called off" in planner.client.get(answer.headers["Location"]).text
    bookings, requests, slots = outcome(look)
    assert bookings == ["cancelled", "cancelled", "cancelled", "lapsed", "attended"]
    assert requests == ["withdrawn", "withdrawn"]
    assert slots == ["blocked"] * 5 + ["open"]
    letters = told(look)
    assert [kind for kind, _to in letters].count("meeting_stopped") == 1
    assert {kind for kind, _to in letters} == {"meeting_cancelled", "meeting_stopped"}
    assert (
        len(letters) == len(set(letters)) == 4
    )  # each supplier but the one that was filling in, and who was met
    with look() as session:
        facts = session.query(AuditEntry).filter_by(verb="meeting.called_off").one().facts
        assert (facts["day"], len(facts["slots"]), len(facts["bookings"])) == (None, 5, 4)
        event = session.query(Event).one()
        assert [why for _entry, why in rule_changes(session, event)] == ["Projektet pausas."]
        waits = session.query(MeetingRequest).order_by(MeetingRequest.id.desc()).first()
        stops = stops_of_asking(session, event, waits.registration_id, now=NOW)
        assert Stop.CLOSED in stops
        closing = session.query(MeetingRules).one().closes_at - timedelta(hours=1)
        assert events_to_remind(session, now=closing) == [], "there is nothing to choose"
    assert "Nothing is left to call off" in planner.client.get(f"{path}/call-off").text
    with work() as session:
        session.query(Slot).update({"state": "blocked"})
    plan = planner.client.get(f"{path}/plan").text
    for page in (path, path.replace("/meetings", "/minutes")):
        assert f'href="{page}"' in plan, "it is still found"


def test_of_one_day_the_others_stand_and_whose_offer_ends_waits_on(planner, path, look):
    day = DAY.date().isoformat()
    page = planner.client.get(f"{path}/call-off?day={day}").text
    assert "Bokad AB" in page
    assert "Senare AB" not in page
    assert "Call off 1 meeting on Wed 24 Feb 2027, and tell everybody" in page
    assert press(planner, path, day).send().status_code == 303
    bookings, requests, slots = outcome(look)
    assert bookings == ["cancelled", "cancelled", "booked", "held", "attended"]
    assert requests == ["waiting", "waiting"]
    assert slots == ["blocked"] * 3 + ["open"] * 3
    assert {kind for kind, _to in told(look)} == {"meeting_cancelled"}
    page = planner.client.get(f"{path}/call-off?day={day}").text
    assert "Nothing is left to call off" in page
    assert re.search(rf'href="[^"]*day={day}" aria-current="page"', page), "said of that day alone"


def test_nothing_is_done_without_a_reason_or_when_something_came_between(planner, path, look, work):
    before = outcome(look)
    assert problems_of(press(planner, path, reason=" ").send()) == [
        "Write why: everybody who is told reads it"
    ]
    form = press(planner, path)
    with work() as session:
        booked = session.query(Booking).filter_by(state="booked").first()
        booked.state = "withdrawn"
    answer = form.send()
    assert answer.status_code == 409
    assert "Projektet pausas." in answer.text
    assert "Something has changed since this page was made" in answer.text
    assert outcome(look)[1:] == before[1:]
    assert planner.client.get(f"{path}/call-off?day=imorgon").status_code == 404


def test_who_has_another_meeting_or_was_only_filling_in_keeps_its_request(
    planner, path, look, work
):
    with work() as session:
        booked, _offered, later, hold, _met = session.query(Booking).order_by(Booking.id)
        hold.state = "lapsed"
        for each in (booked, later):
            make_request(session, each.registration, state="served")
        make_booking(session, hold.slot, booked.registration)
        free = session.query(Slot).order_by(Slot.id)[2]
        until = NOW + timedelta(minutes=9)
        make_booking(session, free, later.registration, state="held", booked_at=None, until=until)
    for day, kept in ((DAY, "served"), (NEXT, "withdrawn")):
        assert press(planner, path, day.date().isoformat()).send().status_code == 303
        assert outcome(look)[1] == ["waiting", "waiting", kept, kept]


def test_an_offer_that_ran_out_a_moment_ago_is_in_nobodys_way(planner, path, look, work):
    with work() as session:
        session.query(Booking).filter_by(state="offered").one().until = NOW - timedelta(minutes=1)
    assert press(planner, path, DAY.date().isoformat()).send().status_code == 303
    assert outcome(look)[0][:2] == ["cancelled", "cancelled"]
