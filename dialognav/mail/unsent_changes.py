"""What people were told last, while letters about an edit wait in their quiet window.

Kept with the first edit that has not left, so that all of them can be undone (decisions.md 15).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import LetterStatus
from dialognav.mail.before_edit import OF_ANSWER, Before, facts_of, read_facts
from dialognav.mail.changes import Announced, AnnouncedOccasion
from dialognav.mail.post import Post
from dialognav.mail.superseding import OF_EDITS
from dialognav.models import (
    Attendance,
    CalendarObject,
    Event,
    Letter,
    Occasion,
    UnsentChange,
)


def answers_given(session: Session, event: Event) -> Before:
    """What was answered to the time as it was, by seat, and what the entries show of it."""
    seats = session.execute(
        sa.select(Attendance.id, *(getattr(Attendance, name) for name in OF_ANSWER))
        .join(Attendance.occasion)
        .where(Occasion.event_id == event.id, Attendance.partstat != "")
    )
    entries = session.execute(
        sa.select(CalendarObject.id, CalendarObject.partstat)
        .join(Occasion, Occasion.id == CalendarObject.occasion_id)
        .where(Occasion.event_id == event.id, CalendarObject.partstat != "NEEDS-ACTION")
        .where(CalendarObject.cancelled_at.is_(None))
    )
    return {
        "answers": {str(seat.id): facts_of(seat, OF_ANSWER) for seat in seats},
        "entries": {str(row.id): row.partstat for row in entries},
        "after": _last_letter(session, event),
    }


def note_unsent(
    session: Session, event: Event, before: Before, *, now: datetime, post: Post
) -> None:
    """Call it when the letters about an edit are promised; `before` is what both of the above gave
    for it. An edit that is undone by the next leaves nothing to tell."""
    row = session.get(UnsentChange, event.id)
    if row is not None and count_left(session, row):
        session.delete(row)
        session.flush()
        row = None
    due_at = now + timedelta(seconds=post.quiet_window)
    if row is None:
        row = UnsentChange(event_id=event.id, before=before, since=now, due_at=due_at)
    row.due_at = due_at
    if count_waiting(session, row):
        session.add(row)
    elif sa.inspect(row).persistent:
        session.delete(row)
    session.flush()


def forget_told(session: Session, event: Event) -> None:
    """Before letters about an edit are promised: what was told before an earlier one, of which no
    letter waits any more, is not what was told last."""
    row = session.get(UnsentChange, event.id)
    if row is not None and not count_waiting(session, row):
        session.delete(row)
        session.flush()


def forget_unsent(session: Session, event: Event) -> None:
    """The date of the event falls: no edit of it can be undone, also when it gets another."""
    row = session.get(UnsentChange, event.id)
    if row is not None:
        session.delete(row)


def count_waiting(session: Session, row: UnsentChange) -> int:
    """Letters about the change that no worker has taken."""
    return _count(session, row, Letter.status == LetterStatus.PENDING, Letter.lease.is_(None))


def count_left(session: Session, row: UnsentChange) -> int:
    """Letters that have left, or may have: a leased one counts as sent (decisions.md 14)."""
    gone = sa.or_(Letter.status == LetterStatus.SENT, Letter.lease.is_not(None))
    return _count(session, row, gone)


def _count(session: Session, row: UnsentChange, *which: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(Letter).where(*letters_of(row), *which)
    return session.scalar(query) or 0


def letters_of(row: UnsentChange) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Letter.event_id == row.event_id,
        Letter.kind.in_(sorted(OF_EDITS)),
        Letter.id > row.before["after"],
    )


def _last_letter(session: Session, event: Event) -> int:
    query = sa.select(sa.func.max(Letter.id)).where(Letter.event_id == event.id)
    return session.scalar(query) or 0


def announced_before(event: Event, before: Mapping[str, Any]) -> Announced:
    """What was told last, to compare with what holds now."""
    facts = read_facts(before["event"])
    return Announced(
        title=facts["title"],
        zone=facts["zone"],
        primary_language=event.primary_language,
        occasions={
            int(id_): _announced(read_facts(one)) for id_, one in before["occasions"].items()
        },
    )


def _announced(facts: Mapping[str, Any]) -> AnnouncedOccasion:
    names = AnnouncedOccasion.__dataclass_fields__
    return AnnouncedOccasion(**{name: facts[name] for name in names})


@dataclass(frozen=True, slots=True)
class Unsent:
    """`letters` wait, until `due_at` at the latest; `is_told`: others have left already."""

    row: UnsentChange
    letters: int
    is_told: bool


def unsent_of(session: Session, event: Event) -> Unsent | None:
    """The change whose letters wait; None without one."""
    row = session.get(UnsentChange, event.id)
    if row is None:
        return None
    letters = count_waiting(session, row)
    return Unsent(row, letters, is_told=count_left(session, row) > 0) if letters else None
