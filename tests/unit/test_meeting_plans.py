"""What contradicts in the rules of one-to-one meetings, and what a plan lacks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialognav.domain.meeting_problems import Lack, PlannedSlot, problems_of
from dialognav.domain.meeting_rules import (
    MeetingRulesDraft,
    Standing,
    meeting_rules_changed,
    what_meeting_rules_cannot_be,
)
from dialognav.domain.slots import Span

DAY = datetime(2027, 2, 24, 8, tzinfo=UTC)
GOOD = MeetingRulesDraft(opens_at=DAY - timedelta(days=9), languages=("sv",))


def wrong(new: MeetingRulesDraft, old: MeetingRulesDraft | None = None, **standing: bool):
    found = what_meeting_rules_cannot_be(new, old, Standing(**standing))
    return {(each.rule, each.code) for each in found}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"slot_minutes": 25}, {("slot_minutes", "range")}),
        ({"gap_minutes": 121}, {("gap_minutes", "range")}),
        ({"gap_minutes": 0}, set()),
        ({"most_per_party": 0}, {("most_per_party", "range")}),
        ({"most_people": 11}, {("most_people", "range")}),
        ({"languages": ()}, {("languages", "missing")}),
        ({"closes_at": DAY - timedelta(days=9)}, {("closes_at", "before_opening")}),
        ({"opens_at": None, "closes_at": DAY}, set()),  # not public yet
    ],
)
def test_what_cannot_be(changes, expected) -> None:
    assert wrong(replace(GOOD, **changes)) == expected


def test_what_the_public_reads_says_when() -> None:
    bare = replace(GOOD, opens_at=None, hand_out="lot")
    assert wrong(bare, GOOD, is_public=True) == {("opens_at", "missing"), ("closes_at", "missing")}
    assert wrong(replace(GOOD, closes_at=None), GOOD, is_public=True) == set()


def test_the_length_stays_while_there_are_times_and_the_way_once_somebody_relied_on_it() -> None:
    new = replace(GOOD, slot_minutes=60, hand_out="by_hand")
    assert wrong(new, GOOD) == set()
    assert wrong(new, GOOD, has_slots=True) == {("slot_minutes", "has_slots")}
    assert wrong(new, GOOD, is_begun=True) == {("hand_out", "begun")}
    assert meeting_rules_changed(GOOD, new) == ("hand_out", "slot_minutes")


def slot(number: int, starts: float = 0, **given) -> PlannedSlot:
    begins = DAY + timedelta(hours=starts)
    plain = {
        "table_id": 1,
        "span": Span(begins, begins + timedelta(minutes=45)),
        "people": {1: "asks", 2: "notes"},
    }
    return PlannedSlot(number, **plain | given)


def lacks(*slots: PlannedSlot, away=None, elsewhere=None):
    found = problems_of(slots, away or {}, elsewhere or {}, 45)
    return [(each.lack, each.slot_ids, each.member_id) for each in found]


def test_nothing_lacks() -> None:
    assert lacks(slot(1), slot(2, 1), slot(3, 0, table_id=2, people={3: "asks", 4: "notes"})) == []


def test_somebody_to_ask_and_somebody_to_take_notes() -> None:
    found = lacks(slot(1, people={1: "asks"}), slot(2, 1, people={2: "notes", 3: "observes"}))
    assert found == [(Lack.ASKS, (2,), None), (Lack.NOTES, (1,), None)]


def test_nobody_is_at_two_tables_or_there_while_away() -> None:
    two = [slot(1), slot(2, 0.5, table_id=2, people={3: "asks", 2: "notes"})]
    assert lacks(*two) == [(Lack.TWICE, (1,), 2), (Lack.TWICE, (2,), 2)]
    assert lacks(slot(1), slot(2, 0.75)) == []  # one begins when the other ends
    away = {1: [Span(DAY + timedelta(minutes=44), DAY + timedelta(hours=1))]}
    assert lacks(slot(1), slot(2, 1), away=away) == [(Lack.AWAY, (1,), 1)]
    assert lacks(slot(1), slot(2, 1), elsewhere=away) == [(Lack.ELSEWHERE, (1,), 1)]


def test_who_may_not_meet_the_supplier_is_named() -> None:
    assert lacks(slot(1, conflicted=frozenset({2, 9}))) == [(Lack.CONFLICT, (1,), 2)]


def test_a_link_is_one_slots_alone_or_has_a_lobby() -> None:
    online = {"mode": "online"}
    assert lacks(slot(1, **online)) == [(Lack.LINK, (1,), None)]
    assert lacks(slot(1, own_link="a", **online), slot(2, 1, own_link="b", **online)) == []
    shared = [slot(n, n, own_link="a", **online) for n in (1, 2)]
    assert lacks(*shared) == [(Lack.SHARED, (1, 2), None)]
    assert lacks(slot(1, table_link="t", **online)) == [(Lack.SHARED, (1,), None)]
    assert lacks(slot(1, table_link="t", has_lobby=True, **online)) == []
    assert lacks(slot(1, table_link="t")) == []  # in a room nobody needs it
    assert lacks(slot(1, has_place=False)) == [(Lack.ROOM, (1,), None)]


def test_another_length_has_a_reason() -> None:
    long = Span(DAY, DAY + timedelta(minutes=60))
    assert lacks(slot(1, span=long)) == [(Lack.LENGTH, (1,), None)]
    assert lacks(slot(1, span=long, deviation="Tolk")) == []
