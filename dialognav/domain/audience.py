"""Whom a message is for: criteria, or people chosen one by one. By default nobody.

Criteria of different kinds hold together, those of one kind are alternatives; a kind that is left
empty restricts nothing, except the states: without any, nobody is meant.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from dialognav.domain.form_fields import NO, YES
from dialognav.domain.terms import LIVE, Mode, PartyKind, Seat

STATES: dict[str, tuple[str, ...]] = {
    "confirmed": (Seat.CONFIRMED, Seat.ATTENDED, Seat.NO_SHOW),
    "attended": (Seat.ATTENDED,),
    "no_show": (Seat.NO_SHOW,),
    "offered": (Seat.OFFERED,),
    "waiting": (Seat.WAITING,),
    "pending": (Seat.PENDING,),
    "declined": (Seat.DECLINED,),
    "withdrawn": (Seat.WITHDRAWN, Seat.LAPSED),
    "without": (),
}
"""What an organiser ticks -> the states of a seat (domain/terms.py) that it means."""

STRENGTH: dict[str, int] = {
    state: rank
    for rank, states in enumerate(
        (
            (Seat.CONFIRMED, Seat.ATTENDED, Seat.NO_SHOW),
            (Seat.OFFERED,),
            (Seat.WAITING,),
            (Seat.PENDING,),
            (Seat.DECLINED,),
            (Seat.WITHDRAWN, Seat.LAPSED),
        )
    )
    for state in states
}
"""Of several standings of one address the lowest number is the one that a message speaks of."""

CONTACT = "contact"
"""Instead of a seat's state: has registered others to what stands, and does not take part."""

WITHOUT = "without"
"""Likewise: is registered and has no place, having asked for none or given all of them back, and
may come to one-to-one meetings (decisions.md 2)."""

MOST_EVENTS, MOST_OCCASIONS, MOST_PEOPLE = 200, 2_000, 50_000
_MOST_FIELDS, _MOST_VALUES = 40, 60
_LARGEST_ID = 2**31 - 1
_NO_FIELD = 0
_CHOICE = re.compile(r"[A-Za-z0-9_-]{1,40}")


_Value = TypeVar("_Value", int, str)


@dataclass(frozen=True, slots=True)
class Audience:
    """Ids throughout. `answers` are (field, any of these choices), all of which have to hold.

    `people` are participants, or below zero registrations whose contact is meant, and then the
    criteria do not count: only that they belong to the events. Whoever withdrew is meant only by
    the state or by name. `tables` are those of one-to-one meetings: whoever comes to one there,
    and counts as confirmed also without a seat. `includes_contacts`: also the contacts of those
    whom the criteria mean who do not take part themselves. `includes_dead`: also addresses to
    which nothing could be delivered.
    """

    events: tuple[int, ...] = ()
    states: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    occasions: frozenset[int] = frozenset()
    tables: frozenset[int] = frozenset()
    party_kinds: frozenset[str] = frozenset()
    answers: tuple[tuple[int, tuple[str, ...]], ...] = ()
    people: frozenset[int] = frozenset()
    includes_dead: bool = False
    includes_contacts: bool = False
    only_live: bool = False

    @property
    def is_nobody(self) -> bool:
        return not self.events or not (self.people or self.states)

    @property
    def seats(self) -> frozenset[str]:
        """The states of seats that are meant."""
        return frozenset(seat for state in self.states for seat in STATES[state])

    @property
    def means_gone(self) -> bool:
        """Whether it asks for people who have no live seat."""
        return not self.seats <= frozenset(LIVE)


def has_answered(value: Any, wanted: Iterable[str]) -> bool:
    """Whether an answer as it is stored is, or among several holds, one of the choices."""
    if isinstance(value, bool):
        given = {YES if value else NO}
    elif isinstance(value, list):
        given = {one for one in value if isinstance(one, str)}
    else:
        given = {value} if isinstance(value, str) else set()
    return not given.isdisjoint(wanted)


def audience_to_json(audience: Audience) -> dict[str, Any]:
    """The form in which a message keeps it; sorted, so that equal audiences are equal there, those
    of before there were tables among them."""
    tables = {"tables": sorted(audience.tables)} if audience.tables else {}
    return tables | {
        "events": sorted(audience.events),
        "states": sorted(audience.states),
        "modes": sorted(audience.modes),
        "occasions": sorted(audience.occasions),
        "party_kinds": sorted(audience.party_kinds),
        "answers": [[field, list(values)] for field, values in audience.answers],
        "people": sorted(audience.people),
        "includes_dead": audience.includes_dead,
        "includes_contacts": audience.includes_contacts,
        "only_live": audience.only_live,
    }


def audience_from_json(data: object) -> Audience:
    """What it says, without what no audience can hold: never an error, never more people."""
    said: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    return Audience(
        events=tuple(_ids(said.get("events"), MOST_EVENTS)),
        states=_among(said.get("states"), STATES),
        modes=_limit(said.get("modes"), _among(said.get("modes"), Mode), ""),
        occasions=_limit(
            said.get("occasions"), frozenset(_ids(said.get("occasions"), MOST_OCCASIONS)), 0
        ),
        tables=_limit(said.get("tables"), frozenset(_ids(said.get("tables"), MOST_OCCASIONS)), 0),
        party_kinds=_limit(said.get("party_kinds"), _among(said.get("party_kinds"), PartyKind), ""),
        answers=_answers(said.get("answers")),
        people=frozenset(_numbers(said.get("people"), MOST_PEOPLE)),
        includes_dead=said.get("includes_dead") is True,
        includes_contacts=said.get("includes_contacts") is True,
        only_live=said.get("only_live") is True,
    )


def _items(value: object, most: int) -> list[Any]:
    return value[:most] if isinstance(value, list) else []


def _ids(value: object, most: int) -> list[int]:
    return [one for one in _numbers(value, most) if one > 0]


def _numbers(value: object, most: int) -> list[int]:
    kept = [one for one in _items(value, most) if type(one) is int and 0 < abs(one) <= _LARGEST_ID]
    return list(dict.fromkeys(kept))


def _among(value: object, known: Iterable[str]) -> frozenset[str]:
    names = {str(name) for name in known}
    return frozenset(
        one for one in _items(value, len(names)) if isinstance(one, str) and one in names
    )


def _limit(said: object, kept: frozenset[_Value], nobody: _Value) -> frozenset[_Value]:
    """What restricts, where none of it can be read, would left out reach more people: `nobody`, a
    value that none has, stands in its place."""
    return kept if kept or said is None or said == [] else frozenset({nobody})


def _answers(value: object) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """All have to hold: for one that cannot be read stands a field that nobody has answered."""
    found: dict[int, tuple[str, ...]] = {}
    pairs = value if isinstance(value, list) else [] if value is None else [value]
    if len(pairs) > _MOST_FIELDS:
        return ((_NO_FIELD, ()),)
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or not _ids(pair[:1], 1):
            found[_NO_FIELD] = ()
            continue
        choices = tuple(
            one
            for one in _items(pair[1], _MOST_VALUES)
            if isinstance(one, str) and _CHOICE.fullmatch(one)
        )
        found[pair[0]] = choices
    return tuple(sorted(found.items()))
