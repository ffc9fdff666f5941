"""What staff do with a mail that waits for a person."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.answering import held_seats, is_of_series
from dialognav.actions.meeting_answers import decline_meeting_time
from dialognav.actions.registration_rules import locked_participant
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.terms import EventState, InboundKind, InboundState
from dialognav.mail import reply_notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, CalendarObject, InboundMail, Participant


def set_aside(session: Session, mail_id: int, *, user_id: int, now: datetime) -> InboundMail:
    """Somebody has looked at it. A proposed time is noted so: the event stays as it is."""
    mail = _open_mail(session, mail_id)
    _close(session, mail, "inbox.done", user_id=user_id, now=now)
    return mail


def decline_time(
    session: Session, mail_id: int, text: str, *, user_id: int, now: datetime, post: Post
) -> InboundMail:
    """Tell whoever proposed another time that it stays as it is (DECLINECOUNTER), and why.

    NotAllowedNow when the place or the event is gone, or somebody has dealt with it.
    """
    mail = session.get_one(InboundMail, mail_id)
    if not is_proposal(mail):
        raise NotAllowedNow
    if mail.booking_id is not None:
        decline_meeting_time(session, mail, text, now=now, post=post)
    elif mail.participant_id is None:
        raise NotAllowedNow
    else:
        _decline_at(session, mail, mail.participant_id, text, now=now, post=post)
    mail = _open_mail(session, mail_id)
    _close(session, mail, "inbox.time_declined", user_id=user_id, now=now)
    return mail


def _decline_at(
    session: Session,
    mail: InboundMail,
    participant_id: int,
    text: str,
    *,
    now: datetime,
    post: Post,
) -> None:
    event, participant = locked_participant(session, participant_id)
    session.refresh(mail)
    seats = [seat for seat in held_seats(participant) if seat.id == mail.attendance_id]
    numbered = _entry(session, seats[0], participant) if seats else None
    is_over = event.state != EventState.PUBLISHED or not seats or now >= seats[0].occasion.ends_at
    if is_over or numbered is None:
        raise NotAllowedNow
    reply_notices.tell_time_declined(
        session, event, seats[0], numbered, text=text, now=now, post=post
    )


def _entry(session: Session, seat: Attendance, participant: Participant) -> CalendarObject | None:
    """The entry in the person's calendar that the proposal was about. Beside the one of a series
    there can be others, of dates that are none of it."""
    rows = session.scalars(
        sa.select(CalendarObject).where(
            CalendarObject.participant_id == participant.id, CalendarObject.cancelled_at.is_(None)
        )
    ).all()
    if is_of_series(seat) and (series := next((row for row in rows if row.is_series), None)):
        return series
    single = (row for row in rows if not row.is_series)
    return next((row for row in single if row.occasion_id == seat.occasion_id), None)


def is_proposal(mail: InboundMail) -> bool:
    """Another time, proposed by the one invited. What does not fit was perhaps written by somebody
    else, and the one invited is not to be answered for it."""
    return mail.kind == InboundKind.COUNTER and mail.reason == "proposed"


def _open_mail(session: Session, mail_id: int) -> InboundMail:
    """The row, locked. NotAllowedNow when a colleague was first."""
    mail = session.get_one(InboundMail, mail_id, with_for_update=True, populate_existing=True)
    if mail.state != InboundState.OPEN:
        raise NotAllowedNow
    return mail


def _close(session: Session, mail: InboundMail, verb: str, *, user_id: int, now: datetime) -> None:
    mail.state, mail.handled_at, mail.handled_by_id = InboundState.DONE, now, user_id
    assert mail.organisation_id is not None
    audit.record(
        session,
        mail.organisation_id,
        f"user:{user_id}",
        verb,
        f"mail:{mail.id}",
        now=now,
        event_id=mail.event_id,
    )


def set_strays_aside(session: Session, *, now: datetime) -> int:
    """The operator has read what no organisation could be told for; how many there were."""
    looked_at = (
        sa.update(InboundMail)
        .where(InboundMail.organisation_id.is_(None), InboundMail.state == InboundState.OPEN)
        .values(state=InboundState.DONE, handled_at=now)
        .returning(InboundMail.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(looked_at).all())
