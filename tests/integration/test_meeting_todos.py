"""What of the meetings waits for somebody: on the dashboard and in the morning's letter."""

from datetime import timedelta

import pytest

from dialognav.actions import draws
from dialognav.models import (
    Draw,
    Event,
    MeetingRequest,
    Minutes,
    Organisation,
    SharedItem,
    Slot,
    SlotStaff,
    TeamMember,
    User,
)
from dialognav.queries.digests import waiting_in
from tests.conftest import NOW
from tests.draw_factories import make_wishes
from tests.factories import make_event, make_participant, make_registration
from tests.meeting_factories import (
    make_booking,
    make_member,
    make_request,
    make_rules,
    make_slots,
    make_table,
)

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def event(staff, work):
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, here)
        make_rules(session, event)
        return event.id


@pytest.fixture
def page(staff, sign_in):
    """The dashboard of somebody who may do everything, in English."""
    reader = sign_in(role="admin", organisation_id=staff.organisation_id, language="en")
    return lambda: reader.client.get("/manage/").text


def supplier(session, event_id, **given):
    event = session.get_one(Event, event_id)
    row = make_registration(session, event, **given)
    make_participant(session, row)
    session.refresh(row)
    return row


def waits(session, staff, kind):
    here = session.get_one(Organisation, staff.organisation_id)
    return [one for one in waiting_in(session, here, now=NOW) if one.kind == kind]


def test_a_draw_that_is_made_until_it_is_public(staff, work, look, page):
    with work() as session:
        made = make_wishes(session, staff.organisation_id).id
    assert "The draw of meetings is made" not in page()
    with work() as session:
        draws.draw(session, made, now=NOW, actor="job")
    assert "The draw of meetings is made and waits for you" in page()
    with look() as session:
        [one] = waits(session, staff, "draws")
        assert one.path.endswith("/meetings/draw")
    with work() as session:
        session.get_one(Draw, 1).published_at = NOW
    assert "The draw of meetings is made" not in page()
    with look() as session:
        assert waits(session, staff, "draws") == []


def test_a_meeting_tomorrow_that_nobody_takes_notes_at(staff, event, work, look, page):
    with work() as session:
        there = session.get_one(Event, event)
        table = make_table(session, there)
        slots = make_slots(session, there, table, number=2, starts_at=TOMORROW)
        later = make_slots(session, there, table, number=1, starts_at=NOW + timedelta(days=9))
        for slot in (slots[0], *later):
            session.delete(next(one for one in slot.staff if one.role == "notes"))
        for slot in (*slots, *later):
            make_booking(session, slot, supplier(session, event))
    with look() as session:
        assert [one.number for one in waits(session, staff, "unstaffed")] == [1]
    assert "1 meeting soon lacks somebody who asks or takes notes" in page()
    with work() as session:
        session.query(SlotStaff).filter(SlotStaff.role == "asks").delete()
    with look() as session:
        assert [one.number for one in waits(session, staff, "unstaffed")] == [2]


def test_a_meeting_tomorrow_whose_note_taker_is_away(staff, event, work, look, sign_in):
    with work() as session:
        there = session.get_one(Event, event)
        [slot] = make_slots(session, there, number=1, starts_at=TOMORROW)
        make_booking(session, slot, supplier(session, event))
        [notes] = [one.member for one in slot.staff if one.role == "notes"]
        notes.away = [[slot.starts_at.isoformat(), slot.ends_at.isoformat()]]
        board, notes_id = f"/manage/events/{there.public_id}/meetings", notes.id
    with look() as session:
        assert [one.number for one in waits(session, staff, "unstaffed")] == [1]
    reader = sign_in(role="planner", organisation_id=staff.organisation_id, language="en")
    assert "Note-taker missing" in reader.client.get(board).text
    with work() as session:
        session.query(TeamMember).update({"away": []})
    with look() as session:
        assert waits(session, staff, "unstaffed") == []
    assert "Note-taker missing" not in reader.client.get(board).text
    with work() as session:
        [slot], [notes] = session.query(Slot), session.query(TeamMember).filter_by(id=notes_id)
        other = make_event(session, session.get_one(Organisation, staff.organisation_id))
        team = {make_member(session, other, email=notes.email): "asks"}
        times = {"number": 1, "starts_at": slot.starts_at}
        make_slots(session, other, make_table(session, other, team), **times)
    with look() as session:
        assert [one.number for one in waits(session, staff, "unstaffed")] == [1]


def test_what_was_written_for_all_waits_for_who_approves(staff, event, work, look, sign_in):
    with work() as session:
        session.add(SharedItem(event_id=event, text={"sv": "A"}, created_at=NOW))
        session.add(SharedItem(event_id=event, text={"sv": "B"}, created_at=NOW))
    said = "2 drafts wait to be shared with all"
    for role, sees in (("approver", True), ("host", False)):
        reader = sign_in(role=role, organisation_id=staff.organisation_id, language="en")
        assert (said in reader.client.get("/manage/").text) is sees
    with look() as session:
        [told] = waits(session, staff, "shares")
        assert (told.number, told.path.rpartition("/")[2]) == (2, "shared")
    with work() as session:
        session.query(SharedItem).update({"published_at": NOW})
    reader = sign_in(role="approver", organisation_id=staff.organisation_id, language="en")
    assert "to be shared with all" not in reader.client.get("/manage/").text
    with look() as session:
        assert waits(session, staff, "shares") == []


@pytest.mark.parametrize("role", ["approver", "registrar"])
def test_who_approves_and_who_hands_out_find_the_way_from_the_event(
    staff, event, work, sign_in, role
):
    with work() as session:
        there = session.get_one(Event, event)
        make_slots(session, there, number=1)
        address = f"/manage/events/{there.public_id}"
    client = sign_in(role=role, organisation_id=staff.organisation_id, language="en").client
    assert f'href="{address}/minutes"' in client.get(address).text
    page = client.get(f"{address}/minutes").text
    assert f'href="{address}/meetings/fairness"' in page
    assert (f'href="{address}/shared"' in page) is (role == "approver")
    if role == "registrar":
        assert f'href="{address}/minutes"' in client.get(f"{address}/exports").text


def test_suppliers_who_wait_while_a_time_is_free(staff, event, work, look, page):
    with work() as session:
        there = session.get_one(Event, event)
        [slot] = make_slots(session, there, number=1, starts_at=TOMORROW)
        make_request(session, supplier(session, event))
    with look() as session:
        assert [one.number for one in waits(session, staff, "unoffered")] == [1]
    assert "1 supplier waits for a meeting while a time is free" in page()
    with work() as session:
        session.query(MeetingRequest).one().modes = ["online"]
    with look() as session:
        assert waits(session, staff, "unoffered") == []  # the free one is on site
    with work() as session:
        session.query(MeetingRequest).one().modes = []
        make_booking(session, session.merge(slot), supplier(session, event))
    with look() as session:
        assert waits(session, staff, "unoffered") == []


@pytest.fixture
def minutes(staff, event, work):
    with work() as session:
        [slot] = make_slots(session, session.get_one(Event, event), number=1)
        booking = make_booking(session, slot, supplier(session, event, party_name="Kärnpuls AB"))
        row = Minutes(
            booking_id=booking.id,
            state="checked",
            checked_at=NOW,
            writer_ids=[staff.user_id],
            created_at=NOW,
            changed_at=NOW,
        )
        session.add(row)
        session.flush()
        return row.id


def test_minutes_to_approve_are_another_persons_where_two_are_wanted(
    staff, minutes, work, look, page
):
    with look() as session:
        [one] = waits(session, staff, "minutes")
        assert (one.title, one.not_for) == ("Kärnpuls AB", frozenset())
    assert "Minutes wait for approval" in page()
    with work() as session:
        session.get_one(User, staff.user_id).language = "en"
    assert "Minutes wait for approval" in staff.client.get("/manage/").text
    with work() as session:
        session.get_one(Organisation, staff.organisation_id).minutes_need_two = True
    with look() as session:
        [one] = waits(session, staff, "minutes")
        assert one.not_for == {staff.user_id}
    assert "Minutes wait for approval" in page()
    assert "Minutes wait for approval" not in staff.client.get("/manage/").text


def test_a_correction_waits_for_an_answer_first(staff, minutes, work, look, sign_in):
    with work() as session:
        session.get_one(Minutes, minutes).correction = "Vi sade 40, inte 400."
    with look() as session:
        assert waits(session, staff, "minutes") == []
        assert len(waits(session, staff, "corrections")) == 1
    host = sign_in(role="host", organisation_id=staff.organisation_id, language="en")
    page = host.client.get("/manage/").text
    assert "A supplier corrects the minutes" in page
    assert "Vi sade" not in page
