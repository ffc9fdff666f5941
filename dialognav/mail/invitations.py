"""A confirmed person's invitation as a file: the bytes that were mailed, if they were."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.calendar import Entry, cancellation_ics, invitation_ics, refusal_ics
from dialognav.domain.terms import Seat
from dialognav.mail.letters import own_entry
from dialognav.mail.post import Post
from dialognav.models import Attendance, CalendarObject, CalendarRevision, Occasion, Participant


def own_invitation(session: Session, participant: Participant, *, post: Post) -> bytes | None:
    """METHOD:REQUEST for the person's first confirmed occasion; None without one.

    Reads only. Before the letter has left, the bytes are those it will carry.
    """
    found = session.execute(
        sa.select(Attendance, CalendarObject)
        .join(Attendance.occasion)
        .join(
            CalendarObject,
            sa.and_(
                CalendarObject.participant_id == Attendance.participant_id,
                CalendarObject.occasion_id == Attendance.occasion_id,
                CalendarObject.cancelled_at.is_(None),
            ),
        )
        .where(Attendance.participant_id == participant.id, Attendance.state == Seat.CONFIRMED)
        .order_by(Occasion.position, Occasion.id)
        .limit(1)
    ).first()
    if found is None:
        return None
    attendance, numbered = found
    mailed = session.get(CalendarRevision, (numbered.uid, numbered.sequence))
    if mailed is not None:
        return bytes(mailed.ics)
    return invitation_ics(own_entry(attendance, numbered, post=post))


def calendar_bytes(entry: Entry, method: str) -> bytes:
    """The .ics of one revision, REQUEST or CANCEL; or DECLINECOUNTER, which makes no revision."""
    if method == "DECLINECOUNTER":
        return refusal_ics(entry)
    return cancellation_ics(entry) if method == "CANCEL" else invitation_ics(entry)


def kept_bytes(session: Session, entry: Entry, method: str, fresh: bytes) -> bytes:
    """The stored bytes of this revision; the `fresh` ones are stored when there are none.

    Inside a unit of work (decisions.md 8).
    """
    key = (entry.uid, entry.sequence)
    stored = session.get(CalendarRevision, key)
    if stored is not None and stored.method == method:
        return bytes(stored.ics)
    if stored is None and method != "DECLINECOUNTER":
        session.add(
            CalendarRevision(uid=entry.uid, sequence=entry.sequence, method=method, ics=fresh)
        )
    return fresh
