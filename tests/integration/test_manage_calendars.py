"""Listing another authority's calendar: look at it first, and what it says when it fails."""

import re
from pathlib import Path

import pytest

from blueprints.manage import calendar_words
from dialognav import fetch
from dialognav.actions import external_calendars as calendars
from dialognav.domain import ics_lines
from dialognav.models import ExternalCalendar, ExternalEvent, StagedCalendar
from tests.conftest import NOW
from tests.integration.test_external_calendars import DAY, NIGHT, ics
from tests.scripted_server import http, scripted_server

CALENDARS = "/manage/calendars"


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


@pytest.fixture
def server(monkeypatch):
    with scripted_server() as made:
        monkeypatch.setattr(fetch, "PUBLIC", made.network())
        yield made


def look_at(staff, server, answer=None):
    """The answer to posting the address; on success the address of the look."""
    server.says(answer or http(ics(DAY, NIGHT), 'ETag: "1"'))
    return staff.post(CALENDARS, {"url": f"http://kalender.example:{server.port}/a.ics"})


def list_it(staff, server, name="Grannkommunen"):
    where = look_at(staff, server).location
    return staff.post(where, {"name": name})


def test_nothing_is_listed_yet(staff):
    page = staff.client.get(CALENDARS).text
    assert "No other calendar is listed" in page
    assert 'href="/manage/calendars" aria-current="page"' in page


def test_it_is_looked_at_before_it_is_listed(staff, server, client, look):
    answer = look_at(staff, server)
    assert answer.status_code == 303
    page = staff.client.get(answer.location).text
    for said in ("2 events ahead", "Leverantörsdag", "Kvällsmöte", 'value="Grannkommunen"'):
        assert said in page
    assert "Leverantörsdag" not in client.get("/en/").text
    with look() as session:
        assert session.query(ExternalCalendar).count() == 0


def test_listed_it_is_on_the_public_page(staff, server, client, look):
    answer = list_it(staff, server, "Grannkommunens dagar")
    assert answer.location == "/manage/calendars?done=listed"
    page = staff.client.get(answer.location).text
    for said in ("The calendar is listed", "Grannkommunens dagar", "Listed"):
        assert said in page
    assert "Grannkommunens dagar" in client.get("/en/").text
    assert len(server.asked) == 1  # what was looked at is what is listed
    with look() as session:
        [one] = session.query(ExternalCalendar)
        assert one.etag == '"1"'
        assert session.query(StagedCalendar).count() == 0


def test_one_that_is_not_wanted_leaves_nothing(staff, server, look):
    where = look_at(staff, server).location
    assert staff.post(f"{where}/discard").status_code == 303
    assert staff.client.get(where).status_code == 404
    with look() as session:
        assert session.query(StagedCalendar).count() == 0


def test_a_name_is_needed(staff, server):
    where = look_at(staff, server).location
    answer = staff.post(where, {"name": "  "})
    assert answer.status_code == 422
    assert "Enter whose calendar it is" in answer.text
    assert "Leverantörsdag" in answer.text


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Enter the address of a calendar"),
        ("kalender.example", "beginning with https:// or webcal://"),
        ("file:///etc/passwd", "beginning with https:// or webcal://"),
        ("https://a:b@kalender.example/", "beginning with https:// or webcal://"),
        ("http://localhost/calendar.ics", "own calendar"),
        ("https://127.0.0.1/", "closed network"),
        ("https://[::1]/", "closed network"),
        ("https://169.254.169.254/latest/meta-data", "closed network"),
        ("https://10.0.0.1/", "closed network"),
        ("https://2130706433/", "closed network"),
        ("https://localhost:8443/a.ics", "closed network"),
        ("https://127.0.0.1:6379/", "unusual port"),
    ],
)
def test_addresses_that_are_refused(staff, url, said):
    """By what production runs: nothing of the network is another here."""
    answer = staff.post(CALENDARS, {"url": url})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Traceback" not in answer.text
    if url:
        assert f'value="{url}"' in answer.text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http(b"<html>Hej</html>"), "That is not a calendar"),
        (http(b""), "There is nothing in it"),
        (http(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT"), "only a part of it came"),
        (http(b"", status="404 Not Found"), "nothing is there"),
        (http(b"", status="401 No"), "asks for a password"),
        (http(b"", status="500 Oops"), "answered with an error"),
        (b"SSH-2.0\r\n", "could not be understood"),
    ],
)
def test_calendars_that_cannot_be_read(staff, server, answer, said):
    page = look_at(staff, server, answer)
    assert page.status_code == 422
    assert said in page.text


def test_every_failure_has_words():
    given = re.findall(
        r"""(?:FetchFailed|CalendarRefused)\(["'](\w+)["']""", _source(fetch, ics_lines)
    )
    other = {*fetch._STATUS.values(), "status", "too_many", "damaged", "own"}
    assert {*given, *other} == set(calendar_words._FAILURES)


def _source(*modules):
    return "".join(Path(module.__file__).read_text() for module in modules)


def test_what_is_left_out_is_said(staff, server):
    private = ics(DAY).replace(b"SUMMARY", b"CLASS:PRIVATE\r\nSUMMARY")
    page = staff.client.get(look_at(staff, server, http(private)).location).text
    assert "Nothing is ahead in this calendar" in page
    assert "1 event is marked as private" in page


def test_it_is_not_listed_twice(staff, server):
    list_it(staff, server)
    answer = list_it(staff, server)
    assert answer.status_code == 409
    assert "lists this calendar already" in answer.text


def test_looks_at_other_servers_are_counted(staff, server, monkeypatch):
    monkeypatch.setattr("blueprints.manage.calendars.LOOKS_AN_HOUR", 1)
    assert look_at(staff, server).status_code == 303
    assert look_at(staff, server).status_code == 429
    assert len(server.asked) == 1


def own_page(look):
    with look() as session:
        return f"{CALENDARS}/{session.query(ExternalCalendar).one().public_id}"


def test_the_calendars_own_page(staff, server, look):
    list_it(staff, server)
    page = staff.client.get(own_page(look)).text
    for said in ("Kvällsmöte", "kalender.example", "Tue 12 Jan, 10:00", "14:00"):
        assert said in page


def test_it_gets_another_name(staff, server, client, look):
    list_it(staff, server)
    assert staff.post(own_page(look), {"name": ""}).status_code == 422
    assert staff.post(own_page(look), {"name": "Ett annat"}).location.endswith("?done=saved")
    assert "Ett annat" in client.get("/en/").text


def test_why_it_fails_is_said(staff, server, work, look):
    list_it(staff, server)
    with work() as session:
        listed = session.query(ExternalCalendar).one().id
        calendars.note_failure(session, listed, "insecure", now=NOW)
    for path in (CALENDARS, own_page(look)):
        page = staff.client.get(path).text
        assert "Could not be read" in page
        assert "certificate does not hold" in page
    with work() as session:
        for _again in range(9):
            calendars.note_failure(session, listed, "gone", now=NOW)
    for path in (CALENDARS, own_page(look)):
        page = staff.client.get(path).text
        assert "Not listed any more" in page
        assert "nothing is there" in page


def test_it_is_read_again_at_a_word(staff, server, look):
    list_it(staff, server)
    assert staff.post(f"{own_page(look)}/read").location.endswith("?done=due")
    with look() as session:
        [one] = session.query(ExternalCalendar)
        assert (one.due_at, one.etag) == (NOW, "")


def test_it_is_taken_away(staff, server, client, look):
    list_it(staff, server)
    assert staff.post(f"{own_page(look)}/remove").location.endswith("?done=removed")
    assert "Leverantörsdag" not in client.get("/en/").text
    with look() as session:
        assert session.query(ExternalEvent).count() == 0


def test_the_trail_tells_it(staff, server, look):
    list_it(staff, server)
    page = staff.client.get("/manage/audit").text
    assert "Another calendar was listed" in page
    assert "Grannkommunen, http://kalender.example" in page
