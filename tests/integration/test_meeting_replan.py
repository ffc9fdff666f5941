"""A host falls ill: all of their meetings are planned anew in one step, and everybody told once."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dialognav.actions.imports import ChangedMeanwhile
from dialognav.actions.meeting_replan import send_away
from dialognav.actions.meeting_rules import publish_meetings
from dialognav.actions.meeting_tables import TableDraft, add_table
from dialognav.domain.bookings import overlaps
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.replanning import Step, Way
from dialognav.mail import meeting_notices
from dialognav.models import (
    Booking,
    Event,
    InterestConflict,
    MeetingRequest,
    Organisation,
    Slot,
    TeamMember,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import form_of, open_form
from tests.integration.mailed import POST, calendar_part, post_mail
from tests.meeting_factories import (
    make_booking,
    make_member,
    make_request,
    make_rules,
    make_slots,
    make_table,
)

__all__ = ["post_mail"]
FRIDAY = datetime(2027, 10, 29, 7, tzinfo=UTC)  # 9.00 in Stockholm
NIGHT = datetime(2027, 10, 30, 22, 45, tzinfo=UTC)  # 0.45: at 3.00 the clock goes back to 2.00
BEGINS = [NIGHT + timedelta(minutes=m) for n in (0, 255) for m in range(n, n + 240, 40)]
ACROSS = BEGINS[3]  # from 2.45 to 2.15
CUT = {
    "days-0-day": "2027-10-31",
    "days-0-from_time": "00:45",
    "days-0-to_time": "08:00",
    "breaks-0-from_time": "03:40",
    "breaks-0-to_time": "04:00",
}


@pytest.fixture
def planner(sign_in):
    return sign_in(role="planner", language="en")


def supplier(session, event, name):
    registration = make_registration(
        session, event, party_name=name, party_key=name, contact_email=f"{name.lower()}@l.example"
    )
    make_participant(session, registration, email=f"{name.lower()}@l.example", name=name)
    session.refresh(registration)
    return registration


def member(session, event, name):
    return make_member(session, event, name=name, email=f"{name.lower()}@tallvik.example")


@pytest.fixture
def event_id(planner, work, look):
    """Two tables, twelve times and a break each on the Sunday of 25 hours, cut by the page. Elin
    has six meetings at A then and one on the Friday before; B has four.

    Nils may stand in, but not at first, and not with S1. Nothing else suits S0.
    """
    with work() as session:
        event = make_event(session, session.get_one(Organisation, planner.organisation_id))
        make_rules(session, event)
        elin, jonas, petra, amir, nils = (
            member(session, event, name) for name in ("Elin", "Jonas", "Petra", "Amir", "Nils")
        )
        a = make_table(session, event, {elin: "asks", jonas: "notes"}, name={"sv": "Bord A"})
        make_table(session, event, {petra: "asks", amir: "notes"}, name={"sv": "Bord B"})
        [friday] = make_slots(session, event, a, number=1, starts_at=FRIDAY)
        make_booking(session, friday, supplier(session, event, "Fredag"))
        nils.away = [[NIGHT.isoformat(), (NIGHT + timedelta(minutes=30)).isoformat()]]
        public_id = event.public_id
    cut(planner, public_id, CUT)
    with work() as session:
        event = session.query(Event).one()
        times = {"Bord A": [], "Bord B": []}
        rows = session.query(Slot).filter(Slot.starts_at >= NIGHT).order_by(Slot.starts_at)
        for slot in rows:
            slot.published_at = NOW - timedelta(days=2)
            times[slot.table.name["sv"]].append(slot)
        for name, slot in zip(("S0", "S2", "S3", "S1", "S4", "S5"), times["Bord A"], strict=False):
            make_booking(session, slot, supplier(session, event, name))
        for n, slot in enumerate(times["Bord B"][:4]):
            make_booking(session, slot, supplier(session, event, f"T{n}"))
        make_request(session, supplier(session, event, "Vantar"), queue_number=5)
        session.flush()
        of = {one.registration.party_name: one.registration for one in session.query(Booking)}
        nils = session.query(TeamMember).filter_by(name="Nils").one()
        reason = {"reason": "Delägare", "noted_at": NOW}
        session.add(InterestConflict(member_id=nils.id, registration_id=of["S1"].id, **reason))
        never = [[NOW.isoformat(), (NOW + timedelta(days=400)).isoformat()]]
        make_request(session, of["S0"], state="served", queue_number=None, away=never)
    return public_id


def cut(planner, event_id, typed):
    """A day into times, by the page: looked at, then added."""
    path = address(event_id, "/plan/times/new")
    form = open_form(planner.client, path, "days-0-day")
    for name, value in typed.items():
        form[name] = value
    seen = form_of(planner.client, form.send(), "seen")
    seen["then"] = "save"
    assert seen.send().status_code == 303


def add_a_table(planner, event_id, work):
    """Mid-way, by the organiser: Bord C with as many times, published to all at once."""
    with work() as session:
        event = session.query(Event).one()
        people = {member(session, event, name).id: role for name, role in TEAM_C.items()}
        draft = TableDraft(name={"sv": "Bord C"}, room={"sv": "Sal Bolmen"}, people=people)
        how = {"now": NOW, "actor": "user:1"}
        table = add_table(session, event.id, draft, user_id=None, **how).public_id
    cut(planner, event_id, CUT | {"tables": table})
    with work() as session:
        event, opens_at = session.query(Event).one(), NOW + timedelta(days=1)
        publish_meetings(session, event.id, opens_at=opens_at, post=POST, **how)


TEAM_C = {"Sara": "asks", "Otto": "notes"}


def address(event_id, rest=""):
    return f"/manage/events/{event_id}/meetings{rest}"


def asked(look, name="Elin", day="2027-10-31"):
    with look() as session:
        who = session.query(TeamMember).filter_by(name=name).one().public_id
    return {"member": who, "day": day, "since": ""}


def proposed(page):
    """{field: (chosen value, its words)}"""
    found = {}
    for name, inside in re.findall(
        r'<select[^>]* name="(way-\d+)"[^>]*>(.*?)</select>', page, re.S
    ):
        found[name] = re.search(r'value="([^"]*)" selected>([^<]*)<', inside).groups()
    return found


def stands(look):
    """{party: (table, wall time's hour in UTC)} of what is booked."""
    with look() as session:
        rows = session.query(Booking).filter_by(state=BookingState.BOOKED)
        return {
            one.registration.party_name: (one.slot.table.name["sv"], one.slot.starts_at)
            for one in rows
        }


def check_teams(look):
    """Nobody is in two meetings at once, or away from one; each has who asks and who notes."""
    with look() as session:
        seats = []
        for booking in session.query(Booking).filter_by(state=BookingState.BOOKED):
            slot, span = booking.slot, (booking.slot.starts_at, booking.slot.ends_at)
            assert {one.role for one in slot.staff} >= {"asks", "notes"}
            for one in slot.staff:
                for begins, ends in one.member.away:
                    away = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
                    assert not overlaps(span, away), one.member.name
                assert not any(one.member_id == other and overlaps(span, at) for other, at in seats)
                seats.append((one.member_id, span))


def told(mails):
    """{(to, METHOD of its calendar part): how many}"""
    return Counter(
        (mail["To"].addresses[0].addr_spec.split("@")[0], method_of(mail)) for mail in mails
    )


def method_of(mail):
    found = re.search(rb"METHOD:(\w+)", calendar_part(mail) or b"")
    return found[1].decode() if found else ""


def test_a_day_with_a_host_ill_across_the_change_of_clocks(
    planner, event_id, work, look, post_mail
):
    add_a_table(planner, event_id, work)
    with work() as session:
        for name in ("Bord A", "Bord B", "Bord C"):
            own = [one for one in session.query(Slot) if one.table.name["sv"] == name]
            assert sorted(one.starts_at for one in own if one.starts_at >= NIGHT) == BEGINS
        rows = session.query(Booking).order_by(Booking.id).all()
        meeting_notices.tell_booked(session, rows, now=NOW, post=POST)
    assert post_mail()  # everybody has the entries in their calendars
    board = planner.client.get(address(event_id, "?day=2027-10-31")).text
    assert len(re.findall(r'data-live="cell-', board)) == 36
    assert board.count('class="brk"') == 1
    times = re.findall(r'<th scope="row" [^>]*><time datetime="([^"]*)">', board)
    assert times[2:5] == [
        *("2027-10-31T02:05:00+02:00", "2027-10-31T02:45:00+02:00", "2027-10-31T02:25:00+01:00")
    ]

    before = stands(look)
    page = planner.client.get(address(event_id, "/replan"), query_string=asked(look)).text
    ways = proposed(page)
    assert [words for _value, words in ways.values()] == [
        "Goes first on the waiting list",
        *["Nils stands in"] * 2,
        "Moves to Sun 31 Oct, 02:45, Bord C",
        *["Nils stands in"] * 2,
    ]
    assert not post_mail()  # looking changes nothing
    chosen = {name: value for name, (value, _words) in ways.items()}
    answer = planner.post(
        address(event_id, "/replan"),
        asked(look) | chosen | {"reason": "En i gruppen har förhinder."},
    )
    assert answer.status_code == 303

    after = stands(look)
    assert "S0" not in after
    assert after["S1"] == ("Bord C", ACROSS)
    assert {party: place for party, place in after.items() if party != "S1"} == {
        party: place for party, place in before.items() if party not in ("S0", "S1")
    }
    check_teams(look)
    with look() as session:
        queue = session.query(MeetingRequest).filter_by(state="waiting").order_by("queue_number")
        assert [one.registration.party_name for one in queue] == ["S0", "Vantar"]
    mails = post_mail()
    [entry] = [calendar_part(one) for one in mails if "s1@" in one["To"]]
    assert {b"DTSTART:20271031T004500Z", b"DTEND:20271031T011500Z"} <= {*entry.splitlines()}
    paper = planner.client.get(address(event_id, "/print/day?day=2027-10-31")).text
    lines = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", paper))
    assert len(re.findall(r"\d\d:\d\d–\d\d:\d\d \S+ .{,40} takes notes", lines)) == 36
    assert lines.count("03:40–04:00 Break") == 3
    assert "01:25–01:55 S2 S2 Nils asks, Jonas takes notes" in lines
    assert "02:45–02:15 S1 S1 Sara asks, Otto takes notes" in lines
    assert told(mails) == {
        ("s0", "CANCEL"): 1,
        ("s1", "REQUEST"): 1,
        # Six or more at once come as one list to the team, whose feed has the entries.
        ("elin", ""): 1,
        ("jonas", ""): 1,
        ("nils", "REQUEST"): 4,
        ("sara", "REQUEST"): 1,
        ("otto", "REQUEST"): 1,
    }


def test_a_time_that_was_taken_meanwhile_changes_nothing(planner, event_id, work, look):
    add_a_table(planner, event_id, work)
    page = planner.client.get(address(event_id, "/replan"), query_string=asked(look)).text
    chosen = {name: value for name, (value, _words) in proposed(page).items()}
    with work() as session:
        event = session.query(Event).one()
        slot = next(
            one for one in session.query(Slot) if f"move:{one.public_id}" in chosen.values()
        )
        make_booking(session, slot, supplier(session, event, "Snabb"))
    before = stands(look)
    data = asked(look) | chosen | {"reason": "Förhinder."}
    answer = planner.post(address(event_id, "/replan"), data)
    assert answer.status_code == 422
    assert "Förhinder." in answer.text
    assert stands(look) == before
    # The action looks itself, too: between the page and the lock something may change.
    with work() as session:
        elin = session.query(TeamMember).filter_by(name="Elin").one()
        rows = session.query(Booking).join(Slot).filter(Slot.starts_at >= NIGHT)
        ours = [one for one in rows if elin.id in {each.member_id for each in one.slot.staff}]
        steps = [Step(one.id, Way.MOVE, one.slot_id) for one in ours]
        span = NIGHT, NIGHT + timedelta(days=1)
        how = {"reason": "X", "now": NOW, "actor": "user:1", "post": POST}
        with pytest.raises(ChangedMeanwhile):
            send_away(session, elin.id, span, steps, **how)
    assert stands(look) == before
    with look() as session:
        assert session.query(TeamMember).filter_by(name="Elin").one().away == []


def test_who_and_when_have_to_be_said_and_why(planner, event_id, look):
    path, good = address(event_id, "/replan"), asked(look)
    assert planner.client.get(path).status_code == 200
    for wrong in ({"member": "x"}, {"day": "2030-01-01"}, {"since": "25:99"}):
        page = planner.client.get(path, query_string=good | wrong)
        assert page.status_code == 422, wrong
    page = planner.client.get(path, query_string=good | {"since": "03:00"}).text
    assert len(proposed(page)) == 1  # those of the morning
    page = planner.client.get(path, query_string=good | {"day": "2027-10-29", "later": "y"}).text
    assert len(proposed(page)) == 7
    chosen = {name: value for name, (value, _words) in proposed(page).items()}
    answer = planner.post(path, good | chosen | {"reason": " "})
    assert answer.status_code == 422
