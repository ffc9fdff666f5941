"""What was committed, change by change: a log that exists in tests only.

Triggers copy each new state of a row into `history` inside the transaction that makes it, so that
what is rolled back leaves no trace, and a serial gives the order. Under the lock of the event that
order is the order of the commits: see `lock` in rules.py, which checks just this.
"""

import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from dialognav.db import Base

Row = dict[str, Any]

_WATCHED: dict[str, tuple[str, ...]] = {
    "event": (
        *("id", "organisation_id", "state", "write_count", "waiting_list", "promotion"),
        *("limit_per_party", "offer_together", "queue_closed_at", "starts_at", "ends_at"),
    ),
    "occasion": ("id", "event_id", "starts_at", "ends_at", "capacity_on_site", "capacity_online"),
    "registration": (
        *("id", "public_id", "event_id", "party_key", "contact_email", "contact_name", "origin"),
        *("withdrawn_at", "review", "merged_into_id", "created_by_id"),
    ),
    "participant": (
        *("id", "public_id", "registration_id", "name", "email", "withdrawn_at", "replaced_by_id"),
    ),
    "attendance": (
        *("id", "participant_id", "occasion_id", "mode", "state", "queue_number"),
        *("keeps_seat", "offer_ends_at", "state_at"),
    ),
    "letter": (
        *("id", "public_id", "event_id", "participant_id", "kind", "stream", "recipient"),
        *("status", "lease", "last_error", "created_at"),
    ),
    "calendar_object": (
        *("id", "uid", "participant_id", "occasion_id", "booking_id", "member_id"),
        *("sequence", "cancelled_at"),
    ),
    "meeting_rules": ("id", "event_id", "hand_out", "most_per_party"),
    "slot": ("id", "event_id", "table_id", "starts_at", "ends_at", "state", "published_at"),
    "slot_staff": ("id", "slot_id", "member_id", "role"),
    "booking": (
        *("id", "event_id", "slot_id", "registration_id", "state", "offered_at", "until"),
        *("created_at",),
    ),
    "booking_person": ("id", "booking_id", "participant_id"),
    "meeting_request": ("id", "event_id", "registration_id", "state", "queue_number"),
    "audit_entry": ("id", "event_id", "actor", "verb", "subject", "facts", "at"),
}
_IDS = {  # of rows that have none of their own
    "meeting_rules": "event_id",
    "slot_staff": "slot_id * 1000000 + {0}member_id",
    "booking_person": "booking_id * 1000000 + {0}participant_id",
}
_DELETED = ("slot_staff", "booking_person")
"""Rows that go when what they say is over; the ledger says `gone` of them."""
_INSTANTS = (
    *("withdrawn_at", "offer_ends_at", "queue_closed_at", "starts_at", "ends_at", "cancelled_at"),
    *("state_at", "created_at", "at", "published_at", "offered_at", "until"),
)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Change:
    """One row as it is from now on; `old` as it was, None for a new one."""

    serial: int
    table: str
    id: int
    row: Row
    old: Row | None


@dataclass(slots=True)
class Transaction:
    """The changes of one commit, in order. `began` and `wrote` in seconds since 1970: between the
    two it made its changes, and it was committed at some time after `wrote`."""

    name: str
    began: float
    wrote: float
    changes: list[Change] = field(default_factory=list)

    def of(self, table: str) -> Iterator[Change]:
        return (change for change in self.changes if change.table == table)

    @property
    def verbs(self) -> set[str]:
        """What the audit rows of this transaction say was done."""
        return {change.row["verb"] for change in self.of("audit_entry")}

    @property
    def actors(self) -> set[str]:
        return {change.row["actor"] for change in self.of("audit_entry")}

    @property
    def now(self) -> datetime:
        """The instant at which the app believed to be."""
        said = [
            change.row[name]
            for change in self.changes
            for name in ("state_at", "created_at", "at")
            if change.row.get(name)
        ]
        return max(said, default=datetime.min.replace(tzinfo=UTC))

    @property
    def first(self) -> int:
        return self.changes[0].serial

    @property
    def last(self) -> int:
        return self.changes[-1].serial


# --- putting it in ------------------------------------------------------------------------------


def name_transactions(engine: sa.Engine) -> None:
    """Let SQLite's triggers know which transaction they run in; PostgreSQL's know by themselves.

    Call it on every engine that writes while the ledger is open.
    """
    if engine.dialect.name != "sqlite":
        return
    current = ""

    def name() -> str:
        return current

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, _entry: object) -> None:
        connection.create_function("history_tx", 0, name)
        connection.create_function("history_at", 0, time.time)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        nonlocal current  # written by the one writer SQLite lets through, after our BEGIN
        if connection.get_execution_options().get("writes", False):
            current = f"{os.getpid()}-{next(_numbers)}"


@contextmanager
def ledger(engine: sa.Engine) -> Iterator[None]:
    """Write every change down until the block ends; read it by `read_ledger()`."""
    with engine.connect() as connection:
        run = connection.connection.driver_connection
        for statement in _opening(engine.dialect.name):
            run.execute(statement)
        run.commit()
    try:
        yield
    finally:
        with engine.connect() as connection:
            run = connection.connection.driver_connection
            for statement in _closing(engine.dialect.name):
                run.execute(statement)
            run.commit()


def _opening(dialect: str) -> Iterator[str]:
    number = "INTEGER PRIMARY KEY" if dialect == "sqlite" else "BIGSERIAL PRIMARY KEY"
    yield (
        f"CREATE TABLE history (serial {number}, tx TEXT NOT NULL, at FLOAT NOT NULL,"
        " tab TEXT NOT NULL, data TEXT NOT NULL)"
    )
    build: Callable[[str], Iterator[str]] = _on_sqlite if dialect == "sqlite" else _on_postgresql
    for table in _WATCHED:
        yield from build(table)


def _on_sqlite(table: str) -> Iterator[str]:
    for verb in _verbs(table):
        yield (
            f"CREATE TRIGGER history_{table}_{verb.lower()} AFTER {verb} ON {table} BEGIN"
            f" INSERT INTO history (tx, at, tab, data) VALUES (history_tx(), history_at(),"
            f" '{table}', json_object({_parts(table, verb, facts='json(NEW.facts)')})); END"
        )


def _on_postgresql(table: str) -> Iterator[str]:
    for verb in _verbs(table):
        name = f"history_{table}_{verb.lower()}"
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO history (tx, at, tab, data) VALUES (pg_current_xact_id()::text,"
            f" extract(epoch FROM clock_timestamp()), '{table}',"
            f" json_build_object({_parts(table, verb)})::text);"
            " RETURN NULL; END $$"
        )
        yield (
            f"CREATE TRIGGER {name} AFTER {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def _verbs(table: str) -> tuple[str, ...]:
    return ("INSERT", "UPDATE", "DELETE") if table in _DELETED else ("INSERT", "UPDATE")


def _parts(table: str, verb: str, **as_is: str) -> str:
    """The arguments of the database's own function that writes JSON."""
    row = "OLD" if verb == "DELETE" else "NEW"
    said = {name: as_is.get(name, f"{row}.{name}") for name in _WATCHED[table]}
    if table in _IDS:
        said["id"] = f"{row}." + _IDS[table].format(f"{row}.")
    if verb == "DELETE":
        said["gone"] = "1"
    return ", ".join(f"'{name}', {value}" for name, value in said.items())


def _closing(dialect: str) -> Iterator[str]:
    for table in _WATCHED:
        for verb in _verbs(table):
            name = f"history_{table}_{verb.lower()}"
            is_sqlite = dialect == "sqlite"
            yield f"DROP TRIGGER {name}" if is_sqlite else f"DROP FUNCTION {name} CASCADE"
    yield "DROP TABLE history"


# --- reading it ---------------------------------------------------------------------------------


def snapshot(connection: sa.Connection) -> dict[str, dict[int, Row]]:
    """The watched tables as they stand, in the shape of the ledger's rows: read before it opens."""
    found: dict[str, dict[int, Row]] = {}
    for table, columns in _WATCHED.items():
        described = Base.metadata.tables[table]
        read = [described.c[name] for name in columns if name != "id" or table not in _IDS]
        if table in _IDS:
            read.append(sa.literal_column(_IDS[table].format("")).label("id"))
        rows = connection.execute(sa.select(*read)).mappings()
        found[table] = {row["id"]: dict(row) for row in rows}
    return found


def read_ledger(
    connection: sa.Connection,
    before: dict[str, dict[int, Row]] | None = None,
    *,
    since: int = 0,
) -> list[Transaction]:
    """The transactions in the order in which they ended, from serial `since` on.

    `before` is the `snapshot()` of what was there then, when it matters.
    """
    known = {table: dict((before or {}).get(table, {})) for table in _WATCHED}
    found: dict[str, Transaction] = {}
    rows = connection.execute(
        sa.text("SELECT serial, tx, at, tab, data FROM history WHERE serial > :since ORDER BY 1"),
        {"since": since},
    )
    for serial, name, at, table, data in rows:
        row = _read(json.loads(data))
        change = Change(serial, table, row["id"], row, known[table].get(row["id"]))
        known[table][row["id"]] = row
        transaction = found.setdefault(name, Transaction(name, at, at))
        transaction.wrote = at
        transaction.changes.append(change)
    return sorted(found.values(), key=lambda transaction: transaction.last)


def _read(row: Row) -> Row:
    for name in _INSTANTS:
        if row.get(name):
            instant = datetime.fromisoformat(row[name])
            row[name] = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    for name in ("keeps_seat", "waiting_list", "offer_together"):
        if name in row:
            row[name] = bool(row[name])
    return row
