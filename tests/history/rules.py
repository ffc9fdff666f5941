"""What must hold after every commit, in the style of Jepsen: the ledger is replayed and judged.

Each rule is a function (world after it, transaction, what it was before) -> sentences. An exception
is allowed only where the transaction's own audit row names it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dialognav.domain.terms import EventState, Seat
from tests.history.ledger import Change, Row, Transaction
from tests.history.world import Key, World, holds, key_of

BY_HAND = frozenset({"queue.move_up", "queue.move"})
"""Verbs by which staff change the order on purpose, giving a reason."""
_TAKEN = (Seat.CONFIRMED, Seat.OFFERED)
_UNDER_LOCK = (
    *("attendance", "occasion", "registration", "participant"),
    *("slot", "slot_staff", "booking", "booking_person", "meeting_request"),
)


@dataclass(frozen=True, slots=True)
class Violation:
    """`rule` names the promise that was broken; `where` the transaction or the client."""

    rule: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text} [{self.where}]"


@dataclass(slots=True)
class Before:
    """What a transaction met."""

    held: dict[Key, int] = field(default_factory=dict)
    people: dict[tuple[int, str], int] = field(default_factory=dict)
    """(event, party) -> how many of its people counted."""


@dataclass(slots=True)
class Memory:
    """What is remembered from one transaction to the next."""

    last_number: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    let_go: set[tuple[Key, int]] = field(default_factory=set)
    last_of_event: dict[int, Transaction] = field(default_factory=dict)


def judge_ledger(
    transactions: Sequence[Transaction], before: Mapping[str, Mapping[int, Row]] | None = None
) -> list[Violation]:
    """Every broken promise, in the order in which they were broken."""
    world, memory = World.of(before or {}), Memory()
    for seat in world.tables["attendance"].values():
        memory.last_number[key_of(seat)] = max(
            memory.last_number[key_of(seat)], seat["queue_number"] or 0
        )
    found: list[Violation] = []
    for transaction in transactions:
        met = _before(world, transaction)
        world.apply(transaction)
        for rule, check in _RULES.items():
            found += [
                Violation(rule, f"transaction {transaction.name}", text)
                for text in check(world, transaction, met, memory)
            ]
    return found


def final_changes(transaction: Transaction, table: str) -> list[Change]:
    """One per row: from what it was to what it became, whatever lay in between."""
    merged: dict[int, Change] = {}
    for change in transaction.of(table):
        first = merged.get(change.id)
        old = first.old if first else change.old
        merged[change.id] = Change(change.serial, table, change.id, change.row, old)
    return list(merged.values())


def _before(world: World, transaction: Transaction) -> Before:
    met = Before()
    for change in transaction.of("attendance"):
        key = key_of(change.row)
        met.held[key] = len(world.held[key])
    for party in _parties(world, transaction):
        met.people[party] = len(list(world.party(*party)))
    return met


def _parties(world: World, transaction: Transaction) -> set[tuple[int, str]]:
    """The parties whose people a transaction touches."""
    found = {(c.row["event_id"], c.row["party_key"]) for c in transaction.of("registration")}
    for change in transaction.of("participant"):
        registration = world.tables["registration"].get(change.row["registration_id"])
        if registration:
            found.add((registration["event_id"], registration["party_key"]))
    return found


# --- the rules ----------------------------------------------------------------------------------


def _places(world: World, tx: Transaction, met: Before, _memory: Memory) -> Iterator[str]:
    """No place is sold twice. Lowering the capacity takes nobody's place."""
    for key, before in met.held.items():
        capacity, held = world.capacity(key), len(world.held[key])
        if capacity is not None and held > capacity and held > before:
            yield f"{held} hold a place of {capacity} at {key}"


def _limit(world: World, tx: Transaction, met: Before, _memory: Memory) -> Iterator[str]:
    """No organisation has more people than its limit; staff may add them, and are named for it."""
    if any(actor.startswith("user:") for actor in tx.actors):
        return
    for (event_id, key), before in met.people.items():
        limit = world.tables["event"][event_id]["limit_per_party"]
        if limit is None:
            continue
        counted = len(list(world.party(event_id, key)))
        if counted > limit and counted > before:
            yield f"{counted} people of {key!r}, who may be {limit}"


def _order(world: World, tx: Transaction, _met: Before, _memory: Memory) -> Iterator[str]:
    """Whoever moves up has the lowest number, and no newcomer passes those who wait."""
    if tx.verbs & BY_HAND:
        return
    changes = final_changes(tx, "attendance")
    late = {
        change.id for change in changes if not change.old or change.old["state"] != Seat.WAITING
    }
    for change in changes:
        if change.row["state"] not in _TAKEN or (change.old and holds(change.old)):
            continue
        queue = world.waiting[key_of(change.row)].values()
        behind = [seat["queue_number"] for seat in queue if seat["id"] not in late]
        if not behind:
            continue
        if change.old and change.old["state"] == Seat.WAITING:
            number = change.old["queue_number"]
            if number > min(behind):
                yield f"number {number} moved up while number {min(behind)} waits"
        elif not _takes_over(world, tx, change.row):
            yield f"attendance {change.id} got a place while {len(behind)} wait"


def _takes_over(world: World, tx: Transaction, seat: Row) -> bool:
    """Whether a swap of people made this seat: somebody of the same registration let it go."""
    registration = world.registration_of(seat["participant_id"])["id"]
    return any(
        world.registration_of(change.row["participant_id"])["id"] == registration
        and key_of(change.row) == key_of(seat)
        and change.old is not None
        and holds(change.old)
        and not holds(change.row)
        for change in final_changes(tx, "attendance")
    )


def _numbers(world: World, tx: Transaction, _met: Before, memory: Memory) -> Iterator[str]:
    """A number in the queue is new, and was nobody else's, unless it was handed over or given up
    when its holder was moved up."""
    let_go = {
        (key_of(change.row), change.old["queue_number"])
        for change in tx.of("attendance")
        if change.old and change.old["queue_number"] != change.row["queue_number"]
    }
    for change in tx.of("attendance"):
        number, key = change.row["queue_number"], key_of(change.row)
        if number is None or (change.old and change.old["queue_number"] == number):
            continue
        is_moved = bool(tx.verbs & BY_HAND) or (key, number) in let_go | memory.let_go
        if number <= memory.last_number[key] and not is_moved:
            yield f"number {number} of {key} was given before"
        memory.last_number[key] = max(memory.last_number[key], number)
    if tx.verbs & BY_HAND:
        memory.let_go |= let_go


def _lock(world: World, tx: Transaction, _met: Before, memory: Memory) -> Iterator[str]:
    """Whoever touches seats has the event's lock, and nobody else comes in between."""
    locked = {
        change.id: change.serial
        for change in reversed(tx.changes)
        if change.table == "event"
        and (change.old is None or change.row["write_count"] > change.old["write_count"])
    }
    touched: dict[int, int] = {}
    for change in tx.changes:
        if change.table in _UNDER_LOCK and _says_more(change):
            event_id = world.event_id_of(change.table, change.row)
            if event_id is not None:
                touched.setdefault(event_id, change.serial)
    for event_id, serial in touched.items():
        if locked.get(event_id, serial) >= serial:
            yield f"changed event {event_id} without its lock"
        earlier = memory.last_of_event.get(event_id)
        if earlier is not None and earlier.last > tx.first:
            yield f"wrote event {event_id} beside transaction {earlier.name}"
        memory.last_of_event[event_id] = tx


def _says_more(change: Change) -> bool:
    return change.old != change.row


def _handed_on(world: World, tx: Transaction, _met: Before, _memory: Memory) -> Iterator[str]:
    """A place that is free goes to those who wait in the transaction that freed it."""
    keys = {key_of(change.row) for change in tx.of("attendance")}
    events = {change.id for change in tx.of("event")}
    keys |= {key for key in world.waiting if world.tables["occasion"][key[0]]["event_id"] in events}
    for key in keys:
        capacity, waiting = world.capacity(key), world.waiting[key]
        event, occasion = world.event_of(key[0]), world.tables["occasion"][key[0]]
        is_on = event["state"] == EventState.PUBLISHED and tx.now < occasion["starts_at"]
        if not waiting or not is_on or event["queue_closed_at"]:
            continue
        free = None if capacity is None else capacity - len(world.held[key])
        if free is None or free >= _wanted(world, event, waiting):
            yield f"{len(waiting)} wait at {key} while {free} places are free"


def _wanted(world: World, event: Row, waiting: Mapping[int, Row]) -> int:
    """How many places have to be free before somebody must move up."""
    if not event["offer_together"]:
        return 1
    first = min(waiting.values(), key=lambda seat: int(seat["queue_number"]))
    registration = world.registration_of(first["participant_id"])["id"]
    return sum(
        world.registration_of(seat["participant_id"])["id"] == registration
        for seat in waiting.values()
    )


def _one_seat(world: World, tx: Transaction, _met: Before, _memory: Memory) -> Iterator[str]:
    """A person sits on one chair, and who has withdrawn on none."""
    touched = {change.row["participant_id"] for change in tx.of("attendance")}
    for participant_id in touched:
        seats = world.seats[participant_id].values()
        held = [seat for seat in seats if holds(seat)]
        if len({seat["occasion_id"] for seat in held}) < len(held):
            yield f"participant {participant_id} holds two places at one occasion"
        person = world.tables["participant"][participant_id]
        if person["withdrawn_at"] and (held or world.is_live(person)):
            yield f"participant {participant_id} has withdrawn and still has a place"


def _one_registration(
    world: World, tx: Transaction, _met: Before, _memory: Memory
) -> Iterator[str]:
    """One live registration per event and contact address."""
    for change in tx.of("registration"):
        row = change.row
        if row["withdrawn_at"] or (
            change.old and change.old["contact_email"] == row["contact_email"]
        ):
            continue
        same = world.registered(row["event_id"], row["contact_email"])
        if len(same) > 1:
            yield f"registrations {same} have one contact address"


_RULES = {
    "places": _places,
    "limit": _limit,
    "order": _order,
    "numbers": _numbers,
    "lock": _lock,
    "handed-on": _handed_on,
    "one-seat": _one_seat,
    "one-registration": _one_registration,
}


def worst(violations: Iterable[Violation], most: int = 12) -> str:
    """For the message of a failing test."""
    lines = [str(violation) for violation in violations]
    more = [f"and {len(lines) - most} more"] if len(lines) > most else []
    return "\n".join([*lines[:most], *more])
