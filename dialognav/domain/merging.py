"""Several registrations of one organisation become one: who is in two of them, and which stays."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from dialognav.domain.participant_import import folded_name


@dataclass(frozen=True, slots=True)
class Someone:
    """A person with what is held: `seats` places, `waits` the lowest number in a queue, 0 none."""

    id: int
    registration_id: int
    name: str
    email: str
    seats: int
    waits: int = 0

    @property
    def _order(self) -> tuple[int, int, int]:
        """More places first, then the lower number, then who came first."""
        return -self.seats, self.waits or 10**9, self.id


@dataclass(frozen=True, slots=True)
class Plan:
    """Everybody who is in the registration afterwards, and (stays, goes) of who was in two.

    `mark` is another one as soon as anybody's place is.
    """

    people: tuple[Someone, ...]
    pairs: tuple[tuple[Someone, Someone], ...]
    mark: str


def plan_merge(people: Sequence[Someone]) -> Plan:
    """One of each: a person is known by the address and the name, as in the sign-up form.

    Of two, the one who has more stays, so that nobody loses a place by it.
    """
    best: dict[tuple[str, str], Someone] = {}
    for one in people:
        who = (one.email, folded_name(one.name))
        best[who] = min(best.get(who, one), one, key=lambda each: each._order)
    stays = {one.id for one in best.values()}
    pairs = [(best[one.email, folded_name(one.name)], one) for one in people if one.id not in stays]
    said = "|".join(f"{one.id}:{one.registration_id}:{one.seats}:{one.waits}" for one in people)
    mark = hashlib.sha256(said.encode()).hexdigest()[:16]
    return Plan(tuple(one for one in people if one.id in stays), tuple(pairs), mark)
