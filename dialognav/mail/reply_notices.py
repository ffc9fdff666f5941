"""What is written because of a mail that came in. Never commits.

Nothing here answers an answer with a calendar part: two programs that answer each other never end
(calendar.md 2.8). To the organiser goes what only a person can deal with.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.calendar import entry_to_json
from dialognav.domain.terms import LetterStatus
from dialognav.i18n import pick
from dialognav.mail import outbox
from dialognav.mail.audience import Standing, standing_of
from dialognav.mail.forwarded import forwarded_stream
from dialognav.mail.letters import (
    ORDINARY,
    URGENT,
    Facts,
    Letter,
    Writer,
    own_entry,
    sender_facts,
)
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import review_letter
from dialognav.models import Attendance, CalendarObject, Event, InboundMail, Organisation
from dialognav.models import Letter as Row

_WORTH_SENDING = timedelta(days=7)
"""Older than that, somebody has looked into the inbox instead."""


def tell_no(
    session: Session,
    event: Event,
    seats: Sequence[Attendance],
    *,
    undo_until: datetime | None,
    now: datetime,
    post: Post,
) -> None:
    """One person said no in the calendar: one letter with the page where one click confirms it.

    `undo_until` None: without an answer the seat is kept.
    """
    [standing, *others] = standing_of(session, event, seats)
    letter = no_letter(Writer(event, post), standing, 1 + len(others), undo_until)
    outbox.promise(session, [letter], now=now)


def no_letter(
    writer: Writer, standing: Standing, number: int, undo_until: datetime | None
) -> Letter:
    """`number` of occasions that the no is about; the letter shows the first."""
    answer = {"number": number, "undo_until": undo_until.isoformat() if undo_until else ""}
    letter = review_letter(writer, standing, "confirm_no", more={"answer": answer})
    return replace(letter, stream=answer_stream(standing.participant.id), priority=URGENT)


def answer_stream(participant_id: int) -> str:
    return f"answer:{participant_id}"


def drop_no(session: Session, participant_id: int) -> None:
    """Somebody comes after all: the question that has not left needs no answer."""
    session.execute(
        sa.update(Row)
        .where(Row.stream == answer_stream(participant_id), Row.status == LetterStatus.PENDING)
        .where(Row.lease.is_(None))
        .values(status=LetterStatus.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )


def tell_passed_on(
    session: Session,
    event: Event,
    seat: Attendance,
    mail: InboundMail,
    *,
    now: datetime,
    post: Post,
) -> None:
    """Somebody else answered the invitation: it was passed on, which gives nobody a place."""
    [standing] = standing_of(session, event, [seat])
    outbox.promise(session, [passed_on_letter(Writer(event, post), standing, mail)], now=now)


def passed_on_letter(writer: Writer, standing: Standing, mail: InboundMail) -> Letter:
    said = {"who": mail.sender_name or mail.sender, "address": mail.sender}
    letter = review_letter(writer, standing, "passed_on", more={"answer": said})
    return replace(letter, stream=f"passed_on:{standing.participant.id}")


def tell_again(
    session: Session,
    event: Event,
    seat: Attendance,
    numbered: CalendarObject,
    *,
    now: datetime,
    post: Post,
) -> None:
    """The revision that holds once more, the same bytes (RFC 5546 section 3.2.6)."""
    [standing] = standing_of(session, event, [seat])
    letter = again_letter(Writer(event, post), standing, numbered)
    outbox.promise(session, [letter], now=now)


def again_letter(writer: Writer, standing: Standing, numbered: CalendarObject) -> Letter:
    entry = own_entry(standing.attendance, numbered, post=writer.post)
    calendar = _calendar("REQUEST", entry_to_json(entry), numbered)
    letter = review_letter(writer, standing, "sent_again", more=calendar)
    return replace(letter, stream=f"again:{numbered.uid}", priority=URGENT)


def tell_time_declined(
    session: Session,
    event: Event,
    seat: Attendance,
    numbered: CalendarObject,
    *,
    text: str,
    now: datetime,
    post: Post,
) -> None:
    """The proposed time is not taken: DECLINECOUNTER (RFC 5546 section 3.2.8), and why."""
    [standing] = standing_of(session, event, [seat])
    letter = time_declined_letter(Writer(event, post), standing, numbered, text, now=now)
    outbox.promise(session, [letter], now=now)


def time_declined_letter(
    writer: Writer, standing: Standing, numbered: CalendarObject, text: str, *, now: datetime
) -> Letter:
    """`text` is the organiser's own, for this one person; "" for none."""
    entry = replace(own_entry(standing.attendance, numbered, post=writer.post), dtstamp=now)
    more = _calendar("DECLINECOUNTER", entry_to_json(entry), numbered) | {"answer": {"text": text}}
    letter = review_letter(writer, standing, "time_declined", more=more)
    return replace(letter, stream=f"proposal:{numbered.uid}")


def _calendar(method: str, entry: dict[str, Any], numbered: CalendarObject) -> Facts:
    return {"method": method, "entry": entry, "sender": numbered.organizer_address}


def tell_organiser(
    session: Session,
    kind: str,
    organisation: Organisation,
    event: Event | None,
    mail: InboundMail,
    *,
    recipient: str,
    now: datetime,
    post: Post,
) -> None:
    """To whoever answers for the event: `mail_forwarded`, what a person wrote, or `time_proposed`.

    An answer to it reaches the one who wrote, not us.
    """
    letter = organiser_letter(kind, organisation, event, mail, recipient, now=now, post=post)
    outbox.promise(session, [letter], now=now)


def organiser_letter(
    kind: str,
    organisation: Organisation,
    event: Event | None,
    mail: InboundMail,
    recipient: str,
    *,
    now: datetime,
    post: Post,
) -> Letter:
    language = organisation.primary_language
    facts = sender_facts(organisation, language, post) | {
        "reply_to": mail.sender,
        "expires_at": (now + _WORTH_SENDING).isoformat(),
        "inbox": {
            "id": mail.public_id,
            "who": mail.sender_name or mail.sender,
            "address": mail.sender,
            "party": mail.participant.registration.party_name if mail.participant else "",
            "subject": mail.subject,
            "text": mail.text,
            "zone": event.zone if event else organisation.zone,
            "title": list(pick(event.title, language, event.primary_language)) if event else None,
            "proposed": [
                moment.isoformat() if moment else ""
                for moment in (mail.proposed_starts_at, mail.proposed_ends_at)
            ],
        },
    }
    return Letter(
        kind=kind,
        stream=forwarded_stream(mail.public_id),
        recipient=recipient,
        recipient_name=event.contact_name if event and recipient == event.contact_email else "",
        language=language,
        facts=facts,
        organisation_id=organisation.id,
        event_id=event.id if event else None,
        priority=ORDINARY,
    )
