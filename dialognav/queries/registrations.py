"""What the pages of sign-up and of one's own registration ask."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from dialognav.domain.admission import Held
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import LIVE, Seat
from dialognav.models import (
    Attendance,
    CalendarObject,
    Event,
    Participant,
    Registration,
)
from dialognav.models.meeting_ends import has_meetings_ahead
from dialognav.models.occupancy import count_held
from dialognav.queries.event_sets import SHOWN
from dialognav.tokens import PARTICIPANT, REGISTRATION, proves, read_link

REMEMBERED = timedelta(days=90)
"""How long after an event "send me my links" still knows it."""


def occupancy(session: Session, event_ids: Iterable[int]) -> dict[int, dict[str, Held]]:
    """{occasion id: {mode: Held}} of these events, in one statement; what nobody holds is absent.

    Join it with the capacities by domain.admission.occupancies().
    """
    return count_held(session, event_ids)


_TO_JOIN = (
    sa.select(Event)
    .where(Event.slug == sa.bindparam("slug"), SHOWN)
    .options(joinedload(Event.organisation, innerjoin=True), joinedload(Event.occasions))
)


def event_to_join(session: Session, slug: str) -> Event:
    """The event a sign-up form is for, with organisation and occasions; one statement.

    NotFound for a draft. Whether one needs an invitation, the event's visibility says.
    """
    event = session.scalars(_TO_JOIN, {"slug": slug}).unique().one_or_none()
    if event is None:
        raise NotFound
    return event


@dataclass(frozen=True, slots=True)
class Own:
    """What a link opens: a whole registration, or (`participant`) one person of it and no other."""

    registration: Registration
    participant: Participant | None

    @property
    def event(self) -> Event:
        return self.registration.event

    @property
    def is_contact(self) -> bool:
        return self.participant is None

    @property
    def people(self) -> list[Participant]:
        """Those whom the holder of this link may see, who have not left."""
        if self.participant is not None:
            return [self.participant]
        return [one for one in self.registration.participants if one.withdrawn_at is None]

    def person(self, public_id: str) -> Participant:
        """One of the people. NotFound also for those who exist but are not this link's to see."""
        for one in self.people:
            if one.public_id == public_id:
                return one
        raise NotFound

    @property
    def actor(self) -> str:
        """For the record."""
        if self.participant is not None:
            return f"participant:{self.participant.public_id}"
        return f"registration:{self.registration.public_id}"


_OF_REGISTRATION = joinedload(Registration.event, innerjoin=True)
_PEOPLE = selectinload(Registration.participants)
_REGISTRATION = (
    sa.select(Registration)
    .where(Registration.public_id == sa.bindparam("public_id"))
    .options(
        _OF_REGISTRATION.joinedload(Event.organisation, innerjoin=True),
        _OF_REGISTRATION.joinedload(Event.occasions),
        _PEOPLE.selectinload(Participant.attendances).joinedload(Attendance.occasion),
        _PEOPLE.joinedload(Participant.diet),
        _PEOPLE.joinedload(Participant.access_need),
    )
)
_OF_PARTICIPANT = joinedload(Participant.registration, innerjoin=True).joinedload(
    Registration.event, innerjoin=True
)
_PARTICIPANT = (
    sa.select(Participant)
    .where(Participant.public_id == sa.bindparam("public_id"))
    .options(
        _OF_PARTICIPANT.joinedload(Event.organisation, innerjoin=True),
        _OF_PARTICIPANT.joinedload(Event.occasions),
        selectinload(Participant.attendances).joinedload(Attendance.occasion),
        joinedload(Participant.diet),
        joinedload(Participant.access_need),
    )
)


def access_own(session: Session, keys: Sequence[str], secret: str) -> Own:
    """What this secret opens; NotFound for a wrong or revoked one. Three statements.

    `keys` are SECRET_KEY and its fallbacks.
    """
    purpose, public_id = read_link(secret) or ("", "")
    named = {"public_id": public_id}
    if purpose == REGISTRATION:
        registration = session.scalars(_REGISTRATION, named).unique().one_or_none()
        if registration and proves(keys, secret, public_id, registration.generation):
            return Own(registration, None)
    elif purpose == PARTICIPANT:
        participant = session.scalars(_PARTICIPANT, named).unique().one_or_none()
        if participant and proves(keys, secret, public_id, participant.generation):
            return Own(participant.registration, participant)
    raise NotFound


def seats_of(participant: Participant) -> list[Attendance]:
    """The live seats and places in queues, by day; a held one before one that is waited for."""
    live = [seat for seat in participant.attendances if seat.state in LIVE]
    return sorted(live, key=lambda seat: (seat.occasion.starts_at, seat.state == Seat.WAITING))


def places_in_queue(session: Session, seats: Iterable[Attendance]) -> dict[int, int]:
    """{attendance id: 1 for the next in turn} of those seats that wait."""
    waiting = [seat.id for seat in seats if seat.state == Seat.WAITING]
    if not waiting:
        return {}
    ahead = aliased(Attendance)
    rows = session.execute(
        sa.select(Attendance.id, sa.func.count(ahead.id))
        .join(
            ahead,
            sa.and_(
                ahead.occasion_id == Attendance.occasion_id,
                ahead.mode == Attendance.mode,
                ahead.state == Seat.WAITING,
                ahead.queue_number <= Attendance.queue_number,
            ),
        )
        .where(Attendance.id.in_(waiting))
        .group_by(Attendance.id)
    )
    return {row[0]: row[1] for row in rows}


def calendar_objects(
    session: Session, seats: Iterable[Attendance]
) -> dict[tuple[int, int], CalendarObject]:
    """{(participant id, occasion id): the live calendar entry} of the confirmed among the seats."""
    people = {seat.participant_id for seat in seats if seat.state == Seat.CONFIRMED}
    if not people:
        return {}
    found = session.scalars(
        sa.select(CalendarObject).where(
            CalendarObject.participant_id.in_(people), CalendarObject.cancelled_at.is_(None)
        )
    )
    return {
        (each.participant_id or 0, each.occasion_id): each
        for each in found
        if each.occasion_id is not None
    }


def links_of(
    session: Session, email: str, *, now: datetime
) -> tuple[list[Registration], list[Participant]]:
    """What an address has links to: registrations it is the contact of, and people with it.

    Only what lives, and until some time after the event. A person whose registration is among the
    first needs no link of their own.
    """
    is_remembered = sa.and_(
        sa.or_(Event.ends_at > now - REMEMBERED, has_meetings_ahead(now - REMEMBERED)),
        Registration.withdrawn_at.is_(None),
    )
    registrations = session.scalars(
        sa.select(Registration)
        .join(Registration.event)
        .where(Registration.contact_email == email, is_remembered)
        .order_by(Event.starts_at, Registration.id)
        .options(contains_eager(Registration.event).joinedload(Event.organisation))
    ).all()
    participants = session.scalars(
        sa.select(Participant)
        .join(Participant.registration)
        .join(Registration.event)
        .where(
            Participant.email == email,
            Participant.withdrawn_at.is_(None),
            Registration.contact_email != email,
            is_remembered,
        )
        .order_by(Event.starts_at, Participant.id)
        .options(
            contains_eager(Participant.registration)
            .contains_eager(Registration.event)
            .joinedload(Event.organisation)
        )
    ).all()
    return list(registrations), list(participants)
