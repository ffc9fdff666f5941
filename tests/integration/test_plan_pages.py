"""The pages of what an event sends by itself."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions.events import copy_event
from dialognav.actions.plan_runs import run_due_plans
from dialognav.actions.plans import add_standard_plans
from dialognav.domain.terms import PlanKind
from dialognav.mail.post import Post
from dialognav.models import AuditEntry, Event, MessagePlan, Organisation, User
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_participant
from tests.factories import make_registration as register
from tests.integration.staff import token_of

ONLINE = {"format": "hybrid", "online_url": "https://m.example/1", "phase": "pre_study"}
A_COPY = {
    "title": "Nästa",
    "starts_at": STARTS + timedelta(days=30),
    "ends_at": STARTS + timedelta(days=30, hours=3),
    "closes_at": None,
    "now": NOW,
    "actor": "user:1",
}
POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)


@pytest.fixture
def planned(work, staff):
    """(event's address, {kind and days: public id}) of a hybrid event with the usual."""
    with work() as session:
        session.get_one(User, staff.user_id).language = "en"
        organisation = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, organisation, **ONLINE)
        add_standard_plans(session, event, now=NOW)
        for language in ("sv", "en"):
            registration = register(session, event, language=language)
            make_participant(session, registration, mode="online")
        session.flush()
        plans = session.scalars(sa.select(MessagePlan)).all()
        ids = {f"{plan.kind} {plan.days}": plan.public_id for plan in plans}
        return event.id, f"/manage/events/{event.public_id}/plans", ids


def form_of(client, path: str) -> dict[str, str]:
    """Every field of the editor as the page shows it."""
    page = client.get(path).get_data(as_text=True)
    found = dict(re.findall(r'<input[^>]*name="([a-z_]+)"[^>]*value="([^"]*)"', page))
    areas = re.findall(r'<textarea[^>]*name="([a-z_]+)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    return found | dict(areas)


def test_the_page_says_when_each_is_sent(staff, planned):
    _id, path, _ids = planned
    page = staff.client.get(path).get_data(as_text=True)
    for said in ("7 days before", "1 day before", "the same day", "1 day after", "14 days after"):
        assert said in page
    assert "Wed 3 Feb, 09:00" in page
    assert "Wed 10 Feb, 07:30" in page
    assert page.count(">Planned<") == 4
    assert "Off" in page


def test_what_has_gone_out_is_named_with_its_message(staff, planned, work):
    event_id, path, _ids = planned
    with work() as session:
        event = session.get_one(Event, event_id)
        day = event.occasions[0]
        day.starts_at = event.starts_at = NOW + timedelta(hours=23)
        day.ends_at = event.ends_at = NOW + timedelta(hours=25)
    with work() as session:
        [message] = run_due_plans(session, event_id, now=NOW, post=POST)
        address = f"/manage/messages/{message.public_id}"
    page = staff.client.get(path).get_data(as_text=True)
    assert f'href="{address}"' in page
    assert "Not sent: too late" in page  # the one of seven days
    assert staff.client.get(address).status_code == 200


def test_the_switch_to_procurement_says_what_it_stops(staff, planned):
    _id, path, _ids = planned
    page = staff.client.get(path.removesuffix("/plans")).get_data(as_text=True)
    assert "4 messages that would go by themselves are not sent." in page


def test_own_words_are_kept_and_the_standard_comes_back(staff, planned, look):
    _id, path, ids = planned
    one = f"{path}/{ids['reminder -1']}"
    form = form_of(staff.client, one)
    assert "{name}" in form["body_en"]
    assert "{namn}" in form["body_sv"]
    changed = form | {"body_sv": "Välkommen i morgon, {namn}!", "is_on": "1"}
    assert staff.post(one, changed).status_code == 303
    with look() as session:
        plan = session.scalars(
            sa.select(MessagePlan).where(MessagePlan.public_id == ids["reminder -1"])
        ).one()
        assert plan.body == {"sv": "Välkommen i morgon, {namn}!"}
        assert plan.subject == {}
        verbs = session.scalars(sa.select(AuditEntry.verb)).all()
        assert verbs.count("plan.saved") == 1
    again = form_of(staff.client, one) | {"body_sv": "", "is_on": "1"}
    staff.post(one, again)
    with look() as session:
        plan = session.scalars(
            sa.select(MessagePlan).where(MessagePlan.public_id == ids["reminder -1"])
        ).one()
        assert plan.body == {}


def test_another_day_takes_the_standard_words_along(staff, planned, look):
    _id, path, ids = planned
    one = f"{path}/{ids['reminder -7']}"
    form = form_of(staff.client, one) | {"days": "5", "at_wall": "08.15", "is_on": "1"}
    assert staff.post(one, form).status_code == 303
    with look() as session:
        plan = session.scalars(
            sa.select(MessagePlan).where(MessagePlan.public_id == ids["reminder -7"])
        ).one()
        assert (plan.days, plan.at_wall, plan.subject, plan.body) == (-5, "08:15", {}, {})


WRONG = [
    ({"days": "61"}, "Enter a number of days from 0 to 60"),
    ({"days": "-3"}, "Enter a number of days from 0 to 60"),
    ({"days": "1e9"}, "Enter a number of days from 0 to 60"),
    ({"at_wall": ""}, "Enter a time of day, like 09:00"),
    ({"at_wall": "25:00"}, "Enter a time of day, like 09:00"),
    ({"body_sv": "Hej {nanm}!"}, "stands for nothing"),
    ({"subject_en": "{link}"}, "cannot stand in a subject"),
    ({"days": "1"}, "There is one like this for that day already"),
]


def test_what_cannot_be_is_said_and_nothing_typed_is_lost(staff, planned):
    _id, path, ids = planned
    one = f"{path}/{ids['reminder -7']}"
    form = form_of(staff.client, one) | {"body_nb": "Mine egne ord"}
    for typed, sentence in WRONG:
        answer = staff.post(one, form | typed)
        assert answer.status_code == 422, typed
        page = answer.get_data(as_text=True)
        assert sentence in page
        assert "Mine egne ord" in page


def test_an_evaluation_is_a_web_address(staff, planned, look):
    _id, path, ids = planned
    one = f"{path}/{ids['thanks 1']}"
    form = form_of(staff.client, one) | {"evaluation_url": "javascript:alert(1)"}
    assert staff.post(one, form).status_code == 422
    form["evaluation_url"] = "https://enkat.example/(7)"
    page = staff.post(one, form | {"then": "update"}).get_data(as_text=True)
    assert 'href="https://enkat.example/(7)"' in page
    assert staff.post(one, form).status_code == 303
    with look() as session:
        plan = session.scalars(
            sa.select(MessagePlan).where(MessagePlan.kind == PlanKind.THANKS)
        ).one()
        assert plan.evaluation_url == "https://enkat.example/(7)"


def test_the_preview_saves_nothing_and_speaks_to_each(staff, planned, look):
    _id, path, ids = planned
    one = f"{path}/{ids['link 0']}"
    form = form_of(staff.client, one) | {"body_sv": "Hej då {namn} <b>", "then": "next"}
    page = staff.post(one, form).get_data(as_text=True)
    assert "2 of 2" in page
    with look() as session:
        assert session.scalar(sa.select(sa.func.max(MessagePlan.revision))) == 0


def test_two_write_at_once_and_nothing_is_lost(staff, planned):
    _id, path, ids = planned
    one = f"{path}/{ids['reminder -1']}"
    first = form_of(staff.client, one)
    assert staff.post(one, first | {"body_sv": "Först", "is_on": "1"}).status_code == 303
    answer = staff.post(one, first | {"body_sv": "Sedan", "is_on": "1"})
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Först" in page
    assert "Sedan" in page
    form = form_of(staff.client, one)
    assert form["body_sv"] == "Först"


def test_switched_off_added_and_taken_away(staff, planned, look):
    _id, path, ids = planned
    assert staff.post(f"{path}/{ids['link 0']}/switch", {"on": "0"}).status_code == 303
    form = form_of(staff.client, f"{path}/new?kind=reminder") | {"days": "3", "is_on": "1"}
    assert staff.post(f"{path}/new", form).status_code == 303
    assert staff.post(f"{path}/{ids['next 14']}/remove", {}).status_code == 303
    with look() as session:
        plans = session.scalars(sa.select(MessagePlan).order_by(MessagePlan.id)).all()
        assert [(plan.kind, plan.days, plan.is_on) for plan in plans] == [
            ("reminder", -7, True),
            ("reminder", -1, True),
            ("link", 0, False),
            ("thanks", 1, True),
            ("reminder", -3, True),
        ]


def test_own_words_are_another_persons_to_switch_on(staff, sign_in, planned, work, look):
    event_id, path, ids = planned
    with work() as session:
        session.get_one(Organisation, staff.organisation_id).message_approval = True

    def stored() -> tuple[bool, list[int]]:
        with look() as session:
            mine = sa.select(MessagePlan).where(MessagePlan.public_id == ids["reminder -1"])
            plan = session.scalars(mine).one()
            return plan.is_on, plan.writer_ids

    def switch(who, on: str, seen: str = "1") -> str:
        answer = who.post(f"{one}/switch", {"on": on, "seen": seen})
        return answer.location.rpartition("=")[2] if answer.location else str(answer.status_code)

    one = f"{path}/{ids['reminder -1']}"
    form = form_of(staff.client, one) | {"is_on": "1"}
    assert staff.post(one, form | {"at_wall": "08:00"}).location.endswith("done=saved")
    assert stored() == (True, [])  # the standard words are anybody's
    form = form_of(staff.client, one) | {"is_on": "1", "body_sv": "Oläst, {namn}"}
    assert staff.post(one, form).location.endswith("done=waits")
    assert stored() == (False, [staff.user_id])
    assert switch(staff, "1", "2") == "second"
    with work() as session:
        copy = copy_event(session, event_id, **A_COPY)
        session.flush()
        copied = session.scalars(sa.select(MessagePlan).where(MessagePlan.event_id == copy.id))
        assert [staff.user_id] in [plan.writer_ids for plan in copied if not plan.is_on]
    approver = sign_in("approver", organisation_id=staff.organisation_id)
    assert "Oläst, {namn}" in approver.client.get(path).get_data(as_text=True)
    assert switch(approver, "1", "1") == "changed"
    assert switch(approver, "1", "2") == "on"
    assert stored() == (True, [])
    assert switch(approver, "0") == "404"  # who does not write switches nothing off
    assert [switch(staff, on) for on in "01"] == ["off", "on"]


def test_what_has_been_sent_stays(staff, planned, work, look):
    event_id, path, ids = planned
    with work() as session:
        run_due_plans(session, event_id, now=STARTS - timedelta(days=1), post=POST)
    answer = staff.post(f"{path}/{ids['reminder -1']}/remove", {})
    assert answer.location.endswith("done=sent_once")
    with look() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(MessagePlan)) == 5


def test_an_event_without_any_is_offered_the_usual(staff, work):
    with work() as session:
        session.get_one(User, staff.user_id).language = "en"
        organisation = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, organisation)
        path = f"/manage/events/{event.public_id}/plans"
    assert "Add the usual" in staff.client.get(path).get_data(as_text=True)
    for _twice in range(2):
        assert staff.post(f"{path}/usual", {}).status_code == 303
    page = staff.client.get(path).get_data(as_text=True)
    assert page.count("Reminder, ") >= 2
    assert "The digital link, " not in page  # everybody meets in a room


def test_a_button_without_a_token_does_nothing(staff, planned):
    _id, path, ids = planned
    assert token_of(staff.client.get(path))
    answer = staff.client.post(f"{path}/{ids['link 0']}/switch", data={"on": "0"})
    assert answer.status_code == 400
