"""Kept pages: never old, never somebody else's, and cheap to ask about again."""

import gzip
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from blueprints import page_cache
from blueprints.page_cache import Made, PageCache
from dialognav.actions import registrations
from dialognav.domain.parties import make_party
from dialognav.domain.terms import EventState, Seat, Visibility
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Organisation, lock_event
from tests.conftest import NOW
from tests.factories import (
    make_event,
    make_organisation,
    make_participant,
    make_registration,
)
from tests.fixtures import Work

PAGES = ("/sv/events/e", "/sv/", "/sv/?view=month&month=2027-02", "/sv/organisations/o")


@pytest.fixture
def event(work: Work) -> None:
    with work() as session:
        make_event(session, make_organisation(session, slug="o"), slug="e", capacity_on_site=9)


def locked(session: Session) -> Event:
    return lock_event(session, session.scalars(sa.select(Event.id)).one())


def sign_up(session: Session) -> None:
    make_participant(session, make_registration(session, locked(session)))


def withdraw(session: Session) -> None:
    locked(session)
    session.scalars(sa.select(Attendance)).one().state = Seat.WITHDRAWN


def rename(session: Session) -> None:
    locked(session).title = {"sv": "Ett annat namn"}


def cancel(session: Session) -> None:
    locked(session).state = EventState.CANCELLED


def rename_organisation(session: Session) -> None:
    owner = session.scalars(sa.select(Organisation)).one()
    owner.name = {"sv": "Region Nynamn"}
    owner.version += 1


CHANGES = [
    (sign_up, "8</b><span>av 9", "8 av 9 platser kvar"),
    (rename, "Ett annat namn", "Ett annat namn"),
    (cancel, "Händelsen är inställd", "Inställd"),
    (rename_organisation, "Region Nynamn", "Region Nynamn"),
]


@pytest.mark.usefixtures("event")
@pytest.mark.parametrize(
    ("change", "on_page", "in_list"), CHANGES, ids=[change.__name__ for change, *_ in CHANGES]
)
def test_every_change_is_seen_at_once(
    client: FlaskClient, work: Work, change: Any, on_page: str, in_list: str
) -> None:
    before = {path: client.get(path) for path in PAGES}
    with work() as session:
        change(session)
    for path, old in before.items():
        expected = on_page if path == PAGES[0] else in_list
        assert expected not in old.get_data(as_text=True)
        fresh = client.get(path, headers={"If-None-Match": old.headers["ETag"]})
        assert fresh.status_code == 200
        assert expected in fresh.get_data(as_text=True), path
    if change is sign_up:
        with work() as session:
            withdraw(session)
        assert "9</b><span>av 9" in client.get(PAGES[0]).get_data(as_text=True)


@pytest.mark.usefixtures("event")
def test_a_page_that_is_taken_down_is_gone_at_once(client: FlaskClient, work: Work) -> None:
    tag = client.get("/sv/events/e").headers["ETag"]
    with work() as session:
        locked(session).state = EventState.DRAFT
    assert client.get("/sv/events/e", headers={"If-None-Match": tag}).status_code == 404
    assert b"hemmonitorering" not in client.get("/sv/").data


@pytest.mark.usefixtures("event")
def test_an_event_that_becomes_one_for_the_invited_leaves_the_lists_at_once(
    client: FlaskClient, work: Work
) -> None:
    tag = client.get("/sv/events/e").headers["ETag"]
    assert b"hemmonitorering" in client.get("/sv/").data
    with work() as session:
        locked(session).visibility = Visibility.INVITED
    page = client.get("/sv/events/e", headers={"If-None-Match": tag})
    assert page.status_code == 200
    assert b'content="noindex"' in page.data
    for path in ("/sv/", "/feed.atom", "/calendar.ics"):
        assert b"hemmonitorering" not in client.get(path).data, path


def test_the_list_changes_when_one_comes_as_another_goes(client: FlaskClient, work: Work) -> None:
    """The sums of a version must not meet by accident."""
    with work() as session:
        owner = make_organisation(session)
        first = make_event(session, owner, title={"sv": "Första"}).id
        other = make_event(session, owner, title={"sv": "Andra"}, state=EventState.DRAFT).id
    assert "Första" in client.get("/sv/").get_data(as_text=True)
    with work() as session:
        lock_event(session, first).visibility = Visibility.UNLISTED
        lock_event(session, other).state = EventState.PUBLISHED
    page = client.get("/sv/").get_data(as_text=True)
    assert "Första" not in page
    assert "Andra" in page


def test_time_alone_changes_a_kept_page(
    client: FlaskClient, work: Work, clock: time_machine.Traveller
) -> None:
    with work() as session:
        make_event(
            session,
            slug="e",
            registration_opens_at=NOW + timedelta(hours=1),
            registration_closes_at=NOW + timedelta(hours=2),
            starts_at=NOW + timedelta(hours=3),
            ends_at=NOW + timedelta(hours=4),
        )
    said = {
        0: ("Anmälan öppnar", "Inte öppen än"),
        1: ("Öppen", "Anmälan öppen"),
        2: ("Anmälan är stängd", "Anmälan stängd"),
        4: ("Genomförd", "Inget är planerat"),
    }
    tag = ""
    for hours, (on_page, in_list) in said.items():
        clock.move_to(NOW + timedelta(hours=hours))
        page = client.get("/sv/events/e", headers={"If-None-Match": tag})
        assert on_page in page.get_data(as_text=True)
        assert in_list in client.get("/sv/").get_data(as_text=True)
        tag = page.headers["ETag"]


def test_the_month_marks_todays_day_tomorrow_too(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    for day in ("2027-01-12", "2027-01-13"):
        page = client.get("/sv/?view=month").get_data(as_text=True)
        assert f'today"><time datetime="{day}">' in page
        clock.shift(24 * 3600)
    clock.move_to(NOW.replace(hour=23, minute=30))  # half past midnight in Stockholm
    page = client.get("/sv/?view=month").get_data(as_text=True)
    assert 'today"><time datetime="2027-01-13">' in page


@pytest.mark.usefixtures("event")
def test_asking_again_renders_nothing(
    client: FlaskClient, statements: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = (*PAGES[:3], "/calendar.ics", "/feed.atom?lang=sv", "/events/e.ics", "/sv/privacy")
    tags = {path: client.get(path).headers["ETag"] for path in paths}
    monkeypatch.setattr("jinja2.Template.render", lambda *_a, **_k: pytest.fail("rendered"))
    for path, tag in tags.items():
        with statements() as ran:
            answer = client.get(path, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.data) == (304, b""), path
        assert len(ran) == 1, path
        assert answer.headers["ETag"] == tag


@pytest.mark.usefixtures("event")
def test_language_and_theme_have_bodies_of_their_own(client: FlaskClient) -> None:
    seen = {client.get("/sv/events/e").headers["ETag"], client.get("/en/events/e").headers["ETag"]}
    client.set_cookie("theme", "dark")
    dark = client.get("/sv/events/e")
    assert dark.headers["ETag"] not in seen
    assert 'data-theme="dark"' in dark.get_data(as_text=True)
    assert "Cookie" in dark.headers["Vary"]
    client.set_cookie("theme", 'light"><script>')
    assert client.get("/sv/events/e").headers["ETag"] in seen


@pytest.mark.usefixtures("event")
def test_nothing_of_one_visitor_reaches_the_next(client: FlaskClient) -> None:
    first = client.get("/sv/?utm_source=zqxj&q=", headers={"Host": "evil.example"})
    assert b"zqxj" not in first.data
    assert b"evil.example" not in first.data
    assert client.get("/sv/").headers["ETag"] == first.headers["ETag"]
    for path in ("/sv/events/e?secret=zqxj", "/sv/past?secret=zqxj", "/sv/privacy?secret=zqxj"):
        assert b"zqxj" not in client.get(path).data


@pytest.mark.usefixtures("event")
def test_reading_sets_no_cookie(client: FlaskClient) -> None:
    for path in (*PAGES, "/", "/calendar.ics", "/feed.atom", "/sv/accessibility"):
        assert "Set-Cookie" not in client.get(path).headers, path


@pytest.mark.usefixtures("event")
def test_bodies_are_packed_for_those_who_can_unpack(client: FlaskClient) -> None:
    plain = client.get("/sv/events/e")
    assert "Content-Encoding" not in plain.headers
    packed = client.get("/sv/events/e", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.content_length == len(packed.data)
    for tag in (packed.headers["ETag"], plain.headers["ETag"]):
        again = client.get(
            "/sv/events/e", headers={"If-None-Match": tag, "Accept-Encoding": "gzip"}
        )
        assert again.status_code == 304
    refused = client.get("/sv/events/e", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers


def test_style_sheets_are_packed_too(client: FlaskClient) -> None:
    with client.get("/static/css/core.css") as plain:
        packed = client.get("/static/css/core.css", headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed.data) == plain.data
        assert packed.mimetype == plain.mimetype == "text/css"
    assert "immutable" in packed.headers["Cache-Control"]
    for path in ("/static/../app.py", "/static/css/none.css", "/static/..%2f..%2fapp.css"):
        assert client.get(path, headers={"Accept-Encoding": "gzip"}).status_code == 404


def test_the_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "MOST_ENTRIES", 3)
    monkeypatch.setattr(page_cache, "MOST_BYTES", 200)
    cache = PageCache()
    for n in range(5):
        cache.keep(n, cache.make(n, 1, NOW, Made("x" * 60)))
    assert [n for n in range(5) if cache.find(n, 1, NOW)] == [2, 3, 4]
    cache.find(2, 1, NOW)
    cache.keep(5, cache.make(5, 1, NOW, Made("y" * 120)))
    assert [n for n in range(6) if cache.find(n, 1, NOW)] == [2, 5]


def test_a_search_is_not_kept(app: Flask, client: FlaskClient) -> None:
    for n in range(5):
        client.get(f"/sv/?q=ord{n}")
    assert len(app.extensions["page_cache"]._kept) == 0
    client.get("/sv/")
    assert len(app.extensions["page_cache"]._kept) == 1


@pytest.mark.usefixtures("event")
def test_what_the_actions_do_is_seen_at_once(client: FlaskClient, work: Work) -> None:
    """The actions themselves lock the event, and by that name a new version of it."""
    given = {"now": NOW, "post": Post("http://localhost", "a@b.example", "b.example", 0)}
    contact = registrations.Contact("Nils", "nils@firma.example")
    person = registrations.NewPerson("Nils", "nils@firma.example", registrations.Wish("on_site"))
    party = make_party("Firma AB", "company", None, email=contact.email, secret="s" * 32)
    assert "9</b><span>av 9" in client.get("/sv/events/e").get_data(as_text=True)
    with work() as session:
        event = session.scalars(sa.select(Event)).one()
        signed = registrations.register(
            session,
            event.id,
            registrations.Register(party, contact, (person,), "sv"),
            actor="",
            **given,
        )
        ident = signed.id
    assert "8</b><span>av 9" in client.get("/sv/events/e").get_data(as_text=True)
    with work() as session:
        registrations.withdraw_all(session, ident, actor="", **given)
    assert "9</b><span>av 9" in client.get("/sv/events/e").get_data(as_text=True)
