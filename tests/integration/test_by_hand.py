"""Meetings that the organiser hands out by hand: who asked, and a reason for each."""

import pytest

from dialognav.models import Booking, MeetingRequest
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.meeting_factories import make_booking, make_request, make_rules, make_slots

WAY = "/meetings/by-hand"


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


@pytest.fixture
def asked(staff, work):
    """(address of the event, id of the one who asks): the second of three slots is the wish, and
    the third does not suit."""
    with work() as session:
        event = make_event(session)
        event.organisation_id = staff.organisation_id
        make_rules(session, event, hand_out="by_hand")
        slots = make_slots(session, event)
        firm = make_registration(session, event, party_name="Trygghem Teknik AB")
        make_participant(session, firm)
        session.refresh(firm)
        away = [[slots[2].starts_at.isoformat(), slots[2].ends_at.isoformat()]]
        request = make_request(session, firm, [slots[1]], away=away, asked_at=NOW)
        return f"/manage/events/{event.public_id}", request.public_id


def test_all_who_asked_stand_there_with_what_suits(staff, asked):
    page = staff.client.get(asked[0] + WAY + "").text
    assert "Trygghem Teknik AB" in page
    assert "Cannot: " in page
    assert "None yet" in page


def test_wishes_come_first_and_what_does_not_suit_says_so(staff, asked):
    page = staff.client.get(f"{asked[0]}{WAY}/{asked[1]}").text
    choices = page.split("<select")[1].split("</select>")[0].split("<option")[1:]
    assert len(choices) == 3
    assert "their first wish" in choices[0]
    assert "but the supplier cannot come then" in choices[2]


def test_a_time_is_given_with_a_reason_and_never_without(staff, look, asked):
    page = f"{asked[0]}{WAY}/{asked[1]}"
    with look() as session:
        slot = session.query(MeetingRequest).one().wishes[0].slot.public_id
    refused = staff.post(page, {"slot": slot, "reason": " "})
    assert refused.status_code == 422
    assert staff.post(page, {"slot": "nonsense", "reason": "Breddar"}).status_code == 422
    kept = staff.post(page, {"slot": "nonsense", "reason": "Breddar urvalet"})
    assert "Breddar urvalet" in kept.text, "what was typed stays"
    with look() as session:
        assert session.query(Booking).count() == 0
    given = staff.post(page, {"slot": slot, "reason": "Ende leverantör av larm"})
    assert given.status_code == 303
    with look() as session:
        [booking] = session.query(Booking)
        assert (booking.state, booking.reason) == ("booked", "Ende leverantör av larm")
        assert booking.assigned_by_id == staff.user_id
    page = staff.client.get(asked[0] + WAY + "").text
    assert "Ende leverantör av larm" in page
    assert "Give a time" not in page


def test_a_time_that_somebody_was_faster_to_is_not_given_again(staff, look, work, asked):
    page = f"{asked[0]}{WAY}/{asked[1]}"
    with work() as session:
        request = session.query(MeetingRequest).one()
        slot = request.wishes[0].slot
        other = make_registration(session, request.registration.event, party_name="Kärnpuls AB")
        make_participant(session, other)
        session.refresh(other)
        make_booking(session, slot, other)
        name = slot.public_id
    assert staff.post(page, {"slot": name, "reason": "Breddar"}).status_code == 422
