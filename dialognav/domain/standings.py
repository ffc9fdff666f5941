"""All meetings of an event as they would stand after many changes at once, and what is wrong then.

Where one slot changes hands, domain/bookings.py judges it alone; here nobody is judged by a state
in between.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialognav.domain.bookings import Person, RulesFacts, SlotFacts, Stop, Way, overlaps, what_stops


@dataclass(frozen=True, slots=True)
class Standing:
    """A live booking: whose, where, who comes, and whom of the team it may not meet."""

    booking_id: int
    registration_id: int
    party_key: str
    slot_id: int
    people: frozenset[Person] = frozenset()
    conflicts: frozenset[int] = frozenset()


def clashes(
    standings: Sequence[Standing],
    slots: Mapping[int, SlotFacts],
    rules: RulesFacts,
    now: datetime,
    *,
    judged: Collection[int],
    counts: bool = False,
) -> dict[int, tuple[Stop, ...]]:
    """{booking id: what is wrong} of those of the `judged` bookings that could not stand so.

    `counts`: their number is judged too, as they are new ones.
    """
    every = _Every.of(standings, slots, rules, counts=counts)
    found = {}
    for one in standings:
        stops = every.stops(one, now) if one.booking_id in judged else set()
        if stops:
            found[one.booking_id] = tuple(each for each in Stop if each in stops)
    return found


@dataclass(frozen=True, slots=True)
class _Every:
    slots: Mapping[int, SlotFacts]
    rules: RulesFacts
    takers: Mapping[int, int]  # by slot
    per_party: Mapping[str, int] | None
    of_person: Mapping[Person, Sequence[Standing]]

    @classmethod
    def of(
        cls,
        standings: Sequence[Standing],
        slots: Mapping[int, SlotFacts],
        rules: RulesFacts,
        *,
        counts: bool,
    ) -> "_Every":
        of_person: dict[Person, list[Standing]] = defaultdict(list)
        for one in standings:
            for person in one.people:
                of_person[person].append(one)
        per_party = Counter(one.party_key for one in standings) if counts else None
        takers = Counter(one.slot_id for one in standings)
        return cls(slots, rules, takers, per_party, of_person)

    def stops(self, one: Standing, now: datetime) -> set[Stop]:
        slot = self.slots[one.slot_id]
        stops = {*what_stops(slot, None, self.rules, now, way=Way.STAFF)} - {Stop.TAKEN}
        team = {member.member_id for member in slot.team}
        meetings = 0 if self.per_party is None else self.per_party[one.party_key]
        found = {
            Stop.TAKEN: self.takers[one.slot_id] > 1,
            Stop.LIMIT: meetings > self.rules.most_per_party,
            Stop.BUSY: _is_elsewhere(one, self.of_person, self.slots),
            Stop.CONFLICT: bool(one.conflicts & team),
        }
        return stops | {stop for stop, is_so in found.items() if is_so}


def _is_elsewhere(
    one: Standing, of_person: Mapping[Person, Sequence[Standing]], slots: Mapping[int, SlotFacts]
) -> bool:
    """Whether somebody who comes is in another meeting then."""
    span = slots[one.slot_id].span
    return any(
        other.booking_id != one.booking_id and overlaps(slots[other.slot_id].span, span)
        for person in one.people
        for other in of_person[person]
    )
