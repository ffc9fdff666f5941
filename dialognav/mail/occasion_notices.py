"""What people are told when one of several occasions is called off. Never commits."""

from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.i18n import pick
from dialognav.mail import outbox
from dialognav.mail.audience import standings
from dialognav.mail.letters import URGENT, Writer
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import queue_letter, seat_letter
from dialognav.mail.together import together
from dialognav.models import Event, Occasion

KIND = "occasion_cancelled"


def tell_occasion_cancelled(
    session: Session, event: Event, occasion: Occasion, *, now: datetime, post: Post
) -> None:
    """Everybody who has a seat at it or waits for one, with its reason; leaves at once.

    Call it while the seats still are what they were.
    """
    writer = Writer(event, post)
    letters = []
    there = [one for one in standings(session, event) if one.occasion.id == occasion.id]
    for standing in together(session, writer, there):
        said = pick(occasion.reason, standing.language, event.primary_language)
        why = {"reason": list(said)}
        if standing.is_invited:
            letter = seat_letter(writer, standing, KIND, method="CANCEL", more=why, priority=URGENT)
        else:
            letter = queue_letter(writer, standing, KIND, more=why, priority=URGENT)
        letters.append(letter)
    outbox.promise(session, letters, now=now)
