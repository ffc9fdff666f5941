"""Whether everybody was told what their history calls for: each change once, nothing unasked.

Per transaction (a letter is a row of the change it tells of), then per stream at the end, then
against the mails that left.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy

from dialognav.domain.terms import HOLDING, LetterStatus, Seat
from tests.history.ledger import Change, Row, Transaction
from tests.history.rules import Violation, final_changes
from tests.history.world import World, holds

_GONE = frozenset({Seat.WITHDRAWN, Seat.DECLINED})
SAYS: dict[str, frozenset[str]] = {
    "place_confirmed": frozenset({Seat.CONFIRMED}),
    "promoted": frozenset({Seat.CONFIRMED}),
    "place_changed": frozenset({Seat.CONFIRMED}),
    "place_waiting": frozenset({Seat.WAITING}),
    "withdrawn": frozenset({Seat.WITHDRAWN}),
    "withdrawn_plain": frozenset({Seat.WITHDRAWN}),
    "new_date": frozenset({Seat.CONFIRMED, Seat.WAITING, Seat.PENDING, Seat.OFFERED}),
    "offered": frozenset({Seat.OFFERED}),
    "lapsed": frozenset({Seat.LAPSED}),
    "no_place": frozenset({Seat.LAPSED, Seat.WAITING}),
    "place_pending": frozenset({Seat.PENDING}),
    "change_pending": frozenset({Seat.PENDING}),
    "declined": frozenset({Seat.DECLINED}),
}
"""Which states of a seat a letter can tell of. Kinds that are not here tell of something else."""

RETELLING = (
    *("event.", "registration.correct_address", "registration.send_again"),
    *("participant.correct_address", "queue.close"),
)
"""Verbs after which people are written to although their seat is what it was."""

SILENT = frozenset({Seat.ATTENDED, Seat.NO_SHOW})
Subject = tuple[int, int]
"""Participant and occasion."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that left: which letter it is, to whom, and the revision of the entry it carries.

    `said` is what that revision says, in any form that equal revisions share.
    """

    letter: str
    recipient: str
    uid: str
    sequence: int
    method: str
    said: str = ""


def judge_letters(
    transactions: Sequence[Transaction], before: Mapping[str, Mapping[int, Row]] | None = None
) -> list[Violation]:
    """Of each transaction: is each change told, to whom it happened, once?"""
    world = World.of(before or {})
    found: list[Violation] = []
    for transaction in transactions:
        world.apply(transaction)
        found += [
            Violation("letters", f"transaction {transaction.name}", text)
            for text in _told_at_once(world, transaction)
        ]
    return found


def _told_at_once(world: World, tx: Transaction) -> Iterator[str]:
    written: dict[Subject, list[str]] = defaultdict(list)
    for change in final_changes(tx, "letter"):
        subject = subject_of(change.row)
        is_kept = change.row["status"] != LetterStatus.SUPERSEDED  # not overtaken at once
        if change.old is None and subject and is_kept:
            written[subject].append(change.row["kind"])
    moved = _moved(tx)
    for subject, changes in moved.items():
        yield from _told_of(world, tx, subject, changes, written[subject])
    if not any(verb.startswith(RETELLING) for verb in tx.verbs):
        for subject in written.keys() - moved.keys():
            if SAYS.keys() & set(written[subject]):
                yield f"nothing happened to participant {subject[0]}, told {written[subject]}"


def _moved(tx: Transaction) -> dict[Subject, list[Change]]:
    """Whose seats have another state now."""
    moved: dict[Subject, list[Change]] = defaultdict(list)
    for change in final_changes(tx, "attendance"):
        if change.old is None or change.old["state"] != change.row["state"]:
            moved[change.row["participant_id"], change.row["occasion_id"]].append(change)
    return moved


def _told_of(
    world: World, tx: Transaction, subject: Subject, changes: Sequence[Change], kinds: list[str]
) -> Iterator[str]:
    """Of what happened to one person at one occasion: told at all, no more often, and truly."""
    is_due = any(_calls_for_a_letter(world, change) for change in changes)
    if is_due and not kinds and not _was_undone(tx, subject):
        yield f"{_named(changes)} and participant {subject[0]} was not told"
    if len(kinds) > len(changes):
        yield f"{_named(changes)} and participant {subject[0]} was told {kinds}"
    states = {change.row["state"] for change in changes}
    for kind in kinds:
        if not SAYS.get(kind, states) & states:
            yield f"{_named(changes)} and participant {subject[0]} was told {kind}"


def subject_of(letter: Row) -> Subject | None:
    """Whose seat, or place in the queue, a letter is about."""
    parts = letter["stream"].split(":")
    if parts[0] not in ("place", "queue", "review"):
        return None
    return int(parts[1]), int(parts[2])


def _calls_for_a_letter(world: World, change: Change) -> bool:
    """Who leaves one seat for another at the same occasion is told of the new one."""
    row, old = change.row, change.old
    if row["state"] in SILENT or (old and (old["state"] in SILENT or old["keeps_seat"])):
        return False
    if row["keeps_seat"]:
        return False
    if row["state"] not in _GONE:
        return True
    others = world.seats[row["participant_id"]].values()
    return not any(
        seat["occasion_id"] == row["occasion_id"] and seat["id"] != row["id"] and holds(seat)
        for seat in others
    )


def _was_undone(tx: Transaction, subject: Subject) -> bool:
    """A change back to what the calendar knows takes the unsent letter away and writes none."""
    return any(
        change.row["status"] == LetterStatus.SUPERSEDED and subject_of(change.row) == subject
        for change in tx.of("letter")
    )


def _named(changes: Sequence[Change]) -> str:
    return ", ".join(
        f"attendance {one.id} went from {one.old['state'] if one.old else 'nothing'}"
        f" to {one.row['state']}"
        for one in changes
    )


# --- at the end ---------------------------------------------------------------------------------


def judge_streams(world: World) -> Iterator[Violation]:
    """Once everything has left: nothing waits, and the last word is true."""
    letters = sorted(world.tables["letter"].values(), key=lambda row: int(row["id"]))
    last: dict[Subject, Row] = {}
    newest: dict[str, int] = {}
    for row in letters:
        newest[row["stream"]] = row["id"]
        subject = subject_of(row)
        if subject and row["status"] == LetterStatus.SENT:
            last[subject] = row
    for row in letters:
        where = f"letter {row['id']}"
        if row["status"] not in (LetterStatus.SENT, LetterStatus.SUPERSEDED):
            yield Violation("letter-lost", where, f"{row['kind']} is {row['status']}")
        if row["status"] == LetterStatus.SUPERSEDED and not _was_replaced(row, newest, letters):
            yield Violation("letter-lost", where, f"{row['kind']} gave way to nothing")
    yield from _last_words(world, last)


def _was_replaced(row: Row, newest: Mapping[str, int], letters: Sequence[Row]) -> bool:
    """By a newer letter of its stream, by one about the seat, or because its cause was undone.

    A letter may also come too late to be of use to anybody, and says so.
    """
    subject = subject_of(row)
    if newest[row["stream"]] > row["id"] or subject is None or row["last_error"]:
        return True
    streams = [f"{kind}:{subject[0]}:{subject[1]}" for kind in ("place", "queue", "review")]
    return row["kind"] == "place_changed" or any(
        newest.get(stream, 0) > row["id"] for stream in streams
    )


def _last_words(world: World, last: Mapping[Subject, Row]) -> Iterator[Violation]:
    for participant_id, seats in world.seats.items():
        for occasion_id in {seat["occasion_id"] for seat in seats.values()}:
            states = {
                seat["state"]
                for seat in seats.values()
                if seat["occasion_id"] == occasion_id and not seat["keeps_seat"]
            }
            if any(
                seat["state"] == Seat.PENDING and seat["queue_number"] for seat in seats.values()
            ):
                states.add(Seat.WAITING)  # the number is kept while somebody looks
            held = states & set(HOLDING)
            if states & SILENT or not states:
                continue
            told = last.get((participant_id, occasion_id))
            truth = held or (states - _GONE) or states
            if told is None:
                yield Violation("letter-lost", f"participant {participant_id}", "was told nothing")
            elif not SAYS.get(told["kind"], states) & states:
                text = f"is {sorted(truth)}, and was told last: {told['kind']}"
                yield Violation("last-word", f"participant {participant_id}", text)


# --- what left ----------------------------------------------------------------------------------


def read_mail(raw: bytes, recipient: str) -> Mail:
    """The facts of a mail. UID and SEQUENCE are unfolded by hand: RFC 5545, section 3.1."""
    message = message_from_bytes(raw, policy=policy.default)
    uid, sequence, method, said = "", -1, "", ""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            text = str(part.get_content()).replace("\r\n ", "").replace("\n ", "")
            lines = dict(
                line.partition(":")[::2] for line in text.splitlines() if line.startswith(_SOUGHT)
            )
            uid, sequence, method = lines["UID"], int(lines["SEQUENCE"]), lines["METHOD"]
            said = text
    letter = str(message["Message-ID"]).strip("<>").partition("@")[0]
    return Mail(letter, recipient, uid, sequence, method, said)


_SOUGHT = ("UID:", "SEQUENCE:", "METHOD:")


def judge_mails(world: World, mails: Sequence[Mail]) -> Iterator[Violation]:
    """One mail for each letter that is said to be sent, and SEQUENCE rises (RFC 5546, 2.1.4)."""
    sent = Counter(mail.letter for mail in mails)
    for row in world.tables["letter"].values():
        count, is_sent = sent.pop(row["public_id"], 0), row["status"] == LetterStatus.SENT
        if count > 1:
            text = f"{row['kind']} left {count} times"
            yield Violation("mail-twice", f"letter {row['id']}", text)
        elif count != is_sent:
            text = f"{row['kind']} is {row['status']} and left {count} times"
            yield Violation("mail-lost", f"letter {row['id']}", text)
    for letter in sent:
        yield Violation("mail-unasked", f"mail {letter}", "left without a letter")
    yield from _revisions(mails)


def _revisions(mails: Sequence[Mail]) -> Iterator[Violation]:
    """What says the same has the same number; what says another thing has one above all before."""
    known: dict[str, tuple[int, str, str]] = {}
    seen: set[str] = set()
    for mail in mails:
        if not mail.uid or mail.letter in seen:  # what leaves twice is said elsewhere
            continue
        seen.add(mail.letter)
        last, revision = known.get(mail.uid), (mail.sequence, mail.method, mail.said)
        if last is not None and mail.sequence <= last[0] and revision != last:
            text = f"SEQUENCE {mail.sequence} after {last[0]}"
            yield Violation("sequence", f"entry {mail.uid}", text)
        known[mail.uid] = revision
