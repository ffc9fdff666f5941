"""A host falls ill: all of their meetings are planned anew in one step, and everybody told once."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dialognav.actions.imports import ChangedMeanwhile
from dialognav.actions.meeting_replan import send_away
from dialognav.actions.meeting_rules import publish_meetings
from dialognav.actions.meeting_slots import NewSlot, add_slots
from dialognav.actions.meeting_tables import TableDraft, add_table
from dialognav.domain.bookings import overlaps
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.replanning import Step, Way
from dialognav.domain.slots import Span
from dialognav.mail import meeting_notices
from dialognav.models import (
    Booking,
    Event,
    InterestConflict,
    MeetingBreak,
    MeetingRequest,
    Organisation,
    Slot,
    TeamMember,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
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
FRIDAY = datetime(2027, 3, 26, 8, tzinfo=UTC)  # 9.00 in Stockholm, before clocks go forward
MONDAY = datetime(2027, 3, 29, 7, tzinfo=UTC)  # 9.00 after
MORNING = timedelta(minutes=110)  # three meetings, then a break


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
def event_id(planner, work):
    """Two tables, six times a day on both days. On Monday Elin has six meetings at A; B has four.

    Nils may stand in, but not at 9.00, and not with S1. Nothing else suits S0.
    """
    with work() as session:
        event = make_event(session, session.get_one(Organisation, planner.organisation_id))
        make_rules(session, event)
        elin, jonas, petra, amir, nils = (
            member(session, event, name) for name in ("Elin", "Jonas", "Petra", "Amir", "Nils")
        )
        a = make_table(session, event, {elin: "asks", jonas: "notes"}, name={"sv": "Bord A"})
        b = make_table(session, event, {petra: "asks", amir: "notes"}, name={"sv": "Bord B"})
        times = {}
        for table in (a, b):
            for day in (FRIDAY, MONDAY):
                made = make_slots(session, event, table, number=3, starts_at=day)
                made += make_slots(
                    session, event, table, number=3, starts_at=day + timedelta(minutes=130)
                )
                times[table.id, day] = made
        for day in (FRIDAY, MONDAY):
            pause = {"starts_at": day + MORNING, "ends_at": day + timedelta(minutes=130)}
            session.add(MeetingBreak(event_id=event.id, title={"sv": "Paus"}, **pause))
        for n, slot in enumerate(times[a.id, MONDAY]):
            make_booking(session, slot, supplier(session, event, f"S{n}"))
        for n, slot in enumerate(times[b.id, MONDAY][:4]):
            make_booking(session, slot, supplier(session, event, f"T{n}"))
        make_booking(session, times[a.id, FRIDAY][0], supplier(session, event, "Fredag"))
        make_request(session, supplier(session, event, "Vantar"), queue_number=5)
        session.flush()
        of = {one.registration.party_name: one.registration for one in session.query(Booking)}
        nils.away = [[MONDAY.isoformat(), (MONDAY + timedelta(minutes=30)).isoformat()]]
        reason = {"reason": "Delägare", "noted_at": NOW}
        session.add(InterestConflict(member_id=nils.id, registration_id=of["S1"].id, **reason))
        never = [[NOW.isoformat(), (NOW + timedelta(days=200)).isoformat()]]
        make_request(session, of["S0"], state="served", queue_number=None, away=never)
        return event.public_id


def add_a_table(work):
    """Mid-way, by the organiser: Bord C with six times a day, published to all at once."""
    with work() as session:
        event = session.query(Event).one()
        people = {member(session, event, name).id: role for name, role in TEAM_C.items()}
        draft = TableDraft(name={"sv": "Bord C"}, room={"sv": "Sal Bolmen"}, people=people)
        how = {"now": NOW, "actor": "user:1"}
        table = add_table(session, event.id, draft, user_id=None, **how)
        begins = [
            day + timedelta(minutes=minutes)
            for day in (FRIDAY, MONDAY)
            for minutes in (0, 40, 80, 130, 170, 210)
        ]
        new = [NewSlot(table.id, Span(at, at + timedelta(minutes=30))) for at in begins]
        add_slots(session, event.id, new, **how)
        opens_at = NOW + timedelta(days=1)
        publish_meetings(session, event.id, opens_at=opens_at, post=POST, **how)


TEAM_C = {"Sara": "asks", "Otto": "notes"}


def address(event_id, rest=""):
    return f"/manage/events/{event_id}/meetings{rest}"


def asked(look, name="Elin", day="2027-03-29"):
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
    add_a_table(work)
    with work() as session:
        assert session.query(Slot).count() == 36
        rows = session.query(Booking).order_by(Booking.id).all()
        meeting_notices.tell_booked(session, rows, now=NOW, post=POST)
    assert post_mail()  # everybody has the entries in their calendars
    friday = planner.client.get(address(event_id, "?day=2027-03-26")).text
    monday = planner.client.get(address(event_id, "?day=2027-03-29")).text
    assert '<time datetime="2027-03-26T09:00:00+01:00">09:00</time>' in friday
    assert '<time datetime="2027-03-29T09:00:00+02:00">09:00</time>' in monday
    for page in (friday, monday):
        assert len(re.findall(r'data-live="cell-', page)) == 18
        assert page.count('class="brk"') == 1

    before = stands(look)
    page = planner.client.get(address(event_id, "/replan"), query_string=asked(look)).text
    ways = proposed(page)
    assert [words for _value, words in ways.values()] == [
        *("Goes first on the waiting list", "Moves to Mon 29 Mar, 09:40, Bord C"),
        *["Nils stands in"] * 4,
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
    assert after["S1"] == ("Bord C", MONDAY + timedelta(minutes=40))
    assert {party: place for party, place in after.items() if party != "S1"} == {
        party: place for party, place in before.items() if party not in ("S0", "S1")
    }
    check_teams(look)
    with look() as session:
        queue = session.query(MeetingRequest).filter_by(state="waiting").order_by("queue_number")
        assert [one.registration.party_name for one in queue] == ["S0", "Vantar"]
    assert told(post_mail()) == {
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
    add_a_table(work)
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
        rows = session.query(Booking).join(Slot).filter(Slot.starts_at >= MONDAY)
        ours = [one for one in rows if elin.id in {each.member_id for each in one.slot.staff}]
        steps = [Step(one.id, Way.MOVE, one.slot_id) for one in ours]
        span = MONDAY, MONDAY + timedelta(days=1)
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
    page = planner.client.get(path, query_string=good | {"since": "11:00"}).text
    assert len(proposed(page)) == 3  # those of the afternoon
    page = planner.client.get(path, query_string=good | {"day": "2027-03-26", "later": "y"}).text
    assert len(proposed(page)) == 7
    chosen = {name: value for name, (value, _words) in proposed(page).items()}
    answer = planner.post(path, good | chosen | {"reason": " "})
    assert answer.status_code == 422
