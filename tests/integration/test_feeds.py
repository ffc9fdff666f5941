"""Calendar files and feeds, read by readers that are not ours to trust."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy.orm import Session

from blueprints.block_cache import Block, block_of
from blueprints.public import feeds
from dialognav.actions.publications import keep_public_objects
from dialognav.domain.calendar import Entry
from dialognav.domain.terms import EventState, Format, Kind
from dialognav.mail.post import Post
from dialognav.models import CalendarObject, Event, Occasion, lock_event
from dialognav.tokens import PARTICIPANT, REGISTRATION, make_link
from tests.conftest import NOW
from tests.factories import (
    STARTS,
    make_event,
    make_organisation,
    make_participant,
    make_registration,
)
from tests.fixtures import Work
from tests.ics_reader import lint

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
ATOM = "{http://www.w3.org/2005/Atom}"


def events_in(ics: bytes) -> list[Any]:
    return list(Calendar.from_ical(ics).walk("VEVENT"))


def keep(session: Session, slug: str = "e", **changes: Any) -> Event:
    """What an action does: lock, write, keep the public numbers."""
    found = session.scalars(sa.select(Event.id).where(Event.slug == slug)).one()
    event = lock_event(session, found)
    for name, value in changes.items():
        setattr(event, name, value)
    keep_public_objects(session, event, now=datetime.now(UTC), post=POST)
    return event


def test_the_download_of_an_event(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="e", public_id="abcdefghijkl", latitude=59.3)
        event.occasions[0].longitude = 18.1
    answer = client.get("/events/e.ics?lang=sv")
    assert answer.content_type == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="e.ics"'
    lint(answer.data)
    [entry] = events_in(answer.data)
    assert entry["UID"] == "eabcdefghijkl@inv.dialog.example"
    assert entry["SEQUENCE"] == 0
    assert entry["DTSTART"].dt.isoformat() == "2027-02-10T09:00:00+01:00"
    assert entry["URL"] == "http://localhost/sv/events/e"
    assert entry["LOCATION"] == "Stadshuset, Sal A, Storgatan 1, Tallvik"
    assert entry["ORGANIZER"] == "mailto:dialog@dialog.example"
    assert entry["STATUS"] == "CONFIRMED"
    assert "ATTENDEE" not in entry
    assert "CONFERENCE" not in entry
    assert entry["GEO"].to_ical() == "59.3;18.1"
    assert client.get("/events/none.ics").status_code == 404
    assert client.get("/events/e.ics?lang=%00xx").status_code == 200


def test_the_same_bytes_until_something_changes(
    client: FlaskClient, work: Work, clock: time_machine.Traveller
) -> None:
    with work() as session:
        make_event(session, slug="e")
        keep(session)
    first = client.get("/events/e.ics").data
    clock.shift(3600)
    with work() as session:
        event = keep(session)  # saved again, nothing written
        make_participant(session, make_registration(session, event))
    assert client.get("/events/e.ics").data == first


CHANGES = [
    ("time", {"occasion.starts_at": STARTS + timedelta(minutes=30)}, 1),
    ("place", {"occasion.venue": {"sv": "Sal B"}}, 1),
    ("title", {"title": {"sv": "Nytt namn"}}, 1),
    ("english title", {"title": {"sv": "Marknadsdialog om hemmonitorering", "en": "New"}}, 1),
    ("cancelled", {"state": EventState.CANCELLED}, 1),
    ("postponed", {"state": EventState.POSTPONED}, 1),
    ("summary", {"summary": {"sv": "Bättre sagt"}}, 0),
    ("need", {"need": {"sv": "Står inte i kalendern"}}, None),
]


@pytest.mark.parametrize(("name", "changes", "rises"), CHANGES, ids=[c[0] for c in CHANGES])
def test_sequence_rises_with_what_a_reader_acts_upon(
    client: FlaskClient,
    work: Work,
    clock: time_machine.Traveller,
    name: str,
    changes: dict[str, Any],
    rises: int | None,
) -> None:
    with work() as session:
        make_event(session, slug="e")
        keep(session)
    [before] = events_in(client.get("/events/e.ics").data)
    clock.shift(3600)
    with work() as session:
        row = session.scalars(sa.select(Event)).one()
        for path, value in changes.items():
            owner = row.occasions[0] if path.startswith("occasion.") else row
            setattr(owner, path.removeprefix("occasion."), value)
        session.flush()
        keep(session)
    [after] = events_in(client.get("/events/e.ics").data)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == (rises or 0)
    moved = after["DTSTAMP"].dt - before["DTSTAMP"].dt
    assert moved == (timedelta(0) if rises is None else timedelta(hours=1))
    assert after["DTSTAMP"].dt == after["LAST-MODIFIED"].dt


def test_two_changes_raise_it_twice_and_coming_back_keeps_the_uid(
    client: FlaskClient, work: Work
) -> None:
    with work() as session:
        make_event(session, slug="e")
        keep(session)
    for state in (EventState.POSTPONED, EventState.PUBLISHED):
        with work() as session:
            keep(session, state=state)
    [entry] = events_in(client.get("/events/e.ics").data)
    assert (entry["SEQUENCE"], entry["STATUS"]) == (2, "CONFIRMED")


def test_a_draft_keeps_no_numbers(work: Work, look: Work) -> None:
    with work() as session:
        make_event(session, slug="e", state=EventState.DRAFT, published_at=None)
        keep(session)
    with look() as session:
        assert session.query(CalendarObject).count() == 0


def test_an_event_of_two_days_is_two_entries_with_a_name(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="e", ends_at=STARTS + timedelta(days=1, hours=3))
        event.occasions[0].ends_at = STARTS + timedelta(hours=3)
        day = STARTS + timedelta(days=1)
        session.add(
            Occasion(event=event, position=1, starts_at=day, ends_at=day + timedelta(hours=1))
        )
        session.flush()
        keep(session)
    ics = client.get("/events/e.ics").data
    uids = [str(entry["UID"]) for entry in events_in(ics)]
    assert len(set(uids)) == 2
    assert Calendar.from_ical(ics)["X-WR-CALNAME"] == "Marknadsdialog om hemmonitorering"


def test_the_feed_holds_what_a_calendar_wants(client: FlaskClient, work: Work) -> None:
    with work() as session:
        owner = make_organisation(session)
        for name, given in {
            "kommande": {},
            "digital": {"format": Format.ONLINE, "starts_at": STARTS + timedelta(days=1)},
            "nyss": {"starts_at": NOW - timedelta(days=50)},
            "gammal": {"starts_at": NOW - timedelta(days=70)},
            "avlägsen": {"starts_at": NOW + timedelta(days=600)},
            "inställd": {"state": EventState.CANCELLED},
            "länge-inställd": {
                "state": EventState.CANCELLED,
                "changed_at": NOW - timedelta(days=61),
                "published_at": NOW - timedelta(days=90),
            },
            "utkast": {"state": EventState.DRAFT},
        }.items():
            make_event(session, owner, title={"sv": name}, **given)
    answer = client.get("/calendar.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "Content-Disposition" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=900"
    assert answer.headers["Vary"] == "Accept-Encoding"
    names = [str(entry["SUMMARY"]) for entry in events_in(answer.data)]
    assert names == ["nyss", "kommande", "Inställt: inställd", "digital"] or names == [
        "nyss",
        "Inställt: inställd",
        "kommande",
        "digital",
    ]
    lint(answer.data)
    head = answer.data.partition(b"BEGIN:VTIMEZONE")[0].decode()
    for line in (
        "METHOD:PUBLISH",
        "REFRESH-INTERVAL;VALUE=DURATION:PT4H",
        "X-PUBLISHED-TTL:PT4H",
        "SOURCE;VALUE=URI:http://localhost/calendar.ics",
    ):
        assert f"{line}\r\n" in head


def test_the_feed_takes_the_lists_filters(client: FlaskClient, work: Work) -> None:
    with work() as session:
        one = make_organisation(session, slug="ett")
        make_event(session, one, title={"sv": "A"}, kind=Kind.SEMINAR)
        make_event(session, one, title={"sv": "B"})
        make_event(session, title={"sv": "C"}, kind=Kind.SEMINAR)
    for feed in ("/calendar.ics", "/feed.atom"):
        got = client.get(f"{feed}?organisation=ett&kind=seminar&lang=sv").get_data(as_text=True)
        found = re.findall(r"(?:SUMMARY:|<entry>\s*<title>)([A-C])\b", got)
        assert found == ["A"], feed


def test_the_feeds_conditional_get(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session, slug="e", changed_at=NOW - timedelta(minutes=5))
    first = client.get("/calendar.ics")
    tag, stamp = first.headers["ETag"], first.headers["Last-Modified"]
    assert re.fullmatch('"[0-9a-f]{32}"', tag)
    assert stamp == "Tue, 12 Jan 2027 08:55:00 GMT"
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": stamp},
    ):
        again = client.get("/calendar.ics", headers=headers)
        assert (again.status_code, again.data) == (304, b""), headers
        assert again.headers["ETag"] == tag
    stale = {"If-None-Match": '"other"', "If-Modified-Since": stamp}
    assert client.get("/calendar.ics", headers=stale).status_code == 200
    head = client.head("/calendar.ics")
    assert (head.data, head.headers["ETag"]) == (b"", tag)
    assert head.content_length == first.content_length
    with work() as session:
        keep(session, title={"sv": "Nytt"})
    changed = client.get("/calendar.ics", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_an_empty_feed_is_a_calendar_all_the_same(client: FlaskClient, work: Work) -> None:
    assert client.get("/calendar.ics").data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert ElementTree.fromstring(client.get("/feed.atom").data).findall(f"{ATOM}entry") == []


def test_a_feed_takes_a_few_statements(client: FlaskClient, work: Work, statements: Any) -> None:
    with work() as session:
        for _ in range(15):
            keep(session, make_event(session).slug)
    for path, most in (("/calendar.ics", 4), ("/feed.atom", 3)):
        with statements() as ran:
            client.get(path)
        assert len(ran) <= most


def test_a_sign_up_writes_no_entry_anew_but_its_own_events(
    client: FlaskClient, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def writing(entry: Entry, until: datetime | None = None) -> Block:
        written.append(entry.summary)
        return block_of(entry, until)

    monkeypatch.setattr(feeds, "block_of", writing)
    with work() as session:
        for name in "abc":
            make_event(session, slug=name, title={"sv": name})
            keep(session, name)
    first = client.get("/calendar.ics").data
    assert sorted(written) == ["a", "b", "c"]
    written.clear()
    with work() as session:
        lock_event(session, session.query(Event.id).filter_by(slug="b").scalar())
    assert client.get("/calendar.ics").data == first
    assert written == ["b"]
    written.clear()
    client.get("/calendar.ics?organisation=nobody")
    assert client.get("/calendar.ics?kind=market_dialogue").data.count(b"BEGIN:VEVENT") == 3
    assert written == []


def block(number: int, size: int = 100, until: datetime | None = None) -> Block:
    at = NOW + timedelta(hours=number)
    return Block(at, f"e{number:05}", NOW, "Europe/Stockholm", b"x" * size, until)


def test_a_feed_has_its_limits_and_leaves_out_the_last_to_begin() -> None:
    many, _ = feeds.joined([block(n) for n in reversed(range(2_100))], NOW)
    assert (len(many), many[0].uid, many[-1].uid) == (2_000, "e00000", "e01999")
    large, _ = feeds.joined([block(n, 300_000) for n in range(10)], NOW)
    assert [each.uid for each in large] == [f"e{n:05}" for n in range(6)]


def test_a_cancelled_day_stays_for_a_while_and_the_feed_changes_by_itself() -> None:
    until = NOW + timedelta(days=60)
    blocks = [block(1), block(2, until=until)]
    assert [len(feeds.joined(blocks, at)[0]) for at in (NOW, until)] == [2, 1]
    assert feeds.joined(blocks, NOW)[1] == (until,)


def test_a_cancelled_day_of_an_event_that_goes_on(
    client: FlaskClient, work: Work, clock: time_machine.Traveller
) -> None:
    with work() as session:
        event = make_event(session, slug="e", ends_at=STARTS + timedelta(days=100, hours=3))
        event.occasions[0].ends_at = STARTS + timedelta(hours=3)
        day = STARTS + timedelta(days=100)
        end = day + timedelta(hours=1)
        session.add(Occasion(event=event, position=1, starts_at=day, ends_at=end))
        session.flush()
        keep(session)
    before = {str(e["UID"]): e["SEQUENCE"] for e in events_in(client.get("/calendar.ics").data)}
    with work() as session:
        session.query(Occasion).filter_by(position=0).one().cancelled_at = NOW
        keep(session)
    first, second = events_in(client.get("/calendar.ics").data)
    assert (first["STATUS"], second["STATUS"]) == ("CANCELLED", "CONFIRMED")
    assert first["SUMMARY"].startswith("Inställt: ")
    assert first["SEQUENCE"] == before[str(first["UID"])] + 1
    clock.move_to(NOW + timedelta(days=60))
    [left] = events_in(client.get("/calendar.ics").data)
    assert left["UID"] == second["UID"]


def test_a_day_put_before_the_others_gets_a_uid_of_its_own(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="e")
        keep(session)
    [before] = events_in(client.get("/events/e.ics").data)
    with work() as session:
        event = session.query(Event).one()
        event.occasions[0].position = 1
        day = STARTS - timedelta(days=7)
        end = day + timedelta(hours=1)
        session.add(Occasion(event=event, position=0, starts_at=day, ends_at=end))
        session.flush()
        session.expire(event)
        keep(session)
    after = [str(each["UID"]) for each in events_in(client.get("/events/e.ics").data)]
    assert len(set(after)) == 2
    assert after[1] == before["UID"]


def test_a_feed_is_named_by_organiser_and_filters(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session, make_organisation(session, slug="ett", name={"sv": "Region Ett"}))
    for query, name in {
        "": "Dialognav",
        "?organisation=ett": "Region Ett",
        "?organisation=ett&kind=seminar&lang=sv": "Region Ett: Seminarium",
        "?organisation=nobody": "Dialognav",
    }.items():
        assert Calendar.from_ical(client.get(f"/calendar.ics{query}").data)["X-WR-CALNAME"] == name


def test_atom_has_what_the_standard_asks_for(client: FlaskClient, work: Work) -> None:
    """RFC 4287 sections 4.1.1 and 4.1.2."""
    with work() as session:
        owner = make_organisation(session)
        make_event(session, owner, slug="a", changed_at=NOW - timedelta(hours=2))
        make_event(
            session,
            owner,
            slug="b",
            title={"sv": "Flyttad \x0b & <klar>"},
            changed_at=NOW,
            published_at=NOW - timedelta(days=1),
        )
    answer = client.get("/feed.atom?lang=en")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.data)
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        [one] = feed.findall(ATOM + name)
        assert one.text
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == "http://localhost/feed.atom?lang=en"
    first, second = feed.findall(f"{ATOM}entry")
    for entry in (first, second):
        for name in ("id", "title", "updated", "author/" + ATOM + "name", "summary"):
            assert entry.findtext(ATOM + name), name
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated") or "").tzinfo
    assert first.findtext(f"{ATOM}title") == "Flyttad & <klar>"
    assert first.find(f"{ATOM}title").get("{http://www.w3.org/XML/1998/namespace}lang") == "sv"  # type: ignore[union-attr]
    assert first.findtext(f"{ATOM}updated") == "2027-01-12T09:00:00Z"
    assert (first.findtext(f"{ATOM}id") or "").startswith("tag:dialog.example,2027-01-12:event/")
    assert first.find(f"{ATOM}link").get("href") == "http://localhost/en/events/b"  # type: ignore[union-attr]


def test_ones_own_invitation_and_no_other(client: FlaskClient, work: Work) -> None:
    key = "not-a-secret-" * 4
    with work() as session:
        event = make_event(session, slug="e")
        signed = make_registration(session, event)
        first = make_participant(session, signed)
        colleague = make_participant(session, signed)
        waiting = make_participant(session, signed, state="waiting")
        for n, person in enumerate((first, colleague)):
            session.add(
                CalendarObject(
                    uid=f"r{n}@inv.dialog.example",
                    participant_id=person.id,
                    occasion_id=event.occasions[0].id,
                    organizer_address="dialog@dialog.example",
                    dtstamp=NOW,
                    created_at=NOW,
                )
            )
        contact = make_link(key, REGISTRATION, signed.public_id, 0)
        own = make_link(key, PARTICIPANT, colleague.public_id, 0)
        ids = (first.public_id, colleague.public_id, waiting.public_id)
        addresses = (first.email, colleague.email)
    answer = client.get(f"/r/{contact}/invite.ics")
    assert answer.content_type == "text/calendar; charset=utf-8; method=REQUEST"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    [entry] = events_in(answer.data)
    assert entry["ATTENDEE"] == f"mailto:{addresses[0]}"
    assert contact.encode() not in answer.data.replace(b"\r\n ", b"")
    [entry] = events_in(client.get(f"/r/{contact}/{ids[1]}/invite.ics").data)
    assert entry["ATTENDEE"] == f"mailto:{addresses[1]}"
    [entry] = events_in(client.get(f"/r/{own}/invite.ics").data)
    assert entry["ATTENDEE"] == f"mailto:{addresses[1]}"
    for path in (
        f"/r/{own}/{ids[0]}/invite.ics",
        f"/r/{contact}/{ids[2]}/invite.ics",
        f"/r/{contact}/aaaaaaaaaaaa/invite.ics",
        f"/r/{contact[:-1]}a/invite.ics",
        "/r/x/invite.ics",
    ):
        assert client.get(path).status_code == 404, path
