"""What the organiser answers to somebody who asked for an interpreter or other help."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from dialognav.actions.meeting_effects import meets_ahead
from dialognav.actions.registration_rules import locked_participant, note, seats_ahead
from dialognav.actions.seats import live_seats
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.terms import NeedState
from dialognav.mail import access_notices
from dialognav.mail.post import Post


@dataclass(frozen=True, slots=True)
class Answer:
    """`state` asked means not answered yet, and `answer_by` when it will be."""

    state: str
    text: str = ""
    answer_by: date | None = None


def answer_need(
    session: Session,
    participant_id: int,
    answer: Answer,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """Write the answer down and tell the person that there is one.

    NotAllowedNow when nobody asks any more, or asks for nothing. A new day to answer by is shown
    on the own page and not mailed.
    """
    event, person = locked_participant(session, participant_id)
    need, seats = person.access_need, live_seats(person)
    meets = not seats_ahead(person, now=now) and meets_ahead(session, [person], now=now)
    if need is None or not (seats or meets):
        raise NotAllowedNow
    if answer == Answer(need.state, need.answer, need.answer_by):
        return
    was = (need.state, need.answer)
    need.state, need.answer, need.answer_by = answer.state, answer.text, answer.answer_by
    need.answered_at = None if answer.state == NeedState.ASKED else now
    session.flush()
    if answer.state != NeedState.ASKED and was != (answer.state, answer.text):
        if meets:
            access_notices.tell_guest(session, event, person, now=now, post=post)
        else:
            access_notices.tell_answer(session, event, seats[0], now=now, post=post)
    note(session, event, actor, "access.answered", person, now=now)
