"""Other authorities' calendars: listed, read again by the job, paused, and gone."""

from datetime import timedelta

import pytest

from dialognav import calendar_reading, fetch
from dialognav.actions import external_calendars as calendars
from dialognav.actions.external_calendars import AlreadyListed, Found, TooManyCalendars
from dialognav.domain.ics_import import read_calendar
from dialognav.jobs import housekeeping
from dialognav.models import AuditEntry, ExternalCalendar, ExternalEvent, StagedCalendar
from tests.conftest import NOW
from tests.scripted_server import http, scripted_server

URL = "http://kalender.example:{}/a.ics"


def ics(*events):
    """A calendar of (uid, DTSTART, title)."""
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:{start}\r\nDURATION:PT2H\r\nSUMMARY:{title}\r\n"
        "END:VEVENT\r\n"
        for uid, start, title in events
    )
    return f"BEGIN:VCALENDAR\r\nX-WR-CALNAME:Grannkommunen\r\n{body}END:VCALENDAR\r\n".encode()


DAY = ("1", "20270210T080000Z", "Leverantörsdag")
NIGHT = ("2", "20270211T180000Z", "Kvällsmöte")


@pytest.fixture
def server(monkeypatch):
    with scripted_server() as made:
        monkeypatch.setattr(fetch, "PUBLIC", made.network())
        yield made


@pytest.fixture
def listed(staff, work, server):
    """The id of a calendar that has just been listed."""
    return list_one(staff, work, URL.format(server.port))


def list_one(staff, work, url, content=None, name="Grannkommunen"):
    with work() as session:
        content = content or ics(DAY)
        found = Found(content, url=url, etag='"1"')
        staged = calendars.stage(
            session, staff.organisation_id, found, user_id=staff.user_id, now=NOW
        )
        read = read_calendar(content, zone_name="Europe/Stockholm", window=calendars.window(NOW))
        made = calendars.list_calendar(session, staged.id, name, read, now=NOW, actor="user:1")
        return made.id


def state(look, listed):
    with look() as session:
        one = session.get_one(ExternalCalendar, listed)
        session.expunge(one)
        titles = [event.title for event in session.query(ExternalEvent).order_by("starts_at")]
        return one, titles


def verbs(look):
    with look() as session:
        return [entry.verb for entry in session.query(AuditEntry).order_by("number")]


def tick(app):
    with app.app_context():
        return calendar_reading.read_due("http://localhost")


def test_listing_writes_its_events_and_forgets_the_look(listed, look):
    one, titles = state(look, listed)
    assert titles == ["Leverantörsdag"]
    assert (one.version, one.failures, one.due_at) == (1, 0, NOW + timedelta(hours=4))
    assert verbs(look) == ["calendar.added"]
    with look() as session:
        assert session.query(StagedCalendar).count() == 0
        assert "leverantörsdag" in session.query(ExternalEvent).one().search_text
        assert "grannkommunen" in session.query(ExternalEvent).one().search_text


def test_the_same_address_is_not_listed_twice(staff, work, server, listed):
    with pytest.raises(AlreadyListed):
        list_one(staff, work, URL.format(server.port))


def test_there_is_an_end_to_calendars(staff, work, monkeypatch):
    monkeypatch.setattr(calendars, "MOST_CALENDARS", 1)
    list_one(staff, work, "https://a.example/")
    with pytest.raises(TooManyCalendars):
        list_one(staff, work, "https://b.example/")


def test_nothing_is_read_before_its_time(app, listed, server):
    assert not tick(app)
    assert server.asked == []


def test_the_job_reads_what_is_due(app, clock, listed, server, look):
    clock.move_to(NOW + timedelta(hours=4))
    server.says(http(ics(DAY, NIGHT), 'ETag: "2"'))
    assert tick(app)
    one, titles = state(look, listed)
    assert titles == ["Leverantörsdag", "Kvällsmöte"]
    assert (one.version, one.etag, one.read_at) == (2, '"2"', NOW + timedelta(hours=4))
    assert one.due_at == NOW + timedelta(hours=8)
    assert 'If-None-Match: "1"' in server.asked[0]
    assert "User-Agent: Dialognav (+http://localhost)" in server.asked[0]
    assert not tick(app)


def test_what_says_the_same_keeps_its_version(app, clock, listed, server, look):
    clock.move_to(NOW + timedelta(hours=4))
    server.says(http(b"", status="304 Not Modified"))
    assert tick(app)
    clock.move_to(NOW + timedelta(hours=8))
    server.says(http(ics(DAY), 'ETag: "2"'))  # other bytes, perhaps, the same events
    assert tick(app)
    one, titles = state(look, listed)
    assert (one.version, one.failures, titles) == (1, 0, ["Leverantörsdag"])


def test_after_a_week_it_comes_whole(app, clock, listed, server, look):
    """The window has moved on: a series without end has more days within."""
    clock.move_to(NOW + timedelta(days=7))
    server.says(http(ics(DAY)))
    assert tick(app)
    assert "If-None-Match" not in server.asked[0]


def test_a_failure_leaves_the_events_and_waits_longer_each_time(app, clock, listed, server, look):
    at, waits = NOW + timedelta(hours=4), []
    for _attempt in range(calendars.MOST_FAILURES):
        clock.move_to(at)
        server.says(http(b"<html>Sorry</html>"))
        assert tick(app)
        one, titles = state(look, listed)
        assert titles == ["Leverantörsdag"]
        waits.append(round((one.due_at - at) / timedelta(hours=1)))
        at = one.due_at
    assert waits == [1, 2, 4, 8, 16, 24, 24, 24, 24, 24]
    assert (one.failure, one.failures, one.version) == ("not_a_calendar", 10, 2)
    assert one.paused_at is not None
    assert verbs(look) == ["calendar.added", "calendar.paused"]
    clock.move_to(at + timedelta(days=9))
    assert not tick(app)


def test_a_person_has_it_read_again(app, clock, work, listed, server, look):
    with work() as session:
        one = session.get_one(ExternalCalendar, listed)
        one.paused_at, one.failures, one.failure = NOW, 10, "gone"
    with work() as session:
        calendars.read_again(session, listed, now=NOW, actor="user:1")
    server.says(http(ics(NIGHT)))
    assert tick(app)
    assert "If-None-Match" not in server.asked[0]
    one, titles = state(look, listed)
    assert (one.paused_at, one.failures, one.failure) == (None, 0, "")
    assert titles == ["Kvällsmöte"]
    assert verbs(look) == ["calendar.added", "calendar.resumed"]


def test_one_that_fails_is_tried_again_and_forgiven(app, clock, listed, server, look):
    clock.move_to(NOW + timedelta(hours=4))
    server.says(http(b"", status="503 Busy"))
    assert tick(app)
    assert state(look, listed)[0].failure == "status"
    clock.move_to(NOW + timedelta(hours=5))
    server.says(http(ics(DAY)))
    assert tick(app)
    one, _titles = state(look, listed)
    assert (one.failure, one.failures) == ("", 0)


def test_two_workers_do_not_read_the_same(app, clock, work, listed, server):
    clock.move_to(NOW + timedelta(hours=4))
    with work() as session:
        assert calendars.claim_due(session, now=NOW + timedelta(hours=4)) is not None
    with work() as session:
        assert calendars.claim_due(session, now=NOW + timedelta(hours=4)) is None
    assert not tick(app)
    assert server.asked == []


def test_removed_while_its_server_answers(app, clock, work, listed, server, look):
    clock.move_to(NOW + timedelta(hours=4))

    def slowly(sock):
        with work() as session:
            calendars.remove(session, listed, now=NOW, actor="user:1")
        sock.sendall(http(ics(DAY)))

    server.scripts.append(slowly)
    assert tick(app)
    with look() as session:
        assert session.query(ExternalCalendar).count() == 0
        assert session.query(ExternalEvent).count() == 0
    with work() as session:
        calendars.note_failure(session, listed, "gone", now=NOW)
        calendars.note_unchanged(session, listed, now=NOW)
    assert verbs(look) == ["calendar.added", "calendar.removed"]


def test_renaming_reaches_the_search(work, listed, look):
    with work() as session:
        calendars.rename(session, listed, "Norrköping med ÅÄÖ", now=NOW, actor="user:1")
    with work() as session:
        calendars.rename(session, listed, "Norrköping med ÅÄÖ", now=NOW, actor="user:1")
    one, _titles = state(look, listed)
    assert one.version == 2
    with look() as session:
        assert "med åäö" in session.query(ExternalEvent).one().search_text
    assert verbs(look) == ["calendar.added", "calendar.renamed"]


def test_a_look_is_gone_in_a_day(staff, work, look):
    with work() as session:
        for n in range(2):  # the second replaces the first
            calendars.stage(
                session, staff.organisation_id, Found(b"x%d" % n), user_id=staff.user_id, now=NOW
            )
    with look() as session:
        assert session.query(StagedCalendar).one().content == b"x1"
    with work() as session:
        housekeeping.tidy(session, now=NOW + timedelta(days=2), sent_retention_days=9)
    with look() as session:
        assert session.query(StagedCalendar).count() == 0
