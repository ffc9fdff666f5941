"""The one-to-one meetings of private calendars: a supplier's people's, and the team's."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.mail.feed_meetings import FeedMeeting, last_had
from dialognav.models import (
    Booking,
    CalendarObject,
    Event,
    Organisation,
    Participant,
    Registration,
    Slot,
    TeamMember,
)
from dialognav.queries.event_sets import AHEAD, BEHIND, Version

MOST_MEETINGS = 1_000


def meetings_of_address(session: Session, address: str, *, now: datetime) -> list[FeedMeeting]:
    """What stands in the calendars of this address, on either side, and what was taken out in the
    last 60 days."""
    return _meetings(session, _of_address(address), now)


def meetings_of_staff(
    session: Session, user_id: int, organisation_id: int, *, now: datetime
) -> list[FeedMeeting]:
    """The same of a member of staff, at the events of one organisation."""
    return _meetings(session, _of_staff(user_id, organisation_id), now)


def version_of_address(session: Session, address: str, *, now: datetime) -> Version:
    return _version(session, _of_address(address), now)


def version_of_staff(
    session: Session, user_id: int, organisation_id: int, *, now: datetime
) -> Version:
    return _version(session, _of_staff(user_id, organisation_id), now)


def _of_address(address: str) -> sa.ColumnElement[bool]:
    return sa.or_(Participant.email == address, TeamMember.email == address)


def _of_staff(user_id: int, organisation_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(TeamMember.user_id == user_id, Event.organisation_id == organisation_id)


def _entries(
    columns: tuple[Any, ...], whose: sa.ColumnElement[bool], now: datetime
) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(CalendarObject)
        .join(Booking, Booking.id == CalendarObject.booking_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Event, Event.id == Booking.event_id)
        .outerjoin(Participant, Participant.id == CalendarObject.participant_id)
        .outerjoin(TeamMember, TeamMember.id == CalendarObject.member_id)
        .where(
            whose,
            Slot.ends_at > now - BEHIND,
            Slot.starts_at < now + AHEAD,
            sa.or_(
                CalendarObject.cancelled_at.is_(None), CalendarObject.cancelled_at > now - BEHIND
            ),
        )
    )


def _version(session: Session, whose: sa.ColumnElement[bool], now: datetime) -> Version:
    """As everything about an event changes under its lock, its `write_count` names a version."""
    rows = session.execute(
        _entries((Event.id, Event.write_count, Organisation.version), whose, now)
        .join(Organisation, Organisation.id == Event.organisation_id)
        .distinct()
        .order_by(Event.id)
    )
    return tuple(tuple(row) for row in rows)


def _meetings(session: Session, whose: sa.ColumnElement[bool], now: datetime) -> list[FeedMeeting]:
    rows = session.execute(
        _entries((CalendarObject, Booking, Participant, TeamMember), whose, now)
        .order_by(Slot.starts_at, CalendarObject.id)
        .limit(MOST_MEETINGS)
        .options(
            joinedload(Booking.registration)
            .joinedload(Registration.event)
            .joinedload(Event.organisation),
            joinedload(Booking.slot).joinedload(Slot.table),
        )
    )
    found = [
        FeedMeeting(numbered, booking, person, member) for numbered, booking, person, member in rows
    ]
    return last_had(session, found)
