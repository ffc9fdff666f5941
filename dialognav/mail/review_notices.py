"""What people are told when somebody has looked at their registration. Never commits."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav.db import Text
from dialognav.domain.terms import Seat
from dialognav.i18n import pick
from dialognav.mail import outbox
from dialognav.mail.audience import (
    NOBODY,
    Standing,
    contacts_away,
    headcounts,
    in_calendars,
    standing_of,
    still_seated,
)
from dialognav.mail.letters import URGENT, Letter, Writer
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import (
    contact_letter,
    offered_letter,
    queue_letter,
    review_letter,
    seat_letter,
)
from dialognav.mail.together import together
from dialognav.models import Attendance, Event, Registration


def tell_approved(
    session: Session,
    event: Event,
    attendances: Sequence[Attendance],
    *,
    known: Collection[int],
    now: datetime,
    post: Post,
) -> None:
    """Confirmed: the invitation. Waiting: the place in the queue. Offered: until when it is held.

    `known` are ids of seats whose invitation of before says what holds: where it stands in a
    calendar, it is not sent again.
    """
    writer = Writer(event, post)
    letters = []
    held = in_calendars(session, [row for row in attendances if row.id in known])
    seated = still_seated(session, [row for row in attendances if row.state == Seat.WAITING])
    for standing in together(session, writer, standing_of(session, event, attendances)):
        if standing.seat == Seat.WAITING:
            keeps = (standing.participant.id, standing.occasion.id) in seated
            more = _APPROVED | {"keeps_seat": keeps}
            letters.append(queue_letter(writer, standing, "place_waiting", more=more))
        elif standing.seat == Seat.OFFERED:
            letters.append(offered_letter(writer, standing, more=_APPROVED))
        elif (
            standing.seat == Seat.CONFIRMED and {one.attendance.id for one in standing.all} <= held
        ):
            letters.append(review_letter(writer, standing, "change_approved"))
        elif standing.seat == Seat.CONFIRMED:
            letters.append(
                seat_letter(writer, standing, "place_confirmed", more=_APPROVED, method="REQUEST")
            )
    outbox.promise(session, letters, now=now)


def tell_declined(
    session: Session,
    event: Event,
    attendances: Sequence[Attendance],
    reason: str,
    text: Text,
    *,
    now: datetime,
    post: Post,
) -> None:
    """With the reason; an invitation that stood in a calendar until now is taken out."""
    session.flush()
    writer = Writer(event, post)
    letters = [
        _declined_letter(writer, standing, reason, text)
        for standing in together(session, writer, standing_of(session, event, attendances))
    ]
    outbox.promise(session, letters, now=now)


def tell_contacts(
    session: Session,
    event: Event,
    registrations: Sequence[Registration],
    *,
    reason: str = "",
    text: Text | None = None,
    now: datetime,
    post: Post,
) -> None:
    """What was decided, to those contacts who are not among the participants; without a reason,
    it was approved."""
    session.flush()
    writer = Writer(event, post)
    counts = headcounts(session, event)
    letters = []
    for row in contacts_away(session, registrations, attending=not reason):
        people = {"people": counts.get(row.id, NOBODY)}
        if reason:
            more = people | decision_facts(event, reason, text or {}, row.language)
            letters.append(contact_letter(writer, row, "declined", more=more))
        else:
            letters.append(contact_letter(writer, row, "receipt", more=people | _APPROVED))
    outbox.promise(session, letters, now=now)


def decision_facts(event: Event, reason: str, text: Text, language: str) -> dict[str, Any]:
    """The reason's code, said in the reader's language when the letter is made, and own words."""
    return {
        "decision": {
            "reason": reason,
            "text": list(pick(text, language, event.primary_language)),
        }
    }


_APPROVED = {"approved": True}


def _declined_letter(writer: Writer, standing: Standing, reason: str, text: Text) -> Letter:
    return seat_letter(
        writer,
        standing,
        "declined",
        more=decision_facts(writer.event, reason, text, standing.language),
        method="CANCEL",
        declined=True,
        priority=URGENT,
    )
