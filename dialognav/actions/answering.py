"""Whether those who have a seat come: stored, taken back, confirmed, or left without an answer.

The event is locked in each. An answer is one of RFC 5545 section 3.2.12: ACCEPTED, TENTATIVE,
DECLINED. A yes changes no seat; a no frees one when it is confirmed or its time is over.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav import audit
from dialognav.actions.meeting_effects import meets_ahead, people_retired
from dialognav.actions.participants import retire
from dialognav.actions.registration_rules import live_people, locked_participant, note
from dialognav.actions.review import close_when_done
from dialognav.actions.seats import fill_free_places, leave, live_seats
from dialognav.domain.errors import NotAllowedNow, TooLate
from dialognav.domain.terms import AnswerSource, Declining, EventState, Seat
from dialognav.mail import notices, reply_notices
from dialognav.mail.changes import Changes, new_times
from dialognav.mail.post import Post
from dialognav.mail.superseding import last_mailed
from dialognav.models import Attendance, CalendarObject, Event, Occasion, Participant, lock_event


def held_seats(participant: Participant) -> list[Attendance]:
    """Those that an answer can be about: confirmed, or kept while an edit is looked at."""
    seats = live_seats(participant)
    return [seat for seat in seats if seat.state == Seat.CONFIRMED or seat.keeps_seat]


def say_yes(
    session: Session, participant_id: int, *, now: datetime, actor: str, post: Post
) -> list[Attendance]:
    """On the own page: as good as accepting in the calendar. A no that waits is taken back.

    NotAllowedNow without a seat or while the event has no day; TooLate once everything has begun.
    """
    event, participant = locked_participant(session, participant_id)
    seats = _answerable(event, participant, now=now)
    write_answer(session, seats, "ACCEPTED", AnswerSource.WEB, now=now)
    reply_notices.drop_no(session, participant.id)
    note(session, event, actor, "answer.yes", participant, now=now)
    return seats


def confirm_no(
    session: Session, participant_id: int, *, now: datetime, actor: str, post: Post
) -> list[Attendance]:
    """The no that was said in the calendar holds: those seats go to the next at once.

    NotAllowedNow when there is none; it may have been taken back, or given up already.
    """
    event, participant = locked_participant(session, participant_id)
    seats = [seat for seat in _answerable(event, participant, now=now) if is_no(seat)]
    if not seats:
        raise NotAllowedNow
    reply_notices.drop_no(session, participant.id)
    give_up(session, event, seats, by="self", now=now, actor=actor, post=post)
    note(session, event, actor, "answer.no", participant, now=now)
    return seats


def is_no(seat: Attendance) -> bool:
    """Whether a seat that is still held was declined in a calendar."""
    return seat.partstat == "DECLINED"


def _answerable(event: Event, participant: Participant, *, now: datetime) -> list[Attendance]:
    if event.state != EventState.PUBLISHED or participant.withdrawn_at is not None:
        raise NotAllowedNow
    seats = held_seats(participant)
    if not seats:
        raise NotAllowedNow
    ahead = [seat for seat in seats if now < seat.occasion.starts_at]
    if not ahead:
        raise TooLate
    return ahead


def write_answer(
    session: Session,
    seats: Sequence[Attendance],
    partstat: str,
    source: AnswerSource,
    *,
    now: datetime,
    sequence: int | None = None,
    stamp: datetime | None = None,
    comment: str = "",
) -> None:
    """The answer of one person, which the calendar entry shows from its next revision on.

    `sequence` and `stamp` are those of a calendar's answer. One from the web counts from now on:
    an answer that was given earlier and arrives later changes nothing. A no said once more leaves
    the time as it is until which the first may be taken back.
    """
    person = seats[0].participant
    entries = _entries_of(session, person)
    for seat in seats:
        numbered = entries.get(seat)
        known = last_mailed(numbered).sequence if numbered else seat.partstat_sequence
        if partstat != "DECLINED" or not is_no(seat):
            seat.declined_until = None
        seat.partstat, seat.partstat_source, seat.partstat_at = partstat, source, now
        seat.partstat_sequence = known if sequence is None else sequence
        seat.partstat_dtstamp = stamp or now
        seat.partstat_comment = comment
    for numbered in set(entries.values()):
        shown = {seat for seat, entry in entries.items() if entry is numbered}
        if {seat for seat in shown if now < seat.occasion.ends_at} <= set(seats):
            numbered.partstat, numbered.partstat_at = partstat, now


def _entries_of(session: Session, person: Participant) -> dict[Attendance, CalendarObject]:
    """Of each seat that the person holds, the entry in the calendar; the dates of a series share
    one, whose answer is only what was answered to all of them that are left."""
    rows = session.scalars(
        sa.select(CalendarObject).where(
            CalendarObject.participant_id == person.id, CalendarObject.cancelled_at.is_(None)
        )
    ).all()
    series = next((row for row in rows if row.is_series), None)
    single = {row.occasion_id: row for row in rows if not row.is_series}
    found = {
        seat: series if series and is_of_series(seat) else single.get(seat.occasion_id)
        for seat in held_seats(person)
    }
    return {seat: row for seat, row in found.items() if row is not None}


def is_of_series(seat: Attendance) -> bool:
    """Whether the seat is at a date that a recurring entry shows."""
    return seat.occasion.recurs_at is not None


def give_up(
    session: Session,
    event: Event,
    seats: Sequence[Attendance],
    *,
    by: str,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """Leave these occasions, tell the person, and fill what came free.

    What the person waits for at the same occasions goes too. With the last person the registration
    ends; whoever has a one-to-one meeting ahead stays registered for that (decisions.md 2). `by` is
    "self", or "calendar" for a no that nobody took back.
    """
    person = seats[0].participant
    gone = {seat.occasion_id for seat in seats}
    given_up = [seat for seat in live_seats(person) if seat.occasion_id in gone]
    leave(given_up, now=now)
    for seat in given_up:
        seat.declined_until = None
    if not live_seats(person) and not meets_ahead(session, [person], now=now):
        retire(person, now=now)
    session.flush()
    notices.tell_withdrawn(session, event, list(seats), by=by, now=now, post=post)
    registration = person.registration
    close_when_done(session, registration)
    if not live_people(registration):
        registration.withdrawn_at = now
    if person.withdrawn_at is not None:
        people_retired(session, event, registration, [person.id], now=now, actor=actor, post=post)
    fill_free_places(session, event, now=now, post=post)


def events_with_unanswered(session: Session, *, now: datetime) -> Sequence[int]:
    """Ids of the events in which a no has stood long enough; one indexed statement."""
    return session.scalars(
        sa.select(Occasion.event_id)
        .distinct()
        .join(Attendance, Attendance.occasion_id == Occasion.id)
        .where(Attendance.declined_until <= now)
        .order_by(Occasion.event_id)
    ).all()


def give_up_unanswered(
    session: Session, event_id: int, *, now: datetime, post: Post
) -> list[Attendance]:
    """Seats whose no was neither confirmed nor taken back in time go to the next.

    Safe to run twice, late, and beside another worker. What has begun meanwhile stays, and so does
    everything where the event has no day, or where the organiser keeps seats by now.
    """
    event = lock_event(session, event_id)
    ended = session.scalars(
        sa.select(Attendance)
        .join(Attendance.occasion)
        .where(Occasion.event_id == event_id, Attendance.declined_until <= now)
        .options(joinedload(Attendance.participant).joinedload(Participant.registration))
        .order_by(Attendance.id)
        .execution_options(populate_existing=True)
    ).all()
    for seat in ended:
        seat.declined_until = None
    if event.state != EventState.PUBLISHED or event.declining == Declining.KEEP:
        return []
    by_person: dict[Participant, list[Attendance]] = {}
    for seat in ended:
        if seat in held_seats(seat.participant) and now < seat.occasion.starts_at:
            by_person.setdefault(seat.participant, []).append(seat)
    for person, seats in by_person.items():
        give_up(session, event, seats, by="calendar", now=now, actor="job", post=post)
        note(session, event, "job", "answer.passed_on", person, now=now)
    return [seat for seats in by_person.values() for seat in seats]


def carry_over(session: Session, old: Sequence[Attendance], new: Sequence[Attendance]) -> None:
    """Who comes in another way comes: the calendar shows the same entry with the same answer. A no
    is not carried, as somebody who still says how to attend has taken it back; the entry asks
    again."""
    _carry_stamps(old, new)
    said = {seat.occasion_id: seat for seat in old if seat.partstat in ("ACCEPTED", "TENTATIVE")}
    for seat in new:
        if (before := said.get(seat.occasion_id)) is not None:
            seat.partstat, seat.partstat_source = before.partstat, before.partstat_source
            seat.partstat_at, seat.partstat_comment = before.partstat_at, before.partstat_comment
    asked = {seat.occasion_id for seat in new} - set(said)
    for held, entry in _entries_of(session, new[0].participant).items() if new else ():
        if held.occasion_id in asked and entry.partstat == "DECLINED":
            entry.partstat = "NEEDS-ACTION"


def _carry_stamps(old: Sequence[Attendance], new: Sequence[Attendance]) -> None:
    """SEQUENCE and DTSTAMP of every answer: a copy of an old one, a no too, changes nothing."""
    stamped = [(seat.partstat_dtstamp, seat) for seat in old if seat.partstat_dtstamp]
    last = {seat.occasion_id: seat for _, seat in sorted(stamped, key=lambda pair: pair[0])}
    for seat in new:
        if (before := last.get(seat.occasion_id)) is not None:
            seat.partstat_sequence = before.partstat_sequence
            seat.partstat_dtstamp = before.partstat_dtstamp


def ask_again_where_moved(session: Session, changes: Changes) -> None:
    """After an edit: those who answered to another time than it is now."""
    if moved := new_times(changes):
        ask_again(session, moved)


def ask_again(session: Session, occasion_ids: Collection[int]) -> None:
    """A new time: what was answered to the old one counts no longer.

    SEQUENCE and DTSTAMP of the old answer stay, so that a copy of it still changes nothing.
    """
    session.execute(
        sa.update(Attendance)
        .where(Attendance.occasion_id.in_(occasion_ids), Attendance.partstat != "")
        .values(
            partstat="",
            partstat_source=AnswerSource.NONE,
            partstat_at=None,
            partstat_comment="",
            declined_until=None,
        )
        .execution_options(synchronize_session="fetch")
    )


def note_calendar_answer(
    session: Session, event: Event, participant: Participant, partstat: str, *, now: datetime
) -> None:
    audit.record(
        session,
        event.organisation_id,
        f"participant:{participant.public_id}",
        f"answer.{partstat.lower()}",
        f"participant:{participant.id}",
        now=now,
        event_id=event.id,
    )
