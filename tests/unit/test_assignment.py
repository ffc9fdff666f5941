"""The cheapest assignment: against all there are, and on large ones against another solver."""

import random
from collections.abc import Sequence
from itertools import permutations

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from dialognav.domain.assignment import (
    NoAssignment,
    as_set,
    cheapest,
    could_have,
    first_in_order,
    matched_rows,
)

Costs = list[list[int | None]]
Choice = tuple[int, ...]


@st.composite
def costs(draw: st.DrawFn) -> Costs:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    cost = st.sampled_from([None, 1, 1, 4, 4, 9])
    return [[draw(cost) for _ in range(columns)] for _ in range(rows)]


def price(costs: Costs, choice: Sequence[int]) -> int | None:
    found = [costs[row][column] for row, column in enumerate(choice)]
    return None if None in found else sum(one or 0 for one in found)


def all_as_cheap(costs: Costs) -> list[Choice]:
    """Every assignment of the least cost there is, by trying them all."""
    tried = {one: price(costs, one) for one in permutations(range(len(costs[0])), len(costs))}
    able = {one: cost for one, cost in tried.items() if cost is not None}
    return [one for one, cost in able.items() if cost == min(able.values())]


@given(costs())
def test_it_is_as_cheap_as_the_cheapest_of_all_there_are(costs: Costs) -> None:
    best = all_as_cheap(costs)
    if not best:
        with pytest.raises(NoAssignment):
            cheapest(costs)
        return
    assert price(costs, cheapest(costs).columns) == price(costs, best[0])


@given(costs())
def test_of_those_as_cheap_it_is_the_best_in_order(costs: Costs) -> None:
    best = all_as_cheap(costs)
    if best:
        worth = {one: [(costs[r][c], c) for r, c in enumerate(one)] for one in best}
        expected = min(best, key=lambda one: worth[one])
        assert first_in_order(costs, cheapest(costs)) == expected


@given(costs())
def test_it_knows_who_could_have_what_in_any_as_cheap(costs: Costs) -> None:
    best = all_as_cheap(costs)
    if best:
        found = cheapest(costs)
        for row in range(len(costs)):
            could = {column for column in range(found.width) if could_have(found, row, column)}
            assert could == {one[row] for one in best}


def test_two_swap_when_only_the_whole_way_round_is_as_cheap() -> None:
    """The first wants what the second has, who can only take what the third has, and so on."""
    ring: Costs = [[1, 1, None, None], [None, 1, 1, None], [None, None, 1, 1], [1, None, None, 1]]
    found = cheapest(ring)
    assert first_in_order(ring, found) == (0, 1, 2, 3)
    assert could_have(found, 0, 1), "if all of them move on by one"


def test_a_column_that_nobody_has_can_be_left_for_another() -> None:
    spare: Costs = [[4, 1, 1], [1, 4, 4]]
    assert first_in_order(spare, cheapest(spare)) == (1, 0)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("wanted", ["any", "the same few"])
def test_200_by_240_cost_what_another_solver_says(seed: int, wanted: str) -> None:
    drawn = random.Random(seed)
    pool = range(240) if wanted == "any" else range(25)
    table: Costs = []
    for _supplier in range(200):
        wishes = drawn.sample(pool, drawn.choice([1, 3, 5, 10]))
        row: list[int | None] = [(len(wishes) + 1) ** 2] * 240
        for rank, column in enumerate(wishes, 1):
            row[column] = rank**2
        for column in drawn.sample(range(240), drawn.randrange(80)):
            row[column] = None
        table.append(row)
    found = cheapest(table)
    matrix = numpy.array([[10**6 if cost is None else cost for cost in row] for row in table])
    rows, columns = linear_sum_assignment(matrix)
    expected = int(matrix[rows, columns].sum())
    assert price(table, found.columns) == expected
    assert price(table, first_in_order(table, found)) == expected


def test_as_many_rows_as_can_be_and_the_earlier_ones() -> None:
    assert matched_rows([as_set({0}), as_set({0}), as_set({0, 1})]) == [0, 2]
    assert matched_rows([as_set({0, 1}), as_set({0}), 0]) == [0, 1], "the first one moves"


@pytest.mark.parametrize("seed", range(40))
def test_nobody_in_is_given_up_for_somebody_later(seed: int) -> None:
    """A row is in if it fits beside those that are: asked of another matching each time."""
    drawn = random.Random(seed)
    table = numpy.array([[drawn.random() < 0.25 for _column in range(9)] for _row in range(10)])

    def fits(rows: list[int]) -> bool:
        matched = maximum_bipartite_matching(csr_array(table[rows]), perm_type="column")
        return bool((matched >= 0).all())

    expected: list[int] = []
    for row in range(len(table)):
        if fits([*expected, row]):
            expected.append(row)
    assert matched_rows([as_set(numpy.flatnonzero(row).tolist()) for row in table]) == expected
