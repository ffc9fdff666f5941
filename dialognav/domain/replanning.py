"""One of the team cannot come: what becomes of each of that person's one-to-one meetings.

In this order, which troubles a supplier least: it is held without them where enough others are
there, somebody who is free stands in, it moves to another free slot, or the supplier goes back to
the front of the queue. As many as can be are moved, each as near to its old time as that allows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dialognav.domain.assignment import cheapest
from dialognav.domain.bookings import Person, Span, overlaps

_WORSE_THAN_ALL = 10**18  # minutes squared: to wait costs more than any number of moves


class Way(StrEnum):
    WITHOUT = "without"  # somebody else asks, and somebody takes notes
    STAND_IN = "stand_in"
    MOVE = "move"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """A meeting that loses somebody. `stand_ins` (members, the best first) and `slots` (id: when it
    begins and ends) are all that would do. `people` come to it from the supplier."""

    booking_id: int
    people: frozenset[Person]
    span: Span
    holds_without: bool = False
    stand_ins: tuple[int, ...] = ()
    slots: Mapping[int, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """`target_id` is the member's who stands in, or the new slot's; None otherwise."""

    booking_id: int
    way: Way
    target_id: int | None = None


def best_steps(losses: Sequence[Loss]) -> tuple[Step, ...]:
    """One for each, in their order. The losses are one person's, so they never overlap, and the
    same colleague may stand in for all of them: the one who can do most goes first."""
    can = Counter(member for loss in losses for member in loss.stand_ins)
    stay = [loss for loss in losses if loss.holds_without or loss.stand_ins]
    moved = _matched([loss for loss in losses if loss not in stay], stay)
    return tuple(_step(loss, can, moved) for loss in losses)


def _step(loss: Loss, can: Mapping[int, int], moved: Mapping[int, int]) -> Step:
    if loss.holds_without:
        return Step(loss.booking_id, Way.WITHOUT)
    if loss.stand_ins:
        best = max(loss.stand_ins, key=lambda member: (can[member], -loss.stand_ins.index(member)))
        return Step(loss.booking_id, Way.STAND_IN, best)
    if loss.booking_id in moved:
        return Step(loss.booking_id, Way.MOVE, moved[loss.booking_id])
    return Step(loss.booking_id, Way.QUEUE)


def _matched(losses: Sequence[Loss], stay: Iterable[Loss]) -> dict[int, int]:
    """{booking: slot}: as many as possible, and of those ways the one with the fewest minutes
    between old and new times, squared, so that nobody waits a day for another's five minutes."""
    slots = sorted({slot_id for loss in losses for slot_id in loss.slots})
    if not slots:
        return {}
    waits: list[int | None] = [_WORSE_THAN_ALL] * len(losses)
    costs = [[_cost(loss, slot_id) for slot_id in slots] + waits for loss in losses]
    places = dict(zip(losses, cheapest(costs).columns, strict=True))
    found = {loss.booking_id: slots[at] for loss, at in places.items() if at < len(slots)}
    clashing = _in_two_places(losses, found, stay)
    return {booking: slot for booking, slot in found.items() if booking not in clashing}


def _cost(loss: Loss, slot_id: int) -> int | None:
    if slot_id not in loss.slots:
        return None
    begins, _ends = loss.slots[slot_id]
    return int(abs((begins - loss.span[0]).total_seconds()) // 60) ** 2


def _in_two_places(
    losses: Iterable[Loss], found: Mapping[int, int], stay: Iterable[Loss]
) -> set[int]:
    """Bookings whose people are in another then: one of these that stays, or was moved before."""
    taken = [(loss.people, loss.span) for loss in stay]
    clashing = set()
    for loss in losses:
        if loss.booking_id not in found:
            continue
        span = loss.slots[found[loss.booking_id]]
        if any(loss.people & people and overlaps(span, other) for people, other in taken):
            clashing.add(loss.booking_id)
        else:
            taken.append((loss.people, span))
    return clashing


def impossible(losses: Sequence[Loss], steps: Sequence[Step]) -> frozenset[int]:
    """Bookings whose step cannot be: not among what would do, a slot that another takes, or
    somebody in two places at once."""
    by_id = {step.booking_id: step for step in steps}
    wanted = Counter(step.target_id for step in steps if step.way == Way.MOVE)
    wrong = {
        loss.booking_id
        for loss in losses
        if loss.booking_id not in by_id or not _would_do(loss, by_id[loss.booking_id])
    }
    moved = {
        step.booking_id: step.target_id
        for step in steps
        if step.way == Way.MOVE and step.target_id is not None and step.booking_id not in wrong
    }
    twice = {booking for booking, slot in moved.items() if wanted[slot] > 1}
    held = {step.booking_id for step in steps if step.way in (Way.WITHOUT, Way.STAND_IN)}
    stay = [loss for loss in losses if loss.booking_id in held]
    return frozenset(wrong | twice | _in_two_places(losses, moved, stay))


def _would_do(loss: Loss, step: Step) -> bool:
    if step.way == Way.STAND_IN:
        return step.target_id in loss.stand_ins
    if step.way == Way.MOVE:
        return step.target_id in loss.slots
    return step.way == Way.QUEUE or loss.holds_without
