"""Other authorities' calendars: those an organisation lists, and their events beside our own."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from dialognav.domain.terms import EventState
from dialognav.models import Event, ExternalCalendar, ExternalEvent, Organisation
from dialognav.queries.event_sets import Conditions

MOST_IN_A_MONTH = 300


@dataclass(frozen=True, slots=True)
class Listed:
    """A calendar with how many events it has, and how many of them are ahead."""

    calendar: ExternalCalendar
    events: int
    coming: int


def of_organisation(session: Session, organisation_id: int, *, now: datetime) -> list[Listed]:
    is_ahead = sa.case((ExternalEvent.ends_at > now, 1))
    rows = session.execute(
        sa.select(ExternalCalendar, sa.func.count(ExternalEvent.id), sa.func.count(is_ahead))
        .outerjoin(ExternalCalendar.events)
        .where(ExternalCalendar.organisation_id == organisation_id)
        .group_by(ExternalCalendar.id)
        .order_by(ExternalCalendar.name, ExternalCalendar.id)
    )
    return [Listed(calendar, events, coming) for calendar, events, coming in rows]


def events_of(
    session: Session, calendar_id: int, *, now: datetime, limit: int
) -> list[ExternalEvent]:
    """What is ahead in one calendar, the next first."""
    return list(
        session.scalars(
            sa.select(ExternalEvent)
            .where(ExternalEvent.calendar_id == calendar_id, ExternalEvent.ends_at > now)
            .order_by(ExternalEvent.starts_at, ExternalEvent.id)
            .limit(limit)
        )
    )


class Place(NamedTuple):
    """Which row stands there: one of our own, or somebody else's."""

    is_external: bool
    id: int


def page_of(
    session: Session, own: Conditions, others: Conditions, *, limit: int, offset: int = 0
) -> list[Place]:
    """One page of our own and other events in the order of the list: by time, undated last."""
    undated = sa.case((Event.state == EventState.POSTPONED, 1), else_=0)
    ours = sa.select(
        undated.label("undated"),
        Event.starts_at.label("starts_at"),
        sa.literal(0).label("external"),
        Event.id.label("id"),
    ).where(*own)
    theirs = sa.select(
        sa.literal(0), ExternalEvent.starts_at, sa.literal(1), ExternalEvent.id
    ).where(*others)
    both = sa.union_all(ours, theirs).subquery()
    rows = session.execute(
        sa.select(both.c.external, both.c.id)
        .order_by(both.c.undated, both.c.starts_at, both.c.external, both.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [Place(bool(external), id_) for external, id_ in rows]


def with_calendars(session: Session, *conditions: sa.ColumnElement[bool]) -> list[ExternalEvent]:
    """Events with their calendar and who lists it, in one statement."""
    calendar = contains_eager(ExternalEvent.calendar)
    return list(
        session.scalars(
            sa.select(ExternalEvent)
            .join(ExternalEvent.calendar)
            .join(ExternalCalendar.organisation)
            .where(*conditions)
            .order_by(ExternalEvent.starts_at, ExternalEvent.id)
            .limit(MOST_IN_A_MONTH)
            .options(
                calendar.load_only(ExternalCalendar.name, ExternalCalendar.url),
                calendar.contains_eager(ExternalCalendar.organisation).load_only(
                    Organisation.name, Organisation.primary_language
                ),
            )
        )
    )
