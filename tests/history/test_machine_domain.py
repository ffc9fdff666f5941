"""The rules of places and queues alone, against a model that says the same in another way.

The model is one list per mode, in the order in which people came: the first so many sit, the rest
wait, and whoever sits keeps the seat whatever becomes of the places.
"""

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run

from dialognav.domain.admission import (
    Occupancy,
    Place,
    Share,
    choose_promotions,
    decide_places,
    decide_share,
)
from tests.history.machine_parts import effort

MODES = ("on_site", "online")
PARTIES = st.integers(1, 4)


@dataclass
class Queue:
    """What the app would have in its tables: who sits and who waits, (party, number) each."""

    capacity: int | None
    seated: list[tuple[int, int]] = field(default_factory=list)
    waiting: list[tuple[int, int]] = field(default_factory=list)

    @property
    def held(self) -> Occupancy:
        return Occupancy(self.capacity, len(self.seated), len(self.waiting))


class DomainMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.queues = {mode: Queue(2) for mode in MODES}
        self.came = 0
        self.together = False

    @rule(party=PARTIES, modes=st.lists(st.sampled_from(MODES), min_size=1, max_size=4))
    def come(self, party: int, modes: list[str]) -> None:
        held = {mode: queue.held for mode, queue in self.queues.items()}
        places = decide_places(held, modes, waiting_list=True)
        for mode, place in zip(modes, places, strict=True):
            queue = self.queues[mode]
            self.came += 1
            has_room = queue.capacity is None or len(queue.seated) < queue.capacity
            assert (place is Place.CONFIRMED) == (has_room and not queue.waiting)
            line = queue.seated if place is Place.CONFIRMED else queue.waiting
            line.append((party, self.came))

    @rule(modes=st.lists(st.sampled_from(MODES), min_size=1, max_size=4))
    def come_where_nobody_may_wait(self, modes: list[str]) -> None:
        held = {mode: queue.held for mode, queue in self.queues.items()}
        places = decide_places(held, modes, waiting_list=False)
        free = {mode: queue.held.left for mode, queue in self.queues.items()}
        for mode in MODES:
            given = [p for m, p in zip(modes, places, strict=True) if m == mode]
            most = len(given) if free[mode] is None else min(len(given), free[mode] or 0)
            assert given.count(Place.CONFIRMED) == most

    @rule(mode=st.sampled_from(MODES), pick=st.integers(0, 20))
    def leave(self, mode: str, pick: int) -> None:
        queue = self.queues[mode]
        everybody = queue.seated + queue.waiting
        if everybody:
            gone = everybody[pick % len(everybody)]
            for line in (queue.seated, queue.waiting):
                if gone in line:
                    line.remove(gone)
        self.move_up(queue)

    @rule(mode=st.sampled_from(MODES), capacity=st.sampled_from([None, 0, 1, 2, 3, 5]))
    def set_places(self, mode: str, capacity: int | None) -> None:
        self.queues[mode].capacity = capacity
        self.move_up(self.queues[mode])

    @rule(together=st.booleans())
    def set_together(self, together: bool) -> None:
        self.together = together
        for queue in self.queues.values():
            self.move_up(queue)

    def move_up(self, queue: Queue) -> None:
        before = list(queue.waiting)
        together = (lambda one: one[0]) if self.together else None
        chosen = list(choose_promotions(queue.held, before, together=together))
        assert chosen == before[: len(chosen)], "somebody was passed"
        room = None if queue.capacity is None else max(0, queue.capacity - len(queue.seated))
        assert room is None or len(chosen) <= room
        if not self.together:
            assert len(chosen) == (len(before) if room is None else min(room, len(before)))
        queue.seated += chosen
        queue.waiting = before[len(chosen) :]
        again = choose_promotions(queue.held, queue.waiting, together=together)
        assert list(again) == [], "once is enough"

    @rule(limit=st.integers(1, 4), there=st.integers(0, 6), new=st.integers(1, 4))
    def share(self, limit: int, there: int, new: int) -> None:
        for has_number in (False, True):
            fits = there + new <= limit
            share = decide_share(limit, new, already=there, alike=0, has_number=has_number)
            assert (share is Share.FITS) == fits
            assert not has_number or share is not Share.ASK

    @invariant()
    def nobody_waits_beside_a_free_place(self) -> None:
        for queue in self.queues.values():
            if queue.waiting and not self.together:
                assert queue.capacity is not None
                assert len(queue.seated) >= queue.capacity

    @invariant()
    def those_who_wait_stand_in_the_order_they_came(self) -> None:
        for queue in self.queues.values():
            numbers = [number for _, number in queue.waiting]
            assert numbers == sorted(numbers)


def test_places_and_queues_are_what_the_model_says() -> None:
    run(DomainMachine, settings=effort(150, 30))
