"""A letter that was given up, sent after all: with what holds of it by now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import LetterStatus
from dialognav.mail.changes import merged
from dialognav.mail.due import letters_are_due
from dialognav.mail.shares import narrowed, overlap
from dialognav.mail.superseding import CHANGING, INTRODUCING, of_meeting
from dialognav.models import Letter

Facts = Mapping[str, Any]


def try_again(session: Session, letter: Letter, *, now: datetime) -> bool:
    """Put it back in the queue, all its tries before it; False when nothing of it is left to say.

    What newer letters to the same reader say is not said again. Those that told but a difference
    from this one could not stand for it: it takes up their facts, and of them those that have not
    left need not leave. The caller has locked letter and event.
    """
    if letter.status != LetterStatus.GIVEN_UP or letter.facts is None:
        return False
    newer = session.scalars(
        sa.select(Letter)
        .where(Letter.stream == letter.stream, Letter.id > letter.id)
        .order_by(Letter.id)
        .with_for_update()
    ).all()
    facts: Facts | None = letter.facts
    told = []
    for row in newer:
        if facts is not None and not _was_undone(row):
            before, facts = facts, _after(letter.kind, facts, row)
            told += [row] if facts is not before else []
    if facts is None:
        return False
    for row in told:
        if row.kind in CHANGING and not _may_have_left(row) and _is_in(row, facts):
            row.status = LetterStatus.SUPERSEDED
    letter.facts, letter.status = dict(facts), LetterStatus.PENDING
    letter.attempts, letter.due_at, letter.last_error = 0, now, ""
    letter.lease, letter.leased_until = None, None
    letters_are_due(session)
    return True


def _was_undone(row: Letter) -> bool:
    """A difference that was taken back, or is told by one that came after it."""
    return row.kind in CHANGING and row.status == LetterStatus.SUPERSEDED


def _may_have_left(row: Letter) -> bool:
    """What a worker has taken counts as sent (decisions.md 14)."""
    return row.status == LetterStatus.SENT or row.lease is not None


def _is_in(row: Letter, facts: Facts) -> bool:
    return overlap(row.facts or {}, facts) is None


def _after(kind: str, facts: Facts, newer: Letter) -> Facts | None:
    """What is left to say once a newer letter is there; None for nothing."""
    if newer.facts is None:
        return None
    shared = overlap(facts, newer.facts)
    if shared == []:
        return facts
    if shared is not None:
        return narrowed(facts, set(facts["about"]) - set(shared))
    if newer.kind not in CHANGING or kind not in CHANGING | INTRODUCING:
        return None
    return _renewed(kind, facts, newer)


def _renewed(kind: str, facts: Facts, newer: Letter) -> Facts | None:
    """The same letter with the facts of one that told what differs from it."""
    told = newer.facts or {}
    changes = merged(facts.get("changes", []), told.get("changes", []))
    made = {**facts, **told, "changes": changes, **of_meeting(facts, told)}
    if _may_have_left(newer):
        made.pop("base", None)  # its revision is what the reader's calendar may hold
    if kind in INTRODUCING:
        del made["changes"]
        return made
    return made if changes or kind == "place_changed" else None
