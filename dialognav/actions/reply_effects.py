"""What follows from an answer that came by mail (domain.reply_rules.Effect), the event locked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.answering import give_up, note_calendar_answer, write_answer
from dialognav.actions.forwarding import tell_of_proposal
from dialognav.domain.replies import Received
from dialognav.domain.reply_rules import REFRESH_EVERY, Effect, undo_until
from dialognav.domain.terms import AnswerSource, InboundKind, InboundState
from dialognav.mail import reply_notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, CalendarObject, Event, InboundMail


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, by whom, to which invitation; `seats` are those it is about.

    `is_latest`: no revision of the invitation waits to be sent.
    """

    event: Event
    seats: Sequence[Attendance]
    numbered: CalendarObject
    received: Received
    mail: InboundMail
    is_latest: bool

    def ahead(self, now: datetime) -> list[Attendance]:
        return [seat for seat in self.seats if now < seat.occasion.starts_at]


def take_effect(
    session: Session, effect: Effect, answer: Answer, *, now: datetime, post: Post
) -> None:
    _EFFECTS[effect](session, answer, now=now, post=post)


def _nothing(_session: Session, _answer: Answer, *, now: datetime, post: Post) -> None:
    """The mail is written down, and that is all."""


def _note(session: Session, answer: Answer, *, now: datetime, post: Post) -> None:
    """Store the answer; a yes takes back a no that waits."""
    received, person = answer.received, answer.seats[0].participant
    partstat = "TENTATIVE" if received.kind == InboundKind.COUNTER else received.partstat
    write_answer(
        session,
        answer.seats,
        partstat,
        AnswerSource.CALENDAR,
        now=now,
        sequence=received.sequence,
        stamp=received.dtstamp,
        comment=received.comment,
    )
    if partstat != "DECLINED":
        reply_notices.drop_no(session, person.id)
    note_calendar_answer(session, answer.event, person, partstat, now=now)


def _ask(session: Session, answer: Answer, *, now: datetime, post: Post) -> None:
    """A no: one letter asks for a confirmation, and says until when the seat is kept."""
    _note(session, answer, now=now, post=post)
    event, ahead = answer.event, answer.ahead(now)
    for seat in ahead:
        ends = undo_until(event.declining, seat.occasion.starts_at, now)
        seat.declined_until = seat.declined_until or ends
    ends = min((seat.declined_until for seat in ahead if seat.declined_until), default=None)
    session.flush()
    reply_notices.tell_no(session, event, ahead, undo_until=ends, now=now, post=post)


def _give_up(session: Session, answer: Answer, *, now: datetime, post: Post) -> None:
    """The organiser takes a no for a no."""
    _note(session, answer, now=now, post=post)
    actor = f"participant:{answer.seats[0].participant.public_id}"
    seats = answer.ahead(now)
    give_up(session, answer.event, seats, by="self", now=now, actor=actor, post=post)


def _question(session: Session, answer: Answer, *, now: datetime, post: Post) -> None:
    """Another time is proposed: perhaps. Whoever arranges the event decides."""
    _note(session, answer, now=now, post=post)
    tell_of_proposal(session, answer.event, answer.mail, now=now, post=post)


def _refresh(session: Session, answer: Answer, *, now: datetime, post: Post) -> None:
    """Once an hour. An update that waits will say all that the old revision does."""
    numbered, mail = answer.numbered, answer.mail
    is_lately = numbered.refreshed_at and now - numbered.refreshed_at < REFRESH_EVERY
    if is_lately or not answer.is_latest:
        mail.state, mail.reason = InboundState.IGNORED, "refreshed_lately"
        return
    numbered.refreshed_at = now
    reply_notices.tell_again(session, answer.event, answer.seats[0], numbered, now=now, post=post)


def _warn(session: Session, answer: Answer, *, now: datetime, post: Post) -> None:
    """Somebody else answered: the one who is invited is told, once."""
    mail = answer.mail
    before = sa.select(InboundMail.id).where(
        InboundMail.participant_id == answer.numbered.participant_id,
        InboundMail.reason == mail.reason,
        InboundMail.id != mail.id,
    )
    if answer.seats and session.scalar(before.limit(1)) is None:
        seat = answer.seats[0]
        reply_notices.tell_passed_on(session, answer.event, seat, mail, now=now, post=post)


_EFFECTS: dict[Effect, Callable[..., None]] = {
    Effect.NOTHING: _nothing,
    Effect.NOTE: _note,
    Effect.ASK: _ask,
    Effect.GIVE_UP: _give_up,
    Effect.QUESTION: _question,
    Effect.REFRESH: _refresh,
    Effect.WARN: _warn,
}
