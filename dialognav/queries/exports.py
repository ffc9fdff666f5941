"""What each reader of an export may have, row by row from the database (domain.md 2.5).

Rows are read as they are written out, some hundred at a time, so that memory grows with none of
them. No health data but what the host has to act on, and that in the host's list only.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.domain.form_fields import Value
from dialognav.domain.terms import LIVE, Seat
from dialognav.models import (
    AccessNeed,
    Attendance,
    Occasion,
    Participant,
    Registration,
    User,
)
from dialognav.queries.attendees import Filter, matching, order_of
from dialognav.queries.form_fields import Key, answers_of

AT_ONCE = 500  # rows fetched together


class PersonRow(NamedTuple):
    """One person at one occasion; without a seat left, the latest one."""

    participant_id: int
    registration_id: int
    reference: str
    party_name: str
    party_identifier: str
    party_country: str
    party_kind: str
    party_key: str
    name: str
    title: str
    email: str
    mandate: str
    starts_at: datetime | None
    occasion_id: int | None
    mode: str | None
    state: str | None
    state_at: datetime | None
    queue_number: int | None
    created_at: datetime
    origin: str
    created_by: str | None
    review: str
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str
    contact_name: str
    contact_email: str
    withdrawn_at: datetime | None


def registered_people(
    session: Session, event_id: int, chosen: Filter
) -> Iterator[tuple[Sequence[PersonRow], dict[Key, dict[int, Value]]]]:
    """Everybody in the filter, in its order, with the answers of each batch."""
    found = session.execute(_registered(event_id, chosen).execution_options(yield_per=AT_ONCE))
    try:
        for batch in found.partitions(AT_ONCE):
            rows = [PersonRow(*row) for row in batch]
            yield rows, answers_of(session, {row.registration_id for row in rows})
    finally:
        found.close()


def _registered(event_id: int, chosen: Filter) -> sa.Select[*tuple[Any, ...]]:
    seat, by, decider = aliased(Attendance), aliased(User), aliased(User)
    shown = _tells_most(seat)
    if chosen.session:
        shown = sa.and_(shown, seat.occasion_id == chosen.session)
    return (
        sa.select(
            Participant.id,
            Registration.id,
            Registration.public_id,
            Registration.party_name,
            Registration.party_identifier,
            Registration.party_country,
            Registration.party_kind,
            Registration.party_key,
            Participant.name,
            Participant.title,
            Participant.email,
            Participant.mandate,
            Occasion.starts_at,
            Occasion.id,
            seat.mode,
            seat.state,
            seat.state_at,
            seat.queue_number,
            Participant.created_at,
            Registration.origin,
            by.name,
            Registration.review,
            Registration.decided_at,
            decider.name,
            Registration.decision_reason,
            Registration.contact_name,
            Registration.contact_email,
            Participant.withdrawn_at,
        )
        .select_from(Participant)
        .join(Participant.registration)
        .outerjoin(by, by.id == Registration.created_by_id)
        .outerjoin(decider, decider.id == Registration.decided_by_id)
        .outerjoin(seat, sa.and_(seat.participant_id == Participant.id, shown))
        .outerjoin(Occasion, Occasion.id == seat.occasion_id)
        .where(Registration.event_id == event_id, *matching(chosen))
        .order_by(*order_of(chosen), Occasion.starts_at, seat.state == Seat.WAITING)
    )


def _tells_most(seat: type[Attendance]) -> sa.ColumnElement[bool]:
    """A live seat; of a person without one at an occasion, the latest there."""
    other = aliased(Attendance)
    tells_more = (
        sa.exists()
        .where(
            other.participant_id == seat.participant_id,
            other.occasion_id == seat.occasion_id,
            sa.or_(other.state.in_(LIVE), other.id > seat.id),
        )
        .correlate(seat)
    )
    return sa.or_(seat.state.in_(LIVE), ~tells_more)


class Queues:
    """Places in the queues of an event: eight bytes for each who waits, and no row kept."""

    def __init__(self, session: Session, event_id: int) -> None:
        waiting = session.execute(
            sa.select(Attendance.occasion_id, Attendance.mode, Attendance.queue_number)
            .join(Attendance.occasion)
            .where(Occasion.event_id == event_id, Attendance.state == Seat.WAITING)
            .order_by(Attendance.queue_number)
            .execution_options(yield_per=AT_ONCE)
        )
        self._numbers: dict[tuple[int, str], array[int]] = {}
        for occasion_id, mode, number in waiting:
            self._numbers.setdefault((occasion_id, mode), array("q")).append(number or 0)

    def place(self, row: PersonRow) -> int | None:
        """1 for the next in turn; None for who does not wait."""
        if row.state != Seat.WAITING or row.occasion_id is None or row.mode is None:
            return None
        numbers = self._numbers.get((row.occasion_id, row.mode), array("q"))
        return bisect_left(numbers, row.queue_number or 0) + 1


def count_people(session: Session, event_id: int, chosen: Filter) -> int:
    """How many people the registrar's export has."""
    return int(
        session.scalar(
            sa.select(sa.func.count(Participant.id))
            .join(Participant.registration)
            .where(Registration.event_id == event_id, *matching(chosen))
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class Repeated:
    """Addresses in more than one registration, and parties with several: {party_key: how many}."""

    emails: frozenset[str]
    parties: dict[str, int]


def repeated_at(session: Session, event_id: int) -> Repeated:
    """What the registrar is told beside a row; only what is repeated is fetched."""
    live = (Registration.event_id == event_id, Registration.withdrawn_at.is_(None))
    emails = session.scalars(
        sa.select(Participant.email)
        .join(Participant.registration)
        .where(*live, Participant.withdrawn_at.is_(None))
        .group_by(Participant.email)
        .having(sa.func.count(Registration.id.distinct()) > 1)
    )
    parties = session.execute(
        sa.select(Registration.party_key, sa.func.count())
        .where(*live)
        .group_by(Registration.party_key)
        .having(sa.func.count() > 1)
    )
    return Repeated(frozenset(emails), dict(parties.all()))


# --- the door ---------------------------------------------------------------------------------

AT_THE_DOOR = (Seat.CONFIRMED, Seat.OFFERED, Seat.ATTENDED, Seat.NO_SHOW)


class DoorRow(NamedTuple):
    starts_at: datetime
    occasion_id: int
    name: str
    party_name: str
    title: str
    mode: str
    state: str
    need: str | None
    need_state: str | None


def people_at_the_door(session: Session, event_id: int) -> Iterator[DoorRow]:
    """Who is expected, by day and name: no address, no number, no diet."""
    found = session.execute(
        sa.select(
            Occasion.starts_at,
            Occasion.id,
            Participant.name,
            Registration.party_name,
            Participant.title,
            Attendance.mode,
            Attendance.state,
            AccessNeed.need,
            AccessNeed.state,
        )
        .join(Attendance.participant)
        .join(Participant.registration)
        .join(Attendance.occasion)
        .outerjoin(AccessNeed, AccessNeed.participant_id == Participant.id)
        .where(Occasion.event_id == event_id, Attendance.state.in_(AT_THE_DOOR))
        .order_by(Occasion.starts_at, Occasion.id, sa.func.lower(Participant.name), Participant.id)
        .execution_options(yield_per=AT_ONCE)
    )
    try:
        for row in found:
            yield DoorRow(*row)
    finally:
        found.close()


def count_at_the_door(session: Session, event_id: int) -> int:
    return int(
        session.scalar(
            sa.select(sa.func.count(Attendance.id))
            .join(Attendance.occasion)
            .where(Occasion.event_id == event_id, Attendance.state.in_(AT_THE_DOOR))
        )
        or 0
    )


def names_of_eaters(session: Session, event_id: int) -> set[str]:
    """Names that the caterer's words must not hold."""
    names = session.scalars(
        sa.select(Participant.name)
        .join(Participant.registration)
        .where(Registration.event_id == event_id, Participant.diet.has())
    )
    return set(names)
