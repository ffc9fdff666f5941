"""A confirmed person's invitation as a file: the bytes that were mailed, if they were."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dialognav.domain.calendar import (
    Entry,
    cancellation_ics,
    entry_from_json,
    invitation_ics,
    refusal_ics,
)
from dialognav.domain.terms import Seat
from dialognav.mail.letters import own_entry
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_people import Meeting
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    Booking,
    CalendarObject,
    CalendarRevision,
    Occasion,
    Participant,
)


def own_invitation(
    session: Session, participant: Participant, *, post: Post, occasion_id: int | None = None
) -> bytes | None:
    """METHOD:REQUEST for the person's first confirmed occasion, or for that one; None without.

    At any date of a series, for the series. Reads only. Before the letter has left, the bytes are
    those it will carry.
    """
    found = _confirmed(session, participant, occasion_id)
    if found is None:
        return None
    attendance, numbered = found
    mailed = _mailed(session, numbered)
    return mailed or invitation_ics(own_entry(attendance, numbered, post=post))


def own_meeting_invitation(
    session: Session, people: Collection[Participant], booking_id: str, *, post: Post
) -> bytes | None:
    """The same for a one-to-one meeting, by its public id, of the first of these who is in it."""
    numbered = session.scalar(
        sa.select(CalendarObject)
        .join(Booking, Booking.id == CalendarObject.booking_id)
        .where(
            Booking.public_id == booking_id,
            CalendarObject.participant_id.in_([one.id for one in people]),
            CalendarObject.cancelled_at.is_(None),
        )
        .order_by(CalendarObject.id)
        .limit(1)
    )
    if numbered is None:
        return None
    person = next(one for one in people if one.id == numbered.participant_id)
    booking = session.get_one(Booking, numbered.booking_id)
    meeting = Meeting(booking, (), (), frozenset())
    writer = MeetingWriter(booking.registration.event, post)
    entry = writer.guest_entry(meeting, person, "REQUEST").entry(numbered)
    return _mailed(session, numbered) or invitation_ics(entry)


def _mailed(session: Session, numbered: CalendarObject) -> bytes | None:
    """What left, or is about to, of this revision."""
    kept = session.get(CalendarRevision, (numbered.uid, numbered.sequence))
    if kept is not None and _is_kept(kept, "REQUEST", numbered.dtstamp):
        return bytes(kept.ics)
    return None


def _confirmed(
    session: Session, participant: Participant, occasion_id: int | None
) -> tuple[Attendance, CalendarObject] | None:
    """A series' own object, which hangs on one of its dates, before those of other occasions."""
    is_its = sa.or_(
        CalendarObject.occasion_id == Attendance.occasion_id,
        sa.and_(CalendarObject.is_series, Occasion.recurs_at.is_not(None)),
    )
    query = (
        sa.select(Attendance, CalendarObject)
        .join(Attendance.occasion)
        .join(
            CalendarObject,
            sa.and_(
                CalendarObject.participant_id == Attendance.participant_id,
                CalendarObject.cancelled_at.is_(None),
                is_its,
            ),
        )
        .where(Attendance.participant_id == participant.id, Attendance.state == Seat.CONFIRMED)
        .order_by(CalendarObject.is_series.desc(), Occasion.position, Occasion.id)
        .limit(1)
    )
    if occasion_id is not None:
        query = query.where(Attendance.occasion_id == occasion_id)
    found = session.execute(query).first()
    return (found[0], found[1]) if found else None


def calendar_bytes(entry: Entry, method: str) -> bytes:
    """The .ics of one revision, REQUEST or CANCEL; or DECLINECOUNTER, which makes no revision."""
    if method == "DECLINECOUNTER":
        return refusal_ics(entry)
    return cancellation_ics(entry) if method == "CANCEL" else invitation_ics(entry)


@dataclass(frozen=True, slots=True)
class Revision:
    """The calendar part of one letter, and its bytes if they have to be made now."""

    uid: str
    sequence: int
    dtstamp: datetime
    method: str
    fresh: bytes


def revision_of(facts: Mapping[str, Any]) -> Revision:
    """Of a letter whose facts hold an entry. KeyError, TypeError or ValueError for broken ones."""
    entry, method = entry_from_json(facts["entry"]), facts["method"]
    fresh = calendar_bytes(entry, method)
    return Revision(entry.uid, entry.sequence, entry.dtstamp, method, fresh)


def kept_bytes(session: Session, revisions: Sequence[Revision]) -> list[bytes]:
    """The stored bytes of each; the fresh ones are stored where there are none. Two statements.

    The CANCEL of one date of a series and the series without it share a number: of those, what was
    asked for last is kept. Inside a unit of work (decisions.md 8).
    """
    numbered = {(one.uid, one.sequence): one for one in revisions if one.method != "DECLINECOUNTER"}
    if not numbered:
        return [one.fresh for one in revisions]
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = (postgresql.insert if is_postgresql else sqlite.insert)(CalendarRevision)
    session.execute(
        insert.on_conflict_do_nothing(),  # a worker that was thought dead may be at it, too
        [
            {"uid": uid, "sequence": sequence, "method": one.method, "ics": one.fresh}
            for (uid, sequence), one in sorted(numbered.items())
        ],
    )
    key = sa.tuple_(CalendarRevision.uid, CalendarRevision.sequence)
    rows = session.scalars(sa.select(CalendarRevision).where(key.in_(sorted(numbered))))
    stored = {(row.uid, row.sequence): row for row in rows}
    return [_kept(one, stored.get((one.uid, one.sequence))) for one in revisions]


def _kept(one: Revision, row: CalendarRevision | None) -> bytes:
    if row is None or one.method == "DECLINECOUNTER":
        return one.fresh
    if not _is_kept(row, one.method, one.dtstamp):
        row.method, row.ics = one.method, one.fresh
    return bytes(row.ics)


def _is_kept(stored: CalendarRevision, method: str, dtstamp: datetime) -> bool:
    """Whether the bytes are those of the revision that was made then."""
    stamp = f"\r\nDTSTAMP:{dtstamp.astimezone(UTC):%Y%m%dT%H%M%SZ}\r\n".encode("ascii")
    return stored.method == method and stamp in bytes(stored.ics)
