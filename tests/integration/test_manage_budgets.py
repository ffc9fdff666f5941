"""Lists cost the same number of statements whatever they hold."""

import pytest

from dialognav.models import Event, Organisation
from tests.factories import make_event, make_participant, make_registration
from tests.integration.staff import SignIn, Staff


@pytest.fixture
def admin(sign_in: SignIn) -> Staff:
    return sign_in(language="en")


def add_events(work, staff, number):
    with work() as session:
        organisation = session.get_one(Organisation, staff.organisation_id)
        for n in range(number):
            state = ("draft", "published", "postponed", "scheduled")[n % 4]
            event = make_event(session, organisation, state=state, capacity_on_site=3)
            make_participant(session, make_registration(session, event))
        return event.public_id


def add_people(work, public_id, number):
    with work() as session:
        event = session.query(Event).filter_by(public_id=public_id).one()
        for n in range(number):
            registration = make_registration(session, event)
            make_participant(session, registration, state=("confirmed", "waiting")[n % 2])


def cost(statements, client, path):
    client.application.extensions.pop("dialognav.mail_flow", None)  # asked every few seconds
    with statements() as ran:
        assert client.get(path).status_code == 200
    return len(ran)


@pytest.mark.parametrize(
    ("path", "most"), [("/manage/", 12), ("/manage/events?view=all", 7), ("/manage/audit", 6)]
)
def test_dashboard_and_lists(admin, work, statements, path, most):
    add_events(work, admin, 4)
    few = cost(statements, admin.client, path)
    add_events(work, admin, 12)
    assert cost(statements, admin.client, path) == few <= most


def test_registrations(admin, work, statements):
    public_id = add_events(work, admin, 2)
    add_people(work, public_id, 4)
    path = f"/manage/events/{public_id}/registrations"
    few = cost(statements, admin.client, path)
    add_people(work, public_id, 40)
    assert cost(statements, admin.client, path) == few <= 13


@pytest.mark.parametrize(("page", "most"), [("", 19), ("/letters", 9), ("/log", 8), ("/edit", 11)])
def test_one_event(admin, work, statements, page, most):
    public_id = add_events(work, admin, 2)
    path = f"/manage/events/{public_id}{page}"
    few = cost(statements, admin.client, path)
    add_people(work, public_id, 20)
    assert cost(statements, admin.client, path) == few <= most
