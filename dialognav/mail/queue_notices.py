"""What people are told about offers of a place and the end of the queue. Never commits.

An offer wants an answer, so a contact who is not among those offered is told of it too: the contact
may answer for all.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.domain.offers import takes_queue
from dialognav.mail import outbox
from dialognav.mail.audience import NOBODY, Standing, contacts_away, standing_of
from dialognav.mail.letters import URGENT, Facts, Letter, Writer, offer_stream
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import (
    contact_letter,
    offered_letter,
    queue_facts,
    queue_letter,
)
from dialognav.mail.together import together
from dialognav.models import Attendance, Event, Registration


def tell_offered(
    session: Session,
    event: Event,
    attendances: Sequence[Attendance],
    *,
    now: datetime,
    post: Post,
) -> None:
    """A place is held for each of them until the offer ends; no calendar part (decisions.md 14)."""
    writer = Writer(event, post)
    told = standing_of(session, event, attendances)
    letters = [offered_letter(writer, standing) for standing in together(session, writer, told)]
    letters += _to_contacts(writer, "offered", told, {})
    outbox.promise(session, letters, now=now)


def tell_lapsed(
    session: Session,
    event: Event,
    attendances: Sequence[Attendance],
    *,
    now: datetime,
    post: Post,
) -> None:
    """Nobody answered in time. They may join again, at the end of the queue."""
    writer = Writer(event, post)
    told = standing_of(session, event, attendances)
    letters = [
        queue_letter(
            writer, one, "lapsed", more={"may_rejoin": takes_queue(event, now, one.occasion)}
        )
        for one in together(session, writer, told)
    ]
    may_rejoin = any(takes_queue(event, now, one.occasion) for one in told)
    letters += _to_contacts(writer, "lapsed", told, {"may_rejoin": may_rejoin})
    outbox.promise(session, letters, now=now)


def tell_no_place(
    session: Session,
    event: Event,
    attendances: Sequence[Attendance],
    *,
    closed_by: str,
    now: datetime,
    post: Post,
) -> None:
    """The queue is closed, by "time" or by the "procurement": one letter to everybody in it."""
    writer = Writer(event, post)
    told = standing_of(session, event, attendances)
    more = {"closed_by": closed_by}
    letters = [
        queue_letter(writer, standing, "no_place", more=more)
        for standing in together(session, writer, told)
    ]
    registrations = list({standing.registration for standing in told})
    letters += [
        contact_letter(writer, registration, "no_place", more=more)
        for registration in contacts_away(session, registrations, attending=True)
    ]
    outbox.promise(session, letters, now=now)


def _to_contacts(writer: Writer, kind: str, told: Sequence[Standing], more: Facts) -> list[Letter]:
    """To those contacts who do not get the letter as a participant; it names nobody."""
    found: dict[Registration, list[Standing]] = {}
    for standing in told:
        found.setdefault(standing.registration, []).append(standing)
    return [
        _to_contact(writer, kind, registration, people, more)
        for registration, people in found.items()
        if not any(standing.is_contact for standing in people)
    ]


def _to_contact(
    writer: Writer, kind: str, registration: Registration, people: Sequence[Standing], more: Facts
) -> Letter:
    ending = [(one.attendance.offer_ends_at, one) for one in people]
    ends_at, last = max(((at, one) for at, one in ending if at), key=lambda pair: pair[0])
    facts: Facts = {"people": NOBODY | {"offered": len({one.participant.id for one in people})}}
    facts |= queue_facts(writer.event, last.attendance) | more
    if kind == "offered":
        facts["void_after"] = ends_at.isoformat()
    letter = contact_letter(writer, registration, kind, more=facts, priority=URGENT)
    return replace(letter, stream=offer_stream(registration.id))
