"""Promise letters inside the transaction of the change they tell of (architecture.md 5)."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.calendar import content_hash, entry_to_json, new_invitation_uid
from dialognav.domain.terms import LetterStatus
from dialognav.mail.appointments import Appointment, Key, entry_key
from dialognav.mail.due import letters_are_due
from dialognav.mail.letters import Letter
from dialognav.mail.own_words import add_own_words
from dialognav.mail.shares import Waiting, taken
from dialognav.mail.superseding import (
    Base,
    Unsent,
    base_facts,
    gathered,
    known_revision,
    last_mailed,
    says_nothing,
    succeed,
    without_calendar,
)
from dialognav.models import CalendarObject
from dialognav.models import Letter as Row

_T = TypeVar("_T")
_AT_ONCE = 5_000
"""Values in one IN list; both databases take more."""


def promise(
    session: Session, letters: Sequence[Letter], *, now: datetime, are_new: bool = False
) -> None:
    """Queue letters with the change they tell of; each replaces its unsent predecessor, as far as
    both tell of the same seats (mail/shares.py).

    UIDs, SEQUENCE and DTSTAMP are given here. Eight statements at most for any number of letters,
    three for people who `are_new`. The caller holds the lock of the event that they are about.
    """
    if not letters:
        return
    session.flush()
    unsent = {} if are_new else _unsent(session, letters)
    objects = {} if are_new else _calendar_objects(session, letters)
    rows = []
    for letter in letters:
        said = gathered(taken(unsent.get(letter.stream, []), letter.facts))
        for stream in letter.replaces:
            taken(unsent.get(stream, []), letter.facts)
        if row := _next(session, letter, said, objects, now):
            rows.append(row)
    touched = [one for some in unsent.values() for one in some if one.is_touched]
    _supersede(session, [one.row["id"] for one in touched])
    session.flush()
    # After the new ones, which it need not hold up: what is left is of other seats.
    left = [_again(one.row, facts) for one in touched if (facts := one.rest())]
    add_own_words(session, rows)
    for some in filter(None, (rows, left)):
        # Nulls written out: one statement, whoever the letters go to.
        session.execute(sa.insert(Row).execution_options(render_nulls=True), some)
    if any(row["due_at"] <= now for row in (*rows, *left)):
        letters_are_due(session)


def _again(row: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name != "id"}
    return kept | {"public_id": secrets.token_hex(16), "facts": facts}


def _unsent(session: Session, letters: Sequence[Letter]) -> dict[str, list[Waiting]]:
    """Pending letters of the streams, oldest first, by stream.

    Without those that a worker took: a leased letter counts as sent (decisions.md 14), also when
    the lease ran out, because nobody knows how far the worker came. They leave before the new one.
    """
    found: dict[str, list[Waiting]] = {}
    for streams in _chunks(sorted({s for one in letters for s in (one.stream, *one.replaces)})):
        rows = session.execute(
            sa.select(*Row.__table__.columns)
            .where(Row.stream.in_(streams), Row.status == LetterStatus.PENDING)
            .where(Row.lease.is_(None))
            .order_by(Row.id)
            .with_for_update()  # PostgreSQL: until commit no worker takes what this replaces
        )
        for row in rows:
            found.setdefault(row.stream, []).append(Waiting(dict(row._mapping)))
    return found


def _calendar_objects(session: Session, letters: Sequence[Letter]) -> dict[Key, CalendarObject]:
    """The newest calendar object of each person and occasion or meeting, a cancelled one included.
    Those of a team are looked for by their meetings: a person of it has many."""
    parts = [one for letter in letters for one in _parts_of(letter)]
    people = sorted({one.participant_id for one in parts if one.participant_id})
    meetings = sorted({one.booking_id for one in parts if one.member_id and one.booking_id})
    theirs, of_team = CalendarObject.participant_id, CalendarObject.booking_id
    found = {}
    for column, ids in ((theirs, people), (of_team, meetings)):
        for some in _chunks(ids):
            for row in session.scalars(
                sa.select(CalendarObject)
                .where(column.in_(some))
                .order_by(CalendarObject.id)
                .execution_options(populate_existing=True)
            ):
                found[entry_key(row)] = row
    return found


def _parts_of(letter: Letter) -> list[Appointment]:
    return [*([letter.appointment] if letter.appointment else []), *letter.silent]


def _next(
    session: Session,
    letter: Letter,
    unsent: Unsent | None,
    objects: dict[Key, CalendarObject],
    now: datetime,
) -> dict[str, Any] | None:
    """The columns of the letter to write, or None when there is nothing to tell. `unsent`: what it
    takes over."""
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
    objects: dict[Key, CalendarObject],
    now: datetime,
) -> Letter | None:
    """The letter with its revision of the calendar object, or None when there is none to send."""
    key = appointment.key
    known = objects.get(key)
    if known and known.cancelled_at and not (unsent and unsent.is_cancellation):
        known = None  # that entry is gone for good: a new one gets a new UID (calendar.md 2.1 d'')
    base = known_revision(unsent, last_mailed(known) if known else None)
    is_cancellation = appointment.method == "CANCEL" and appointment.instance is None
    if appointment.method == "CANCEL" and base is None:
        if known and is_cancellation:
            known.cancelled_at = now
        return without_calendar(letter)
    numbered = known or _new_object(appointment, now)
    said = content_hash(appointment.entry(numbered))
    if says_nothing(letter, said, base):
        if base and unsent and "base" in unsent.facts:
            _take_back(numbered, base, said, now)
        return None
    if said != numbered.content_hash or appointment.asks_again:
        _revise(numbered, said, now)
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
    session: Session, appointment: Appointment, objects: dict[Key, CalendarObject], now: datetime
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
        _revise(known, said, now)
    known.cancelled_at = now if appointment.method == "CANCEL" else None


def _new_object(appointment: Appointment, now: datetime) -> CalendarObject:
    random = secrets.token_bytes(16)
    return CalendarObject(
        uid=new_invitation_uid(appointment.domain, random, appointment.sort),
        participant_id=appointment.participant_id,
        member_id=appointment.member_id,
        occasion_id=appointment.occasion_id,
        booking_id=appointment.booking_id,
        organizer_address=appointment.organiser.address,
        sequence=0,
        dtstamp=now,
        created_at=now,
        partstat="NEEDS-ACTION",
        is_series=appointment.is_series,
        in_feed=appointment.in_feed,
    )


def _revise(row: CalendarObject, said: str, now: datetime) -> None:
    """Another number for other facts, also where the last one has not been mailed: a feed or a
    download may have shown it (RFC 5546 section 2.1.4). What says the same keeps its number and
    its bytes (calendar.md 2.0(6))."""
    row.sequence += bool(row.content_hash)
    row.dtstamp, row.content_hash = now, said
    row.mailed_sequence = row.mailed_dtstamp = None


def _take_back(row: CalendarObject, base: Base, said: str, now: datetime) -> None:
    """An unsent revision is undone by one more. Nothing is mailed for it: the recipient holds one
    that says the same, and answers under its number."""
    if said != row.content_hash:
        _revise(row, said, now)
    row.mailed_sequence, row.mailed_dtstamp = base.sequence, base.dtstamp


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
        "message_id": letter.message_id,
        "domain": letter.recipient.rpartition("@")[2].lower(),
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
