"""What each client was told, and whether it was so at some instant while the client waited."""

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dialognav.domain.meeting_terms import BookingState
from tests.history.ledger import Row, Transaction
from tests.history.rules import Violation
from tests.history.world import World

Seen = list[list[Any]]
"""[name, state, place in the queue or None] of each person on an own page."""


@dataclass(slots=True)
class Told:
    """One question of one client: what it asked, when, and what it was answered.

    `asked` and `answered` in seconds since 1970. `subject`: a registration's public id, or an
    address where there is none. A status of 0 says that no answer came.
    """

    client: str
    what: str
    subject: str
    asked: float
    answered: float = 0.0
    status: int = 0
    outcome: str = ""
    seen: Seen = field(default_factory=list)


class Recorder:
    """Appends to a history file, one line for each answer; many threads may share one."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def begin(self, client: str, what: str, subject: str) -> Told:
        return Told(client, what, subject, time.time())

    def end(self, told: Told, status: int, outcome: str = "", seen: Seen | None = None) -> None:
        told.answered, told.status = time.time(), status
        told.outcome, told.seen = outcome, seen or []
        with self._lock:
            self._file.write(json.dumps(asdict(told)) + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()


def read_told(folder: Path) -> list[Told]:
    """All that any client wrote down, in the order in which it was asked."""
    lines = [line for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]
    return sorted((Told(**json.loads(line)) for line in lines), key=lambda told: told.asked)


_MEETINGS = {
    "meeting": BookingState.BOOKED,
    "meeting given up": BookingState.WITHDRAWN,
    "offer declined": BookingState.DECLINED,
}
"""What a supplier is told of a meeting, and the state that one of its bookings is in then."""

# --- judging ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Claim:
    """Something a client was told: true when it fits some instant between question and answer."""

    told: Told
    text: str


def judge_told(
    transactions: Sequence[Transaction],
    told: Sequence[Told],
    before: dict[str, dict[int, Row]] | None = None,
) -> Iterator[Violation]:
    """Everybody is answered, nobody by an error, and nobody is told what was not so.

    A state is seen between the beginning of its transaction and the commit of the next one, which
    lies before the third one's beginning: that one had to wait for the event's lock.
    """
    yield from _errors(told)
    locked = [tx for tx in transactions if any(tx.of("event"))]
    coming = deque(sorted(_claims(told), key=lambda claim: claim.told.asked))
    open_claims: list[_Claim] = []
    world = World.of(before or {})
    for index in range(-1, len(locked)):
        if index >= 0:
            world.apply(locked[index])
        begins = locked[index].began if index >= 0 else 0.0
        ends = locked[index + 2].began if index + 2 < len(locked) else float("inf")
        while coming and coming[0].told.asked <= ends:
            open_claims.append(coming.popleft())
        for claim in open_claims:
            if claim.told.answered < begins:
                yield Violation("told-untrue", claim.told.client, claim.text)
        open_claims = [
            claim
            for claim in open_claims
            if claim.told.answered >= begins and not _is_so(world, claim.told)
        ]
    for claim in open_claims:
        yield Violation("told-untrue", claim.told.client, claim.text)
    yield from _unannounced(world, told)


def _errors(told: Sequence[Told]) -> Iterator[Violation]:
    for one in told:
        if one.status == 0:
            yield Violation("unanswered", one.client, f"{one.what} {one.subject}: {one.outcome}")
        elif one.status >= 500:
            yield Violation("error", one.client, f"{one.what} {one.subject}: {one.status}")


def _unannounced(world: World, told: Sequence[Told]) -> Iterator[Violation]:
    """Who was refused, or told to look in the mail, has no registration by that."""
    clients = {one.client for one in told if one.what == "sign-up"}
    said = Counter(one.client for one in told if one.outcome == "registered")
    made = Counter(row["contact_email"] for row in world.tables["registration"].values())
    for client in clients:
        if said[client] != made[client]:
            text = f"has {made[client]} registrations, and was told of {said[client]}"
            yield Violation("told-untrue", client, text)


def _claims(told: Sequence[Told]) -> Iterator[_Claim]:
    for one in told:
        if one.what == "look" and one.status == 200:
            for person in one.seen:
                narrowed = Told(one.client, "look", one.subject, one.asked, one.answered)
                narrowed.seen = [person]
                yield _Claim(narrowed, f"{one.subject} was told {person}")
        elif one.outcome in ("registered", "withdrawn", *_MEETINGS):
            yield _Claim(one, f"{one.subject} was told {one.outcome}")


def _is_so(world: World, told: Told) -> bool:
    registration = world.public.get(told.subject)
    if registration is None:
        return False
    if told.outcome == "registered":
        return True
    if told.outcome in _MEETINGS:
        return any(
            booking["registration_id"] == registration["id"]
            and booking["state"] == _MEETINGS[told.outcome]
            for booking in world.tables["booking"].values()
        )
    if told.outcome == "withdrawn":
        return registration["withdrawn_at"] is not None
    [[name, state, place]] = told.seen
    return any(
        seat["state"] == state and (place is None or world.position(seat) == place)
        for person in world.people[registration["id"]].values()
        if person["name"] == name
        for seat in world.seats[person["id"]].values()
    )
