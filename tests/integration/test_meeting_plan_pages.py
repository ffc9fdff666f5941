"""The pages on which one-to-one meetings are planned, from nothing to published."""

from datetime import timedelta

import pytest

from dialognav.models import (
    Event,
    InterestConflict,
    MeetingBreak,
    MeetingRules,
    MeetingTable,
    Organisation,
    Slot,
    TeamMember,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user
from tests.integration.forms import form_of, open_form, problems_of
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_member,
    make_rules,
    make_slots,
    make_table,
)


@pytest.fixture
def planner(sign_in):
    return sign_in("planner", language="en")


@pytest.fixture
def own(work, planner):
    """`own(make)`: an event of the planner's; `make(session, event)` adds to it. Its address."""

    def begin(make=None, **given):
        with work() as session:
            organisation = session.get_one(Organisation, planner.organisation_id)
            event = make_event(session, organisation, **given)
            if make:
                make(session, event)
            return f"/manage/events/{event.public_id}/meetings/plan"

    return begin


def page_of(planner, path):
    answer = planner.client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def filled(planner, path, typed, marker):
    form = open_form(planner.client, path, marker)
    for name, value in typed.items():
        form[name] = value
    return form


def with_rules(session, event):
    make_rules(session, event, published_at=None, opens_at=NOW + timedelta(days=1))


def with_table(session, event, **given):
    with_rules(session, event)
    return make_table(session, event, **given)


def with_slots(session, event):
    make_slots(session, event, with_table(session, event), published_at=None)


def test_from_nothing_to_published(planner, own, look, work):
    plan = own()
    assert "No one-to-one meetings yet" in page_of(planner, plan)
    typed = {
        "opens_date": "2027-01-20",
        "opens_time": "",
        "closes_date": "2027-02-20",
        "slot_minutes": "30",
        "gap_minutes": "10",
        "languages": "sv",
    }
    answer = filled(planner, f"{plan}/rules", typed, "version").send()
    assert answer.status_code == 303, problems_of(answer)
    with look() as session:
        rules = session.query(MeetingRules).one()
        assert rules.text["sv"]
        assert (rules.slot_minutes, rules.gap_minutes, rules.most_people) == (30, 10, 3)
        assert rules.opens_at.isoformat() == "2027-01-20T08:00:00+00:00"
        assert rules.closes_at.isoformat() == "2027-02-20T22:59:00+00:00"
    outside = {"name": "Omar Haddad", "email": "Omar@vard.example", "is_cleared": "y"}
    assert filled(planner, f"{plan}/team/new", outside, "email").send().status_code == 303
    me = {"user": str(planner.user_id)}
    assert filled(planner, f"{plan}/team/new", me, "email").send().status_code == 303
    with look() as session:
        ids = {member.email: member.id for member in session.query(TeamMember)}
        asks, notes = ids["omar@vard.example"], ids[planner.email]
    table = {"name_sv": "Bord A", "room_sv": "Älgen", f"role_{asks}": "asks"}
    table[f"role_{notes}"] = "notes"
    answer = filled(planner, f"{plan}/tables/new", table, "name_sv").send()
    assert answer.status_code == 303, problems_of(answer)
    cut = {
        "days-0-day": "2027-02-24",
        "days-0-to_time": "12:00",
        "breaks-0-from_time": "09:30",
        "breaks-0-to_time": "10:00",
    }
    answer = filled(planner, f"{plan}/times/new", cut, "days-0-day").send()
    said = answer.get_data(as_text=True)
    assert "4 times to add" in said
    assert "09:00–09:30, 10:00–10:30, 10:40–11:10, 11:20–11:50" in said
    form = form_of(planner.client, answer, "seen")
    form["then"] = "save"
    assert form.send().status_code == 303
    said = page_of(planner, plan)
    assert "has not declared" in said
    assert said.count(">Not public<") == 4
    answer = planner.post(f"{plan}/publish")
    assert answer.status_code == 303, problems_of(answer)
    with look() as session:
        assert {slot.published_at for slot in session.query(Slot)} == {NOW}
        assert session.query(MeetingRules).one().published_at == NOW
        assert session.query(MeetingBreak).one().title["nb"]
    assert page_of(planner, plan).count(">Opens later<") == 4
