"""All that one address is registered to, as a calendar behind a secret (calendar.md 2.7)."""

import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy.orm import Session

from blueprints.public import private_feeds
from dialognav.actions import calendar_feeds, event_moves, registrations
from dialognav.actions.letter_erasure import forget_addresses
from dialognav.db import Base
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import Attending, Format, Seat
from dialognav.jobs import housekeeping
from dialognav.mail import notices
from dialognav.models import (
    Attendance,
    CalendarFeed,
    CalendarObject,
    Event,
    Letter,
    Occasion,
    Participant,
    lock_event,
)
from dialognav.tokens import CALENDAR, make_link, new_secret
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_participant, make_registration
from tests.fixtures import Work
from tests.ics_reader import lint
from tests.integration.forms import open_form
from tests.letter_samples import POST

MINE = "oskar@nordsensor.example"
MEETING = "https://meet.example/j/4711-hemlig"


def book(session: Session, event: Event, email: str = MINE, **given: Any) -> Attendance:
    """A confirmed person who has been sent the invitation."""
    person = make_participant(session, make_registration(session, event), email=email, **given)
    [seat] = person.attendances
    notices.tell_places(session, event, [seat], why="registered", now=NOW, post=POST)
    return seat


def open_up(work: Work, address: str = MINE) -> str:
    """The path of the calendar of an address, made as by the mailed link."""
    secret = new_secret()
    with work() as session:
        feed = CalendarFeed(
            address=address, created_at=NOW, expires_at=NOW + timedelta(days=900), language="sv"
        )
        session.add(feed)
        session.flush()
        calendar_feeds.make(session, feed.id, secret, now=NOW)
    return f"/k/{secret}/calendar.ics"


def send_all(work: Work) -> None:
    with work() as session:
        session.execute(sa.update(Letter).values(status="sent", sent_at=NOW))


def entries(client: FlaskClient, path: str) -> dict[str, Any]:
    """{UID: entry}"""
    answer = client.get(path)
    assert answer.status_code == 200
    lint(answer.data)
    return {str(one["UID"]): one for one in Calendar.from_ical(answer.data).walk("VEVENT")}


# --- what is in it -------------------------------------------------------------------------------


def test_own_bookings_under_the_invitations_uid_and_nothing_of_anybody_else(
    client: FlaskClient, work: Work
) -> None:
    with work() as session:
        event = make_event(session, format=Format.HYBRID, contact_phone="0900-10 00 01")
        event.occasions[0].online_url = MEETING
        seat = book(session, event, mode="online", name="Oskar Thelin")
        book(session, event, "annan@leverantor.example", name="Nils Annan")
        book(session, make_event(session, title={"sv": "Seminarium"}), name="Oskar Thelin")
        book(session, make_event(session), "bara.annan@leverantor.example")
        uid = session.scalars(
            sa.select(CalendarObject.uid).where(
                CalendarObject.participant_id == seat.participant_id
            )
        ).one()
    path = open_up(work)
    found = entries(client, path)
    assert len(found) == 2
    entry = found[uid]
    assert (entry["CLASS"], entry["STATUS"], entry["SEQUENCE"]) == ("PRIVATE", "CONFIRMED", 0)
    assert "ATTENDEE" not in entry
    assert "CONFERENCE" not in entry
    body = client.get(path).data.replace(b"\r\n ", b"").decode()
    secret = path.split("/")[2]
    for hidden in (MINE, "annan", "Nils", "0900-10", "hemlig", "Oskar", secret):
        assert hidden not in body, hidden
    head = body.partition("BEGIN:VTIMEZONE")[0]
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in head
    assert "METHOD:PUBLISH\r\n" in head
    assert "SOURCE" not in head


@pytest.mark.parametrize("state", [Seat.WAITING, Seat.PENDING, Seat.DECLINED])
def test_who_has_no_place_has_no_entry(client: FlaskClient, work: Work, state: str) -> None:
    given: dict[str, Any] = {"queue_number": 1} if state == Seat.WAITING else {}
    with work() as session:
        event = make_event(session)
        person = make_participant(
            session, make_registration(session, event), email=MINE, state=state, **given
        )
        seats = person.attendances
        notices.tell_places(session, event, seats, why="registered", now=NOW, post=POST)
    assert entries(client, open_up(work)) == {}


def test_who_kept_the_place_through_a_postponement_did_not_withdraw(
    client: FlaskClient, work: Work
) -> None:
    with work() as session:
        event_id = book(session, make_event(session, title={"sv": "A"})).occasion.event_id
    path = open_up(work)
    [old] = entries(client, path)
    send_all(work)
    verb: dict[str, Any] = {"now": NOW + timedelta(hours=1), "actor": "x", "post": POST}
    with work() as session:
        event_moves.postpone(session, event_id, {"sv": "x"}, **verb)
    send_all(work)
    with work() as session:
        new = STARTS + timedelta(days=30)
        end = new + timedelta(hours=1)
        event_moves.set_new_date(session, event_id, new, end, closes_at=None, **verb)
    found = entries(client, path)
    assert str(found.pop(old)["SUMMARY"]) == "Inställt: A"
    assert [str(one["SUMMARY"]) for one in found.values()] == ["A"]


def test_what_was_withdrawn_or_cancelled_stays_sixty_days_as_cancelled(
    client: FlaskClient, work: Work, clock: time_machine.Traveller
) -> None:
    with work() as session:
        withdrawn = book(session, make_event(session, slug="a", title={"sv": "A"}))
        off = book(session, make_event(session, slug="b", title={"sv": "B"}))
        person_id, event_id = withdrawn.participant_id, off.occasion.event_id
    path = open_up(work)
    before = entries(client, path)
    send_all(work)
    clock.shift(3600)
    now = NOW + timedelta(hours=1)
    with work() as session:
        registrations.withdraw_person(session, person_id, now=now, actor="x", post=POST)
        event_moves.cancel(session, event_id, {"sv": "x"}, now=now, actor="x", post=POST)
    after = entries(client, path)
    assert before.keys() == after.keys()
    for uid, entry in after.items():
        assert entry["STATUS"] == "CANCELLED"
        assert entry["SEQUENCE"] > before[uid]["SEQUENCE"]
        assert entry["DTSTAMP"].dt == now
    assert {str(one["SUMMARY"]) for one in after.values()} == {"Avbokad: A", "Inställt: B"}
    clock.move_to(now + timedelta(days=60, seconds=1))
    assert entries(client, path) == {}


def test_an_entry_that_nobody_was_mailed_is_cancelled_all_the_same(
    client: FlaskClient, work: Work, clock: time_machine.Traveller
) -> None:
    """The invitation waits in the outbox; the calendar may have been read meanwhile."""
    with work() as session:
        person_id = book(session, make_event(session)).participant_id
    path = open_up(work)
    [before] = entries(client, path).values()
    clock.shift(60)
    with work() as session:
        now = NOW + timedelta(minutes=1)
        registrations.withdraw_person(session, person_id, now=now, actor="x", post=POST)
    [after] = entries(client, path).values()
    assert after["UID"] == before["UID"]
    assert (after["STATUS"], after["SEQUENCE"]) == ("CANCELLED", before["SEQUENCE"] + 1)


def test_the_window(client: FlaskClient, work: Work) -> None:
    with work() as session:
        for name, starts_at in {
            "nyss": NOW - timedelta(days=50),
            "gammal": NOW - timedelta(days=70),
            "avlägsen": NOW + timedelta(days=600),
        }.items():
            book(session, make_event(session, title={"sv": name}, starts_at=starts_at))
    found = entries(client, open_up(work)).values()
    assert [str(entry["SUMMARY"]) for entry in found] == ["nyss"]


def test_a_series_is_one_entry_and_a_date_called_off_leaves_it(
    client: FlaskClient, work: Work
) -> None:
    with work() as session:
        week = timedelta(days=7)
        event = make_event(
            session,
            attending=Attending.SERIES,
            recurrence="FREQ=WEEKLY;COUNT=3",
            ends_at=STARTS + 2 * week + timedelta(hours=3),
        )
        first = event.occasions[0]
        first.ends_at = STARTS + timedelta(hours=3)
        first.recurs_at, first.online_url = STARTS, MEETING
        for n in (1, 2):
            start = STARTS + n * week
            end = start + timedelta(hours=3)
            more = Occasion(position=n, starts_at=start, ends_at=end, recurs_at=start)
            more.venue, more.address, more.online_url = first.venue, first.address, MEETING
            event.occasions.append(more)
        session.flush()
        person = make_participant(session, make_registration(session, event), email=MINE)
        for occasion in event.occasions[1:]:
            given: dict[str, Any] = {"created_at": NOW, "state_at": NOW, "state": Seat.CONFIRMED}
            seat = Attendance(participant=person, occasion=occasion, mode="on_site", **given)
            session.add(seat)
        session.flush()
        seats = person.attendances
        notices.tell_places(session, event, seats, why="registered", now=NOW, post=POST)
        event_id = event.id
    path = open_up(work)
    [entry] = entries(client, path).values()
    assert entry["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=3"
    assert entry["UID"].startswith("q")
    assert "EXDATE" not in entry
    send_all(work)
    with work() as session:
        event = lock_event(session, event_id)
        moved = event.occasions[1]
        moved.starts_at += timedelta(days=1)
        moved.ends_at += timedelta(days=1)
        session.flush()
        event.occasions[2].cancelled_at = NOW
    body = client.get(path).data.replace(b"\r\n ", b"")
    one, other = Calendar.from_ical(body).walk("VEVENT")
    assert one["UID"] == other["UID"] == entry["UID"]
    assert other["RECURRENCE-ID"].dt == STARTS + timedelta(days=7)
    assert other["DTSTART"].dt == STARTS + timedelta(days=8)
    assert one["EXDATE"].dts[0].dt == STARTS + timedelta(days=14)
    for hidden in (MINE.encode(), b"hemlig", b"ATTENDEE", b"PUBLIC\r\n"):
        assert hidden not in body


# --- HTTP ----------------------------------------------------------------------------------------


def test_conditional_gets_head_and_gzip(client: FlaskClient, work: Work) -> None:
    with work() as session:
        for number in range(3):
            book(session, make_event(session, title={"sv": f"Dialog {number}"}))
    path = open_up(work)
    first = client.get(path)
    tag, stamp = first.headers["ETag"], first.headers["Last-Modified"]
    assert first.content_type == "text/calendar; charset=utf-8"
    assert "Content-Disposition" not in first.headers
    assert "Set-Cookie" not in first.headers
    assert re.fullmatch('"[0-9a-f]{32}"', tag)
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": stamp}):
        again = client.get(path, headers=headers)
        assert (again.status_code, again.data) == (304, b"")
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == first.data
    head = client.head(path)
    assert (head.data, head.headers["ETag"]) == (b"", tag)
    assert head.content_length == first.content_length
    for answer in (first, packed, head, client.get(path, headers={"If-None-Match": tag})):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_same_bytes_until_something_is_changed_and_then_at_once(
    client: FlaskClient, work: Work, clock: time_machine.Traveller
) -> None:
    with work() as session:
        event = book(session, make_event(session)).occasion.event
        event_id = event.id
    path = open_up(work)
    first = client.get(path)
    clock.shift(7200)
    with work() as session:
        make_participant(session, make_registration(session, lock_event(session, event_id)))
    send_all(work)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    start, now = STARTS + timedelta(hours=1), NOW + timedelta(hours=2)
    with work() as session:
        end = start + timedelta(hours=3)
        event_moves.move(session, event_id, start, end, now=now, actor="x", post=POST)
    [entry] = entries(client, path).values()
    assert entry["SEQUENCE"] == 1
    assert entry["DTSTART"].dt == STARTS + timedelta(hours=1)


def test_a_read_writes_nothing_and_takes_few_statements(
    client: FlaskClient, work: Work, statements: Any, look: Work
) -> None:
    with work() as session:
        for _ in range(12):
            book(session, make_event(session))
    path = open_up(work)
    with look() as session:
        before = {table.name: session.execute(sa.select(table)).all() for table in _TABLES}
    with statements() as ran:
        client.get(path)
    assert len(ran) <= 7, ran
    assert not [one for one in ran if not one.lstrip().upper().startswith("SELECT")]
    with statements() as ran:
        client.get(path)
    assert len(ran) == 3, "the feed, and the versions of seats and of meetings"
    with look() as session:
        assert before == {table.name: session.execute(sa.select(table)).all() for table in _TABLES}


_TABLES = Base.metadata.sorted_tables


def test_a_wrong_a_revoked_and_an_unmade_secret_are_not_found(
    client: FlaskClient, work: Work
) -> None:
    path = open_up(work)
    with work() as session:
        feed = session.query(CalendarFeed).one()
        feed.revoked_at = NOW
        session.add(CalendarFeed(address=MINE, created_at=NOW, expires_at=NOW, language="sv"))
    for wrong in (path, path.replace("/k/", "/k/x"), "/k/x/calendar.ics", "/k/%C3%A5/calendar.ics"):
        answer = client.get(wrong)
        assert answer.status_code == 404
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_one_calendar_is_given_out_so_often_and_others_are_not_held_up(
    client: FlaskClient, work: Work, clock: time_machine.Traveller
) -> None:
    path, other = open_up(work), open_up(work, "annan@leverantor.example")
    for _ in range(private_feeds.READS):
        assert client.get(path).status_code == 200
    refused = client.get(path)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= private_feeds.WINDOW
    assert client.get(other).status_code == 200
    clock.shift(private_feeds.WINDOW)
    assert client.get(path).status_code == 200


def test_the_secret_stands_in_no_log(
    app: Flask, client: FlaskClient, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    from blueprints.logs import blot

    path = open_up(work)
    with caplog.at_level("INFO"):
        client.get(path)
    [line] = [r.getMessage() for r in caplog.records if r.name == "dialognav.access"]
    assert "/k/…/calendar.ics 200" in blot(line)


# --- asking for it, renewing, revoking -----------------------------------------------------------


def ask(client: FlaskClient, email: str) -> Any:
    form = open_form(client, "/sv/my/calendar")
    form["email"] = email
    return form.send()


def mailed(work: Work, key: str = "not-a-secret-" * 4) -> list[tuple[str, str]]:
    """[(address, path of the page)] of the letters that wait."""
    with work() as session:
        rows = session.scalars(
            sa.select(Letter).filter_by(kind="calendar_link", status="pending").order_by(Letter.id)
        )
        return [
            (
                row.recipient,
                "/sv/my/calendar/"
                + make_link(key, CALENDAR, (row.facts or {})["calendar_link"]["public_id"], 0),
            )
            for row in rows
        ]


@pytest.fixture
def booked(work: Work) -> None:
    with work() as session:
        book(session, make_event(session))


def press(client: FlaskClient, page: str, verb: str) -> Any:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(f"{page}/{verb}", data={"csrf_token": token[1]})


def address_on(page: str) -> str:
    found = re.search(r'value="http://localhost(/k/[\w-]{43}/calendar\.ics)"', page)
    assert found
    return found[1]


def test_from_the_question_to_the_calendar(client: FlaskClient, work: Work, booked: None) -> None:
    assert ask(client, f" {MINE.upper()} ").location == "/sv/my/calendar/sent"
    [(address, page)] = mailed(work)
    assert address == MINE
    for _ in range(2):  # a scanner opens it, and so does a browser that looks ahead
        shown = client.get(page)
        assert shown.status_code == 200
        assert MINE in shown.text
        assert "/k/" not in shown.text
    made = press(client, page, "make")
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "private, no-store"
    path = address_on(made.text)
    secret = path.split("/")[2]
    assert f"webcal://localhost{path}" in made.text
    assert f"cid=webcal%3A%2F%2Flocalhost%2Fk%2F{secret}" in made.text
    assert len(entries(client, path)) == 1
    with work() as session:
        [row] = session.query(CalendarFeed).all()
        assert secret not in str(vars(row))


def test_the_link_works_once_and_for_an_hour(
    client: FlaskClient, work: Work, booked: None, clock: time_machine.Traveller
) -> None:
    ask(client, MINE)
    [(_, page)] = mailed(work)
    path = address_on(press(client, page, "make").text)
    token = re.search(r'csrf_token"[^>]*value="([^"]+)"', client.get("/sv/my/calendar").text)
    assert token
    for verb in ("make", "revoke"):
        answer = client.post(f"{page}/{verb}", data={"csrf_token": token[1]})
        assert answer.status_code == 404
    assert client.get(page).status_code == 404
    assert client.get(path).status_code == 200
    ask(client, MINE)
    page = mailed(work)[-1][1]
    clock.shift(3601)
    assert client.get(page).status_code == 404


def test_renewing_ends_the_old_address_and_revoking_all(
    client: FlaskClient, work: Work, booked: None
) -> None:
    ask(client, MINE)
    old = address_on(press(client, mailed(work)[-1][1], "make").text)
    ask(client, MINE)
    page = mailed(work)[-1][1]
    assert f"{page}/revoke" in client.get(page).text
    new = address_on(press(client, page, "make").text)
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    ask(client, MINE)
    done = press(client, mailed(work)[-1][1], "revoke")
    assert done.location == "/sv/my/calendar/revoked"
    assert client.get(done.location).status_code == 200
    assert client.get(new).status_code == 404


def test_two_who_use_one_link_at_once_make_one_calendar(work: Work, booked: None) -> None:
    with work() as session:
        feed = CalendarFeed(
            address=MINE, created_at=NOW, expires_at=NOW + timedelta(hours=1), language="sv"
        )
        session.add(feed)
        session.flush()
        calendar_feeds.make(session, feed.id, new_secret(), now=NOW)
        with pytest.raises(NotFound):
            calendar_feeds.make(session, feed.id, new_secret(), now=NOW)


def test_the_unknown_get_the_same_answer_and_no_mail(
    client: FlaskClient, app: Flask, work: Work, booked: None
) -> None:
    answers = []
    for email in (MINE, "okand@annan.example"):
        visitor = app.test_client()
        answer = ask(visitor, email)
        answers.append((answer.status_code, answer.location, visitor.get(answer.location).text))
    assert answers[0] == answers[1]
    assert [address for address, _ in mailed(work)] == [MINE]
    with work() as session:
        assert session.query(CalendarFeed).count() == 1


def test_one_address_is_mailed_a_few_times_an_hour(
    client: FlaskClient, work: Work, booked: None
) -> None:
    for _ in range(6):
        assert ask(client, MINE).status_code == 303
    with work() as session:
        assert session.query(Letter).filter_by(kind="calendar_link").count() == 3
    assert len(mailed(work)) == 1  # the last; its forerunners had not left


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a@b.example\r\nBcc: c@d.example"])
def test_what_is_no_address_is_said(client: FlaskClient, email: str) -> None:
    assert ask(client, email).status_code == 422


@pytest.mark.parametrize("purpose", ["r", "p", "o", "i", "b"])
def test_a_secret_of_another_purpose_opens_nothing(
    client: FlaskClient, work: Work, booked: None, purpose: str
) -> None:
    ask(client, MINE)
    with work() as session:
        public_id = session.query(CalendarFeed.public_id).scalar()
    link = make_link("not-a-secret-" * 4, purpose, public_id, 0)
    assert client.get(f"/sv/my/calendar/{link}").status_code == 404
    assert client.get("/sv/my/calendar/nonsense").status_code == 404


def test_from_the_own_page_the_mail_goes_to_the_persons_own_address(
    client: FlaskClient, work: Work, look: Work
) -> None:
    with work() as session:
        seat = book(session, make_event(session))
        person = seat.participant
        colleague = make_participant(session, person.registration, email="kollega@firma.example")
        key = "not-a-secret-" * 4
        link = make_link(key, "p", colleague.public_id, 0)
        wrong = make_link("other-" * 8, "p", person.public_id, 0)
    token = re.search(r'csrf_token"[^>]*value="([^"]+)"', client.get("/sv/my").text)
    assert token
    data = {"csrf_token": token[1]}
    answer = client.post(f"/sv/r/{link}/calendar", data=data)
    assert answer.location == f"/sv/r/{link}?done=calendar"
    assert client.post(f"/sv/r/{wrong}/calendar", data=data).status_code == 404
    assert client.post(f"/sv/r/{link}/calendar").status_code in (400, 422)
    assert [address for address, _ in mailed(work)] == ["kollega@firma.example"]


# --- what is kept, and how long ------------------------------------------------------------------


def test_what_is_over_and_whose_address_nobody_has_is_tidied_away(work: Work, booked: None) -> None:
    hour, week = timedelta(hours=1), timedelta(days=7)
    made: dict[str, Any] = {"address": MINE, "created_at": NOW, "fingerprint": "f"}
    with work() as session:
        for name, given in {
            "kept": {},
            "asked": {"fingerprint": None, "expires_at": NOW + hour},
            "just revoked": {"revoked_at": NOW - week},
            "run out": {"fingerprint": None, "expires_at": NOW - hour},
            "revoked": {"revoked_at": NOW - week - hour},
            "stray": {"address": "borta@annan.example"},
        }.items():
            values = {**made, "fingerprint": name, **given}
            session.add(CalendarFeed(public_id=name[:12], **values))
    with work() as session:
        housekeeping.tidy(session, now=NOW, sent_retention_days=180)
    with work() as session:
        left = set(session.scalars(sa.select(CalendarFeed.public_id)))
    assert left == {"kept", "asked", "just revoked"}


def test_it_stands_in_the_own_data(client: FlaskClient, work: Work) -> None:
    with work() as session:
        person = book(session, make_event(session)).participant
        link = make_link("not-a-secret-" * 4, "p", person.public_id, 0)
    assert client.get(f"/sv/r/{link}/data.json").json["calendars"] == []
    open_up(work)
    assert client.get(f"/sv/r/{link}/data.json").json["calendars"] == [
        {"made_at": "2027-01-12T09:00:00+00:00"}
    ]


def test_an_address_that_is_forgotten_has_no_calendar(
    client: FlaskClient, work: Work, booked: None
) -> None:
    path = open_up(work)
    with work() as session:
        forget_addresses(session, {MINE})
        assert session.query(CalendarFeed).count() == 1  # somebody has the address
        session.execute(sa.update(Participant).values(email="gone@erased.invalid"))
        forget_addresses(session, {MINE})
        assert session.query(CalendarFeed).count() == 0
    assert client.get(path).status_code == 404
