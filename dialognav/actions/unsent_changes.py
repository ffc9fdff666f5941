"""A change that waits in its quiet window: told at once, or taken back (decisions.md 15)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.event_moves import finish, note, require, tell_of_change
from dialognav.actions.event_text import draft_of, fit_to_occasions
from dialognav.domain.errors import AlreadyTold, NotAllowedNow
from dialognav.domain.publishing import search_text
from dialognav.domain.terms import LetterStatus
from dialognav.mail.before_edit import Before, read_facts
from dialognav.mail.changes import announced
from dialognav.mail.due import letters_are_due
from dialognav.mail.post import Post
from dialognav.mail.unsent_changes import count_left, count_waiting, letters_of, unsent_of
from dialognav.models import (
    Attendance,
    CalendarObject,
    Event,
    Letter,
    UnsentChange,
    lock_event,
)


def send_unsent(session: Session, event_id: int, *, now: datetime, actor: str) -> int:
    """Let the letters about the change leave now; how many. 0 when they have left by themselves."""
    event = lock_event(session, event_id)
    unsent = unsent_of(session, event)
    if unsent is None:
        return 0
    session.execute(
        sa.update(Letter)
        .where(*letters_of(unsent.row), Letter.status == LetterStatus.PENDING, Letter.due_at > now)
        .where(Letter.lease.is_(None))
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    letters_are_due(session)
    session.delete(unsent.row)
    note(session, event, "event.change_sent", now=now, actor=actor, letters=unsent.letters)
    return unsent.letters


def discard_unsent(
    session: Session, event_id: int, *, now: datetime, actor: str, post: Post
) -> None:
    """Take the change back: the event, its letters and their numbers are what they were.

    What was not to be told stays as it was written meanwhile. Who got the new facts with an
    invitation in between is told again. NotAllowedNow without such a change, AlreadyTold when one
    of its letters has left or is leaving.
    """
    event = lock_event(session, event_id)
    require("move", event, now)
    row = session.get(UnsentChange, event.id)
    if row is not None and count_left(session, row):
        raise AlreadyTold
    if row is None or not count_waiting(session, row):
        raise NotAllowedNow
    before, changed = row.before, announced(event)
    session.delete(row)
    _write_back(event, before)
    event.revision += 1
    event.changed_at = now
    tell_of_change(session, event, changed, now=now, post=post)
    _answer_back(session, before)
    session.execute(sa.delete(UnsentChange).where(UnsentChange.event_id == event.id))
    finish(session, event, "event.change_discarded", now=now, actor=actor, post=post)


def _write_back(event: Event, before: Before) -> None:
    """Occasions that came meanwhile stay, and those that were cancelled stay so; their place in
    the series is what it was."""
    for name, value in read_facts(before["event"]).items():
        setattr(event, name, value)
    for occasion in event.occasions:
        kept = before["places" if occasion.cancelled_at else "occasions"]
        for name, value in read_facts(kept.get(str(occasion.id), {})).items():
            setattr(occasion, name, value)
    if len(before["programme"]) == len(event.programme):
        for item, facts in zip(event.programme, before["programme"], strict=True):
            times = read_facts(facts)
            item.starts_at, item.ends_at = times["starts_at"], times["ends_at"]
    fit_to_occasions(event)
    event.search_text = search_text(draft_of(event), event.organisation.name.values())


def _answer_back(session: Session, before: Before) -> None:
    """Who had answered to the old time has answered still, unless they did so anew."""
    seats = {int(id_): read_facts(facts) for id_, facts in before["answers"].items()}
    for seat in session.scalars(sa.select(Attendance).where(Attendance.id.in_(seats))):
        if not seat.partstat:
            for name, value in seats[seat.id].items():
                setattr(seat, name, value)
    entries = {int(id_): partstat for id_, partstat in before["entries"].items()}
    for entry in session.scalars(sa.select(CalendarObject).where(CalendarObject.id.in_(entries))):
        if entry.partstat == "NEEDS-ACTION":
            entry.partstat = entries[entry.id]
