"""Many one-to-one meetings at once: a day planned anew, a draw, what they hang on going away."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dialognav.actions import booking_draws, booking_ends, booking_sets
from dialognav.actions.booking_sets import Move
from dialognav.domain.bookings import Stop
from dialognav.domain.errors import (
    DrawOutdated,
    NotAllowedNow,
    NotFound,
    ReasonNeeded,
    TwoPlaces,
)
from dialognav.domain.meeting_terms import BookingState, HandOut, TableRole
from dialognav.domain.terms import EventState
from dialognav.models import Booking, Draw, MeetingRequest, Slot
from dialognav.queries.booking_steps import steps_of
from tests.conftest import NOW
from tests.factories import make_participant
from tests.integration.test_bookings import DO, STAFF, Day, queue, stopped
from tests.meeting_factories import make_booking, make_member, make_request, make_slots

WHY: dict[str, Any] = STAFF | {"reason": "Sofia är sjuk"}


def places(*booked: Booking) -> list[tuple[str, int]]:
    return [(one.state, one.slot_id) for one in booked]


def test_two_change_places_and_a_third_follows(app, work):
    with work() as session:
        day = Day(session)
        a, b = (slot.id for slot in day.slots[:2])
        [late] = make_slots(session, day.event, number=1, starts_at=day.slots[2].ends_at)
        one, two, three = (day.booked(n) for n in range(3))
        moves = [Move(one.id, b), Move(two.id, a), Move(three.id, late.id)]
        booking_sets.replan(session, day.event.id, moves, {}, **WHY)
        assert places(one, two, three) == [("booked", b), ("booked", a), ("booked", late.id)]
        ring = [Move(one.id, a), Move(two.id, late.id), Move(three.id, b)]
        booking_sets.replan(session, day.event.id, ring, {}, **WHY)
        assert places(one, two, three) == [("booked", a), ("booked", late.id), ("booked", b)]


def test_a_day_is_judged_by_how_it_stands_afterwards(app, work):
    with work() as session:
        day = Day(session)
        one, two = day.booked(0), day.booked(1)
        with stopped(Stop.TAKEN):
            booking_sets.replan(session, day.event.id, [Move(one.id, two.slot_id)], {}, **WHY)
        with pytest.raises(ReasonNeeded):
            booking_sets.replan(session, day.event.id, [], {}, **WHY | {"reason": " "})
        with pytest.raises(NotFound):
            booking_sets.replan(session, day.event.id, [Move(one.id, 4711)], {}, **WHY)
        asks = make_member(session, day.event)
        with stopped(Stop.NOBODY_NOTES):
            team = {one.slot_id: [(asks.id, TableRole.ASKS)]}
            booking_sets.replan(session, day.event.id, [], team, **WHY)
        two.state = BookingState.WITHDRAWN
        with pytest.raises(NotAllowedNow):
            booking_sets.replan(session, day.event.id, [Move(two.id, None)], {}, **WHY)


def test_nobody_of_the_team_is_put_in_two_places(app, work):
    with work() as session:
        day = Day(session)
        beside = make_slots(session, day.event)
        asks = day.slots[0].staff[0].member_id
        team = [(asks, TableRole.ASKS), (make_member(session, day.event).id, TableRole.NOTES)]
        with pytest.raises(TwoPlaces) as broken:
            booking_sets.replan(session, day.event.id, [], {beside[0].id: team}, **WHY)
        assert broken.value.args == (asks,)
        swap = {
            beside[0].id: team,
            day.slots[0].id: [(each.member_id, each.role) for each in beside[0].staff],
        }
        booking_sets.replan(session, day.event.id, [], swap, **WHY)
        for slot_id, expected in swap.items():
            slot = session.get_one(Slot, slot_id, populate_existing=True)
            assert {(each.member_id, each.role) for each in slot.staff} == set(expected)


def test_those_put_off_are_first_in_line_the_earliest_first(app, work):
    with work() as session:
        day = Day(session)
        waits = make_request(session, day.supplier())
        one, two = day.booked(0), day.booked(1)
        moves = [Move(one.id, None), Move(two.id, None)]
        booking_sets.replan(session, day.event.id, moves, {}, **WHY)
        line = session.scalars(
            sa.select(MeetingRequest.registration_id).order_by(MeetingRequest.queue_number)
        ).all()
        assert line == [one.registration_id, two.registration_id, waits.registration_id]
        assert places(one, two) == [("cancelled", one.slot_id), ("cancelled", two.slot_id)]


def drawn(session, day) -> Draw:
    draw = Draw(
        event_id=day.event.id,
        hand_out=HandOut.LOT,
        commitment="c" * 64,
        seed="s" * 64,
        committed_at=NOW,
    )
    session.add(draw)
    session.flush()
    return draw


def test_a_draw_is_booked_at_once(app, work):
    with work() as session:
        day = Day(session, hand_out=HandOut.LOT)
        first, second, third = (
            make_request(session, day.supplier(), queue_number=None, topics="Drift")
            for _ in range(3)
        )
        handed = [(second.id, day.slots[1].id)]
        booked = booking_draws.book_drawn(
            session, drawn(session, day).id, handed, [third.id, first.id], now=NOW, actor="job"
        )
        assert [(one.slot_id, one.topics, len(one.people)) for one in booked] == [
            (day.slots[1].id, "Drift", 1)
        ]
        assert queue(session) == [("waiting", 2), ("served", None), ("waiting", 1)]


@pytest.mark.parametrize("change", ["withdrawn", "blocked", "taken", "party"])
def test_a_draw_that_something_has_overtaken_is_refused(app, work, change):
    with work() as session:
        day = Day(session, hand_out=HandOut.LOT)
        supplier = day.supplier(party_key="k")
        request = make_request(session, supplier, queue_number=None)
        if change == "withdrawn":
            supplier.withdrawn_at = NOW
        elif change == "blocked":
            day.slots[0].state = "blocked"
        elif change == "taken":
            day.booked(0)
        else:
            make_booking(session, day.slots[1], day.supplier(party_key="k"))
        with pytest.raises(DrawOutdated) as broken:
            booking_draws.book_drawn(
                session,
                drawn(session, day).id,
                [(request.id, day.slots[0].id)],
                [],
                now=NOW,
                actor="job",
            )
        assert broken.value.args == (supplier.id,)


def test_who_is_no_longer_registered_has_no_meeting(app, work):
    with work() as session:
        day = Day(session)
        booking, waits = day.booked(0), make_request(session, day.supplier())
        held = make_booking(
            session, day.slots[1], day.supplier(), state="held", until=NOW + timedelta(1)
        )
        past = make_booking(session, day.slots[2], booking.registration)
        past.slot.starts_at = NOW - timedelta(hours=1)
        booking.registration.withdrawn_at = NOW
        ended = booking_ends.end_for_registration(
            session, booking.registration, by="supplier", **DO
        )
        assert [(one.id, one.state) for one in ended] == [(booking.id, "withdrawn")]
        assert (past.state, held.state) == ("booked", "held")
        assert queue(session) == [("offered", waits.queue_number)]
        make_request(session, held.registration)
        ended = booking_ends.end_for_registration(session, held.registration, by="organiser", **DO)
        assert [one.state for one in ended] == ["lapsed"]


@pytest.mark.parametrize(
    ("state", "left"), [(EventState.CANCELLED, "withdrawn"), (EventState.POSTPONED, "waiting")]
)
def test_an_event_that_stops_ends_its_meetings(app, work, state, left):
    with work() as session:
        day = Day(session)
        booking = day.booked(0)
        make_request(session, day.supplier())
        day.event.state = state
        booking_ends.end_for_event(session, day.event, **WHY)
        assert booking.state == "cancelled"
        [step] = steps_of(session, day.event)[booking.id]
        assert (step.verb, step.by, step.reason) == ("meeting.ended", "staff", "Sofia är sjuk")
        assert [one for one, _ in queue(session)] == [left]


def test_people_who_leave_go_out_of_the_meeting(app, work):
    with work() as session:
        day = Day(session)
        booking = make_booking(session, day.slots[0], day.supplier(people=2))
        jonas, leila = (each.participant_id for each in booking.people)
        emil = make_participant(session, booking.registration)
        booking_ends.change_people(
            session, booking.registration, [jonas], replaced_by={jonas: emil.id}, **DO
        )
        assert {each.participant_id for each in booking.people} == {leila, emil.id}
        booking_ends.change_people(session, booking.registration, [leila], replaced_by={}, **DO)
        assert [each.participant_id for each in booking.people] == [emil.id]
        booking_ends.change_people(session, booking.registration, [emil.id], replaced_by={}, **DO)
        assert booking.state == "withdrawn"


def test_merged_registrations_have_the_meetings_and_the_better_number(app, work):
    with work() as session:
        day = Day(session)
        booking = day.booked(0)
        gone, kept = booking.registration, day.supplier()
        make_request(session, gone, queue_number=3)
        ours = make_request(session, kept, queue_number=7)
        booking_ends.join_registrations(session, day.event, gone, kept, now=NOW, actor="user:1")
        assert (booking.registration_id, ours.queue_number) == (kept.id, 3)
        assert ours.state == "waiting"
        assert session.scalar(sa.select(sa.func.count()).select_from(Booking)) == 1


def test_staff_of_another_event_are_no_team(app, work):
    with work() as session:
        day, other = Day(session), Day(session)
        stranger = make_member(session, other.event)
        with pytest.raises(NotFound):
            booking_sets.replan(
                session,
                day.event.id,
                [],
                {day.slots[0].id: [(stranger.id, TableRole.ASKS)]},
                **WHY,
            )
