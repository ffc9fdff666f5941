"""Meetings by wishes and lot: the rule, what each supplier is told, and the same for everybody."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from time import process_time

import numpy
import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from dialognav.domain.allocation import (
    Given,
    Left,
    Missed,
    Outcome,
    Share,
    Time,
    Why,
    Wisher,
    allocate,
    calculate,
)
from dialognav.domain.lots import commitment, drawn, ticket

DAY = datetime(2027, 1, 20, 8, tzinfo=UTC)
SEED = "5eed" * 16


def times(number: int, *, at_once: int = 1) -> tuple[Time, ...]:
    """Slots s0, s1, ... of 45 minutes, `at_once` beside each other."""
    hours = [DAY + timedelta(hours=n // at_once) for n in range(number)]
    return tuple(Time(f"s{n}", at, at + timedelta(minutes=45)) for n, at in enumerate(hours))


def without(*possible: str, of: int) -> frozenset[str]:
    return frozenset({f"s{n}" for n in range(of)} - set(possible))


def outcomes(given: Given, seed: str = SEED) -> dict[str, Outcome]:
    return {one.id: one for one in allocate(seed, given)}


def seed_in_which(first: str, second: str) -> str:
    """One that draws the first of two suppliers before the second."""
    seeds = (f"{n:064}" for n in range(100))
    return next(one for one in seeds if drawn(one, "supplier", [first, second])[0] == first)


def test_everybody_gets_the_first_wish_when_nobody_wants_the_same() -> None:
    found = outcomes(Given(times(3), (Wisher("a", ("s2", "s1")), Wisher("b", ("s0",)))))
    assert found["a"] == Outcome("a", slot="s2", wish=1)
    assert found["b"] == Outcome("b", slot="s0", wish=1)


@pytest.mark.parametrize(("winner", "loser"), [("a", "b"), ("b", "a")])
def test_the_lot_decides_between_two_who_want_the_same(winner: str, loser: str) -> None:
    wanted = Given(times(2), (Wisher("a", ("s0", "s1")), Wisher("b", ("s0", "s1"))))
    found = outcomes(wanted, seed_in_which(winner, loser))
    assert found[winner] == Outcome(winner, slot="s0", wish=1)
    assert found[loser] == Outcome(loser, "s1", wish=2, missed=(Missed(1, Why.LOT),))


def test_nobody_gets_a_last_choice_for_anothers_first() -> None:
    """c can have s3 alone. Ranks 1 and 3 for a and b add up to as much as 2 and 2: only squared are
    they worse."""
    wanted = Given(
        times(4),
        (
            Wisher("a", ("s0", "s1")),
            Wisher("b", ("s3", "s0", "s2")),
            Wisher("c", cannot=frozenset({"s0", "s1", "s2"})),
        ),
    )
    for seed in "123456":
        found = outcomes(wanted, seed)
        assert {name: one.slot for name, one in found.items()} == {"a": "s1", "b": "s0", "c": "s3"}
        assert found["a"].missed == (Missed(1, Why.OTHERS),)


def test_where_slots_are_too_few_the_lot_alone_decides_whatever_was_wished() -> None:
    """Also who wished for nothing goes by the lot, and who wants what all want is not left out."""
    wanted = Given(
        times(2),
        (Wisher("a", ("s0",)), Wisher("b", ("s0",)), Wisher("c", ("s1",)), Wisher("d")),
    )
    for seed in (str(n) for n in range(20)):
        found = allocate(seed, wanted)
        assert [one.slot is not None for one in found] == [True, True, False, False]
        assert [(one.left, one.place) for one in found[2:]] == [(Left.LOT, 1), (Left.LOT, 2)]
        assert [one.id for one in found] == drawn(seed, "supplier", "abcd")


def test_as_many_as_possible_get_a_meeting() -> None:
    """Who can come at any time makes room for who can come at one alone."""
    wanted = Given(times(2), (Wisher("a", ("s0",)), Wisher("b", ("s0",), without("s0", of=2))))
    for seed in "123456":
        assert {one.slot for one in allocate(seed, wanted)} == {"s0", "s1"}


def test_who_can_have_nothing_waits_and_is_told_so() -> None:
    found = outcomes(Given(times(2), (Wisher("a", ("s0",), without(of=2)),)))
    assert found["a"] == Outcome("a", left=Left.NO_SLOT, place=1)


def test_a_wish_that_cannot_be_met_is_struck_and_the_others_move_up() -> None:
    """Else a would win s1 over b, whose first wish it is, by wishing for the impossible."""
    impossible = ("s0", "gone", "s1")
    wanted = Given(
        times(3), (Wisher("a", impossible, frozenset({"s0"})), Wisher("b", ("s1", "s2")))
    )
    found = outcomes(wanted, seed_in_which("b", "a"))
    struck = (Missed(1, Why.CANNOT), Missed(2, Why.CANNOT))
    assert found["b"] == Outcome("b", slot="s1", wish=1)
    assert found["a"].missed == (*struck, Missed(3, Why.LOT))


@pytest.mark.parametrize("wishes", [("s0",), ("s0", "s1"), ("s0", "s2", "s1")])
def test_fewer_wishes_are_no_advantage(wishes: tuple[str, ...]) -> None:
    """Whether the one drawn first names one, two or three, it gets what it wants most, and the one
    drawn later does not get it by naming one alone."""
    seed = seed_in_which("b", "a")
    wanted = Given(times(3), (Wisher("a", ("s0",)), Wisher("b", wishes)))
    assert outcomes(wanted, seed)["b"].slot == "s0"


def test_one_organisation_gets_no_more_than_it_may() -> None:
    both = frozenset({"a", "b"})
    wanted = Given(times(4), (Wisher("a"), Wisher("b"), Wisher("c")), (Share(both, 1),))
    for seed in "1234":
        found = outcomes(wanted, seed)
        first, second = drawn(seed, "share", both)
        assert found[first].slot is not None
        assert (found[second].slot, found[second].left) == (None, Left.SHARE)
        assert found["c"].slot is not None


@pytest.mark.parametrize("registrations", [1, 6])
def test_to_register_again_and_again_gives_no_more_chances(registrations: int) -> None:
    """Of 300 draws: how often one firm of ten gets one of three times, or is the next to come."""
    firm = [f"m{n}" for n in range(registrations)]
    everybody = tuple(Wisher(each) for each in (*(f"a{n}" for n in range(9)), *firm))
    wanted = Given(times(3), everybody, (Share(frozenset(firm), 1),))
    won = next_to_come = 0
    for n in range(300):
        found = allocate(str(n), wanted)
        got = {one.id for one in found if one.slot is not None}
        won += bool(got.intersection(firm))
        next_to_come += next(one.id for one in found if one.place == 1) in firm
    assert 70 <= won <= 110  # 0.3
    assert 15 <= next_to_come <= 45  # 0.1


def test_the_others_of_an_organisation_wait_behind_all_who_took_part() -> None:
    firm = frozenset("mno")
    wanted = Given(times(1), tuple(Wisher(each) for each in "abmno"), (Share(firm, 1),))
    for seed in "1234":
        waits = sorted((one for one in allocate(seed, wanted) if one.place), key=lambda o: o.place)
        assert [one.left for one in waits] == [Left.LOT] * 2 + [Left.SHARE] * 2


def test_somebody_named_by_two_suppliers_is_not_in_two_meetings_at_once() -> None:
    beside = times(4, at_once=2)  # s0 with s1, s2 with s3
    both = (Wisher("a", ("s0", "s1")), Wisher("b", ("s1", "s0")))
    free = outcomes(Given(beside, both))
    assert {free["a"].slot, free["b"].slot} == {"s0", "s1"}
    seed = seed_in_which("a", "b")
    found = outcomes(Given(beside, both, same_people=(("b", "a"),)), seed)
    assert found["a"] == Outcome("a", slot="s0", wish=1)
    assert found["b"].slot in ("s2", "s3")
    assert found["b"].missed == (Missed(1, Why.CANNOT), Missed(2, Why.CANNOT))
    told, outcome = calculate(seed, Given(beside, both, same_people=(("b", "a"),)))
    assert not told.same_people, "nobody reads whose person it is"
    assert {one.id: one.cannot for one in told.suppliers} == {"a": set(), "b": {"s0", "s1"}}
    assert allocate(seed, told) == outcome == tuple(found.values())


def test_pure_lot_follows_the_order_of_the_lot_among_suppliers_and_slots() -> None:
    wanted = Given(times(3), tuple(Wisher(each) for each in "abcd"))
    found = allocate(SEED, wanted)
    assert [one.slot for one in found] == [*drawn(SEED, "slot", ["s0", "s1", "s2"]), None]
    assert all(one.missed == () for one in found)


def test_the_lot_is_fair() -> None:
    """Of 400 seeds, each of four gets one of two slots about half the time."""
    wanted = Given(times(2), tuple(Wisher(each, ("s0",)) for each in "abcd"))
    wins = dict.fromkeys("abcd", 0)
    for n in range(400):
        for one in allocate(str(n), wanted):
            wins[one.id] += one.slot is not None
    assert all(160 <= number <= 240 for number in wins.values()), wins


def test_a_lot_is_what_sha256sum_says() -> None:
    """printf '%s' "1234:supplier:abcd" | sha256sum, and printf '%s' 1234 | sha256sum"""
    assert ticket("1234", "supplier", "abcd") == (
        "43a5d4e0c429694cdaab09894c5235f26a2629384cf36ed0398ccd09890801e3"
    )
    assert commitment("1234") == "03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4"


def test_an_id_stands_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        allocate(SEED, Given(times(1), (Wisher("a"), Wisher("a"))))


@st.composite
def cases(draw: st.DrawFn) -> Given:
    slots = times(draw(st.integers(0, 4)), at_once=draw(st.integers(1, 3)))
    ids = [each.id for each in slots]
    some = st.lists(st.sampled_from(ids), unique=True) if ids else st.just([])
    suppliers = tuple(
        Wisher(name, tuple(draw(some)), frozenset(draw(some)))
        for name in "abcd"[: draw(st.integers(0, 4))]
    )
    return Given(slots, suppliers)


def rank(wisher: Wisher, slot: str) -> int:
    left = [each for each in wisher.wishes if each not in wisher.cannot]
    return left.index(slot) + 1 if slot in left else len(left) + 1


def best_by_trying_all(given: Given, seed: str) -> list[str | None]:
    """The rule read aloud: every way to hand the slots out, and the best by what it says."""
    order = drawn(seed, "supplier", [each.id for each in given.suppliers])
    by_id = {each.id: each for each in given.suppliers}
    row = [by_id[each] for each in order]
    lots = {each: n for n, each in enumerate(drawn(seed, "slot", [t.id for t in given.slots]))}
    none: list[str | None] = [None] * len(row)
    ways = set(permutations([*lots, *none], len(row)))

    def able(way: Sequence[str | None]) -> bool:
        return all(slot not in one.cannot for one, slot in zip(row, way, strict=True))

    def worth(way: Sequence[str | None]) -> tuple[object, ...]:
        pairs = list(zip(row, way, strict=True))
        squares = sum(rank(one, slot) ** 2 for one, slot in pairs if slot is not None)
        left_out = [slot is None for slot in way]
        each = [(rank(one, s), lots[s]) if s is not None else (99, 99) for one, s in pairs]
        return (sum(left_out), left_out, squares, each)

    return list(min(filter(able, ways), key=worth))


@given_by(cases(), st.text("0123456789", min_size=1, max_size=4))
def test_it_is_the_best_of_all_there_are_by_the_rule(given: Given, seed: str) -> None:
    assert [one.slot for one in allocate(seed, given)] == best_by_trying_all(given, seed)


@given_by(cases(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_given_changes_nothing(
    given: Given, shuffled: random.Random
) -> None:
    slots, suppliers = list(given.slots), list(given.suppliers)
    shuffled.shuffle(slots)
    shuffled.shuffle(suppliers)
    assert allocate(SEED, Given(tuple(slots), tuple(suppliers))) == allocate(SEED, given)


@pytest.mark.parametrize("wanted", ["any", "the same few", "none"])
def test_200_suppliers_by_240_slots_take_less_than_two_seconds(wanted: str) -> None:
    """Also with 30 consultants whom two suppliers each would bring."""
    choose = random.Random(7)
    slots = times(240, at_once=3)
    pool = [each.id for each in slots][: 20 if wanted == "the same few" else 240]
    suppliers = tuple(
        Wisher(
            f"r{n}",
            () if wanted == "none" else tuple(choose.sample(pool, choose.choice([1, 3, 5]))),
            frozenset(choose.sample([each.id for each in slots], choose.randrange(80))),
        )
        for n in range(200)
    )
    consultants = tuple((f"r{n}", f"r{n + 1}") for n in range(0, 60, 2))
    begun = process_time()
    found = allocate(SEED, Given(slots, suppliers, same_people=consultants))
    assert process_time() - begun < 2
    assert len({one.slot for one in found}) == 200


@pytest.mark.parametrize(("suppliers", "slots"), [(200, 240), (240, 200)])
def test_it_costs_what_another_solver_says(suppliers: int, slots: int) -> None:
    """Who takes part is settled by the lot alone: with enough to choose from, the first ones."""
    choose = random.Random(suppliers)
    ids = [each.id for each in times(slots)]
    all_of_them = tuple(
        Wisher(
            f"r{n}",
            tuple(choose.sample(ids[:40], choose.choice([0, 1, 3, 5]))),
            frozenset(choose.sample(ids, choose.randrange(80))),
        )
        for n in range(suppliers)
    )
    found = allocate(SEED, Given(times(slots), all_of_them))
    wisher = {one.id: one for one in all_of_them}
    order = drawn(SEED, "supplier", wisher)
    served = [one.id for one in found if one.slot is not None]
    assert served == order[:slots]
    matrix = numpy.array(
        [[10**6 if s in wisher[r].cannot else rank(wisher[r], s) ** 2 for s in ids] for r in served]
    )
    least = int(matrix[linear_sum_assignment(matrix)].sum())
    assert sum(rank(wisher[one.id], one.slot) ** 2 for one in found if one.slot) == least < 10**6
