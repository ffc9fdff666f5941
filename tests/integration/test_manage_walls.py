"""Two organisations: nothing of one is seen or changed from the other; no POST without a token."""

import io

import pytest
import sqlalchemy as sa
from flask import Flask

from dialognav.db import Base
from dialognav.models import Event, Organisation
from tests.factories import make_event, make_participant, make_registration
from tests.integration.belongings import make_things
from tests.integration.staff import SignIn

SECRET_WORDS = "Hemlig egenmonitorering"


@pytest.fixture
def theirs(sign_in: SignIn, work):
    """Ids of another organisation's things, by the names that routes give them."""
    other = sign_in()
    with work() as session:
        organisation = session.get_one(Organisation, other.organisation_id)
        event = make_event(session, organisation, title={"sv": SECRET_WORDS}, state="published")
        registration = make_registration(session, event, party_name=SECRET_WORDS)
        person = make_participant(session, registration, name=SECRET_WORDS)
        return make_things(session, organisation) | {
            "public_id": event.public_id,
            "registration_id": registration.public_id,
            "participant_id": person.public_id,
        }


def routes_of(app: Flask):
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("manage."):
            for method in sorted(rule.methods & {"GET", "POST"}):
                yield method, rule


def path_of(app: Flask, rule, values) -> str:
    with app.test_request_context():
        missing = rule.arguments - values.keys()
        assert not missing, f"{rule.endpoint} has a new kind of id: {missing}"
        from flask import url_for

        return url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})


def rows(work_or_look) -> dict[str, list[tuple]]:
    with work_or_look() as session:
        return {
            table.name: sorted(map(repr, session.execute(sa.select(table)).all()))
            for table in Base.metadata.sorted_tables
            if table.name not in ("staff_session",)
        }


def test_every_route_hides_the_other_organisation(app, sign_in, theirs, look):
    """Each role's own pages show nothing of theirs; their ids are as if they did not exist."""
    mine = sign_in()
    before = rows(look)
    checked = 0
    for method, rule in routes_of(app):
        path = path_of(app, rule, theirs)
        if method == "GET":
            page = mine.client.get(path)
        elif not rule.arguments:
            continue  # makes something of one's own
        else:
            page = mine.post(path, {"file": (io.BytesIO(b"%PDF-1.7"), "a.pdf"), "to": "up"})
        assert SECRET_WORDS not in page.text, path
        if rule.arguments:
            assert page.status_code == 404, f"{method} {path}: {page.status_code}"
            checked += 1
    assert checked >= 30
    assert rows(look) == before


def test_missing_and_forbidden_look_the_same(sign_in, theirs):
    mine = sign_in(language="en")
    forbidden = mine.client.get(f"/manage/events/{theirs['public_id']}")
    missing = mine.client.get("/manage/events/finnsejalls")
    assert (forbidden.status_code, missing.status_code) == (404, 404)
    assert forbidden.text.replace(theirs["public_id"], "") == missing.text.replace(
        "finnsejalls", ""
    )


def test_nobody_without_a_session_sees_anything(app, client, theirs):
    for method, rule in routes_of(app):
        path = path_of(app, rule, theirs)
        page = client.open(path, method=method)
        assert page.status_code == 303, path
        assert "/account/sign-in" in page.location


def test_an_event_of_the_other_cannot_be_reached_through_ones_own(sign_in, theirs, work, look):
    """An own registration's form posted with another event's id, and the other way round."""
    mine = sign_in()
    with work() as session:
        event = make_event(session, session.get_one(Organisation, mine.organisation_id))
        public_id = event.public_id
    page = mine.client.get(f"/manage/events/{public_id}/registrations?q={SECRET_WORDS}")
    assert page.status_code == 200
    assert mine.client.get(f"/manage/registrations/{theirs['registration_id']}").status_code == 404
    with look() as session:
        assert session.query(Event).filter_by(public_id=theirs["public_id"]).one().revision == 0
