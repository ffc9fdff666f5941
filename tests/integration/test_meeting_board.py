"""The board of one-to-one meetings: what it shows, to whom, and what can be done from it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from dialognav.domain.audience import audience_from_json
from dialognav.domain.meeting_terms import BookingState
from dialognav.models import (
    AuditEntry,
    Booking,
    CalendarObject,
    Event,
    InterestConflict,
    Letter,
    MeetingBreak,
    MeetingRequest,
    Message,
    Organisation,
    Slot,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_member,
    make_request,
    make_rules,
    make_slots,
    make_table,
)


@pytest.fixture
def planner(sign_in):
    return sign_in(role="planner", language="sv")


def supplier(session, event, name):
    registration = make_registration(session, event, party_name=name, party_key=name)
    make_participant(session, registration)
    session.refresh(registration)
    return registration


@pytest.fixture
def ids(planner, work):
    """Two tables of three times: Nordfjell has the first at A, Tallrot the first at B; two wait."""
    with work() as session:
        event = make_event(session, session.get_one(Organisation, planner.organisation_id))
        make_rules(session, event)
        tables = [
            make_table(session, event, name={"sv": f"Bord {name}"}, position=n)
            for n, name in enumerate("AB")
        ]
        a, b = (make_slots(session, event, table) for table in tables)
        booking = make_booking(session, a[0], supplier(session, event, "Nordfjell AS"))
        make_booking(session, b[0], supplier(session, event, "Tallrot IT AB"))
        first = make_request(session, supplier(session, event, "Kärnpuls AB"), queue_number=1)
        second = make_request(session, supplier(session, event, "Holm Partner"), queue_number=2)
        common = {"event_id": event.id, "title": {"sv": "Paus"}}
        session.add(MeetingBreak(starts_at=a[0].ends_at, ends_at=a[1].starts_at, **common))
        return {
            "event": event.public_id,
            "booking": booking.public_id,
            "first": first.public_id,
            "second": second.public_id,
            "second_party": second.registration.public_id,
            "free": a[1].public_id,
            "taken": b[0].public_id,
            "last": b[2].public_id,
        }


def address(ids, rest=""):
    return f"/manage/events/{ids['event']}/meetings{rest}"


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def booked(look):
    """{party: public id of its slot} of what stands."""
    with look() as session:
        rows = session.query(Booking).filter(Booking.ended_at.is_(None))
        return {one.registration.party_name: one.slot.public_id for one in rows}


def test_a_day_stands_by_time_and_table(planner, ids):
    page = planner.client.get(address(ids))
    cells = re.findall(r'<td data-live="cell-[^"]+">(.*?)</td>', page.text, re.S)
    assert len(cells) == 6
    assert "Nordfjell AS" in cells[0]
    assert "Tallrot IT AB" in cells[1]
    said = text_of(page)
    assert "ons 24 feb" in said
    assert "2/6" in said
    assert "Paus, 10 min" in said
    assert "1. Kärnpuls AB" in said


def test_a_supplier_or_a_person_is_found_and_who_waits_or_has_wished(planner, ids, sign_in, work):
    planner = sign_in("planner", organisation_id=planner.organisation_id, language="en")
    found = planner.client.get(address(ids, "?find=TALLROT"))
    assert found.location.endswith(f"day=2027-02-24#slot-{ids['taken']}")
    anchor = f"waits-{ids['first']}"
    assert planner.client.get(address(ids, "?find=kärn")).location.endswith(f"#{anchor}")
    assert planner.client.get(address(ids, "/waiting")).text.count(f'id="{anchor}"') == 1
    several = text_of(planner.client.get(address(ids, "?find=a")))
    assert "4 found" in several
    with work() as session:
        [asks] = session.query(MeetingRequest).filter_by(public_id=ids["first"])
        asks.queue_number = None
        asks.registration.participants[0].name = "Ylva Strand"
    assert planner.client.get(address(ids, "?find=ylva")).location.endswith("/meetings/draw")
    host = sign_in("host", organisation_id=planner.organisation_id, language="en")
    seen = text_of(host.client.get(address(ids, "?find=ylva")))
    assert "Kärnpuls AB Has asked for a meeting" in seen
    nobody = text_of(planner.client.get(address(ids, "?find=%3Cb%3E")))
    assert "0 found: &lt;b&gt;" in nobody


def test_what_needs_somebody_stands_first_for_who_can_mend_it(planner, ids, work, sign_in):
    host = sign_in("host", organisation_id=planner.organisation_id, language="en")
    planner = sign_in("planner", organisation_id=planner.organisation_id, language="en")
    with work() as session:
        for slot in session.query(Slot).filter(Slot.starts_at == DAY):
            slot.starts_at, slot.ends_at = NOW - timedelta(hours=1), NOW
        for slot in session.query(Slot).filter_by(public_id=ids["last"]):
            slot.staff.clear()
        for slot in session.query(Slot).filter_by(public_id=ids["free"]):
            slot.starts_at, slot.ends_at = NOW, NOW + timedelta(minutes=30)
    page = planner.client.get(address(ids))
    assert page.text.count('<span class="now">') == 1
    said = text_of(page)
    assert "Bord B: note-taker missing" in said
    assert "2 meetings are over, and nobody has noted who came" in said
    said = text_of(host.client.get(address(ids)))
    assert "Bord B: note-taker missing" not in said
    assert "2 meetings are over" in said
    with work() as session:
        [event] = session.query(Event)
        for n in range(6):
            each = make_table(session, event, name={"sv": f"Bord {n}"}, position=n + 2)
            make_slots(session, event, each, number=1)
        for slot in session.query(Slot):
            slot.staff.clear()
    page = planner.client.get(address(ids))
    number = int(re.search(r"Needs you (\d+)", text_of(page))[1])
    assert number > 5
    assert f"and {number - 5} more" in text_of(page)
    with work() as session:
        session.query(Event).one().state = "cancelled"
    said = text_of(planner.client.get(address(ids)))
    assert "note-taker missing" not in said
    assert "2 meetings are over" in said
    assert "Before the times" not in text_of(planner.client.get(address(ids, "/plan")))


def test_the_board_asks_for_little_however_many_meetings(planner, ids, work, statements):
    with work() as session:
        event = session.query(Event).one()
        make_slots(session, event, number=20, starts_at=DAY + timedelta(days=1))
    with statements() as ran:
        planner.client.get(address(ids))
    assert len(ran) <= 35
    with statements() as ran:
        planner.client.get(address(ids, "/live"))
    assert len(ran) <= 22


def test_a_host_sees_the_day_and_moves_nothing(ids, planner, sign_in):
    host = sign_in("host", organisation_id=planner.organisation_id)
    page = host.client.get(address(ids)).text
    assert "Nordfjell AS" in page
    for verb in ("/moves/", "/times/", "/replan", 'name="slot"'):
        assert verb not in page


def test_any_day_asked_for_shows_one_that_is_and_what_moves_apart(planner, ids):
    for day in ("2030-01-01", "0000-00-00"):
        page = planner.client.get(address(ids, f"?day={day}"))
        assert page.status_code == 200, day
        assert "Nordfjell AS" in page.text, day
    part = planner.client.get(address(ids, "/live?day=2027-02-24")).text
    assert '<span data-live="tab-2027-02-24">2/6</span>' in part
    assert "Nordfjell AS" in part
    assert "<html" not in part


def test_a_meeting_is_moved_with_a_reason(planner, ids, look):
    path = address(ids, f"/moves/{ids['booking']}")
    page = planner.client.get(f"{path}?to={ids['last']}").text
    assert f'<option selected value="{ids["last"]}">' in page
    assert ids["taken"] not in page
    answer = planner.post(path, {"slot": ids["last"], "reason": "Salen behövs."})
    assert answer.status_code == 303
    assert booked(look)["Nordfjell AS"] == ids["last"]
    record = planner.client.get(address(ids, "/fairness")).text
    assert "Salen behövs." in record


def test_a_move_that_cannot_be_keeps_what_was_typed(sign_in, planner, ids, look):
    staff = sign_in("planner", organisation_id=planner.organisation_id, language="en")
    for slot, reason, said in (
        (ids["last"], "", "Write why: the supplier reads it"),
        (ids["taken"], "Salen behövs.", "Choose a time that is free"),
        ("nothing", "Salen behövs.", "Choose a time that is free"),
    ):
        data = {"slot": slot, "reason": reason}
        answer = staff.post(address(ids, f"/moves/{ids['booking']}"), data)
        assert answer.status_code == 422
        assert said in answer.text
        assert reason in answer.text
    assert booked(look)["Nordfjell AS"] != ids["last"]


def test_a_meeting_is_cancelled_and_the_time_is_free(planner, ids, look):
    answer = planner.post(address(ids, f"/moves/{ids['booking']}/end"), {"reason": "Inställt."})
    assert answer.status_code == 303
    assert "Nordfjell AS" not in booked(look)
    with look() as session:
        one = session.query(Booking).filter_by(public_id=ids["booking"]).one()
        assert one.state == BookingState.CANCELLED
        facts = [entry.facts for entry in session.query(AuditEntry)]
    assert "Inställt" not in str(facts)


def test_a_time_is_given_by_hand_with_a_reason(planner, ids, look):
    path = address(ids, f"/times/{ids['free']}")
    page = planner.client.get(f"{path}?request={ids['second']}").text
    assert f'<option selected value="{ids["second_party"]}">2. Holm Partner' in page
    data = {"supplier": ids["second_party"], "then": "assign", "reason": ""}
    assert planner.post(path, data).status_code == 422
    assert planner.post(path, data | {"reason": "Reser långt."}).status_code == 303
    assert booked(look)["Holm Partner"] == ids["free"]


def test_an_offer_past_the_queue_wants_a_reason(planner, ids, look):
    first = address(ids, f"/waiting/{ids['first']}")
    path = address(ids, f"/waiting/{ids['second']}")
    answer = planner.post(path, {"slot": ids["free"]})
    assert answer.status_code == 409
    assert 'name="reason"' in answer.text
    assert "Holm Partner" not in booked(look)
    answer = planner.post(path, {"slot": ids["free"], "reason": "Den första svarade inte."})
    assert answer.status_code == 303
    with look() as session:
        one = session.query(Booking).filter_by(state=BookingState.OFFERED).one()
        assert one.registration.party_name == "Holm Partner"
        assert session.query(MeetingRequest).filter_by(queue_number=2).one().state == "offered"
    assert planner.post(first, {"slot": ids["last"]}).status_code == 303  # the next needs none
    assert booked(look)["Kärnpuls AB"] == ids["last"]


def test_a_free_time_is_blocked_and_opened_and_a_taken_one_is_not(planner, ids, look):
    path = address(ids, f"/times/{ids['free']}")
    assert planner.post(f"{path}/block", {"why": ""}).status_code == 422
    assert planner.post(f"{path}/block", {"why": "Salen är bokad"}).status_code == 303
    assert "Salen är bokad" in planner.client.get(address(ids)).text
    data = {"supplier": ids["second_party"], "then": "assign", "reason": "Så"}
    assert planner.post(path, data).status_code == 422
    assert planner.post(f"{path}/unblock", {}).status_code == 303
    with look() as session:
        one = session.query(Slot).filter_by(public_id=ids["free"]).one()
        assert (one.state, one.block_reason) == ("open", "")
    taken = address(ids, f"/times/{ids['taken']}")
    assert planner.post(taken, data).status_code == 422
    assert planner.post(f"{taken}/block", {"why": "Så"}).status_code == 409
    assert booked(look)["Tallrot IT AB"] == ids["taken"]


def test_somebody_with_a_conflict_of_interest_is_no_choice(planner, ids, work):
    with work() as session:
        slot = session.query(Slot).filter_by(public_id=ids["free"]).one()
        second = session.query(MeetingRequest).filter_by(public_id=ids["second"]).one()
        session.add(
            InterestConflict(
                member_id=slot.staff[0].member_id,
                registration_id=second.registration_id,
                reason="Delägare",
                noted_at=NOW,
            )
        )
    page = planner.client.get(address(ids, f"/times/{ids['free']}")).text
    assert "Kärnpuls AB" in page
    assert "Holm Partner" not in page


def test_a_draft_is_begun_to_those_who_come(planner, ids, look):
    answer = planner.post(address(ids, f"/moves/{ids['booking']}/message"), {})
    assert answer.status_code == 303
    with look() as session:
        message = session.query(Message).one()
        booking = session.query(Booking).filter_by(public_id=ids["booking"]).one()
        people = {one.participant_id for one in booking.people} | {-booking.registration_id}
        assert audience_from_json(message.audience).people == people
        assert message.public_id in answer.location


def test_those_who_have_not_chosen_are_reminded(planner, ids, work, look):
    with work() as session:
        supplier(session, session.query(Event).one(), "Senfärdig AB")
    page = text_of(planner.client.get(address(ids)))
    assert "Senfärdig" not in page
    assert planner.post(address(ids, "/nudge"), {}).location.endswith("done=nudged")
    with look() as session:
        [letter] = session.query(Letter)
        assert letter.kind == "meeting_choose"
    assert planner.client.get(address(ids)).status_code == 200


def test_what_a_table_lacks_and_a_no_from_a_calendar_stand_there(planner, ids, work):
    with work() as session:
        event = session.query(Event).one()
        lacking = {make_member(session, event): "asks"}
        make_slots(session, event, make_table(session, event, lacking, name={"sv": "Bord C"}))
        booking = session.query(Booking).filter_by(public_id=ids["booking"]).one()
        host, guest = booking.slot.staff[0].member, booking.people[0].participant
        common = {"booking_id": booking.id, "dtstamp": NOW, "created_at": NOW}
        for n, (who, partstat) in enumerate(
            (
                ({"member_id": host.id}, "DECLINED"),
                ({"participant_id": guest.id}, "TENTATIVE"),
            )
        ):
            session.add(
                CalendarObject(
                    uid=f"m{n}@x",
                    organizer_address="x@y.example",
                    partstat=partstat,
                    **who,
                    **common,
                )
            )
        names = host.name, guest.name
    page = planner.client.get(address(ids)).text
    head = re.search(r"<b>Bord C</b>.*?</th>", page, re.S)[0]
    assert "pill--warn" in head
    card = re.search(r'data-move="[^"]*".*?</td>', page, re.S)[0]
    assert all(name in card for name in names)


def test_an_hour_that_comes_twice_is_told_apart(planner, ids, work):
    autumn = datetime(2027, 10, 31, tzinfo=UTC)  # at 3.00 the clock goes back to 2.00
    with work() as session:
        make_slots(session, session.query(Event).one(), starts_at=autumn, gap=30)
    page = planner.client.get(address(ids, "?day=2027-10-31")).text
    times = re.findall(r'<th scope="row"[^>]*><time datetime="[^"]*">(.*?)</time>', page)
    assert times == ["2.00 +0200", "2.00 +0100", "3.00"]
