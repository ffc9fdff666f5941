"""The letter of the morning: when, to whom, about what (domain/digests.py)."""

from datetime import UTC, date, datetime

import pytest

from dialognav.domain.digests import (
    VERBS,
    Member,
    Waits,
    closing_until,
    may_stand_in,
    morning,
    readers,
    waits_for,
)
from dialognav.domain.permissions import may
from dialognav.domain.terms import Role
from dialognav.domain.working_hours import WorkingHours

SWEDEN = WorkingHours("Europe/Stockholm", "SE")
DAY = date(2027, 1, 12)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2027-01-12T06:59", None),  # five to eight in Stockholm
        ("2027-01-12T07:00", date(2027, 1, 12)),
        ("2027-01-12T10:59", date(2027, 1, 12)),
        ("2027-01-12T11:00", None),  # noon: tomorrow, then
        ("2027-01-16T07:00", None),  # a Saturday
        ("2027-01-06T07:00", None),  # Epiphany
        ("2027-06-25T06:00", None),  # Midsummer Eve
        ("2027-03-29T06:00", None),  # Easter Monday, the day after the clocks changed
        ("2027-03-30T05:59", None),
        ("2027-03-30T06:00", date(2027, 3, 30)),
    ],
)
def test_at_eight_on_working_days(now: str, day: date | None) -> None:
    assert morning(SWEDEN, at(now)) == day


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2027-01-12T07:00", "2027-01-14T19:00"),  # Tuesday: until Thursday evening
        ("2027-01-14T07:00", "2027-01-18T19:00"),  # Thursday: over the weekend
        ("2027-01-04T07:00", "2027-01-07T19:00"),  # Monday, and Wednesday is Epiphany
        ("2027-03-25T07:00", "2027-03-31T18:00"),  # before Easter, and the clocks change
    ],
)
def test_two_working_days_ahead(now: str, until: str) -> None:
    assert closing_until(SWEDEN, at(now)) == at(until)


def test_to_oneself_unless_away_or_unwilling() -> None:
    away = {"away_from": date(2027, 1, 12), "away_until": date(2027, 1, 20)}
    everybody = [
        Member(1, 1, Role.ADMIN),
        Member(2, 2, Role.ADMIN, stand_in_id=1, **away),
        Member(3, 3, Role.ADMIN, wants_digest=False),
        Member(4, 4, Role.ADMIN, **away),  # nobody stands in
        Member(5, 5, Role.ADMIN, stand_in_id=2, **away),  # whose stand-in is away too
    ]
    assert readers(everybody, DAY) == {1: [1, 2, 5]}
    assert readers(everybody, date(2027, 1, 21)) == {1: [1], 2: [2], 4: [4], 5: [5]}
    assert readers(everybody, date(2027, 1, 11))[2] == [2]


def test_the_letter_of_another_goes_also_to_who_wants_none_of_their_own() -> None:
    away = Member(2, 2, Role.ADMIN, stand_in_id=1, away_from=DAY)
    assert readers([Member(1, 1, Role.ADMIN, wants_digest=False), away], DAY) == {1: [2]}


def test_two_who_stand_in_for_each_other_are_no_trap() -> None:
    pair = [Member(n, n, Role.ADMIN, stand_in_id=3 - n, away_from=DAY) for n in (1, 2)]
    assert readers(pair, DAY) == {1: [1], 2: [2]}
    assert readers([Member(1, 1, Role.ADMIN, stand_in_id=1, away_from=DAY)], DAY) == {1: [1]}


def test_a_stand_in_who_is_not_there_leaves_it_to_oneself() -> None:
    left = Member(1, 1, Role.ADMIN, stand_in_id=9, away_from=DAY)
    away = Member(2, 2, Role.ADMIN, away_from=DAY)  # who has chosen nobody
    assert readers([left], DAY) == {1: [1]}
    assert readers([away, Member(3, 3, Role.ADMIN, stand_in_id=2, away_from=DAY)], DAY) == {3: [3]}


def test_only_what_one_may_decide_and_has_not_written() -> None:
    admin, reader = Member(1, 1, Role.ADMIN), Member(2, 2, Role.READER)
    waiting = [
        Waits("reviews", 2, "/a", "Dialog", "sv"),
        Waits("approvals", 1, "/b", not_for=frozenset({1})),
    ]
    assert waits_for(admin, [admin], waiting) == waiting[:1]
    assert waits_for(reader, [reader], waiting) == []
    # What the absent has written is the stand-in's to approve, but not the other way.
    writer = Member(3, 3, Role.ADMIN)
    assert waits_for(writer, [writer, admin], waiting) == waiting


@pytest.mark.parametrize("absent", Role)
def test_a_stand_in_may_all_that_the_absent_may(absent: Role) -> None:
    fit = {role for role in Role if may_stand_in(role, absent)}
    assert {Role.ADMIN, absent} <= fit
    for role in fit:
        assert all(may(role, verb) for verb in VERBS.values() if may(absent, verb))
    assert not may_stand_in(Role.READER, Role.PLANNER)
