"""What must hold of one-to-one meetings after every commit, judged as rules.py judges seats."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations

from dialognav.domain.meeting_terms import (
    LIVE_BOOKING,
    BookingState,
    HandOut,
    RequestState,
    SlotState,
    TableRole,
)
from dialognav.domain.terms import Review
from tests.history.ledger import Change, Row, Transaction
from tests.history.rules import Violation, final_changes
from tests.history.world import World

KEPT_FREE = frozenset({"meeting.cancelled", "meeting.replanned", "meeting.ended"})
"""Verbs after which a slot may stay free although somebody waits: staff have said so, or the event
is off."""
CUT_OFF = timedelta(days=4)
"""So long before a meeting nobody is offered it, however many holidays there are."""


@dataclass(slots=True)
class Meetings:
    """The live ones, found by whom they may not meet twice."""

    world: World
    by_slot: dict[int, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    by_party: dict[tuple[int, str], dict[int, Row]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    people: dict[int, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    """By booking."""
    meets: dict[tuple[str, str], dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    """Who comes to which bookings, by address and name."""
    staff: dict[int, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    """By slot."""
    sits: dict[int, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    """By member of the team."""
    had: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Slot -> the registrations that ever were offered it, or had it."""
    line: dict[int, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    """Event -> those who wait for a meeting."""

    def put(self, table: str, row: Row) -> None:
        if table == "booking":
            self._put_booking(row)
        elif table == "booking_person":
            person = self.world.tables["participant"][row["participant_id"]]
            who = (person["email"], person["name"].casefold())
            _keep(self.people[row["booking_id"]], row, not row.get("gone"))
            _keep(self.meets[who], row, not row.get("gone"))
        elif table == "slot_staff":
            _keep(self.staff[row["slot_id"]], row, not row.get("gone"))
            _keep(self.sits[row["member_id"]], row, not row.get("gone"))
        elif table == "meeting_request":
            waits = row["state"] == RequestState.WAITING and row["queue_number"] is not None
            _keep(self.line[row["event_id"]], row, waits)

    def _put_booking(self, row: Row) -> None:
        is_live = row["state"] in LIVE_BOOKING
        for rows in (*self.by_slot.values(), *self.by_party.values()):
            rows.pop(row["id"], None)
        _keep(self.by_slot[row["slot_id"]], row, is_live)
        _keep(self.by_party[row["event_id"], self.party(row)], row, is_live)
        if row["offered_at"] or row["state"] not in (BookingState.HELD, BookingState.LAPSED):
            self.had[row["slot_id"]].add(row["registration_id"])

    def party(self, row: Row) -> str:
        key: str = self.world.tables["registration"][row["registration_id"]]["party_key"]
        return key

    def number_of(self, event_id: int, party: str) -> int:
        """What is only held while a form is filled in is no meeting yet, and may replace one."""
        rows = self.by_party[event_id, party].values()
        return sum(_counts(row) for row in rows)

    def slot(self, slot_id: int) -> Row:
        return self.world.tables["slot"][slot_id]

    def overlap(self, one: int, other: int) -> bool:
        a, b = self.slot(one), self.slot(other)
        return bool(a["starts_at"] < b["ends_at"] and b["starts_at"] < a["ends_at"])

    def rules(self, event_id: int) -> Row:
        return self.world.tables["meeting_rules"][event_id]


def _counts(row: Row) -> bool:
    return row["state"] in LIVE_BOOKING and row["state"] != BookingState.HELD


def _keep(rows: dict[int, Row], row: Row, belongs: bool) -> None:
    if belongs:
        rows[row["id"]] = row
    else:
        rows.pop(row["id"], None)


@dataclass(frozen=True, slots=True)
class Met:
    """What a transaction met: how many meetings each party had, and who waited."""

    of_party: Mapping[tuple[int, str], int]
    line: Mapping[int, Sequence[Row]]
    taken: frozenset[int]


def judge_meetings(
    transactions: Sequence[Transaction], before: Mapping[str, Mapping[int, Row]] | None = None
) -> list[Violation]:
    """Every broken promise, in the order in which they were broken."""
    world = World.of(before or {})
    meetings = Meetings(world)
    for table in ("slot_staff", "booking", "booking_person", "meeting_request"):
        for row in world.tables[table].values():
            meetings.put(table, row)
    found: list[Violation] = []
    for transaction in transactions:
        met = Met(
            {key: meetings.number_of(*key) for key in list(meetings.by_party)},
            {event: sorted(rows.values(), key=_number) for event, rows in meetings.line.items()},
            frozenset(slot for slot, rows in meetings.by_slot.items() if rows),
        )
        world.apply(transaction)
        for change in transaction.changes:
            meetings.put(change.table, change.row)
        for rule, check in _RULES.items():
            found += [
                Violation(rule, f"transaction {transaction.name}", text)
                for text in check(meetings, transaction, met)
            ]
    return found


def _number(request: Row) -> int:
    return int(request["queue_number"])


def _is_new(change: Change) -> bool:
    """Whether the booking takes a slot that it had not."""
    old = change.old
    was_live = old is not None and old["state"] in LIVE_BOOKING
    is_there = was_live and old is not None and old["slot_id"] == change.row["slot_id"]
    return change.row["state"] in LIVE_BOOKING and not is_there


def _new(tx: Transaction) -> list[Change]:
    return [change for change in final_changes(tx, "booking") if _is_new(change)]


# --- the rules ----------------------------------------------------------------------------------


def _slots(meetings: Meetings, tx: Transaction, _met: Met) -> Iterator[str]:
    """Two suppliers never have one slot."""
    for change in tx.of("booking"):
        taken = meetings.by_slot[change.row["slot_id"]]
        if len(taken) > 1:
            yield f"slot {change.row['slot_id']} is taken by bookings {sorted(taken)}"


def _limit(meetings: Meetings, tx: Transaction, met: Met) -> Iterator[str]:
    """No party has more meetings than it may."""
    for change in final_changes(tx, "booking"):
        if not _counts(change.row) or (change.old and _counts(change.old)):
            continue
        event_id, party = change.row["event_id"], meetings.party(change.row)
        most = meetings.rules(event_id)["most_per_party"]
        has = meetings.number_of(event_id, party)
        if has > most and has > met.of_party.get((event_id, party), 0):
            yield f"{party!r} has {has} meetings, and may have {most}"


def _people(meetings: Meetings, tx: Transaction, _met: Met) -> Iterator[str]:
    """Nobody of a supplier is in two meetings at once, also for two suppliers."""
    touched = {change.id for change in tx.of("booking")}
    touched |= {change.row["booking_id"] for change in tx.of("booking_person")}
    bookings = meetings.world.tables["booking"]
    for who, rows in meetings.meets.items():
        live = [
            bookings[row["booking_id"]]
            for row in rows.values()
            if bookings[row["booking_id"]]["state"] in LIVE_BOOKING
        ]
        for one, other in combinations(live, 2):
            is_new = touched & {one["id"], other["id"]}
            if is_new and meetings.overlap(one["slot_id"], other["slot_id"]):
                yield f"{who[1]!r} is in bookings {one['id']} and {other['id']} at once"


def _team(meetings: Meetings, tx: Transaction, _met: Met) -> Iterator[str]:
    """Nobody of the team is in two places: neither put there, nor by another time of a slot."""
    touched = {change.row["member_id"] for change in tx.of("slot_staff")}
    for change in tx.of("slot"):
        touched |= {row["member_id"] for row in meetings.staff[change.id].values()}
    for member in touched:
        slots = [
            row["slot_id"]
            for row in meetings.sits[member].values()
            if meetings.slot(row["slot_id"])["state"] != SlotState.REMOVED
        ]
        for one, other in combinations(slots, 2):
            if meetings.overlap(one, other):
                yield f"member {member} is in slots {one} and {other} at once"


def _handed_out(meetings: Meetings, tx: Transaction, _met: Met) -> Iterator[str]:
    """What is taken is open, public and staffed, and the supplier is registered."""
    for change in _new(tx):
        slot = meetings.slot(change.row["slot_id"])
        roles = {row["role"] for row in meetings.staff[slot["id"]].values()}
        if slot["state"] != SlotState.OPEN or not slot["published_at"]:
            yield f"slot {slot['id']} is {slot['state']}, and was taken"
        if not {TableRole.ASKS, TableRole.NOTES} <= roles:
            yield f"slot {slot['id']} was taken with {sorted(roles)}"
        registration = meetings.world.tables["registration"][change.row["registration_id"]]
        if registration["withdrawn_at"] or registration["review"] in (
            *(Review.PENDING, Review.DECLINED),
        ):
            yield f"registration {registration['id']} took slot {slot['id']}"


def _order(meetings: Meetings, tx: Transaction, met: Met) -> Iterator[str]:
    """What is offered by itself goes to the first who has not had it and may have one."""
    if any(actor.startswith("user:") for actor in tx.actors):
        return
    offered = sorted(
        (change for change in _new(tx) if change.row["state"] == BookingState.OFFERED),
        key=lambda change: int(change.row["id"]),
    )
    line = {event: list(rows) for event, rows in met.line.items()}
    before = {
        slot: held - {change.row["registration_id"] for change in offered}
        for slot, held in meetings.had.items()
    }
    for change in offered:
        row, queue = change.row, line.get(change.row["event_id"], [])
        for request in [*queue]:
            if request["registration_id"] == row["registration_id"]:
                queue.remove(request)
                break
            waits = meetings.line[row["event_id"]].get(request["id"])
            if waits and _may(meetings, request, before.get(row["slot_id"], set())):
                yield f"number {_number(request)} waits, and slot {row['slot_id']} went past it"
                break


def _may(meetings: Meetings, request: Row, had: set[int]) -> bool:
    """Whether one who waits could have a slot that these have had."""
    event_id = request["event_id"]
    has = meetings.number_of(event_id, meetings.party(request))
    registration = meetings.world.tables["registration"][request["registration_id"]]
    return (
        request["registration_id"] not in had
        and has < meetings.rules(event_id)["most_per_party"]
        and not registration["withdrawn_at"]
    )


def _handed_on(meetings: Meetings, tx: Transaction, met: Met) -> Iterator[str]:
    """A slot that comes free is offered to the next in the transaction that freed it. Who joins the
    list in that very transaction may choose it: booking is open until the meetings begin."""
    if tx.verbs & KEPT_FREE:
        return
    changes = final_changes(tx, "booking")
    for slot_id in {change.old["slot_id"] for change in changes if change.old}:
        slot = meetings.slot(slot_id)
        rules = meetings.rules(slot["event_id"])
        is_free = slot_id in met.taken and not meetings.by_slot[slot_id]
        can_be = slot["state"] == SlotState.OPEN and tx.now < slot["starts_at"] - CUT_OFF
        if not is_free or not can_be or rules["hand_out"] != HandOut.FIRST_COME:
            continue
        roles = {row["role"] for row in meetings.staff[slot_id].values()}
        waited = {row["id"] for row in met.line.get(slot["event_id"], ())}
        for request in meetings.line[slot["event_id"]].values():
            may = request["id"] in waited and _may(meetings, request, meetings.had[slot_id])
            if may and len(roles) > 1:
                yield f"slot {slot_id} is free, and number {_number(request)} waits"


def _merged(meetings: Meetings, tx: Transaction, _met: Met) -> Iterator[str]:
    """Of registrations that become one nobody loses a meeting, or the place in the queue."""
    gone = {
        change.id
        for change in tx.of("registration")
        if change.row["merged_into_id"] and not (change.old and change.old["merged_into_id"])
    }
    if not gone:
        return
    for change in final_changes(tx, "booking"):
        if change.old and _counts(change.old) and not _counts(change.row):
            yield f"booking {change.id} was lost to a merge"
    live = [row for rows in meetings.by_slot.values() for row in rows.values()]
    waiting = [row for rows in meetings.line.values() for row in rows.values()]
    for what, rows in (("has booking", live), ("waits by request", waiting)):
        for row in rows:
            if row["registration_id"] in gone:
                yield f"registration {row['registration_id']} is merged, and {what} {row['id']}"


def _numbers(meetings: Meetings, tx: Transaction, _met: Met) -> Iterator[str]:
    """No two wait with one number."""
    for event_id in {change.row["event_id"] for change in tx.of("meeting_request")}:
        numbers = [_number(row) for row in meetings.line[event_id].values()]
        if len(set(numbers)) < len(numbers):
            yield f"a number was given twice at event {event_id}: {sorted(numbers)}"


_RULES: dict[str, Callable[[Meetings, Transaction, Met], Iterator[str]]] = {
    "meeting-slot": _slots,
    "meeting-limit": _limit,
    "meeting-people": _people,
    "meeting-team": _team,
    "meeting-handed-out": _handed_out,
    "meeting-order": _order,
    "meeting-handed-on": _handed_on,
    "meeting-numbers": _numbers,
    "meeting-merged": _merged,
}


def judge_entries(world: World) -> Iterator[Violation]:
    """Once everything has left: who is in a meeting has its entry, and nobody else has."""
    entries: dict[tuple[int, int], bool] = {}
    for row in world.tables["calendar_object"].values():
        if row["booking_id"] is not None and row["participant_id"] is not None:
            entries[row["booking_id"], row["participant_id"]] = row["cancelled_at"] is None
    there = {
        (row["booking_id"], row["participant_id"])
        for row in world.tables["booking_person"].values()
        if not row.get("gone")
        and world.tables["booking"][row["booking_id"]]["state"] == BookingState.BOOKED
    }
    for booking_id, participant_id in there - {key for key, stands in entries.items() if stands}:
        where = f"booking {booking_id}"
        yield Violation("meeting-entry", where, f"participant {participant_id} has no entry")
    for booking_id, participant_id in {key for key, stands in entries.items() if stands} - there:
        where = f"booking {booking_id}"
        yield Violation("meeting-entry", where, f"participant {participant_id} has an entry yet")
