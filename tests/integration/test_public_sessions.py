"""What everybody reads of an event of several sessions: page, list, month, JSON-LD, Atom."""

import json
import re
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from dialognav.models import Event
from tests.conftest import NOW
from tests.factories import (
    STARTS,
    make_event,
    make_occasion,
    make_participant,
    make_registration,
)
from tests.fixtures import Work


def page_of(client: FlaskClient, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200
    return page.text


def sessions_of(page: str) -> list[str]:
    """Each line of the list of sessions, its words only."""
    section = page[page.index('id="sessions"') :].split("</section>")[0]
    lines = re.findall(r"<div><dt>.*?</div>", section, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", line).split()) for line in lines]


def make_three(work: Work, **given: Any) -> None:
    with work() as session:
        standard = {"attending": "choose", "capacity_on_site": 2}
        event = make_event(session, slug="e", **standard | given)
        event.occasions[0].title = {"sv": "Köket", "en": "The kitchen"}
        make_occasion(session, event, capacity_on_site=1, venue={"sv": "Biblioteket"})
        make_occasion(session, event, days=14)


def seat(work: Work, number: int, **given: Any) -> None:
    with work() as session:
        event = session.query(Event).one()
        person = make_participant(session, make_registration(session, event), **given)
        person.attendances[0].occasion = event.occasions[number]


def test_each_session_says_what_is_left(client: FlaskClient, work: Work) -> None:
    make_three(work, sessions_most=2)
    seat(work, 0)
    seat(work, 1)
    page = page_of(client, "/en/events/e")
    assert sessions_of(page) == [
        "Wednesday 10 February 2027, 09:00–12:00 The kitchen Stadshuset, Sal A 1 of 2 places left",
        "Wednesday 17 February 2027, 09:00–12:00 Biblioteket Full, waiting list",
        "Wednesday 24 February 2027, 09:00–12:00 Stadshuset, Sal A No limit",
    ]
    assert "At most 2 sessions per person." in page
    assert "You choose which sessions you come to." in page
    assert 'class="count"' not in page  # a sum of places says nothing here


def test_a_session_that_is_off_says_why_and_the_next_day_is_the_events(
    client: FlaskClient, work: Work
) -> None:
    make_three(work)
    with work() as session:
        event = session.query(Event).one()
        first = event.occasions[0]
        first.cancelled_at, first.reason = NOW, {"sv": "Vattenläcka"}
        event.starts_at = event.occasions[1].starts_at
    page = page_of(client, "/sv/events/e")
    assert sessions_of(page)[0].startswith("Onsdag 10 februari 2027, kl. 9.00–12.00 Köket")
    assert "Vattenläcka" in sessions_of(page)[0]
    assert "Inställt" in sessions_of(page)[0] or "Inställd" in sessions_of(page)[0]
    listed = page_of(client, "/en/")
    assert "2 sessions, until Wed 24 Feb" in listed
    month = page_of(client, "/en/?view=month&month=2027-02")
    assert month.count('href="/en/events/e"') >= 3


def test_machines_read_each_session(client: FlaskClient, work: Work) -> None:
    make_three(work)
    with work() as session:
        session.query(Event).one().occasions[1].cancelled_at = NOW
    page = page_of(client, "/en/events/e")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    parts = data["subEvent"]
    assert [part["name"] for part in parts] == ["The kitchen", data["name"], data["name"]]
    assert [part["eventStatus"].rpartition("/")[2] for part in parts] == [
        "EventScheduled",
        "EventCancelled",
        "EventScheduled",
    ]
    assert parts[1]["location"][0]["name"] == "Biblioteket"
    assert [place["name"] for place in data["location"]] == ["Stadshuset, Sal A"]
    assert (data["startDate"][:10], data["endDate"][:10]) == ("2027-02-10", "2027-02-24")
    assert "2 sessions, Wednesday 10 February 2027" in page_of(client, "/feed.atom?lang=en")


def test_what_everybody_comes_to_counts_its_fullest_day(client: FlaskClient, work: Work) -> None:
    make_three(work, attending="series")
    page = page_of(client, "/en/events/e")
    assert "A registration is for all of them." in page
    assert '<b class="num">1</b>' in page  # the library has one place


def test_a_held_session_is_held_and_the_others_are_open(
    client: FlaskClient, work: Work, clock: Any
) -> None:
    make_three(work, registration_closes_at=STARTS + timedelta(days=13))
    clock.move_to(STARTS + timedelta(days=1))
    lines = sessions_of(page_of(client, "/en/events/e"))
    assert lines[0].endswith("Held")
    assert lines[1].endswith("1 of 1 places left")
    assert "Register" in page_of(client, "/en/events/e")


def test_many_dates_are_said_in_one_line(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="e", attending="series")
        for n in range(1, 8):
            make_occasion(session, event, days=7 * n)
    page = page_of(client, "/en/events/e")
    assert "8 sessions, Wednesday 10 February 2027 – Wednesday 31 March 2027" in page
    assert len(sessions_of(page)) == 8
