"""Other authorities' calendars: those an organisation lists, and their events beside our own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from dialognav.domain.terms import EventState
from dialognav.models import Event, ExternalCalendar, ExternalEvent
from dialognav.queries.event_sets import Conditions
from dialognav.queries.events import MONTH_LIMIT, list_events


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


def own_starts(
    session: Session, organisation_id: int, starts: Sequence[datetime]
) -> set[tuple[datetime, str]]:
    """(start, casefolded title) of the organisation's events that begin at one of those."""
    rows = session.execute(
        sa.select(Event.starts_at, Event.title).where(
            Event.organisation_id == organisation_id, Event.starts_at.in_(starts)
        )
    )
    return {(at, title.casefold()) for at, texts in rows if at for title in texts.values()}


def page_of(
    session: Session, own: Conditions, others: Conditions, *, limit: int, offset: int = 0
) -> list[Event | ExternalEvent]:
    """One page of our own and other events in the order of the list: by time, undated last.

    Three statements: which, our own as lists want them, the others with their calendars.
    """
    undated = sa.case((Event.state == EventState.POSTPONED, 1), else_=0).label("undated")
    ours = sa.select(undated, Event.starts_at, sa.literal(0).label("other"), Event.id).where(*own)
    theirs = sa.select(
        sa.literal(0), ExternalEvent.starts_at, sa.literal(1), ExternalEvent.id
    ).where(*others)
    both = sa.union_all(ours, theirs).subquery()
    places = session.execute(
        sa.select(both.c.other, both.c.id)
        .order_by(both.c.undated, both.c.starts_at, both.c.other, both.c.id)
        .limit(limit)
        .offset(offset)
    ).all()
    ids = [[id_ for other, id_ in places if other == which] for which in (0, 1)]
    found: dict[tuple[int, int], Event | ExternalEvent] = {}
    for event in list_events(session, Event.id.in_(ids[0]), limit=limit):
        found[0, event.id] = event
    for other in with_calendars(session, ExternalEvent.id.in_(ids[1])):
        found[1, other.id] = other
    # A calendar may be taken in anew between two statements, and what it listed is gone then.
    return [found[other, id_] for other, id_ in places if (other, id_) in found]


def with_calendars(session: Session, *conditions: sa.ColumnElement[bool]) -> list[ExternalEvent]:
    """Events of other calendars and what these are called, in one statement."""
    return list(
        session.scalars(
            sa.select(ExternalEvent)
            .join(ExternalEvent.calendar)
            .where(*conditions)
            .order_by(ExternalEvent.starts_at, ExternalEvent.id)
            .limit(MONTH_LIMIT)
            .options(
                contains_eager(ExternalEvent.calendar).load_only(
                    ExternalCalendar.name, ExternalCalendar.url
                )
            )
        )
    )
