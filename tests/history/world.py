"""The watched tables after each transaction, with the counts that the rules ask for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dialognav.domain.terms import HOLDING, LIVE, Mode, Seat
from tests.history.ledger import Row, Transaction

Key = tuple[int, str]
"""Occasion and mode: what has places and a queue."""


def holds(seat: Row) -> bool:
    return seat["state"] in HOLDING or seat["keeps_seat"]


def key_of(seat: Row) -> Key:
    return seat["occasion_id"], seat["mode"]


@dataclass(slots=True)
class World:
    """What a reader of the database would have seen at that instant."""

    tables: dict[str, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    held: dict[Key, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    waiting: dict[Key, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    people: dict[int, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    """By registration."""
    seats: dict[int, dict[int, Row]] = field(default_factory=lambda: defaultdict(dict))
    """By participant."""
    parties: dict[tuple[int, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    contacts: dict[tuple[int, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    """By event and party, and by event and address: registrations that ever were theirs."""
    public: dict[str, Row] = field(default_factory=dict)
    """Registrations by public id."""

    @classmethod
    def of(cls, tables: Mapping[str, Mapping[int, Row]]) -> "World":
        world = cls()
        for table, rows in tables.items():
            for row in rows.values():
                world.put(table, row)
        return world

    def put(self, table: str, row: Row) -> None:
        self.tables[table][row["id"]] = row
        if table == "attendance":
            self._put_seat(row)
        elif table == "participant":
            self.people[row["registration_id"]][row["id"]] = row
        elif table == "registration":
            self.public[row["public_id"]] = row
            self.parties[row["event_id"], row["party_key"]].add(row["id"])
            self.contacts[row["event_id"], row["contact_email"]].add(row["id"])

    def _put_seat(self, row: Row) -> None:
        key, number = key_of(row), row["id"]
        self.seats[row["participant_id"]][number] = row
        for rows, belongs in (
            (self.held[key], holds(row)),
            (self.waiting[key], row["state"] == Seat.WAITING),
        ):
            if belongs:
                rows[number] = row
            else:
                rows.pop(number, None)

    def apply(self, transaction: Transaction) -> None:
        for change in transaction.changes:
            self.put(change.table, change.row)

    # --- questions ------------------------------------------------------------------------------

    def event_of(self, occasion_id: int) -> Row:
        return self.tables["event"][self.tables["occasion"][occasion_id]["event_id"]]

    def capacity(self, key: Key) -> int | None:
        occasion = self.tables["occasion"][key[0]]
        name = "capacity_on_site" if key[1] == Mode.ON_SITE else "capacity_online"
        capacity: int | None = occasion[name]
        return capacity

    def registration_of(self, participant_id: int) -> Row:
        person = self.tables["participant"][participant_id]
        return self.tables["registration"][person["registration_id"]]

    def event_id_of(self, table: str, row: Row) -> int | None:
        """Which event a row belongs to, as far as the tables in question go."""
        if table in ("event", "letter"):
            found: int | None = row["id"] if table == "event" else row["event_id"]
            return found
        if "event_id" in row:
            return int(row["event_id"])
        if "slot_id" in row:
            return int(self.tables["slot"][row["slot_id"]]["event_id"])
        if "booking_id" in row:
            return int(self.tables["booking"][row["booking_id"]]["event_id"])
        if table == "participant":
            return int(self.tables["registration"][row["registration_id"]]["event_id"])
        return int(self.tables["occasion"][row["occasion_id"]]["event_id"])

    def is_live(self, person: Row) -> bool:
        """Whether the person has a place, waits for one, or for somebody to look."""
        seats = self.seats[person["id"]].values()
        return person["withdrawn_at"] is None and any(seat["state"] in LIVE for seat in seats)

    def counts(self, person: Row) -> bool:
        """Whether the person has a place or a number, so that the limit has to do with it."""
        seats = self.seats[person["id"]].values()
        return person["withdrawn_at"] is None and any(
            seat["state"] in LIVE
            and (seat["state"] != Seat.PENDING or seat["keeps_seat"] or seat["queue_number"])
            for seat in seats
        )

    def party(self, event_id: int, key: str) -> Iterator[Row]:
        """The people of one organisation at one event who count."""
        for number in self.parties[event_id, key]:
            if self.tables["registration"][number]["party_key"] == key:
                yield from filter(self.counts, self.people[number].values())

    def registered(self, event_id: int, email: str) -> list[int]:
        """The live registrations of a contact address."""
        rows = self.tables["registration"]
        return [
            number
            for number in self.contacts[event_id, email]
            if rows[number]["contact_email"] == email and not rows[number]["withdrawn_at"]
        ]

    def position(self, seat: Row) -> int | None:
        """The place in the queue, counted from 1."""
        queue = self.waiting[key_of(seat)]
        if seat["id"] not in queue:
            return None
        return sum(one["queue_number"] <= seat["queue_number"] for one in queue.values())
