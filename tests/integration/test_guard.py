"""The door of the workspace: who comes in, who does not, and that nobody else's things show."""

import re
from datetime import timedelta

import pytest

from dialognav.domain.errors import NotFound
from dialognav.models import Membership, StaffSession, User
from dialognav.queries import access
from tests.conftest import NOW
from tests.factories import (
    make_event,
    make_organisation,
    make_participant,
    make_registration,
    make_user,
)


def manage_paths(app):
    """Every page of the workspace that needs no id."""
    rules = [r for r in app.url_map.iter_rules() if r.endpoint.startswith("manage.")]
    return sorted({r.rule for r in rules if "GET" in r.methods and not r.arguments})


def test_no_page_of_the_workspace_opens_without_signing_in(app, client):
    assert manage_paths(app)
    for path in manage_paths(app):
        answer = client.get(path)
        assert answer.status_code == 303, path
        assert answer.location.startswith("/account/sign-in?next="), path


def test_every_rule_of_the_workspace_is_behind_the_guard(app, client):
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("manage."):
            continue
        whole = re.sub(r"<string\(length=12\):[^>]+>", "2" * 12, rule.rule)
        path = re.sub(r"<[^>]+>", "1", whole)
        for method in rule.methods & {"GET", "POST"}:
            answer = client.open(path, method=method)
            assert answer.status_code == 303, (method, path)
            assert answer.location.startswith("/account/sign-in"), (method, path)


def test_a_signed_in_page_is_kept_by_no_cache(staff_client):
    assert staff_client.get("/account/profile").headers["Cache-Control"] == "private, no-store"


def test_the_session_ends_twelve_hours_after_the_last_thing_done(staff, clock, look):
    clock.move_to(NOW + timedelta(hours=11))
    assert staff.client.get("/account/profile").status_code == 200  # reading prolongs nothing
    clock.move_to(NOW + timedelta(hours=12))
    assert staff.client.get("/account/profile").status_code == 303


def test_doing_something_prolongs_the_session_up_to_seven_days(staff, clock, look):
    for step in range(1, 17):
        clock.move_to(NOW + timedelta(hours=10 * step))
        staff.post("/account/profile", {"name": "Eva Exempel", "language": "en"})
    clock.move_to(NOW + timedelta(days=7, seconds=-1))
    assert staff.client.get("/account/profile").status_code == 200
    clock.move_to(NOW + timedelta(days=7))
    assert staff.client.get("/account/profile").status_code == 303


def test_reading_writes_nothing(staff, clock, look):
    clock.move_to(NOW + timedelta(hours=3))
    staff.client.get("/account/profile")
    with look() as session:
        assert session.query(StaffSession).one().seen_at == NOW


def test_deactivating_the_person_closes_the_door_at_once(staff, work):
    with work() as session:
        session.get_one(User, staff.user_id).is_active = False
    assert staff.client.get("/account/profile").status_code == 303


def test_without_a_membership_there_is_nothing_to_see(staff, work):
    with work() as session:
        session.query(Membership).one().state = "deactivated"
    answer = staff.client.get("/manage/")
    assert answer.status_code == 403
    assert staff.email in answer.text


@pytest.fixture
def two(work):
    """Ids of everything fetchable of one organisation, and memberships in two."""
    with work() as session:
        ours, theirs = make_organisation(session), make_organisation(session)
        make_user(session, ours)
        make_user(session, theirs)
        event = make_event(session, ours)
        registration = make_registration(session, event)
        participant = make_participant(session, registration)
        return {
            "event": event.public_id,
            "registration": registration.public_id,
            "participant": participant.public_id,
        }


def members(session):
    return session.query(Membership).order_by(Membership.id).all()


@pytest.mark.parametrize("thing", ["event", "registration", "participant"])
def test_each_fetcher_knows_its_own_organisation_only(look, two, thing):
    fetch = getattr(access, f"access_{thing}")
    with look() as session:
        ours, theirs = members(session)
        assert fetch(session, ours, two[thing], "read").public_id == two[thing]
        with pytest.raises(NotFound):
            fetch(session, theirs, two[thing], "read")
        with pytest.raises(NotFound):
            fetch(session, ours, "aaaaaaaaaaaa", "read")


@pytest.mark.parametrize("thing", ["event", "registration", "participant"])
def test_each_fetcher_asks_the_role(work, look, two, thing):
    with work() as session:
        members(session)[0].role = "reader"
    with look() as session, pytest.raises(NotFound):
        getattr(access, f"access_{thing}")(
            session, members(session)[0], two[thing], "registrations"
        )


def test_a_member_of_another_organisation_is_not_found(look, two):
    with look() as session:
        ours, theirs = members(session)
        assert access.access_member(session, ours, ours.id) is ours
        with pytest.raises(NotFound):
            access.access_member(session, ours, theirs.id)
