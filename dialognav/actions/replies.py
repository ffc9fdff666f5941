"""A mail that came in: written down once, and then what it does (calendar.md 2.8)."""

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dialognav.actions.answering import held_seats, is_no, is_of_series
from dialognav.actions.bounces import take_bounce
from dialognav.actions.forwarding import forward, organisation_of
from dialognav.actions.meeting_answers import take_meeting_answer
from dialognav.actions.registration_rules import locked_participant
from dialognav.actions.reply_effects import Answer, take_effect
from dialognav.domain import reply_rules
from dialognav.domain.replies import Received
from dialognav.domain.reply_rules import Decision, Invited, decide
from dialognav.domain.terms import InboundKind, InboundState, LetterStatus
from dialognav.domain.timing import to_wall
from dialognav.mail.post import Post
from dialognav.mail.superseding import Base, Unsent, known_revision, last_mailed
from dialognav.models import (
    Attendance,
    CalendarObject,
    Event,
    InboundMail,
    Letter,
    Occasion,
    Participant,
)

RAW_LIMIT = 2_000_000
"""Bytes of a mail that are kept (calendar.md 2.8 step 1)."""


def receive(
    session: Session,
    received: Received,
    raw: bytes,
    *,
    now: datetime,
    post: Post,
    keys: Sequence[str] = (),
) -> InboundMail:
    """Take in one mail, which was parsed outside the transaction; the same mail twice counts once.

    `keys` (SECRET_KEY and its fallbacks) prove that we made the address of a bounce.

    Locks the event that it is about. Nothing a mail says raises: what does not fit stays open, and
    a person looks at it. No answer goes to an unknown sender (backscatter).
    """
    mail, is_new = _written_down(session, received, raw, now)
    if is_new:
        if received.kind == InboundKind.BOUNCE:
            take_bounce(session, received, mail, keys=keys, now=now)
        else:
            _HANDLERS[received.kind](session, received, mail, now=now, post=post)
        if mail.organisation_id is None:
            mail.organisation_id = organisation_of(session, received, post)
        session.flush()
    return mail


def _written_down(
    session: Session, received: Received, raw: bytes, now: datetime
) -> tuple[InboundMail, bool]:
    """The row, and whether it is new. The second of two at once waits for the first here."""
    query = sa.select(InboundMail).where(InboundMail.fingerprint == received.fingerprint)
    if known := session.scalars(query).one_or_none():
        return known, False
    mail = InboundMail(
        fingerprint=received.fingerprint,
        received_at=now,
        recipient=received.recipient,
        sender=received.sender,
        sender_name=received.sender_name,
        subject=received.subject,
        text=received.comment or received.text,
        kind=received.kind,
        state=InboundState.OPEN,
        reason=received.problem,
        partstat=received.partstat,
        proposed_starts_at=received.proposed_starts_at,
        proposed_ends_at=received.proposed_ends_at,
        raw=raw[:RAW_LIMIT],
    )
    try:
        with session.begin_nested():
            session.add(mail)
            session.flush()
    except IntegrityError:
        return session.scalars(query).one(), False
    return mail, True


def _take_automatic(
    session: Session, received: Received, mail: InboundMail, *, now: datetime, post: Post
) -> None:
    """Out of office and the like: nobody has to read it."""
    mail.state, mail.reason = InboundState.IGNORED, "automatic"


def _leave_open(
    session: Session, received: Received, mail: InboundMail, *, now: datetime, post: Post
) -> None:
    """Nothing could be read in it but that it came."""
    mail.reason = received.problem or "unreadable"


def _take_answer(
    session: Session, received: Received, mail: InboundMail, *, now: datetime, post: Post
) -> None:
    meant = _meant_entry(session, received)
    if meant is not None and meant.booking_id is not None:
        take_meeting_answer(session, received, mail, meant, now=now, post=post)
        return
    found = _find_invited(session, meant)
    if found is None:
        _settle(mail, decide(received, None, "", now=now))
        return
    event, participant, numbered = found
    mail.organisation_id, mail.event, mail.participant = event.organisation_id, event, participant
    seats = _meant(participant, numbered, received)
    mail.attendance = next(iter(seats), None)
    unsent = _unsent(session, numbered)
    seen = known_revision(unsent, last_mailed(numbered))
    invited = _invited(participant, numbered, seats, seen, unsent)
    decision = decide(received, invited, event.declining, now=now)
    _settle(mail, decision)
    chosen = [seat for seat in seats if seat.id in decision.seats] or seats
    answer = Answer(event, chosen, numbered, received, mail, is_latest=_is_latest(seen, numbered))
    take_effect(session, decision.effect, answer, now=now, post=post)


def _settle(mail: InboundMail, decision: Decision) -> None:
    mail.state, mail.reason = decision.state, decision.reason


def _meant_entry(session: Session, received: Received) -> CalendarObject | None:
    """What was invited to under that UID: a seat or a one-to-one meeting."""
    if not received.uid or received.problem:
        return None
    query = sa.select(CalendarObject).where(CalendarObject.uid == received.uid)
    return session.scalars(query).one_or_none()


def _find_invited(
    session: Session, numbered: CalendarObject | None
) -> tuple[Event, Participant, CalendarObject] | None:
    """Who was invited to a seat by it, as things stand under the event's lock."""
    if numbered is None or numbered.participant_id is None:
        return None
    event, participant = locked_participant(session, numbered.participant_id)
    session.refresh(numbered)
    return event, participant, numbered


def _meant(
    participant: Participant, numbered: CalendarObject, received: Received
) -> list[Attendance]:
    """The seats an answer is about: of a series all, or the one that RECURRENCE-ID names."""
    seats = held_seats(participant)
    if not numbered.is_series:
        return [seat for seat in seats if seat.occasion_id == numbered.occasion_id]
    seats = [seat for seat in seats if is_of_series(seat)]
    if received.recurs_at is None:
        return seats
    return [seat for seat in seats if _is_named(seat.occasion, received)]


def _is_named(occasion: Occasion, received: Received) -> bool:
    """Compared as an instant, whatever the zone was called; a date, as the day where it is held."""
    at, said = occasion.recurs_at, received.recurs_at
    if at is not None and said is not None and received.is_all_day:
        return to_wall(at, occasion.event.zone).date() == said.date()
    return at == said


def _invited(
    participant: Participant,
    numbered: CalendarObject,
    seats: Sequence[Attendance],
    seen: Base | None,
    unsent: Unsent | None,
) -> Invited:
    """`seen`: the revision that left last, None when none has. One that waits has been seen by
    nobody, and what is answered to the time before it counts no longer."""
    return Invited(
        uid=numbered.uid,
        address=participant.email,
        sequence=seen.sequence if seen else -1,
        made_at=seen.dtstamp if seen else numbered.dtstamp,
        is_cancelled=numbered.cancelled_at is not None,
        same_as=numbered.sequence if _is_latest(seen, numbered) else None,
        seats=tuple(
            reply_rules.Seat(
                id=seat.id,
                starts_at=seat.occasion.starts_at,
                ends_at=seat.occasion.ends_at,
                sequence=seat.partstat_sequence,
                stamp=seat.partstat_dtstamp,
                is_no=is_no(seat),
                undo_until=seat.declined_until,
                is_moving=bool(unsent and _tells_another_time(unsent, seat.occasion_id)),
            )
            for seat in seats
        ),
    )


def _unsent(session: Session, numbered: CalendarObject) -> Unsent | None:
    """The newest letter with the entry that waits to be sent."""
    waiting = session.execute(
        sa.select(Letter.kind, Letter.facts, Letter.due_at, Letter.priority)
        .where(
            Letter.participant_id == numbered.participant_id,
            Letter.status == LetterStatus.PENDING,
            Letter.lease.is_(None),
        )
        .order_by(Letter.id.desc())
    )
    for kind, facts, due_at, priority in waiting:
        entry = (facts or {}).get("entry")
        if entry and entry["uid"] == numbered.uid:
            return Unsent(kind, facts, due_at, priority)
    return None


def _tells_another_time(unsent: Unsent, occasion_id: int) -> bool:
    """A change without "of" is about every occasion of the entry (mail/changes.py)."""
    return any(
        change["what"] == "time" and (change.get("of") or {"id": occasion_id})["id"] == occasion_id
        for change in unsent.facts.get("changes", ())
    )


def _is_latest(seen: Base | None, numbered: CalendarObject) -> bool:
    return seen is not None and seen.sequence == last_mailed(numbered).sequence


_HANDLERS: dict[str, Callable[..., None]] = {
    InboundKind.REPLY: _take_answer,
    InboundKind.COUNTER: _take_answer,
    InboundKind.REFRESH: _take_answer,
    InboundKind.AUTOMATIC: _take_automatic,
    InboundKind.PERSON: forward,
    InboundKind.UNREADABLE: _leave_open,
}
