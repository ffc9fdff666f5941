"""From sign-up to cancellation as one calendar sees it, read by a reader that is not the writer."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import event_moves, registrations
from dialognav.actions.participants import withdraw_person
from dialognav.actions.registrations import NewPerson, Wish
from dialognav.domain.terms import Mode
from dialognav.models import CalendarObject, Event, Participant
from dialognav.tokens import make_link
from tests import ics_reader
from tests.conftest import NOW
from tests.factories import STARTS, make_event
from tests.integration.mailed import POST, calendar_part, post_mail, sign_up, text_of, to

__all__ = ["post_mail"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REASON = {"sv": "För få anmälda."}


class Calendar:
    """Keeps entries by UID as a client does: a lower SEQUENCE is old news (RFC 5546 2.1.5)."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, str]] = {}
        self.sequences: dict[str, int] = {}

    def take(self, ics: bytes) -> str:
        """Read one mailed part; returns its METHOD."""
        read = ics_reader.lint(ics)
        [event] = read.of("VEVENT")
        said = {line.name: line.text for line in event.lines}
        method, uid, sequence = read.one("METHOD").value, said["UID"], int(said["SEQUENCE"])
        assert sequence >= self.sequences.get(uid, 0)
        assert sequence > self.sequences.get(uid, -1), "a revision without a number of its own"
        self.sequences[uid] = sequence
        if method == "CANCEL":
            assert uid in self.entries, "nothing to take out"
            del self.entries[uid]
        else:
            self.entries[uid] = said
        return method


@pytest.fixture
def event_id(work) -> int:
    with work() as session:
        return make_event(session, capacity_on_site=2).id


def test_one_entry_lives_through_it_all(event_id, work, post_mail, clock):
    calendar = Calendar()
    sign_up(work, event_id, "Ada", language="sv")
    [message] = post_mail()
    assert message["Subject"] == "Ni är anmälda: Marknadsdialog om hemmonitorering"
    assert calendar.take(calendar_part(message)) == "REQUEST"
    [uid] = calendar.entries
    assert calendar.entries[uid]["DTSTART"] == "20270210T090000"

    clock.shift(HOUR)
    with work() as session:
        end = STARTS + 4 * HOUR
        event_moves.move(
            session, event_id, STARTS + HOUR, end, now=NOW + HOUR, actor="user:1", post=POST
        )
    [message] = post_mail()
    assert message["Subject"] == "Ny tid: Marknadsdialog om hemmonitorering"
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.entries[uid]["DTSTART"] == "20270210T100000"

    with work() as session:
        event_moves.postpone(session, event_id, REASON, now=NOW + HOUR, actor="user:1", post=POST)
    [message] = post_mail()
    assert "För få anmälda." in text_of(message)
    assert calendar.take(calendar_part(message)) == "CANCEL"
    assert calendar.entries == {}

    with work() as session:
        event_moves.set_new_date(
            session,
            event_id,
            STARTS + 30 * DAY,
            STARTS + 30 * DAY + HOUR,
            closes_at=None,
            now=NOW + HOUR,
            actor="user:1",
            post=POST,
        )
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "REQUEST"
    [again] = calendar.entries
    assert again != uid
    assert calendar.entries[again]["DTSTART"] == "20270312T090000"

    with work() as session:
        event_moves.cancel(session, event_id, REASON, now=NOW + HOUR, actor="u", post=POST)
    [message] = post_mail()
    assert message["Subject"] == "Inställt: Marknadsdialog om hemmonitorering"
    assert calendar.take(calendar_part(message)) == "CANCEL"
    assert calendar.entries == {}
    assert post_mail() == []


def test_a_new_date_is_asked_anew_also_before_the_old_one_was_called_off(
    event_id, work, post_mail, clock
):
    sign_up(work, event_id, "Ada", language="sv")
    post_mail()
    clock.shift(HOUR)
    verb = {"now": NOW + HOUR, "actor": "user:1", "post": POST}
    with work() as session:
        [entry] = session.scalars(
            sa.select(CalendarObject).where(CalendarObject.participant_id.is_not(None))
        )
        entry.partstat = "ACCEPTED"
        event_moves.postpone(session, event_id, REASON, **verb)
    new = STARTS + 30 * DAY
    with work() as session:
        event_moves.set_new_date(session, event_id, new, new + HOUR, closes_at=None, **verb)
    [message] = post_mail()
    mailed = calendar_part(message).replace(b"\r\n ", b"")
    assert b"PARTSTAT=NEEDS-ACTION" in mailed
    assert b"RSVP=TRUE" in mailed


def test_a_freed_place_reaches_the_first_who_waits(event_id, work, post_mail):
    calendars = {name: Calendar() for name in ("ada", "bo", "cia", "dan")}
    for name in ("Ada", "Bo", "Cia", "Dan"):
        sign_up(work, event_id, name, language="sv")
    first = post_mail()
    for name in ("ada", "bo"):
        calendars[name].take(calendar_part(to(first, f"{name}@firm.example")))
    waiting = to(first, "dan@firm.example")
    assert calendar_part(waiting) is None
    assert "Plats 2 i kön" in text_of(waiting)

    with work() as session:
        ada = session.scalars(sa.select(Participant).where(Participant.name == "Ada")).one()
        withdraw_person(session, ada.id, now=NOW, actor="", post=POST)
    left, promoted = sorted(post_mail(), key=lambda one: one["To"])
    assert (left["To"].addresses[0].username, promoted["To"].addresses[0].username) == (
        "ada",
        "cia",
    )
    assert calendars["ada"].take(calendar_part(left)) == "CANCEL"
    assert calendars["cia"].take(calendar_part(promoted)) == "REQUEST"
    assert promoted["Subject"].startswith("Ni har fått plats")


def test_colleagues_get_an_invitation_each_that_shows_nobody_else(event_id, work, post_mail):
    sign_up(work, event_id, "Ada", "Bo", language="sv")
    messages = post_mail()
    for name, other in (("ada", "bo"), ("bo", "ada")):
        message = to(messages, f"{name}@firm.example")
        assert f"{other}@firm.example" not in message.as_string()
        assert f"{other}@firm.example".encode() not in calendar_part(message)
        text = text_of(message)
        assert not re.search(rf"\b{other.title()}\b(?! AB)", text)


def test_the_file_on_the_own_page_is_the_one_in_the_mail(event_id, work, post_mail, client):
    sign_up(work, event_id, "Ada", "Bo", language="sv")
    for message in post_mail():
        text = text_of(message)
        path = re.search(r"http://localhost(/r/\S+/invite\.ics)", text)[1]
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.data == calendar_part(message)


def test_before_the_mail_has_left_the_file_is_already_the_same(
    event_id, work, post_mail, client, app
):
    sign_up(work, event_id, "Ada", language="sv")
    with work() as session:
        ada = session.scalars(sa.select(Participant)).one()
        secret = make_link(app.config["SECRET_KEY"], "p", ada.public_id, ada.generation)
    early = client.get(f"/r/{secret}/invite.ics").data
    [message] = post_mail()
    assert early == calendar_part(message)


def test_an_event_that_is_called_off_at_once_leaves_no_trace_in_calendars(
    event_id, work, post_mail
):
    sign_up(work, event_id, "Ada", language="sv")
    with work() as session:
        event_moves.cancel(session, event_id, REASON, now=NOW, actor="u", post=POST)
    [message] = post_mail()
    assert message["Subject"].startswith("Inställt: ")
    assert calendar_part(message) is None
    with work() as session:
        assert session.scalars(sa.select(Event.state)).one() == "cancelled"


HYBRID = {"format": "hybrid", "online_url": "https://meet.example/j/4711", "capacity_online": 5}


def test_at_a_hybrid_event_each_has_the_place_that_is_theirs(work, post_mail):
    with work() as session:
        event_id = make_event(session, capacity_on_site=2, **HYBRID).id
    sign_up(work, event_id, "Ada")
    sign_up(work, event_id, "Bo", mode=Mode.ONLINE)
    messages = post_mail()
    there, away = (calendar_part(to(messages, f"{one}@firm.example")) for one in ("ada", "bo"))
    assert b"meet.example" not in there
    assert b"LOCATION:Online" not in there
    [event] = ics_reader.lint(away).of("VEVENT")
    assert event.one("LOCATION").text.startswith("Online")
    assert event.one("CONFERENCE").value == "https://meet.example/j/4711"
    assert event.one("DTSTART").value.endswith("Z")


def test_who_changes_the_way_of_attending_keeps_the_entry(work, post_mail):
    with work() as session:
        event_id = make_event(session, capacity_on_site=2, **HYBRID).id
    calendar = Calendar()
    sign_up(work, event_id, "Ada")
    [message] = post_mail()
    calendar.take(calendar_part(message))
    [uid] = calendar.entries
    for mode, says in ((Mode.ONLINE, "Online"), (Mode.ON_SITE, "")):
        with work() as session:
            ada = session.scalars(sa.select(Participant)).one()
            registrations.change_mode(session, ada.id, Wish(mode), now=NOW, actor="", post=POST)
        [message] = post_mail()
        assert calendar.take(calendar_part(message)) == "REQUEST"
        [same] = calendar.entries
        assert same == uid
        assert calendar.entries[uid]["LOCATION"].startswith(says)
        assert ("CONFERENCE" in calendar.entries[uid]) is bool(says)


def test_a_colleague_who_takes_over_gets_an_entry_of_their_own(event_id, work, post_mail):
    calendars = {"ada": Calendar(), "eva": Calendar()}
    sign_up(work, event_id, "Ada")
    calendars["ada"].take(calendar_part(post_mail()[0]))
    [old] = calendars["ada"].entries
    with work() as session:
        ada = session.scalars(sa.select(Participant)).one()
        registrations.swap_person(
            session,
            ada.id,
            NewPerson("Eva", "eva@firm.example", Wish(Mode.ON_SITE)),
            now=NOW,
            actor="",
            post=POST,
        )
    messages = post_mail()
    left, came = to(messages, "ada@firm.example"), to(messages, "eva@firm.example")
    assert calendars["ada"].take(calendar_part(left)) == "CANCEL"
    assert calendars["eva"].take(calendar_part(came)) == "REQUEST"
    assert old not in calendars["eva"].entries
    assert b"ada@firm.example" not in calendar_part(came)
    assert b"eva@firm.example" not in calendar_part(left)


def test_an_all_day_event_is_in_days_until_it_gets_an_hour(work, post_mail, clock):
    midnight = STARTS.replace(hour=23) - DAY  # in Stockholm
    with work() as session:
        event_id = make_event(
            session, all_day=True, starts_at=midnight, ends_at=midnight + 2 * DAY
        ).id
    calendar = Calendar()
    sign_up(work, event_id, "Ada")
    [message] = post_mail()
    calendar.take(calendar_part(message))
    [uid] = calendar.entries
    assert calendar.entries[uid]["DTSTART"] == "20270210"
    assert calendar.entries[uid]["DTEND"] == "20270212"
    clock.shift(HOUR)
    with work() as session:
        event_moves.move(
            session,
            event_id,
            STARTS,
            STARTS + HOUR,
            all_day=False,
            now=NOW + HOUR,
            actor="u",
            post=POST,
        )
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.entries[uid]["DTSTART"] == "20270210T090000"
