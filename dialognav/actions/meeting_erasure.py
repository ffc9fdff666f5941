"""Takes what was written for one-to-one meetings out, and leaves who met when (domain.md 2.4).

Minutes that a supplier was shown or somebody approved are public records and stay (TF 2:9-12);
working notes and drafts are none. The caller has locked the event.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.meeting_terms import MinutesState
from dialognav.models import (
    AuditEntry,
    AuditReason,
    Booking,
    BookingPerson,
    CalendarObject,
    CalendarRevision,
    Draw,
    Event,
    InterestConflict,
    MeetingBreak,
    MeetingNote,
    MeetingRequest,
    MeetingRules,
    MeetingTable,
    Minutes,
    SharedItem,
    Slot,
    SlotStaff,
    TableStaff,
    TeamMember,
)
from dialognav.models.labels import GONE_DOMAIN, gone_address, mark
from dialognav.models.retention import is_begun_anew

_NO_WORDS = {"topics": "", "secret_marks": "", "secret_reason": ""}


def erase_asked(session: Session, registration_ids: Iterable[int]) -> int:
    """What suppliers wanted to raise in their meetings, and marked as a secret. How many rows."""
    ids = set(registration_ids)
    gone = 0
    for table in (Booking, MeetingRequest):
        has_words = sa.or_(*(getattr(table, name) != "" for name in _NO_WORDS))
        gone += _change(
            session,
            sa.update(table).where(table.registration_id.in_(ids), has_words).values(**_NO_WORDS),
        )
    _change(
        session,
        sa.update(MeetingRequest).where(MeetingRequest.registration_id.in_(ids)).values(away=[]),
    )
    return gone


def erase_entries(session: Session, participant_ids: Iterable[int]) -> None:
    """The team's calendar entries of meetings that these people were in: they may name them."""
    met = sa.select(BookingPerson.booking_id).where(
        BookingPerson.participant_id.in_(set(participant_ids))
    )
    _delete_entries(session, met)


def erase_meetings(session: Session, event: Event) -> int:
    """What hangs on the event: notes, drafts that nobody outside has seen, reasons in free words,
    the team from outside, and the team's calendar entries, which name the suppliers' people."""
    own = sa.select(Booking.id).where(Booking.event_id == event.id)
    gone = _change(session, sa.delete(MeetingNote).where(MeetingNote.booking_id.in_(own)))
    for minutes in session.scalars(
        sa.select(Minutes).where(
            Minutes.booking_id.in_(own),
            Minutes.state == MinutesState.DRAFT,
            ~Minutes.versions.any(),
        )
    ):
        session.delete(minutes)
        gone += 1
    gone += _erase_begun(session, event, own)
    _erase_reasons(session, event)
    proposed = sa.update(MeetingRequest).where(MeetingRequest.event_id == event.id)
    _change(session, proposed.values(proposed_reason=""))
    team = sa.select(TeamMember.id).where(TeamMember.event_id == event.id)
    _change(
        session,
        sa.update(InterestConflict).where(InterestConflict.member_id.in_(team)).values(reason=""),
    )
    _delete_entries(session, own)
    return gone + _erase_outsiders(session, event)


def _erase_reasons(session: Session, event: Event) -> None:
    """Why somebody got, kept or lost a meeting, or a time was blocked, may say who was ill; what
    was done, when and by whom stays in the trail. What all were told stays, with its reason."""
    of_one = sa.or_(AuditEntry.verb.startswith("meeting."), AuditEntry.verb == "slot.blocked")
    entries = sa.select(AuditEntry.id).where(
        AuditEntry.event_id == event.id, of_one, AuditEntry.verb != "meeting.called_off"
    )
    _change(session, sa.delete(AuditReason).where(AuditReason.entry_id.in_(entries)))
    _change(session, sa.update(Booking).where(Booking.event_id == event.id).values(reason=""))
    _change(session, sa.update(Slot).where(Slot.event_id == event.id).values(block_reason=""))


def _erase_begun(session: Session, event: Event, own: sa.Select[int]) -> int:
    """What was to be shared and never was, and what was being changed in minutes opened again, or
    answered and not yet sent: the last version that somebody was shown stays."""
    unshared = SharedItem.event_id == event.id, SharedItem.published_at.is_(None)
    gone = _change(session, sa.delete(SharedItem).where(*unshared))
    begun = sa.select(Minutes).where(Minutes.booking_id.in_(own), is_begun_anew())
    for minutes in session.scalars(begun):
        minutes.text = minutes.versions[-1].text
        if minutes.state != MinutesState.APPROVED:
            minutes.reason = minutes.correction_answer = ""
        gone += 1
    session.flush()
    return gone


def _erase_outsiders(session: Session, event: Event) -> int:
    """Members of the staff stay: who acted for an authority is a public record."""
    rows = session.scalars(
        sa.select(TeamMember).where(TeamMember.event_id == event.id).order_by(TeamMember.id)
    ).all()
    gone = 0
    for rank, row in enumerate(rows, 1):
        row.away = []  # when somebody could not come, often as ill; nobody needs it afterwards
        if row.user_id is None and not row.email.endswith(GONE_DOMAIN):
            row.name, row.email = mark("member", rank), gone_address(row.public_id)
            row.title = ""
            gone += 1
    session.flush()
    return gone


def _delete_entries(session: Session, bookings: sa.Select[int]) -> None:
    uids = session.scalars(
        sa.select(CalendarObject.uid).where(CalendarObject.booking_id.in_(bookings))
    ).all()
    _change(session, sa.delete(CalendarRevision).where(CalendarRevision.uid.in_(uids)))
    blank = sa.update(CalendarObject).where(CalendarObject.uid.in_(uids))
    _change(session, blank.values(content_hash=""))


def delete_meetings(session: Session, event_id: int) -> None:
    """All of it, with a draft that nobody has seen: nobody can have booked."""
    tables = sa.select(MeetingTable.id).where(MeetingTable.event_id == event_id)
    slots = sa.select(Slot.id).where(Slot.event_id == event_id)
    team = sa.select(TeamMember.id).where(TeamMember.event_id == event_id)
    for rows in (
        sa.delete(SharedItem).where(SharedItem.event_id == event_id),
        sa.delete(Draw).where(Draw.event_id == event_id),
        sa.delete(SlotStaff).where(SlotStaff.slot_id.in_(slots)),
        sa.delete(Slot).where(Slot.event_id == event_id),
        sa.delete(MeetingBreak).where(MeetingBreak.event_id == event_id),
        sa.delete(TableStaff).where(TableStaff.table_id.in_(tables)),
        sa.delete(MeetingTable).where(MeetingTable.event_id == event_id),
        sa.delete(InterestConflict).where(InterestConflict.member_id.in_(team)),
        sa.delete(TeamMember).where(TeamMember.event_id == event_id),
        sa.delete(MeetingRules).where(MeetingRules.event_id == event_id),
    ):
        _change(session, rows)


def _change(session: Session, statement: sa.Update | sa.Delete) -> int:
    """Rows it changed."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]
