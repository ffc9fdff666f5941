"""Meetings that the organiser hands out by hand: who asked, a reason for each, all answered at one
instant; then one by one."""

from datetime import timedelta

import pytest

from dialognav.models import AuditEntry, Booking, Letter, MeetingRequest, MeetingRules, Slot
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import problems_of
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
    assert len(choices) == 4
    assert "No time" in choices[3]
    assert "their first wish" in choices[0]
    assert "but the supplier cannot come then" in choices[2]


@pytest.fixture
def answered(asked, work):
    """All who had asked are answered: who asked after that is given a time at once."""
    with work() as session:
        session.query(MeetingRules).one().answered_at = NOW
    return asked


def test_a_time_is_given_with_a_reason_and_never_without(staff, look, answered):
    asked = answered
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


@pytest.fixture
def two(staff, work, asked):
    """(path, ids of the requests of two, ids of the slots): asking is over."""
    with work() as session:
        session.query(MeetingRules).one().closes_at = NOW
        first = session.query(MeetingRequest).one()
        other = make_registration(session, first.registration.event, party_name="Kärnpuls AB")
        make_participant(session, other)
        session.refresh(other)
        second = make_request(session, other, asked_at=NOW + timedelta(seconds=1))
        slots = [each.public_id for each in session.query(Slot).order_by(Slot.starts_at)]
        return asked[0] + WAY, (first.public_id, second.public_id), slots


def outcome(look):
    """(states of the requests, where and why the meetings are, kinds of the letters)."""
    with look() as session:
        requests = session.query(MeetingRequest).order_by(MeetingRequest.id)
        bookings = session.query(Booking).order_by(Booking.id)
        return (
            [each.state for each in requests],
            [(each.slot.public_id, each.reason) for each in bookings],
            sorted({each.kind for each in session.query(Letter) if "host" not in each.kind}),
        )


def published(staff, path, **given):
    page = staff.client.get(path).text
    looked_at = page.split('name="looked_at" value="')[1].split('"')[0]
    return staff.post(f"{path}/publish", {"looked_at": looked_at} | given)


def test_all_are_answered_at_one_instant_and_nobody_before(staff, look, two):
    path, (first, second), slots = two
    given = {"slot": slots[1], "reason": "Ende leverantör av larm"}
    assert staff.post(f"{path}/{first}", given).status_code == 303
    assert outcome(look) == (["waiting", "waiting"], [], []), "nobody sees a proposal"
    page = staff.client.get(f"{path}/{second}").text
    assert f'value="{slots[1]}"' not in page, "it is proposed to another"
    assert staff.post(f"{path}/{second}", {"slot": slots[1], "reason": "Också"}).status_code == 422
    assert "Ende leverantör av larm" in staff.client.get(path).text
    without = published(staff, path)
    assert without.status_code == 422
    assert problems_of(without) == ["Write why the others get no time"]
    assert published(staff, path, reason="Fler bad än det finns tider").status_code == 303
    assert outcome(look) == (
        ["served", "waiting"],
        [(slots[1], "Ende leverantör av larm")],
        ["meeting_booked", "meeting_waiting"],
    )
    with look() as session:
        assert session.query(MeetingRules).one().answered_at == NOW
        left = session.query(MeetingRequest).filter_by(public_id=second).one()
        assert (left.proposed_reason, left.closed_at) == ("Fler bad än det finns tider", None)
        told = session.query(Letter).filter_by(kind="meeting_waiting").one()
        assert told.facts["meetings"]["reason"] == "Fler bad än det finns tider"
        assert session.query(AuditEntry).filter_by(verb="meeting.answered").one().at == NOW
    page = staff.client.get(path).text
    assert "Give a time" in page, "who waits on may be given one later"
    assert "Publish the answers" not in page


def test_whoever_gets_no_time_is_told_that_the_list_ends(staff, look, two):
    path, (first, second), slots = two
    staff.post(f"{path}/{first}", {"slot": slots[0], "reason": "Först ut"})
    staff.post(f"{path}/{second}", {"slot": "none", "reason": "Har mötts i våras"})
    record = path.replace("by-hand", "fairness")
    assert "Har mötts i våras" not in staff.client.get(record).text, "it is no answer yet"
    assert published(staff, path, ends="y").status_code == 303
    said = staff.client.get(record).text
    assert "The list ended: Har mötts i våras" in said
    data = staff.post(f"{record}/record", {"format": "json"}).get_json(force=True)
    assert data["rule_changes"][-1]["verb"] == "meeting.answered"
    assert data["queue"][1]["reason"] == "Har mötts i våras"
    assert "Först ut" in said
    states, _bookings, letters = outcome(look)
    assert (states, letters) == (["served", "withdrawn"], ["meeting_booked", "meeting_stopped"])
    with look() as session:
        left = session.query(MeetingRequest).filter_by(public_id=second).one()
        assert (left.closed_at, left.proposed_reason) == (NOW, "Har mötts i våras")


def test_a_proposal_that_something_came_between_is_shown_and_refused(staff, look, work, two):
    path, (first, second), slots = two
    staff.post(f"{path}/{first}", {"slot": slots[0], "reason": "Först ut"})
    staff.post(f"{path}/{second}", {"slot": slots[1], "reason": "Näst ut"})
    looked_at = staff.client.get(path).text.split('name="looked_at" value="')[1].split('"')[0]
    with work() as session:
        session.query(Slot).filter_by(public_id=slots[1]).one().state = "blocked"
    page = staff.client.get(path).text
    assert "This cannot be: the time is blocked." in page
    refused = published(staff, path)
    assert refused.status_code == 409
    assert "Nothing was published: Kärnpuls AB cannot have the time proposed." in refused.text
    assert outcome(look) == (["waiting", "waiting"], [], [])
    with work() as session:
        session.query(MeetingRequest).filter_by(public_id=second).one().state = "withdrawn"
    assert "The supplier does not wait any more" in staff.client.get(path).text
    late = staff.post(f"{path}/publish", {"looked_at": looked_at})
    assert late.status_code == 409
    assert "Something has changed since this page was made" in late.text
    assert published(staff, path).status_code == 303
    assert outcome(look)[0] == ["served", "withdrawn"]


def test_nothing_is_published_while_one_may_still_ask(staff, look, work, two):
    path, (first, _second), slots = two
    staff.post(f"{path}/{first}", {"slot": slots[0], "reason": "Först ut"})
    page = staff.client.get(path).text
    looked_at = page.split('name="looked_at" value="')[1].split('"')[0]
    with work() as session:
        session.query(MeetingRules).one().closes_at = NOW + timedelta(days=1)
    assert "Publish to all now" not in staff.client.get(path).text
    late = staff.post(f"{path}/publish", {"looked_at": looked_at, "reason": "Fullt"})
    assert late.status_code == 409
    assert outcome(look)[1:] == ([], [])


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
