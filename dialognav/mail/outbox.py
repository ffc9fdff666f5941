"""Promise letters inside the transaction of the change they tell of (architecture.md 5)."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.domain.calendar import content_hash, entry_to_json, new_invitation_uid
from dialognav.domain.terms import LetterStatus
from dialognav.mail.appointments import WHOLE, Appointment
from dialognav.mail.letters import Letter
from dialognav.mail.superseding import (
    Base,
    Unsent,
    base_facts,
    gathered,
    known_revision,
    says_nothing,
    succeed,
    without_calendar,
)
from dialognav.models import CalendarObject
from dialognav.models import Letter as Row

_T = TypeVar("_T")
_AT_ONCE = 5_000
"""Values in one IN list; both databases take more."""


_Key = tuple[int, int]
"""Participant and occasion, or WHOLE for a series."""


def promise(
    session: Session, letters: Sequence[Letter], *, now: datetime, are_new: bool = False
) -> None:
    """Queue letters with the change they tell of; each replaces its unsent predecessor.

    UIDs, SEQUENCE and DTSTAMP are given here. Six statements at most for any number of letters, two
    for people who `are_new`. The caller holds the lock of the event that the letters are about.
    """
    if not letters:
        return
    session.flush()
    unsent = {} if are_new else _unsent(session, letters)
    objects = {} if are_new else _calendar_objects(session, letters)
    rows = [
        row
        for letter in letters
        if (row := _next(session, letter, unsent.get(letter.stream, []), objects, now))
    ]
    _supersede(session, [row.id for rows in unsent.values() for row in rows])
    session.flush()
    if rows:
        # Nulls written out: one statement, whoever the letters go to.
        session.execute(sa.insert(Row).execution_options(render_nulls=True), rows)


def resend(session: Session, letter_id: int, *, now: datetime) -> bool:
    """Try a given-up letter again, at once; False when there is nothing left to try.

    Not when a newer letter to the same reader has been promised since: it says all that holds.
    """
    newer = aliased(Row)
    tried = session.execute(
        sa.update(Row)
        .where(Row.id == letter_id, Row.status == LetterStatus.GIVEN_UP, Row.facts.is_not(None))
        .where(~sa.exists().where(newer.stream == Row.stream, newer.id > Row.id))
        .values(status=LetterStatus.PENDING, attempts=0, due_at=now, last_error="")
        .returning(Row.id)
        .execution_options(synchronize_session=False)
    )
    return tried.scalar() is not None


def _unsent(session: Session, letters: Sequence[Letter]) -> dict[str, list[sa.Row[Any]]]:
    """Pending letters of the streams, oldest first, by stream.

    Without those that a worker took: a leased letter counts as sent (decisions.md 14), also when
    the lease ran out, because nobody knows how far the worker came. They leave before the new one.
    """
    found: dict[str, list[sa.Row[Any]]] = {}
    for streams in _chunks(sorted({s for one in letters for s in (one.stream, *one.replaces)})):
        rows = session.execute(
            sa.select(Row.id, Row.stream, Row.kind, Row.facts, Row.due_at, Row.priority)
            .where(Row.stream.in_(streams), Row.status == LetterStatus.PENDING)
            .where(Row.lease.is_(None))
            .order_by(Row.id)
        )
        for row in rows:
            found.setdefault(row.stream, []).append(row)
    return found


def _calendar_objects(session: Session, letters: Sequence[Letter]) -> dict[_Key, CalendarObject]:
    """The newest calendar object of each person and occasion, a cancelled one included."""
    people = sorted({one.participant_id for letter in letters for one in _parts_of(letter)})
    found = {}
    for some in _chunks(people):
        for row in session.scalars(
            sa.select(CalendarObject)
            .where(CalendarObject.participant_id.in_(some))
            .order_by(CalendarObject.id)
            .execution_options(populate_existing=True)
        ):
            assert row.participant_id is not None
            found[row.participant_id, WHOLE if row.is_series else row.occasion_id] = row
    return found


def _parts_of(letter: Letter) -> list[Appointment]:
    return [*([letter.appointment] if letter.appointment else []), *letter.silent]


def _next(
    session: Session,
    letter: Letter,
    rows: Sequence[sa.Row[Any]],
    objects: dict[_Key, CalendarObject],
    now: datetime,
) -> dict[str, Any] | None:
    """The columns of the letter to write, or None when there is nothing to tell."""
    unsent = gathered([Unsent(row.kind, row.facts or {}, row.due_at, row.priority) for row in rows])
    letter, inherited = succeed(letter, unsent)
    for silent in letter.silent:
        _number_silently(session, silent, objects, now)
    if letter.appointment is None:
        if says_nothing(letter, None, None):
            return None
    else:
        numbered = _number(session, letter, letter.appointment, unsent, objects, now)
        if numbered is None:
            return None
        letter = numbered
    due_at = now + timedelta(seconds=letter.delay)
    return _columns(letter, min(due_at, inherited or due_at), now)


def _number(
    session: Session,
    letter: Letter,
    appointment: Appointment,
    unsent: Unsent | None,
    objects: dict[_Key, CalendarObject],
    now: datetime,
) -> Letter | None:
    """The letter with its revision of the calendar object, or None when there is none to send."""
    key = appointment.key
    known = objects.get(key)
    if known and known.cancelled_at and not (unsent and unsent.is_cancellation):
        known = None  # that entry is gone for good: a new one gets a new UID (calendar.md 2.1 d'')
    promised = Base(known.sequence, known.content_hash, known.dtstamp) if known else None
    base = known_revision(unsent, promised)
    is_cancellation = appointment.method == "CANCEL" and appointment.instance is None
    if appointment.method == "CANCEL" and base is None:
        if known and is_cancellation:
            known.cancelled_at = now
        return without_calendar(letter)
    numbered = known or _new_object(appointment, now)
    said = content_hash(appointment.entry(numbered))
    if says_nothing(letter, said, base):
        if base:
            _renumber(numbered, base.sequence, base.dtstamp, base.content_hash)
        return None
    _renumber(numbered, base.sequence + 1 if base else 0, now, said)
    numbered.cancelled_at = now if is_cancellation else None
    if appointment.asks_again:
        numbered.partstat = "NEEDS-ACTION"
    session.add(numbered)
    objects[key] = numbered
    calendar = {
        "method": appointment.method,
        "entry": entry_to_json(appointment.mailed(numbered)),
        "base": base_facts(base),
        "sender": numbered.organizer_address,  # From = ORGANIZER (calendar.md 1.7)
    }
    return replace(letter, facts=letter.facts | calendar)


def _number_silently(
    session: Session, appointment: Appointment, objects: dict[_Key, CalendarObject], now: datetime
) -> None:
    """A revision that no letter carries: who reads the feed sees by its number that it is new."""
    known = objects.get(appointment.key)
    if known is None or known.cancelled_at:
        if appointment.method == "CANCEL":
            return
        known = objects[appointment.key] = _new_object(appointment, now)
        session.add(known)
    said = content_hash(appointment.entry(known))
    if said != known.content_hash:
        _renumber(known, known.sequence + 1 if known.content_hash else 0, now, said)
    known.cancelled_at = now if appointment.method == "CANCEL" else None


def _new_object(appointment: Appointment, now: datetime) -> CalendarObject:
    random = secrets.token_bytes(16)
    return CalendarObject(
        uid=new_invitation_uid(appointment.domain, random, series=appointment.is_series),
        participant_id=appointment.participant_id,
        occasion_id=appointment.occasion_id,
        organizer_address=appointment.organiser.address,
        sequence=0,
        dtstamp=now,
        created_at=now,
        partstat="NEEDS-ACTION",
        is_series=appointment.is_series,
        in_feed=appointment.in_feed,
    )


def _renumber(row: CalendarObject, sequence: int, dtstamp: datetime, said: str) -> None:
    row.sequence, row.dtstamp, row.content_hash = sequence, dtstamp, said


def _columns(letter: Letter, due_at: datetime, now: datetime) -> dict[str, Any]:
    return {
        "public_id": secrets.token_hex(16),
        "organisation_id": letter.organisation_id,
        "event_id": letter.event_id,
        "participant_id": letter.participant_id,
        "kind": letter.kind,
        "stream": letter.stream,
        "recipient": letter.recipient,
        "recipient_name": letter.recipient_name,
        "language": letter.language,
        "facts": letter.facts,
        "status": LetterStatus.PENDING,
        "priority": letter.priority,
        "created_at": now,
        "due_at": due_at,
    }


def _supersede(session: Session, ids: Sequence[int]) -> None:
    for some in _chunks(ids):
        session.execute(
            sa.update(Row)
            .where(Row.id.in_(some))
            .values(status=LetterStatus.SUPERSEDED)
            .execution_options(synchronize_session=False)
        )


def _chunks(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
