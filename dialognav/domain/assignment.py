"""Who gets what at the least cost in all, and of equally cheap answers the first in order.

The cheapest assignment is found by shortest augmenting paths, the Hungarian method (H. W. Kuhn,
"The Hungarian method for the assignment problem", 1955; with potentials as in R. Jonker and
A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
problems", 1987). All numbers are whole: nothing depends on rounding.

Rows and columns are numbers from 0. A row has a cost for each column, or None where it cannot be.
A set of columns is an integer with a bit for each.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Costs = Sequence[Sequence[int | None]]
"""costs[row][column]; not negative."""

_NOBODY = -1


class NoAssignment(ValueError):
    """Not every row can have a column of its own."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """One of the cheapest assignments, and what leads to all others that are as cheap.

    `tight[row]`: the columns at which it costs nothing more, if the others make way. `spare`: the
    columns that may be left without a row.
    """

    columns: tuple[int, ...]  # of each row
    tight: tuple[int, ...]
    spare: int
    width: int


def cheapest(costs: Costs) -> Optimum:
    """A column of its own for every row, at the least sum. NoAssignment when that cannot be."""
    width = len(costs[0]) if costs else 0
    if len(costs) > width:
        raise NoAssignment
    endless = 1 + sum(max((cost for cost in row if cost is not None), default=0) for row in costs)
    filled = [[endless if cost is None else cost for cost in row] for row in costs]
    rows, columns = [0] * len(costs), [0] * width  # potentials
    owner = [_NOBODY] * width
    for row in range(len(costs)):
        _let_in(row, filled, rows, columns, owner)
    mine = {row: column for column, row in enumerate(owner) if row != _NOBODY}
    if any(costs[row][column] is None for row, column in mine.items()):
        raise NoAssignment
    return Optimum(
        tuple(mine[row] for row in range(len(costs))),
        tuple(_tight(costs[row], rows[row], columns) for row in range(len(costs))),
        as_set(column for column in range(width) if columns[column] == 0),
        width,
    )


def _let_in(
    start: int, costs: list[list[int]], rows: list[int], columns: list[int], owner: list[int]
) -> None:
    """Room for one more row, the others moving along the shortest way (Dijkstra, reduced costs)."""
    far = costs[start][0] - rows[start] - columns[0]  # replaced below
    distance = [far] * len(columns)
    previous = [_NOBODY] * len(columns)  # the column one comes from
    is_new = True
    todo, done = list(range(len(columns))), []
    row, here, gone = start, _NOBODY, 0
    while row != _NOBODY:
        cost, base, near = costs[row], rows[row] - gone, todo[0]
        for column in todo:
            through = cost[column] - base - columns[column]
            if is_new or through < distance[column]:
                distance[column], previous[column] = through, here
            if distance[column] < distance[near]:
                near = column
        is_new = False
        here, gone, row = near, distance[near], owner[near]
        todo.remove(near)
        done.append(near)
    rows[start] += gone
    for column in done[:-1]:
        rows[owner[column]] += gone - distance[column]
        columns[column] -= gone - distance[column]
    while here != _NOBODY:
        before = previous[here]
        owner[here] = start if before == _NOBODY else owner[before]
        here = before


def _tight(costs: Sequence[int | None], row: int, columns: Sequence[int]) -> int:
    reduced = zip(costs, columns, strict=True)
    return as_set(
        n for n, (cost, own) in enumerate(reduced) if cost is not None and cost == row + own
    )


def first_in_order(costs: Costs, optimum: Optimum) -> tuple[int, ...]:
    """Of all assignments as cheap: the best for row 0, among those the best for row 1, and so on.

    Better for a row is what costs it less; of the same cost, the column with the lower number.
    The column of each row.
    """
    tight = list(optimum.tight)
    owner = [_NOBODY] * optimum.width
    for row, column in enumerate(optimum.columns):
        owner[column] = row
    for row, own in enumerate(costs):
        _let_choose(row, _dearest_first(own, tight[row]), owner, tight, optimum.spare)
        tight[row] = 1 << owner.index(row)  # settled: moves no more
    return tuple(owner.index(row) for row in range(len(costs)))


def _dearest_first(costs: Sequence[int | None], tight: int) -> list[int]:
    return sorted(bits(tight), key=lambda column: (costs[column] or 0, column))


def _let_choose(
    row: int, wanted: Iterable[int], owner: list[int], tight: Sequence[int], spare: int
) -> None:
    """Move it to the first of the wanted columns from which the others can make way."""
    mine, dead_ends = owner.index(row), 0
    for column in wanted:
        if dead_ends >> column & 1:
            continue
        way, seen = _way(column, mine, owner, tight, spare)
        if way:
            _go(row, way, owner)
            return
        dead_ends |= seen


def _way(
    start: int, goal: int, owner: Sequence[int], tight: Sequence[int], spare: int
) -> tuple[list[int], int]:
    """The columns by which whoever has `start` can make way, each one taking the next one's, until
    somebody takes `goal`; [] when there is none. And the columns that were looked at.

    A column that nobody has makes way by leaving a spare one without a row instead.
    """
    came_from = {start: start}
    seen, found = 1 << start, [start]
    for column in found:
        if column == goal:
            return _back(goal, came_from), seen
        new = (spare if owner[column] == _NOBODY else tight[owner[column]]) & ~seen
        seen |= new
        came_from.update((each, column) for each in bits(new))
        found.extend(bits(new))
    return [], seen


def _back(goal: int, came_from: dict[int, int]) -> list[int]:
    way = [goal]
    while came_from[way[-1]] != way[-1]:
        way.append(came_from[way[-1]])
    return way[::-1]


def _go(row: int, way: Sequence[int], owner: list[int]) -> None:
    """Everybody along the way takes the next one's column, and `row` the first."""
    holders = [owner[column] for column in way[:-1]]
    for column, holder in zip(way[1:], holders, strict=True):
        owner[column] = holder
    owner[way[0]] = row


def could_have(optimum: Optimum, row: int, column: int) -> bool:
    """Whether some assignment as cheap gives the column to the row."""
    if not optimum.tight[row] >> column & 1:
        return False
    owner = [_NOBODY] * optimum.width
    for each, its in enumerate(optimum.columns):
        owner[its] = each
    way, _ = _way(column, optimum.columns[row], owner, optimum.tight, optimum.spare)
    return bool(way)


def matched_rows(possible: Sequence[int]) -> list[int]:
    """As many rows as can have a column each, an earlier one before a later one.

    `possible[row]`: its columns. By augmenting paths: whoever is in stays in, and moves when a
    later row needs it; so a later row never takes an earlier one's place (a transversal matroid).
    """
    owner: dict[int, int] = {}
    return [row for row in range(len(possible)) if _find_place(row, possible, owner)]


def _find_place(start: int, possible: Sequence[int], owner: dict[int, int]) -> bool:
    """A column for `start`, others moving if they must; breadth first."""
    taker: dict[int, int] = {}  # of a column: the row that would take it
    left: dict[int, int | None] = {start: None}  # by a row: the column it would leave
    seen, rows = 0, [start]
    for row in rows:
        for column in bits(possible[row] & ~seen):
            seen |= 1 << column
            taker[column] = row
            if column not in owner:
                _shift(column, taker, left, owner)
                return True
            left[owner[column]] = column
            rows.append(owner[column])
    return False


def _shift(
    column: int | None,
    taker: dict[int, int],
    left: dict[int, int | None],
    owner: dict[int, int],
) -> None:
    while column is not None:
        owner[column] = taker[column]
        column = left[taker[column]]


def bits(columns: int) -> Iterator[int]:
    """The members of a set, the lowest first."""
    while columns:
        lowest = columns & -columns
        yield lowest.bit_length() - 1
        columns ^= lowest


def as_set(columns: Iterable[int]) -> int:
    made = 0
    for column in columns:
        made |= 1 << column
    return made
