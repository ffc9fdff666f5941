"""Who stands where at an event: the people its letters go to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.domain.terms import HOLDING, LIVE, PartyKind, Review, Seat
from dialognav.mail.queue_positions import queue_positions
from dialognav.models import (
    Attendance,
    CalendarObject,
    Event,
    Occasion,
    Participant,
    Registration,
)

NOBODY = {"confirmed": 0, "offered": 0, "waiting": 0, "pending": 0}
TOLD = (Seat.CONFIRMED, Seat.OFFERED, Seat.WAITING, Seat.PENDING)
"""Who stands there: what happens to the event is told to each."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's seat or place in the queue. `position` is 1 for the next in turn.

    `is_contact`: this person is the registration's contact, so the letter carries the link to the
    whole registration instead of the person's own. `has_entry`: pending, and the calendar keeps the
    invitation of before until somebody has decided.

    `others` are further seats that the same letter is about; their entries are `in_feed` where no
    letter carries them. `number`: which of how many letters it is (mail/together.py).
    """

    attendance: Attendance
    occasion: Occasion
    participant: Participant
    registration: Registration
    position: int | None
    is_contact: bool
    has_entry: bool = False
    others: tuple["Standing", ...] = ()
    in_feed: bool = False
    number: tuple[int, int] = (1, 1)

    @property
    def seat(self) -> str:
        return self.attendance.state

    @property
    def all(self) -> tuple["Standing", ...]:
        return (self, *self.others)

    @property
    def is_invited(self) -> bool:
        return self.seat == Seat.CONFIRMED or self.has_entry

    @property
    def mode(self) -> str:
        return self.attendance.mode

    @property
    def language(self) -> str:
        return self.registration.language

    @property
    def party(self) -> str:
        """The party's name, unless it is that of a person who may not be the reader."""
        is_person = self.registration.party_kind == PartyKind.SOLE_TRADER
        return "" if is_person and not self.is_contact else self.registration.party_name


def standings(session: Session, event: Event) -> list[Standing]:
    """Everybody who has a place, is offered one, waits for one or for approval; four statements.

    Who has a seat and waits for the other way of attending stands where the seat is.
    """
    rows = session.scalars(
        sa.select(Attendance)
        .join(Attendance.occasion)
        .where(Occasion.event_id == event.id)
        .where(Attendance.state.in_(TOLD))
        .options(joinedload(Attendance.participant).joinedload(Participant.registration))
        .order_by(Attendance.id)
    ).all()
    seated = {(row.participant_id, row.occasion_id) for row in rows if _is_seated(row)}
    return standing_of(
        session,
        event,
        [
            row
            for row in rows
            if _is_seated(row) or (row.participant_id, row.occasion_id) not in seated
        ],
    )


def _is_seated(row: Attendance) -> bool:
    return row.state == Seat.CONFIRMED or row.keeps_seat


def standing_of(
    session: Session, event: Event, attendances: Sequence[Attendance]
) -> list[Standing]:
    """These attendances, whatever their state, with who each person is to the registration."""
    session.flush()
    registrations = {row.participant.registration for row in attendances}
    contacts = _contacts(session, registrations)
    waiting = [row.id for row in attendances if row.state == Seat.WAITING]
    positions = queue_positions(session, waiting) if waiting else {}
    entries = in_calendars(session, [row for row in attendances if row.keeps_seat])
    return [
        Standing(
            attendance=row,
            occasion=row.occasion,
            participant=row.participant,
            registration=row.participant.registration,
            position=positions.get(row.id),
            is_contact=contacts.get(row.participant.registration_id) == row.participant_id,
            has_entry=row.keeps_seat and row.id in entries and is_approved_reader(row.participant),
        )
        for row in attendances
    ]


def in_calendars(session: Session, attendances: Sequence[Attendance]) -> set[int]:
    """Ids of those whose invitation still stands in a calendar; without any, no statement.

    That of a series is the invitation to each of its dates.
    """
    if not attendances:
        return set()
    rows = session.execute(
        sa.select(
            CalendarObject.participant_id, CalendarObject.occasion_id, CalendarObject.is_series
        ).where(
            CalendarObject.participant_id.in_({row.participant_id for row in attendances}),
            CalendarObject.occasion_id.is_not(None),
            CalendarObject.cancelled_at.is_(None),
        )
    )
    found = {(row.participant_id, None if row.is_series else row.occasion_id) for row in rows}
    return {
        row.id
        for row in attendances
        if (row.participant_id, row.occasion_id) in found
        or ((row.participant_id, None) in found and row.occasion.recurs_at is not None)
    }


def is_approved_reader(participant: Participant) -> bool:
    """Whether what was approved bears the address that the participant has now."""
    people = (participant.registration.approved or {}).get("people", ())
    return any(one["id"] == participant.id and one["email"] == participant.email for one in people)


def contacts_not_attending(session: Session, event: Event) -> list[Registration]:
    """Live registrations whose contact does not take part; not those that were declined."""
    rows = session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, Registration.withdrawn_at.is_(None))
        .where(Registration.review != Review.DECLINED)
        .order_by(Registration.id)
    ).all()
    return contacts_away(session, rows, attending=True)


def contacts_away(
    session: Session, registrations: Sequence[Registration], *, attending: bool
) -> list[Registration]:
    """Those whose contact is none of the participants; or, `attending`, was declined as one."""
    contacts = _contacts(session, registrations, attending=attending)
    return [row for row in registrations if row.id not in contacts]


def still_seated(session: Session, attendances: Sequence[Attendance]) -> set[tuple[int, int]]:
    """(participant, occasion) of those who hold another seat at the same occasion."""
    rows = session.execute(
        sa.select(Attendance.participant_id, Attendance.occasion_id)
        .where(Attendance.participant_id.in_({row.participant_id for row in attendances}))
        .where(Attendance.id.not_in({row.id for row in attendances}))
        .where(Attendance.state.in_(HOLDING))
    )
    return {(participant, occasion) for participant, occasion in rows}


def addresses_elsewhere(session: Session, event: Event, standings: Sequence[Standing]) -> set[str]:
    """Which of these people's addresses also take part by another registration (decisions.md 3)."""
    emails = {standing.participant.email for standing in standings}
    own = {standing.participant.registration_id for standing in standings}
    found = session.scalars(
        sa.select(Participant.email)
        .join(Registration, Participant.registration_id == Registration.id)
        .where(Registration.event_id == event.id, Registration.withdrawn_at.is_(None))
        .where(Participant.email.in_(emails), Participant.withdrawn_at.is_(None))
        .where(Registration.id.not_in(own))
    )
    return set(found)


def headcounts(
    session: Session, event: Event, registration: Registration | None = None
) -> dict[int, dict[str, int]]:
    """Registration -> how many of its people have a place, are offered one, only wait for one, or
    for approval. Of all at the event, or of one."""
    query = (
        sa.select(Participant.registration_id, Attendance.participant_id, Attendance.state)
        .join(Attendance.participant)
        .join(Attendance.occasion)
        .where(Occasion.event_id == event.id)
        .where(Attendance.state.in_(TOLD))
    )
    if registration is not None:
        query = query.where(Participant.registration_id == registration.id)
    rows = session.execute(query).all()
    counted: dict[int, dict[str, int]] = {}
    seen: set[int] = set()
    for state in (Seat.PENDING, Seat.CONFIRMED, Seat.OFFERED, Seat.WAITING):
        people = {(row[0], row[1]) for row in rows if row[2] == state and row[1] not in seen}
        for of, person in people:
            counted.setdefault(of, dict(NOBODY))[state.value] += 1
            seen.add(person)
    return counted


def _contacts(
    session: Session, registrations: Iterable[Registration], *, attending: bool = False
) -> dict[int, int]:
    """Registration -> the participant who is its contact: the address, and the name if it can.

    `attending`: nobody who was declined.
    """
    wanted = {row.id: row for row in registrations}
    if not wanted:
        return {}
    found: dict[int, Any] = {}
    for person in _people_of(session, wanted, attending=attending):
        registration = wanted[person.registration_id]
        if person.email != registration.contact_email:
            continue
        has_name = person.name == registration.contact_name
        if person.registration_id not in found or (
            has_name and found[person.registration_id].name != registration.contact_name
        ):
            found[person.registration_id] = person
    return {registration_id: person.id for registration_id, person in found.items()}


def _people_of(
    session: Session, registrations: Mapping[int, Registration], *, attending: bool
) -> Iterable[Any]:
    """Those who have not left, in their order; of a registration at hand without a statement."""
    rows = list(registrations.values())
    if not attending and not any("participants" in sa.inspect(row).unloaded for row in rows):
        here = [one for row in rows for one in row.participants if one.withdrawn_at is None]
        return sorted(here, key=lambda one: (one.position, one.id))
    people = (
        sa.select(Participant.registration_id, Participant.id, Participant.name, Participant.email)
        .where(Participant.registration_id.in_(registrations), Participant.withdrawn_at.is_(None))
        .order_by(Participant.position, Participant.id)
    )
    if attending:
        people = people.where(~_has_seat(Seat.DECLINED) | _has_seat(*LIVE))
    return session.execute(people)


def _has_seat(*states: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Attendance.participant_id == Participant.id, Attendance.state.in_(states)
    )
