"""Who may have which meeting: the rules alone, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialognav.domain.bookings import (
    AskingFacts,
    RulesFacts,
    SlotFacts,
    Stop,
    SupplierFacts,
    TeamFacts,
    Way,
    next_in_turn,
    what_stops,
    what_stops_asking,
)
from dialognav.domain.meeting_teams import is_staffed, twice_at_once
from dialognav.domain.meeting_terms import HandOut, SlotState, TableRole
from dialognav.domain.standings import Standing, clashes

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
AT = NOW + timedelta(days=8)
HALF = timedelta(minutes=30)
ASKS, NOTES, OBSERVES = TableRole.ASKS, TableRole.NOTES, TableRole.OBSERVES
TEAM = (TeamFacts(1, ASKS), TeamFacts(2, NOTES))
SLOT = SlotFacts(id=1, starts_at=AT, ends_at=AT + HALF, published_at=NOW, team=TEAM)
KARIN, JONAS = ("karin@a.example", "karin"), ("jonas@a.example", "jonas")
SUPPLIER = SupplierFacts(1, people=frozenset({KARIN, JONAS}))
RULES = RulesFacts(is_on=True, opens_at=NOW, closes_at=AT - timedelta(days=1))
ALL = frozenset(Way)


def span(minutes: int, length: int = 30) -> tuple[datetime, datetime]:
    begins = AT + timedelta(minutes=minutes)
    return begins, begins + timedelta(minutes=length)


@pytest.mark.parametrize(
    ("of_slot", "of_supplier", "of_rules", "stop", "ways"),
    [
        ({}, {}, {"has_rules": False}, Stop.NO_MEETINGS, ALL),
        ({}, {}, {"is_on": False}, Stop.EVENT_STOPPED, ALL),
        ({}, {}, {"hand_out": HandOut.BY_HAND}, Stop.NOT_BY_CHOICE, {Way.OWN}),
        ({}, {}, {"opens_at": NOW + HALF}, Stop.NOT_OPEN, {Way.OWN}),
        ({"opens_at": NOW + HALF}, {}, {}, Stop.NOT_OPEN, {Way.OWN}),
        ({}, {}, {"closes_at": NOW}, Stop.CLOSED, {Way.OWN}),
        ({"state": SlotState.REMOVED}, {}, {}, Stop.REMOVED, ALL),
        ({"state": SlotState.BLOCKED}, {}, {}, Stop.BLOCKED, ALL),
        ({"published_at": None}, {}, {}, Stop.UNPUBLISHED, ALL),
        ({"published_at": NOW + HALF}, {}, {}, Stop.UNPUBLISHED, ALL),
        ({"starts_at": NOW}, {}, {}, Stop.BEGUN, ALL),
        ({"taken_by": 9}, {}, {}, Stop.TAKEN, ALL),
        ({"taken_by": 1}, {}, {}, Stop.TAKEN, ALL),  # also where it is the supplier's own
        ({"team": (TeamFacts(2, NOTES), TeamFacts(3, OBSERVES))}, {}, {}, Stop.NOBODY_ASKS, ALL),
        ({"team": (TeamFacts(1, ASKS),)}, {}, {}, Stop.NOBODY_NOTES, ALL),
        ({"team": (TeamFacts(1, ASKS, (span(29),)), TEAM[1])}, {}, {}, Stop.TEAM_AWAY, ALL),
        ({"shares_link": True}, {}, {}, Stop.SHARED_LINK, ALL),
        ({}, {"may_meet": False}, {}, Stop.NOT_ADMITTED, ALL),
        ({}, {"party_meetings": 1}, {}, Stop.LIMIT, ALL),
        ({}, {"conflicts": frozenset({2})}, {}, Stop.CONFLICT, ALL),
        ({}, {"meetings": ((span(29), SUPPLIER.people),)}, {}, Stop.BUSY, ALL),
        (
            {"languages": frozenset({"sv"})},
            {"languages": frozenset({"en"})},
            {},
            *(Stop.LANGUAGE, {Way.AUTO}),
        ),
        ({}, {"modes": frozenset({"online"})}, {}, Stop.MODE, {Way.AUTO}),
        ({}, {"away": (span(-29),)}, {}, Stop.AWAY, {Way.AUTO}),
    ],
)
def test_what_stops_a_meeting(of_slot, of_supplier, of_rules, stop, ways):
    given = (
        replace(SLOT, **of_slot),
        replace(SUPPLIER, **of_supplier),
        replace(RULES, **of_rules),
        NOW,
    )
    assert {way for way in Way if what_stops(*given, way=way)} == set(ways)
    for way in ways:
        assert what_stops(*given, way=way) == (stop,)


def test_nothing_stops_what_only_touches():
    beside = replace(
        SUPPLIER,
        party_meetings=1,
        meetings=((span(-30), SUPPLIER.people), (span(30), SUPPLIER.people)),
        away=(span(30),),
        languages=frozenset({"sv", "en"}),
    )
    slot = replace(SLOT, languages=frozenset({"sv"}), team=(*TEAM, TeamFacts(3, ASKS, (span(30),))))
    rules = replace(RULES, most_per_party=2)
    assert what_stops(slot, beside, rules, NOW, way=Way.AUTO) == ()
    assert what_stops(slot, beside, RULES, NOW, moves=True) == ()
    assert what_stops(slot, None, rules, NOW) == ()


def test_one_of_two_is_free():
    busy = replace(SUPPLIER, meetings=((span(0), frozenset({KARIN})),))
    assert what_stops(SLOT, busy, RULES, NOW) == ()
    assert what_stops(SLOT, busy, RULES, NOW, people=frozenset({JONAS})) == ()
    assert what_stops(SLOT, busy, RULES, NOW, people=SUPPLIER.people) == (Stop.BUSY,)


def test_the_weightiest_comes_first():
    slot = replace(SLOT, taken_by=9, team=())
    stops = what_stops(slot, replace(SUPPLIER, party_meetings=1), RULES, NOW)
    assert stops == (Stop.TAKEN, Stop.LIMIT, Stop.NOBODY_ASKS, Stop.NOBODY_NOTES)


def test_next_in_turn_is_the_first_whom_it_suits():
    away = replace(SUPPLIER, registration_id=1, away=(span(0),))
    had_it, suits, last = (replace(SUPPLIER, registration_id=n) for n in (2, 3, 4))
    queue = [away, had_it, suits, last]
    assert next_in_turn(SLOT, queue, RULES, NOW, passed=frozenset({2})) is suits
    assert next_in_turn(replace(SLOT, taken_by=7), queue, RULES, NOW) is None


def test_nobody_of_the_team_is_at_two_tables():
    spans = {1: span(0), 2: span(30), 3: span(29), 4: span(-60, 300)}
    assert twice_at_once({1: [7], 2: [7, 8], 3: [8]}, spans) == {8}
    assert twice_at_once({1: [7], 2: [7], 3: [9]}, spans) == set()
    assert twice_at_once({4: [7], 1: [7], 2: [7]}, spans) == {7}
    assert is_staffed([(1, ASKS), (2, NOTES)])
    assert not is_staffed([(1, ASKS), (2, OBSERVES)])


@pytest.mark.parametrize(
    ("hand_out", "for_draw", "now", "stops"),
    [
        (HandOut.FIRST_COME, False, NOW, ()),
        (HandOut.FIRST_COME, False, NOW - HALF, (Stop.NOT_OPEN,)),
        # booking is over, but the queue still moves
        (HandOut.FIRST_COME, False, AT - timedelta(hours=20), ()),
        (HandOut.FIRST_COME, False, AT - timedelta(hours=12), (Stop.CLOSED,)),
        (HandOut.WISHES, True, AT - timedelta(hours=25), ()),
        (HandOut.WISHES, True, AT - timedelta(hours=24), (Stop.CLOSED,)),
        (HandOut.WISHES, False, AT - timedelta(hours=24), ()),  # the draw is public
        (HandOut.BY_HAND, False, AT - timedelta(hours=24), (Stop.CLOSED,)),
    ],
)
def test_until_when_one_may_ask(hand_out, for_draw, now, stops):
    asking = AskingFacts(for_draw, False, AT - timedelta(hours=12))
    rules = replace(RULES, hand_out=hand_out)
    assert what_stops_asking(SUPPLIER, rules, asking, now) == stops


def test_who_may_not_ask():
    asking = AskingFacts(False, True, AT - timedelta(hours=12))
    nothing = replace(asking, for_draw=True, until=None)  # no time is left, or none is public
    assert what_stops_asking(SUPPLIER, RULES, nothing, NOW) == (Stop.CLOSED,)
    full = replace(SUPPLIER, may_meet=False, party_meetings=1)
    assert what_stops_asking(full, RULES, asking, NOW) == (Stop.NOT_ADMITTED, Stop.LIMIT)
    hidden = replace(RULES, has_rules=False)
    assert what_stops_asking(full, hidden, asking, NOW) == (Stop.NO_MEETINGS,)


def test_many_are_judged_by_how_they_stand_afterwards():
    beside = replace(SLOT, id=2, team=(TeamFacts(5, ASKS), TeamFacts(6, NOTES)))
    slots = {1: SLOT, 2: beside}
    karin = Standing(10, 1, "a", 1, frozenset({KARIN}), frozenset({5}))
    jonas = Standing(11, 2, "a", 2, frozenset({JONAS}))
    both = {"judged": {10, 11}}
    assert clashes([karin, jonas], slots, RULES, NOW, **both) == {}
    swapped = [replace(karin, slot_id=2), replace(jonas, slot_id=1)]
    assert clashes(swapped, slots, RULES, NOW, **both) == {10: (Stop.CONFLICT,)}
    assert clashes(swapped, slots, RULES, NOW, judged={11}) == {}
    twice = [karin, replace(jonas, slot_id=1, people=frozenset({KARIN}))]
    stops = (Stop.TAKEN, Stop.LIMIT, Stop.BUSY)
    assert clashes(twice, slots, RULES, NOW, **both, counts=True) == {10: stops, 11: stops}
