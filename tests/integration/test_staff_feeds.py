"""What an organisation arranges, drafts too, in its members' own calendars; and who hosts what."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from icalendar import Calendar

from dialognav.actions import events
from dialognav.actions.hosts import set_hosts
from dialognav.domain.terms import EventState, Standing, Visibility
from dialognav.models import (
    AuditEntry,
    CalendarFeed,
    Event,
    EventHost,
    Membership,
    Organisation,
    User,
    lock_event,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user
from tests.fixtures import Work
from tests.ics_reader import lint
from tests.integration.staff import SignIn, Staff

MAKE, REVOKE = "/manage/my-calendar", "/manage/my-calendar/revoke"


def make(staff: Staff, instead_of: str = "") -> Any:
    return staff.post(MAKE, {"instead_of": instead_of})


def path_on(page: Any) -> str:
    assert page.status_code == 200
    found = re.search(r'value="http://localhost(/k/[\w-]{43}/calendar\.ics)"', page.text)
    assert found
    return found[1]


def entries(client: FlaskClient, path: str) -> dict[str, Any]:
    """{title: entry}"""
    answer = client.get(path)
    assert answer.status_code == 200
    lint(answer.data)
    return {str(one["SUMMARY"]): one for one in Calendar.from_ical(answer.data).walk("VEVENT")}


@pytest.fixture
def arranged(staff: Staff, work: Work) -> None:
    """Events of the organisation in every state, and one of somebody else's."""
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        here.primary_language = "en"
        for name, given in {
            "Publik": {},
            "Utkast": {"state": EventState.DRAFT, "published_at": None},
            "Planerad": {"state": EventState.SCHEDULED, "published_at": None},
            "Inställd": {"state": EventState.CANCELLED},
            "Dold": {"visibility": Visibility.INVITED},
            "Gammal": {"starts_at": NOW - timedelta(days=90)},
        }.items():
            make_event(session, here, slug=name.lower(), title={"sv": name}, **given)
        make_event(session, slug="andras", title={"sv": "Andras"})
        session.get_one(User, staff.user_id).language = "en"


def test_the_organisations_events_with_drafts(
    staff: Staff, client: FlaskClient, arranged: None, look: Work
) -> None:
    path = path_on(make(staff))
    found = entries(client, path)
    assert found.keys() == {
        "Publik",
        "Draft: Utkast",
        "Draft: Planerad",
        "Cancelled: Inställd",
        "Dold",
    }
    assert {one["CLASS"] for one in found.values()} == {"PRIVATE"}
    assert found["Draft: Utkast"]["STATUS"] == "TENTATIVE"
    assert found["Publik"]["STATUS"] == "CONFIRMED"
    assert found["Cancelled: Inställd"]["STATUS"] == "CANCELLED"
    with look() as session:
        public_id = session.scalars(sa.select(Event.public_id).filter_by(state="draft")).one()
    assert found["Draft: Utkast"]["URL"] == f"http://localhost/manage/events/{public_id}"


def test_nobody_registered_is_in_it_and_no_digital_link(
    staff: Staff, client: FlaskClient, work: Work
) -> None:
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, here, format="online")
        event.occasions[0].online_url = "https://meet.example/hemlig"
        make_participant(session, make_registration(session, event), name="Nils Anmäld")
    path = path_on(make(staff))
    body = client.get(path).data.replace(b"\r\n ", b"").decode()
    for hidden in ("Nils", "meet.example", "ATTENDEE", path.split("/")[2]):
        assert hidden not in body


def test_who_hosts_what(staff: Staff, client: FlaskClient, work: Work) -> None:
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, here, title={"sv": "Dialog"})
        maja = make_user(session, here, "host", name="Maja Värd").id
        elsewhere = make_user(session, None, "host", name="Bo Borta").id
        event_id, public_id = event.id, event.public_id
    path = path_on(make(staff))
    [before] = entries(client, path).values()
    assert "Maja" not in before["DESCRIPTION"]
    page = staff.client.get(f"/manage/events/{public_id}/hosts").text
    assert "Maja Värd" in page
    assert "Bo Borta" not in page
    answer = staff.post(f"/manage/events/{public_id}/hosts", {"hosts": [str(maja)]})
    assert answer.location == f"/manage/events/{public_id}?done=saved"
    assert "Maja Värd" in staff.client.get(answer.location).text
    [after] = entries(client, path).values()
    assert "Maja Värd" in after["DESCRIPTION"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    with work() as session:
        session.get_one(User, maja).name = "Maja Ny"
    assert "Maja Ny" in next(iter(entries(client, path).values()))["DESCRIPTION"]
    refused = staff.post(f"/manage/events/{public_id}/hosts", {"hosts": [str(elsewhere)]})
    assert refused.status_code == 422
    with work() as session:
        set_hosts(session, event_id, [maja, elsewhere], now=NOW, actor="x")
        assert [row.user_id for row in session.query(EventHost)] == [maja]
        assert session.query(AuditEntry).filter_by(verb="event.hosts").count() == 1
    staff.post(f"/manage/events/{public_id}/hosts")
    with work() as session:
        assert session.query(EventHost).count() == 0


def test_a_draft_with_hosts_can_be_deleted(staff: Staff, work: Work) -> None:
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, here, state=EventState.DRAFT, published_at=None)
        set_hosts(session, event.id, [staff.user_id], now=NOW, actor="x")
        assert session.query(EventHost).count() == 1
        events.delete_draft(session, event.id, now=NOW, actor="x")
        assert session.query(EventHost).count() == 0


def test_the_address_is_shown_once_renewed_and_revoked(
    staff: Staff, client: FlaskClient, work: Work, look: Work
) -> None:
    first = path_on(make(staff))
    assert "/k/" not in staff.client.get(MAKE).text
    again = make(staff)  # the page sent once more: what was shown goes on working
    assert again.location == f"{MAKE}?done=made-before"
    assert staff.client.get(again.location).status_code == 200
    assert client.get(first).status_code == 200
    with look() as session:
        present = session.query(CalendarFeed).filter_by(revoked_at=None).one().public_id
    second = path_on(make(staff, present))
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    assert staff.post(REVOKE).location == f"{MAKE}?done=revoked"
    assert client.get(second).status_code == 404
    with look() as session:
        verbs = session.scalars(
            sa.select(AuditEntry.verb).where(AuditEntry.verb.startswith("calendar."))
        ).all()
        assert sorted(verbs) == ["calendar.made", "calendar.made", "calendar.revoked"]


def test_who_leaves_reads_no_more(
    staff: Staff, client: FlaskClient, sign_in: SignIn, work: Work
) -> None:
    other = sign_in("reader", organisation_id=staff.organisation_id)
    path = path_on(make(other))
    assert client.get(path).status_code == 200
    with work() as session:
        part = session.query(Membership).filter_by(user_id=other.user_id).one()
        part.state = Standing.DEACTIVATED
    assert client.get(path).status_code == 404
    with work() as session:
        part = session.query(Membership).filter_by(user_id=other.user_id).one()
        part.state = Standing.ACTIVE
        member_id = part.id
    assert client.get(path).status_code == 200
    staff.post(f"/manage/staff/{member_id}/deactivate")
    staff.post(f"/manage/staff/{member_id}/reactivate")
    assert client.get(path).status_code == 404  # let in again, they make a new one


def test_a_member_of_two_has_a_calendar_of_each(
    staff: Staff, client: FlaskClient, arranged: None, work: Work
) -> None:
    path = path_on(make(staff))
    with work() as session:
        there = session.query(Event).filter_by(slug="andras").one().organisation
        user = session.get_one(User, staff.user_id)
        session.add(Membership(user=user, organisation=there, role="reader", created_at=NOW))
    assert "Andras" not in entries(client, path)
    with work() as session:
        here = Membership.organisation_id == staff.organisation_id
        part = session.query(Membership).filter(here, Membership.user_id == staff.user_id).one()
        part.state = Standing.DEACTIVATED
    assert client.get(path).status_code == 404  # though they work for the other


def test_conditional_get_of_what_has_no_time_of_change(
    staff: Staff, client: FlaskClient, arranged: None, work: Work
) -> None:
    path = path_on(make(staff))
    first = client.get(path)
    tag = first.headers["ETag"]
    assert "Last-Modified" not in first.headers
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    with work() as session:
        lock_event(session, session.query(Event.id).filter_by(slug="publik").scalar())
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
