"""That a request for help is answered. Never commits."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.mail import outbox
from dialognav.mail.audience import Standing, standing_of
from dialognav.mail.letters import Letter, Writer
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import review_letter
from dialognav.models import Attendance, Event


def tell_answer(
    session: Session, event: Event, seat: Attendance, *, now: datetime, post: Post
) -> None:
    """To the person alone. What was asked and answered stands on the own page, not in the mail.

    It is health data: a mail is kept by many, and the facts of a letter outlive the event.
    """
    [standing] = standing_of(session, event, [seat])
    outbox.promise(session, [answer_letter(Writer(event, post), standing)], now=now)


def answer_letter(writer: Writer, standing: Standing) -> Letter:
    letter = review_letter(writer, standing, "access_answer")
    return replace(letter, stream=f"access:{standing.participant.id}")
