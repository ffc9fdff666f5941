"""Who was there. A mark is a row of its own, with who saw it and when: that is its record.

The audit trail names what goes beyond ticking off: admitting on purpose, walk-ins, whole lists.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav import audit
from dialognav.actions.seats import fill_free_places, leave
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotFound
from dialognav.domain.presence import MARKED, Mark, latest
from dialognav.domain.terms import HOLDING, LIVE, EventState, Seat
from dialognav.mail.post import Post
from dialognav.models import Attendance, Event, Participant, PresenceMark, Registration, lock_event

UNKNOWN = "unknown"
Seats = dict[tuple[str, int], Attendance]  # {(person's public id, occasion id): the seat}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a mark: the seat's state now, and why it could not be taken down.

    `refused` is "" or the state that stands in the way (waiting, pending, offered, withdrawn ..),
    or UNKNOWN for somebody who is not registered to that day.
    """

    uid: str
    person_id: str
    state: str
    refused: str = ""


def mark(
    session: Session, event_id: int, marks: Sequence[Mark], *, now: datetime, actor: str
) -> list[Told]:
    """Take down what was seen; the latest mark of a seat, by its own time, says its state.

    A mark that has come before, by its uid, counts once. NotAllowedNow for an event that is not
    published, or a state that no mark can say.
    """
    event = _published(session, event_id)
    if any(each.state not in MARKED for each in marks):
        raise NotAllowedNow
    seats = _seats_of(session, event, {each.person_id for each in marks})
    known = _known(session, marks)
    touched: dict[int, Attendance] = {}
    for each in marks:
        seat = seats.get((each.person_id, each.occasion_id))
        if seat is not None and seat.state in MARKED and each.uid not in known:
            session.add(_row(seat, each, now=now, actor=actor))
            known.add(each.uid)
            touched[seat.id] = seat
    settle(session, touched.values(), now=now)
    return [_told(each, seats.get((each.person_id, each.occasion_id))) for each in marks]


def settle(session: Session, seats: Iterable[Attendance], *, now: datetime) -> None:
    """Let each seat say what its latest mark says."""
    session.flush()
    by_id = {seat.id: seat for seat in seats}
    rows = session.scalars(
        sa.select(PresenceMark).where(PresenceMark.attendance_id.in_(by_id))
    ).all()
    for seat_id, seat in by_id.items():
        last = latest(row for row in rows if row.attendance_id == seat_id)
        if last is not None and seat.state != last.state:
            seat.state, seat.state_at = last.state, now
    session.flush()


def admit(
    session: Session,
    participant_id: int,
    occasion_id: int,
    reason: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """Let in somebody without a place, on purpose: it is in the trail with the reason, a code.

    Capacity is not asked: the page has warned. NotAllowedNow for somebody who has a place.
    """
    event_id = session.scalar(
        sa.select(Registration.event_id)
        .join(Registration.participants)
        .where(Participant.id == participant_id)
    )
    if event_id is None:
        raise NotFound
    event = _published(session, event_id)
    person = session.get_one(Participant, participant_id)
    seat = _seats_of(session, event, {person.public_id}).get((person.public_id, occasion_id))
    if seat is None or seat.state not in LIVE or seat.state in MARKED:
        raise NotAllowedNow
    was = seat.state
    others = [
        each
        for each in person.attendances
        if each.occasion_id == occasion_id and each is not seat and each.state in LIVE
    ]
    leave(others, now=now)
    seat.keeps_seat, seat.offer_ends_at = False, None
    put_here(session, seat, now=now, actor=actor)
    fill_free_places(session, event, now=now, post=post)
    facts = {"reason": reason, "was": was}
    _note(session, event, "participant.admitted", f"participant:{person.id}", now, actor, facts)


def mark_absent(
    session: Session,
    event_id: int,
    occasion_id: int,
    mode: str,
    expected: int,
    *,
    now: datetime,
    actor: str,
) -> int:
    """All who had a place and were not seen did not come: said by a person, never by itself.

    `mode` "" is both. `expected` is the number that was shown: EditedMeanwhile when it is another
    by now. NotAllowedNow before the end.
    """
    event = _published(session, event_id)
    seats = _with_state(session, event, occasion_id, Seat.CONFIRMED, mode)
    if any(now < seat.occasion.ends_at for seat in seats):
        raise NotAllowedNow
    if len(seats) != expected:
        raise EditedMeanwhile
    _mark_all(session, seats, Seat.NO_SHOW, now=now, actor=actor)
    facts = {"rows": len(seats)}
    _note(session, event, "presence.absent", f"event:{event.id}", now, actor, facts)
    return len(seats)


def undo_absent(
    session: Session, event_id: int, occasion_id: int, *, now: datetime, actor: str
) -> int:
    """Take back what mark_absent() said of those of whom nothing was seen since."""
    event = _published(session, event_id)
    absent = _with_state(session, event, occasion_id, Seat.NO_SHOW, "")
    marks = session.scalars(
        sa.select(PresenceMark).where(PresenceMark.attendance_id.in_([each.id for each in absent]))
    ).all()
    seats = []
    for seat in absent:
        last = latest(row for row in marks if row.attendance_id == seat.id)
        if last is not None and last.source == "after":
            seats.append(seat)
    _mark_all(session, seats, Seat.CONFIRMED, now=now, actor=actor)
    facts = {"rows": len(seats)}
    _note(session, event, "presence.absent_undone", f"event:{event.id}", now, actor, facts)
    return len(seats)


def put_here(session: Session, seat: Attendance, *, now: datetime, actor: str) -> None:
    """The person stands before us: the seat is taken, whatever it was."""
    seat.state, seat.state_at = Seat.ATTENDED, now
    session.flush()
    _mark_all(session, [seat], Seat.ATTENDED, now=now, actor=actor, source="door")


def _mark_all(
    session: Session,
    seats: Sequence[Attendance],
    state: Seat,
    *,
    now: datetime,
    actor: str,
    source: str = "after",
) -> None:
    for seat in seats:
        seen = Mark(str(uuid.uuid4()), "", seat.occasion_id, state, now, source)
        session.add(_row(seat, seen, now=now, actor=actor))
    settle(session, seats, now=now)


def _published(session: Session, event_id: int) -> Event:
    event = lock_event(session, event_id)
    if event.state != EventState.PUBLISHED:
        raise NotAllowedNow
    return event


def _row(seat: Attendance, seen: Mark, *, now: datetime, actor: str) -> PresenceMark:
    kind, _, number = actor.partition(":")
    return PresenceMark(
        uid=seen.uid,
        attendance_id=seat.id,
        state=seen.state,
        source=seen.source,
        at=seen.at,
        recorded_at=now,
        by_id=int(number) if kind == "user" else None,
    )


def _known(session: Session, marks: Sequence[Mark]) -> set[str]:
    wanted = {each.uid for each in marks}
    return set(session.scalars(sa.select(PresenceMark.uid).where(PresenceMark.uid.in_(wanted))))


def _told(seen: Mark, seat: Attendance | None) -> Told:
    if seat is None:
        return Told(seen.uid, seen.person_id, "", UNKNOWN)
    refused = "" if seat.state in MARKED else seat.state
    return Told(seen.uid, seen.person_id, seat.state, refused)


def _seats_of(session: Session, event: Event, person_ids: Collection[str]) -> Seats:
    """Each person's seat per occasion: a held one before a place in a line.

    Of those who have left, the last one, so that it can be said that they have.
    """
    rows = session.scalars(
        _seats(event)
        .where(Participant.public_id.in_(person_ids))
        .options(joinedload(Attendance.participant, innerjoin=True))
        .execution_options(populate_existing=True)
    ).all()
    best = sorted(rows, key=lambda seat: (seat.state in LIVE, seat.state in HOLDING, seat.id))
    return {(seat.participant.public_id, seat.occasion_id): seat for seat in best}


def _with_state(
    session: Session, event: Event, occasion_id: int, state: str, mode: str
) -> Sequence[Attendance]:
    query = _seats(event).where(Attendance.occasion_id == occasion_id, Attendance.state == state)
    return session.scalars(query.where(Attendance.mode == mode) if mode else query).all()


def _seats(event: Event) -> sa.Select[Attendance]:
    return (
        sa.select(Attendance)
        .join(Attendance.participant)
        .join(Participant.registration)
        .where(Registration.event_id == event.id)
        .order_by(Attendance.id)
    )


def _note(
    session: Session,
    event: Event,
    verb: str,
    subject: str,
    now: datetime,
    actor: str,
    facts: dict[str, Any],
) -> None:
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        subject,
        now=now,
        event_id=event.id,
        facts=facts,
    )
