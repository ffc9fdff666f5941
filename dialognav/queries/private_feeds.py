"""What a private calendar holds, and a cheap version of it (calendar.md 2.7).

As everything about an event changes under its lock, its `write_count` names a version of seats and
calendar entries too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from dialognav.domain.errors import NotFound
from dialognav.domain.terms import EventState, Standing
from dialognav.models import (
    Attendance,
    CalendarFeed,
    CalendarObject,
    Event,
    EventHost,
    Membership,
    Organisation,
    Participant,
    Registration,
    TeamMember,
    User,
)
from dialognav.queries.event_sets import AHEAD, BEHIND, Version
from dialognav.queries.feeds import MOST_EVENTS
from dialognav.tokens import CALENDAR, fingerprint, proves, read_link

MOST_BOOKINGS = 1_000
"""People with one address, at all events of the window."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A calendar entry of one person, with the seat that it is about."""

    person: Participant
    seat: Attendance
    numbered: CalendarObject


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar that lives: an address's own, or a member of staff's at one organisation."""

    id: int
    address: str
    language: str
    organisation_id: int | None
    user_id: int | None


def open_feed(session: Session, secret: str) -> Feed:
    """What this secret opens; NotFound for a wrong or revoked one, and for staff that has left."""
    works_there = sa.exists().where(
        Membership.user_id == CalendarFeed.user_id,
        Membership.organisation_id == CalendarFeed.organisation_id,
        Membership.state == Standing.ACTIVE,
        User.is_active,
    )
    row = session.execute(
        sa.select(
            CalendarFeed.id,
            CalendarFeed.address,
            sa.func.coalesce(User.language, CalendarFeed.language),
            CalendarFeed.organisation_id,
            CalendarFeed.user_id,
        )
        .outerjoin(User, User.id == CalendarFeed.user_id)
        .where(
            CalendarFeed.fingerprint == fingerprint(secret),
            CalendarFeed.revoked_at.is_(None),
            sa.or_(CalendarFeed.user_id.is_(None), works_there),
        )
    ).first()
    if row is None:
        raise NotFound
    return Feed(*row)


def open_link(session: Session, keys: Sequence[str], secret: str, *, now: datetime) -> CalendarFeed:
    """The calendar that a mailed link may make; NotFound once it was used or ran out.

    `keys` are SECRET_KEY and its fallbacks.
    """
    purpose, public_id = read_link(secret) or ("", "")
    asked = session.scalar(sa.select(CalendarFeed).where(CalendarFeed.public_id == public_id))
    if asked is None or purpose != CALENDAR or not proves(keys, secret, public_id, 0):
        raise NotFound
    if asked.fingerprint or asked.revoked_at or not asked.expires_at or asked.expires_at <= now:
        raise NotFound
    return asked


def feed_of_address(session: Session, address: str) -> CalendarFeed | None:
    """The one that can be read now."""
    return session.scalar(
        sa.select(CalendarFeed).where(CalendarFeed.address == address, _READABLE).limit(1)
    )


def feed_of_member(session: Session, user_id: int, organisation_id: int) -> CalendarFeed | None:
    return session.scalar(
        sa.select(CalendarFeed)
        .where(
            CalendarFeed.user_id == user_id,
            CalendarFeed.organisation_id == organisation_id,
            _READABLE,
        )
        .limit(1)
    )


_READABLE = sa.and_(CalendarFeed.fingerprint.is_not(None), CalendarFeed.revoked_at.is_(None))


def takes_part(session: Session, address: str, *, now: datetime) -> list[int]:
    """Ids of the organisations at whose events the address has been, is or will be, or in whose
    teams it meets suppliers; at most two."""
    registered = (
        sa.select(Event.organisation_id)
        .join(Registration, Registration.event_id == Event.id)
        .join(Participant, Participant.registration_id == Registration.id)
        .where(Participant.email == address, _in_window(now))
    )
    of_team = (
        sa.select(Event.organisation_id)
        .join(TeamMember, TeamMember.event_id == Event.id)
        .where(TeamMember.email == address, TeamMember.removed_at.is_(None), _in_window(now))
    )
    return list(session.scalars(sa.union(registered, of_team).limit(2)))


def _in_window(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Event.ends_at > now - BEHIND, Event.starts_at < now + AHEAD)


# --- all that an address is registered to --------------------------------------------------------


def personal_version(session: Session, address: str, *, now: datetime) -> Version:
    rows = session.execute(
        sa.select(Event.id, Event.write_count, Organisation.version)
        .join(Organisation, Organisation.id == Event.organisation_id)
        .join(Registration, Registration.event_id == Event.id)
        .join(Participant, Participant.registration_id == Registration.id)
        .where(Participant.email == address, _in_window(now))
        .distinct()
        .order_by(Event.id)
        .limit(MOST_BOOKINGS)
    )
    return tuple(tuple(row) for row in rows)


def bookings(session: Session, address: str, *, now: datetime) -> list[Booking]:
    """What stands in this address's calendar, and what was taken out of it in the last 60 days."""
    people = _people(session, address, now)
    found = session.scalars(
        sa.select(CalendarObject)
        .where(CalendarObject.participant_id.in_([one.id for one in people]))
        .where(_is_remembered(now))
    )
    by_id = {one.id: one for one in people}
    booked = []
    for row in found:
        person = by_id[row.participant_id or 0]
        if seats := [each for each in person.attendances if each.occasion_id == row.occasion_id]:
            booked.append(Booking(person, _seat_of(seats, row), row))
    return booked


def _is_remembered(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(CalendarObject.cancelled_at.is_(None), CalendarObject.cancelled_at > now - BEHIND)


def _people(session: Session, address: str, now: datetime) -> list[Participant]:
    of_event = contains_eager(Participant.registration).contains_eager(Registration.event)
    return list(
        session.scalars(
            sa.select(Participant)
            .join(Participant.registration)
            .join(Registration.event)
            .where(Participant.email == address, _in_window(now))
            .order_by(Event.starts_at, Participant.id)
            .limit(MOST_BOOKINGS)
            .options(
                of_event.joinedload(Event.organisation, innerjoin=True),
                of_event.selectinload(Event.occasions),
                selectinload(Participant.attendances).joinedload(Attendance.occasion),
            )
        )
    )


def _seat_of(seats: Sequence[Attendance], row: CalendarObject) -> Attendance:
    """The seat that the entry shows: one that is held, else the last that was."""
    held = [seat for seat in seats if seat.state in _IN_CALENDARS or seat.keeps_seat]
    return (held if held and row.cancelled_at is None else list(seats))[-1]


_IN_CALENDARS = ("confirmed", "attended", "no_show")


# --- what an organisation arranges, drafts too ---------------------------------------------------


def _of_staff(organisation_id: int, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Event.organisation_id == organisation_id,
        _in_window(now),
        sa.or_(Event.state != EventState.CANCELLED, Event.changed_at > now - BEHIND),
    )


def staff_version(session: Session, organisation_id: int, *, now: datetime) -> Version:
    """Of the events, the organisation and those who host: a name may be written otherwise."""
    count = sa.func.count(Event.id)
    sums = (Event.id, Event.write_count, Event.id * Event.write_count)
    numbers = session.execute(
        sa.select(count, *map(sa.func.sum, sums)).where(_of_staff(organisation_id, now))
    ).one()
    version = session.scalar(
        sa.select(Organisation.version).where(Organisation.id == organisation_id)
    )
    return (version, *(int(each or 0) for each in numbers), _host_names(session, organisation_id))


def _host_names(session: Session, organisation_id: int) -> Version:
    rows = session.execute(
        sa.select(User.id, User.name)
        .join(EventHost, EventHost.user_id == User.id)
        .join(Event, Event.id == EventHost.event_id)
        .where(Event.organisation_id == organisation_id)
        .distinct()
        .order_by(User.id)
    )
    return tuple(tuple(row) for row in rows)


def staff_events(session: Session, organisation_id: int, *, now: datetime) -> list[Event]:
    """With occasions and organisation, the first to begin first."""
    rows = session.scalars(
        sa.select(Event)
        .where(_of_staff(organisation_id, now))
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_EVENTS)
        .options(joinedload(Event.organisation), joinedload(Event.occasions))
    )
    return list(rows.unique())


def hosts_of(session: Session, event_ids: Sequence[int]) -> dict[int, list[str]]:
    """{event: the names of those who host it}"""
    rows = session.execute(
        sa.select(EventHost.event_id, User.name)
        .join(EventHost.user)
        .where(EventHost.event_id.in_(event_ids))
        .order_by(User.name, User.id)
    )
    found: dict[int, list[str]] = {}
    for event_id, name in rows:
        found.setdefault(event_id, []).append(name)
    return found
