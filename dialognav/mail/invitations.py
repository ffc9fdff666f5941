"""A confirmed person's invitation as a file: the bytes that were mailed, if they were."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.calendar import Entry, cancellation_ics, invitation_ics, refusal_ics
from dialognav.domain.terms import Seat
from dialognav.mail.letters import own_entry
from dialognav.mail.post import Post
from dialognav.models import Attendance, CalendarObject, CalendarRevision, Occasion, Participant


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
    mailed = session.get(CalendarRevision, (numbered.uid, numbered.sequence))
    if mailed is not None and _is_kept(mailed, "REQUEST", numbered.dtstamp):
        return bytes(mailed.ics)
    return invitation_ics(own_entry(attendance, numbered, post=post))


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


def kept_bytes(session: Session, entry: Entry, method: str, fresh: bytes) -> bytes:
    """The stored bytes of this revision; the `fresh` ones are stored when there are none.

    The CANCEL of one date of a series and the series without it share a number: of those, what was
    asked for last is kept. Inside a unit of work (decisions.md 8).
    """
    if method == "DECLINECOUNTER":
        return fresh
    stored = session.get(CalendarRevision, (entry.uid, entry.sequence))
    if stored is None:
        stored = CalendarRevision(uid=entry.uid, sequence=entry.sequence, method=method, ics=fresh)
        session.add(stored)
    elif not _is_kept(stored, method, entry.dtstamp):
        stored.method, stored.ics = method, fresh
    return bytes(stored.ics)


def _is_kept(stored: CalendarRevision, method: str, dtstamp: datetime) -> bool:
    """Whether the bytes are those of the revision that was made then."""
    stamp = f"\r\nDTSTAMP:{dtstamp.astimezone(UTC):%Y%m%dT%H%M%SZ}\r\n".encode("ascii")
    return stored.method == method and stamp in bytes(stored.ics)
