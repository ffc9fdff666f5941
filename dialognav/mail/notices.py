"""What people are told, and when: called by actions inside their transaction. Never commits.

Each recipient gets an own letter in the registration's language that names nobody else.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.domain.terms import Seat
from dialognav.mail import outbox
from dialognav.mail.audience import (
    NOBODY,
    Standing,
    addresses_elsewhere,
    contacts_not_attending,
    headcounts,
    standing_of,
    standings,
    still_seated,
)
from dialognav.mail.changes import Announced, Changes, announced, said_of_all
from dialognav.mail.letters import ORDINARY, URGENT, Letter, Writer
from dialognav.mail.link_notices import tell_links, tell_staff_link
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import (
    contact_letter,
    offered_letter,
    pending_letter,
    queue_letter,
    seat_letter,
)
from dialognav.mail.together import together
from dialognav.models import Attendance, Event, Registration

__all__ = [
    "Announced",
    "Changes",
    "announced",
    "tell_cancelled",
    "tell_changed",
    "tell_contact",
    "tell_links",
    "tell_new_date",
    "tell_places",
    "tell_postponed",
    "tell_staff_link",
    "tell_withdrawn",
]

_BY_REASON = {
    "registered": "place_confirmed",
    "accepted": "place_confirmed",
    "promoted": "promoted",
    "changed": "place_changed",
}


def tell_places(
    session: Session,
    event: Event,
    attendances: Sequence[Attendance],
    *,
    why: str,
    now: datetime,
    post: Post,
    are_new: bool = False,
) -> None:
    """Each person's own letter. Confirmed: an invitation. Waiting: the place in the queue. Offered:
    until when. Pending: that somebody looks at it. `are_new`: the people, who have no letters yet.

    `why` is registered, accepted, promoted or changed. To be told "registered" again sends again,
    to an address that was corrected. Other states get no letter.
    """
    writer = Writer(event, post)
    letters = []
    told = together(session, writer, standing_of(session, event, attendances))
    elsewhere = addresses_elsewhere(session, event, told) if why == "registered" else set()
    seated = still_seated(session, attendances) if why == "changed" else set()
    for standing in told:
        more = {"elsewhere": standing.participant.email in elsewhere}
        if standing.seat == Seat.CONFIRMED:
            kind = _BY_REASON[why]
            letters.append(seat_letter(writer, standing, kind, more=more, method="REQUEST"))
        elif standing.seat == Seat.WAITING:
            more["keeps_seat"] = (standing.participant.id, standing.occasion.id) in seated
            letters.append(queue_letter(writer, standing, "place_waiting", more=more))
        elif standing.seat == Seat.PENDING:
            letters.append(pending_letter(writer, standing, more=more))
        elif standing.seat == Seat.OFFERED:
            letters.append(offered_letter(writer, standing, more=more))
    outbox.promise(session, letters, now=now, are_new=are_new)


def tell_contact(
    session: Session, event: Event, registration: Registration, *, now: datetime, post: Post
) -> None:
    """The receipt, with the registration's link, to a contact who is not among the participants."""
    session.flush()
    people = {"people": headcounts(session, event, registration).get(registration.id, NOBODY)}
    letter = contact_letter(Writer(event, post), registration, "receipt", more=people)
    outbox.promise(session, [letter], now=now)


def tell_changed(
    session: Session, event: Event, changes: Changes, *, now: datetime, post: Post
) -> None:
    """An edit of a published event: what changed, to those whom it concerns, after quiet time."""
    if changes.is_empty:
        return
    session.flush()
    writer = Writer(event, post)
    letters = [
        letter
        for standing in together(session, writer, standings(session, event))
        if (letter := _changed_letter(writer, standing, changes))
    ]
    counts = headcounts(session, event)
    letters += [
        _changed_contact_letter(writer, registration, changes, counts.get(registration.id, NOBODY))
        for registration in contacts_not_attending(session, event)
    ]
    outbox.promise(session, letters, now=now)


def _changed_contact_letter(
    writer: Writer, registration: Registration, changes: Changes, people: dict[str, int]
) -> Letter:
    told = said_of_all(
        changes,
        [(occasion.id, None) for occasion in writer.event.live_occasions],
        registration.language,
        confirmed=False,
    )
    more = {"changes": told, "people": people}
    delay = writer.post.quiet_window
    return contact_letter(writer, registration, "changed_waiting", more=more, delay=delay)


def _changed_letter(writer: Writer, standing: Standing, changes: Changes) -> Letter | None:
    is_confirmed = standing.is_invited
    said = said_of_all(
        changes,
        [(one.occasion.id, one.mode) for one in standing.all],
        standing.language,
        confirmed=is_confirmed,
    )
    more = {"changes": said}
    delay = writer.post.quiet_window
    if not is_confirmed:
        return queue_letter(writer, standing, "changed_waiting", more=more, delay=delay)
    moved = any(change["what"] == "time" for change in said)
    return seat_letter(
        writer, standing, "changed", more=more, method="REQUEST", delay=delay, moved=moved
    )


def tell_postponed(session: Session, event: Event, *, now: datetime, post: Post) -> None:
    """The date falls and no new one is set: calendar entries go, places and queue stay."""
    _tell_all(session, event, "postponed", method="CANCEL", priority=URGENT, now=now, post=post)


def tell_new_date(session: Session, event: Event, *, now: datetime, post: Post) -> None:
    """A new date after postponement: a new calendar entry for each who holds a place."""
    _tell_all(session, event, "new_date", method="REQUEST", priority=ORDINARY, now=now, post=post)


def tell_cancelled(session: Session, event: Event, *, now: datetime, post: Post) -> None:
    """The event is off, with event.reason; leaves at once and ahead of everything else."""
    _tell_all(session, event, "cancelled", method="CANCEL", priority=URGENT, now=now, post=post)


def tell_withdrawn(
    session: Session,
    event: Event,
    attendances: Sequence[Attendance],
    *,
    by: str,
    now: datetime,
    post: Post,
) -> None:
    """These seats are given up, by "self", "organiser" or "swap".

    Takes the entry out of the calendar of whoever had an invitation. Who only changed the way of
    attending and still holds a seat at the occasion is not told.
    """
    session.flush()
    writer = Writer(event, post)
    seated = still_seated(session, attendances)
    gone = [
        standing
        for standing in standing_of(session, event, attendances)
        if (standing.participant.id, standing.occasion.id) not in seated
    ]
    letters = [
        seat_letter(
            writer,
            standing,
            "withdrawn",
            more={"by": by},
            method="CANCEL",
            declined=True,
            priority=URGENT if by == "organiser" else ORDINARY,
        )
        for standing in together(session, writer, gone)
    ]
    outbox.promise(session, letters, now=now)


def _tell_all(
    session: Session,
    event: Event,
    kind: str,
    *,
    method: str,
    priority: int,
    now: datetime,
    post: Post,
) -> None:
    session.flush()
    writer = Writer(event, post)
    letters = []
    moved = kind == "new_date"  # the old answer is to another time, also where its entry lives on
    for standing in together(session, writer, standings(session, event)):
        if standing.is_invited:
            letter = seat_letter(
                writer, standing, kind, method=method, priority=priority, moved=moved
            )
            letters.append(letter)
        else:
            letters.append(queue_letter(writer, standing, kind, priority=priority))
    counts = headcounts(session, event)
    for registration in contacts_not_attending(session, event):
        people = {"people": counts.get(registration.id, NOBODY)}
        letters.append(contact_letter(writer, registration, kind, more=people, priority=priority))
    outbox.promise(session, letters, now=now)
