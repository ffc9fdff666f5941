"""Meetings handed out by ranked wishes, or by lot alone (domain.md 3.3).

What is settled, in this order, and published as the rule (`METHOD`; README says it in words):

1. Lots are drawn for the suppliers and for the slots (domain/lots.py). Everything that is equal is
   settled by them, so nothing depends on who came first or on how a computer stores a list.
2. Of one organisation's suppliers no more take part than it may have meetings. Which, is drawn by
   lots of their own, among those for whom something is possible: so who registers again and again
   has no more chances in the lot between organisations. The others wait behind all who took part.
3. As many suppliers as possible get a meeting. Where there are too few slots, the lot alone says
   who does, whatever they wished: who wishes for a slot in demand is not left out for it.
4. Among those the wishes are met as well as can be for all: the sum of the squared ranks is the
   least. Squared, so that one third wish costs as much as nine first ones. A wish that cannot be
   met is struck and the next ones move up; slots not wished for rank equal, after the last wish. So
   it is no advantage to wish for the impossible, or to leave out the last wishes.
5. Of results as good, the one that is the best for the supplier drawn first, then for the second,
   and so on; of slots as good, the one drawn first.
6. People who are named by two suppliers cannot be in two meetings at once: should that come out,
   the supplier drawn later cannot have that time, and all is calculated again.
7. Whoever got none waits, in the order of the lot.

What one cannot have is a hard rule, also where the supplier says so itself: who rules out times may
so come before others at the rest, and may end with nothing. The pages of the draw say it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dialognav.domain.assignment import (
    Optimum,
    as_set,
    cheapest,
    could_have,
    first_in_order,
    matched_rows,
)
from dialognav.domain.lots import drawn

METHOD = "dialognav-3"


@dataclass(frozen=True, slots=True)
class Time:
    """A slot that is handed out; `id` is public."""

    id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Wisher:
    """One supplier, by the public id of its request, and the ids of slots.

    `wishes`: the dearest first, none in pure lot. `cannot`: what something stops, said or not.
    `behind`: of its organisation others take part (rule 2).
    """

    id: str
    wishes: tuple[str, ...] = ()
    cannot: frozenset[str] = frozenset()
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Suppliers of one organisation, which may get no more meetings than `most` in all."""

    suppliers: frozenset[str]
    most: int


@dataclass(frozen=True, slots=True)
class Given:
    """All that the calculation reads, beside the seed. Nothing depends on the order in these."""

    slots: tuple[Time, ...]
    suppliers: tuple[Wisher, ...]
    shares: tuple[Share, ...] = ()
    same_people: tuple[tuple[str, str], ...] = ()  # pairs of suppliers that name the same person


class Why(StrEnum):
    """Why somebody did not get a slot it wished for."""

    CANNOT = "cannot"  # away, another language, ...: it was struck
    LOT = "lot"  # somebody drawn earlier has it, in a result that is as good for all
    OTHERS = "others"  # it would have cost others more of their wishes


class Left(StrEnum):
    """Why somebody got no meeting."""

    LOT = "lot"  # too few slots
    NO_SLOT = "no_slot"  # none of them was possible for this supplier
    SHARE = "share"  # the organisation has what it may have


@dataclass(frozen=True, slots=True)
class Missed:
    wish: int  # its number among the supplier's own, from 1
    why: Why


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one supplier got, and why nothing better. Names nobody else.

    `wish` is the number of the wish that was met; None for a slot that was not wished for.
    `place` is where one without a meeting waits, from 1.
    """

    id: str
    slot: str | None = None
    wish: int | None = None
    missed: tuple[Missed, ...] = ()
    left: Left | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class _Lotted:
    """The given in the order of the lot: suppliers are rows, slots the bits of sets."""

    suppliers: tuple[Wisher, ...]
    slots: tuple[Time, ...]
    possible: tuple[int, ...]  # of each supplier


@dataclass(frozen=True, slots=True)
class _Settled:
    """Who got a slot (rows of `_Lotted`), which, and what else would have been as good.

    `able`: the rows that took part at all. `behind`: those that wait behind the others (rule 2).
    """

    able: list[int]
    behind: set[int]
    rows: list[int]
    columns: tuple[int, ...]
    optimum: Optimum


def allocate(seed: str, given: Given) -> tuple[Outcome, ...]:
    """What becomes of everybody, in the order in which the suppliers were drawn."""
    return calculate(seed, given)[1]


def calculate(seed: str, given: Given) -> tuple[Given, tuple[Outcome, ...]]:
    """allocate(), after the same given without `shares` and `same_people`: who is beyond what its
    organisation may have is `behind`, what rule 6 strikes stands in `cannot`. A document of it
    tells not who is of whom."""
    lotted = _lotted(seed, given)
    settled = _settle(seed, lotted, given.shares)
    while clash := _first_clash(lotted, settled, given.same_people):
        lotted = _without(lotted, *clash)
        settled = _settle(seed, lotted, given.shares)
    told = tuple(
        replace(one, cannot=one.cannot | _impossible(lotted, row), behind=row in settled.behind)
        for row, one in enumerate(lotted.suppliers)
    )
    return replace(given, suppliers=told, shares=(), same_people=()), _outcomes(lotted, settled)


def _impossible(lotted: _Lotted, row: int) -> frozenset[str]:
    possible = lotted.possible[row]
    return frozenset(time.id for n, time in enumerate(lotted.slots) if not possible >> n & 1)


def _lotted(seed: str, given: Given) -> _Lotted:
    suppliers = {each.id: each for each in given.suppliers}
    slots = {each.id: each for each in given.slots}
    if len(suppliers) < len(given.suppliers) or len(slots) < len(given.slots):
        raise ValueError("an id stands twice")
    order = tuple(suppliers[each] for each in drawn(seed, "supplier", suppliers))
    times = tuple(slots[each] for each in drawn(seed, "slot", slots))
    return _Lotted(
        order,
        times,
        tuple(
            as_set(n for n, time in enumerate(times) if time.id not in one.cannot) for one in order
        ),
    )


def _settle(seed: str, lotted: _Lotted, shares: Sequence[Share]) -> _Settled:
    behind = _behind(seed, lotted, shares)
    able = [row for row, possible in enumerate(lotted.possible) if possible and row not in behind]
    rows = [able[n] for n in matched_rows([lotted.possible[row] for row in able])]
    costs = [_costs(lotted, row) for row in rows]
    optimum = cheapest(costs)
    return _Settled(able, behind, rows, first_in_order(costs, optimum), optimum)


def _behind(seed: str, lotted: _Lotted, shares: Sequence[Share]) -> set[int]:
    """Rows of each organisation beyond what it may have, by lots of their own (rule 2)."""
    row_of = {one.id: row for row, one in enumerate(lotted.suppliers)}
    beyond = {row for row, one in enumerate(lotted.suppliers) if one.behind}
    for share in shares:
        rows = [row_of[each] for each in drawn(seed, "share", share.suppliers)]
        rows.sort(key=lambda row: not lotted.possible[row])
        beyond.update(rows[max(share.most, 0) :])
    return beyond


def _costs(lotted: _Lotted, row: int) -> list[int | None]:
    """The squared rank of every slot for one supplier; None where it cannot be."""
    possible = lotted.possible[row]
    ranks: dict[int, int] = {}
    for column in _wished(lotted, row):
        if column is not None and possible >> column & 1:
            ranks.setdefault(column, len(ranks) + 1)
    last = len(ranks) + 1
    return [
        ranks.get(column, last) ** 2 if possible >> column & 1 else None
        for column in range(len(lotted.slots))
    ]


def _wished(lotted: _Lotted, row: int) -> list[int | None]:
    """The columns of the wishes; None for a slot that is not handed out."""
    column = {time.id: n for n, time in enumerate(lotted.slots)}
    return [column.get(each) for each in lotted.suppliers[row].wishes]


def _first_clash(
    lotted: _Lotted, settled: _Settled, same_people: Iterable[tuple[str, str]]
) -> tuple[int, int] | None:
    """A supplier's row and the columns it cannot have, when somebody would be in two meetings."""
    row_of = {one.id: row for row, one in enumerate(lotted.suppliers)}
    has = dict(zip(settled.rows, settled.columns, strict=True))
    for earlier, later in sorted(_in_order(row_of, pair) for pair in same_people):
        if earlier in has and later in has:
            beside = _at_once(lotted.slots, has[earlier])
            if beside >> has[later] & 1:
                return later, beside
    return None


def _in_order(row_of: dict[str, int], pair: tuple[str, str]) -> tuple[int, int]:
    one, other = sorted(row_of[each] for each in pair)
    return one, other


def _at_once(times: Sequence[Time], column: int) -> int:
    """The columns of slots that overlap this one, itself among them."""
    own = times[column]
    return as_set(
        n
        for n, time in enumerate(times)
        if time.starts_at < own.ends_at and own.starts_at < time.ends_at
    )


def _without(lotted: _Lotted, row: int, columns: int) -> _Lotted:
    possible = list(lotted.possible)
    possible[row] &= ~columns
    return replace(lotted, possible=tuple(possible))


def _outcomes(lotted: _Lotted, settled: _Settled) -> tuple[Outcome, ...]:
    number = {row: n for n, row in enumerate(settled.rows)}
    left = [row for row in range(len(lotted.suppliers)) if row not in number]
    left.sort(key=lambda row: row in settled.behind)
    place = {row: n for n, row in enumerate(left, 1)}
    return tuple(
        _outcome(lotted, settled, row, number[row])
        if row in number
        else Outcome(supplier.id, left=_why_left(lotted, settled, row), place=place[row])
        for row, supplier in enumerate(lotted.suppliers)
    )


def _outcome(lotted: _Lotted, settled: _Settled, row: int, number: int) -> Outcome:
    """With the wishes that stood before the one that was met, or all of them."""
    got = settled.columns[number]
    missed: list[Missed] = []
    met = None
    for wish, column in enumerate(_wished(lotted, row), 1):
        if column == got:
            met = wish
            break
        missed.append(Missed(wish, _why_missed(lotted, settled, row, number, column)))
    return Outcome(lotted.suppliers[row].id, lotted.slots[got].id, met, tuple(missed))


def _why_missed(
    lotted: _Lotted, settled: _Settled, row: int, number: int, column: int | None
) -> Why:
    if column is None or not lotted.possible[row] >> column & 1:
        return Why.CANNOT
    return Why.LOT if could_have(settled.optimum, number, column) else Why.OTHERS


def _why_left(lotted: _Lotted, settled: _Settled, row: int) -> Left:
    if not lotted.possible[row]:
        return Left.NO_SLOT
    return Left.LOT if row in settled.able else Left.SHARE
