"""What suppliers and the team are told about meetings that they have. Never commits.

Call these with the change, under the event's lock, when the rows stand as they shall be. People of
a booking get the calendar entry, each their own; a contact who does not come gets a plain letter.
The team of a slot gets entries too. No letter names any other supplier (domain.md 2.2).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.mail import outbox
from dialognav.mail.meeting_changes import SlotTold, told_of
from dialognav.mail.meeting_entries import MeetingWriter
from dialognav.mail.meeting_letters import (
    away_letter,
    guest_letter,
    reminder_stream,
)
from dialognav.mail.meeting_outgoing import EndedBy, Outgoing
from dialognav.mail.meeting_people import booked_in, meetings_of
from dialognav.mail.meeting_request_letters import positions
from dialognav.mail.meeting_request_notices import (
    Drawn,
    tell_added,
    tell_answered,
    tell_choose,
    tell_lapsed,
    tell_offered,
    tell_result,
    tell_stopped,
    tell_waiting,
    tell_wished,
    tell_wished_for,
)
from dialognav.mail.meeting_rule_letters import drop_news, drop_news_to, tell_rules_changed
from dialognav.mail.minutes_letters import tell_approved, tell_check
from dialognav.mail.post import Post
from dialognav.models import Booking, Participant, Slot, TeamMember

__all__ = [
    "Drawn",
    "EndedBy",
    "Moved",
    "SlotTold",
    "Staffed",
    "drop_news",
    "drop_news_to",
    "tell_added",
    "tell_answered",
    "tell_approved",
    "tell_booked",
    "tell_changed",
    "tell_check",
    "tell_choose",
    "tell_ended",
    "tell_moved",
    "tell_offered",
    "tell_people",
    "tell_reminded",
    "tell_replanned",
    "tell_result",
    "tell_rules_changed",
    "tell_staffed",
    "tell_stopped",
    "tell_waiting",
    "tell_wished",
    "tell_wished_for",
    "told_of",
]

Moved = tuple[Booking, SlotTold, Sequence[TeamMember]]
"""A booking at its new slot, what was told of the slot it left, and who was at that."""

Staffed = tuple[Slot, Sequence[TeamMember], Sequence[TeamMember]]
"""A slot with its new staff, who left it and who came."""


def tell_booked(
    session: Session, bookings: Sequence[Booking], *, now: datetime, post: Post
) -> None:
    """Each is booked, by the supplier or by hand (`assigned_by_id`, then with its reason): both
    sides get the invitation."""
    if not bookings:
        return
    outgoing = Outgoing.of(session, bookings[0].event_id, now=now, post=post)
    for meeting in outgoing.meetings(bookings):
        outgoing.booked(meeting)
    outgoing.send()


def tell_moved(
    session: Session, moved: Sequence[Moved], *, reason: str = "", now: datetime, post: Post
) -> None:
    """The same entries at another time, place or table (calendar.md 2.1 e). Whoever of the team is
    at the old slot alone gets a cancellation, whoever is new an invitation. `reason`: the
    organiser's, told to both sides, and letters gather for the quiet time; "" when the supplier
    moved it, which is told at once."""
    if not moved:
        return
    outgoing = Outgoing.of(session, moved[0][0].event_id, now=now, post=post)
    _move(outgoing, moved, reason, delay=post.quiet_window if reason else 0)
    outgoing.send()


def _move(outgoing: Outgoing, moved: Sequence[Moved], reason: str, *, delay: int) -> None:
    before = {booking.id: told for booking, told, _team in moved}
    for meeting in outgoing.meetings([booking for booking, _told, _team in moved]):
        outgoing.changed(meeting, before[meeting.booking.id], reason=reason, delay=delay)


def tell_changed(
    session: Session,
    changed: Sequence[tuple[Slot, SlotTold]],
    *,
    reason: str = "",
    now: datetime,
    post: Post,
) -> None:
    """Slots were edited (time, room, link), or their tables: take `told_of(slot)` before the edit.
    Slots without a live booking may be among them. Letters gather for the quiet time."""
    if not changed:
        return
    outgoing = Outgoing.of(session, changed[0][0].event_id, now=now, post=post)
    before = {slot.id: told for slot, told in changed}
    for meeting in outgoing.meetings(booked_in(session, list(before))):
        was = before[meeting.booking.slot_id]
        outgoing.changed(meeting, was, reason=reason, delay=post.quiet_window)
    outgoing.send()


def tell_ended(
    session: Session,
    bookings: Sequence[Booking],
    *,
    by: EndedBy,
    reason: str = "",
    now: datetime,
    post: Post,
) -> None:
    """Bookings that were booked or offered and are no more: the entries go on both sides. "lapsed":
    an offer that ran out; offers that the supplier turned down need none. Says whether the supplier
    waits again, and at which place, as the requests stand now."""
    if not bookings:
        return
    if by == "lapsed":
        tell_lapsed(session, bookings, now=now, post=post)
        return
    outgoing = Outgoing.of(session, bookings[0].event_id, now=now, post=post)
    _end(outgoing, bookings, by, reason)
    outgoing.send()


def _end(outgoing: Outgoing, bookings: Sequence[Booking], by: EndedBy, reason: str) -> None:
    meetings = outgoing.meetings(bookings)
    waiting = positions(outgoing.session, outgoing.writer.event.id) if meetings else {}
    for meeting in meetings:
        position = waiting.get(meeting.registration.id)
        outgoing.ended(meeting, by=by, reason=reason, position=position)


def tell_people(
    session: Session,
    booking: Booking,
    gone: Sequence[Participant],
    new: Sequence[Participant],
    *,
    now: datetime,
    post: Post,
) -> None:
    """Other people come from the supplier: invited who is new, cancelled who is gone; the others'
    entries, and the team's, stay as they are. Nobody is told of another language or other
    questions: both sides see them on the meeting's page."""
    if not gone and not new:
        return
    outgoing = Outgoing.of(session, booking.event_id, now=now, post=post)
    for meeting in outgoing.meetings([booking]):
        outgoing.people(meeting)
    outgoing.send()


def tell_staffed(
    session: Session, staffed: Sequence[Staffed], *, now: datetime, post: Post
) -> None:
    """Other people of the team are in booked meetings. The supplier's entry names nobody of them
    and does not change. Slots without a booking may be among them."""
    if not staffed:
        return
    outgoing = Outgoing.of(session, staffed[0][0].event_id, now=now, post=post)
    _staff(outgoing, staffed, "")
    outgoing.send()


def _staff(outgoing: Outgoing, staffed: Sequence[Staffed], reason: str) -> None:
    slots = [slot.id for slot, _gone, _new in staffed]
    for meeting in outgoing.meetings(booked_in(outgoing.session, slots) if slots else []):
        outgoing.team(meeting, reason=reason)


def tell_replanned(
    session: Session,
    *,
    moved: Sequence[Moved],
    ended: Sequence[Booking],
    staffed: Sequence[Staffed],
    reason: str,
    now: datetime,
    post: Post,
) -> None:
    """All of one re-planning at once: one letter to each supplier's person, and to a member of the
    team one for each meeting or, of more than five new ones, one that lists them."""
    events = [one.event_id for one, _slot, _team in moved] + [one.event_id for one in ended]
    events += [slot.event_id for slot, _gone, _new in staffed]
    if not events:
        return
    outgoing = Outgoing.of(session, events[0], now=now, post=post)
    _move(outgoing, moved, reason, delay=0)
    _end(outgoing, ended, "organiser", reason)
    _staff(outgoing, staffed, reason)
    outgoing.send()


def tell_reminded(
    session: Session, bookings: Sequence[Booking], *, now: datetime, post: Post
) -> None:
    """The meeting is on the next working day. No calendar part: they have it (peers.md 7)."""
    if not bookings:
        return
    writer = MeetingWriter.of(session, bookings[0].event_id, now=now, post=post)
    letters = []
    for meeting in meetings_of(session, bookings):
        booking = meeting.booking
        made = [
            (str(one.id), guest_letter(writer, meeting, one, "meeting_reminder", link=True))
            for one in meeting.people
        ]
        if not meeting.reads_as_contact(meeting.people):
            made.append(("contact", away_letter(writer, meeting, "meeting_reminder")))
        letters += [
            replace(letter, stream=reminder_stream(booking.id, reader), replaces=())
            for reader, letter in made
        ]
    outbox.promise(session, letters, now=now)
