"""What visitors may ask about events: lists, what there is to choose by, and one event."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only, raiseload

from dialognav.domain.terms import EventState
from dialognav.models import Event, Organisation
from dialognav.queries.event_sets import SHOWN

PAGE_SIZE = 50
MONTH_LIMIT = 300

_IN_A_LIST = (
    Event.slug,
    Event.kind,
    Event.phase,
    Event.format,
    Event.attending,
    Event.state,
    Event.primary_language,
    Event.title,
    Event.summary,
    Event.cpv,
    Event.zone,
    Event.starts_at,
    Event.ends_at,
    Event.registration_opens_at,
    Event.registration_closes_at,
    Event.waiting_list,
    Event.offer_hours,
    Event.queue_ends_hours,
    Event.queue_closed_at,
    Event.registration_review,
    Event.visibility,
    Event.organisation_id,
    Event.region,
)


def list_events(
    session: Session,
    *conditions: sa.ColumnElement[bool],
    newest_first: bool = False,
    limit: int = PAGE_SIZE,
    offset: int = 0,
) -> list[Event]:
    """Rows of a list with organisation and occasions, in one statement. Postponed ones last."""
    by_time = (Event.starts_at.desc(), Event.id.desc())
    if not newest_first:
        by_time = (Event.starts_at.asc(), Event.id.asc())
    undated = sa.case((Event.state == EventState.POSTPONED, 1), else_=0)
    return list(
        session.scalars(
            sa.select(Event)
            .where(*conditions)
            .order_by(undated, *by_time)
            .limit(limit)
            .offset(offset)
            .options(
                load_only(*_IN_A_LIST),
                joinedload(Event.organisation),
                joinedload(Event.occasions),
                raiseload("*"),
            )
        ).unique()
    )


@dataclass(frozen=True, slots=True)
class Facet:
    """What one event offers to choose by."""

    starts_at: datetime
    zone: str
    region: str
    cpv: tuple[str, ...]


def facets(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Facet]:
    """The choices worth offering: those some event has. At most 2 000 events are asked."""
    rows = session.execute(
        sa.select(Event.starts_at, Event.zone, Event.region, Event.cpv)
        .where(*conditions, Event.starts_at.is_not(None))
        .order_by(Event.starts_at)
        .limit(2000)
    )
    return [
        Facet(start, zone, region, tuple(cpv or ())) for start, zone, region, cpv in rows if start
    ]


def only_organisation(session: Session) -> Organisation | None:
    """The organisation of an installation that has just one."""
    found = session.scalars(sa.select(Organisation).limit(2)).all()
    return found[0] if len(found) == 1 else None


def organisation(session: Session, slug: str) -> Organisation | None:
    return session.scalar(sa.select(Organisation).where(Organisation.slug == slug))


def public_event(session: Session, slug: str) -> Event | None:
    """An event any visitor may see, with organisation and occasions; one statement."""
    return (
        session.scalars(
            sa.select(Event)
            .join(Event.organisation)
            .where(Event.slug == slug, SHOWN)
            .options(contains_eager(Event.organisation), joinedload(Event.occasions))
        )
        .unique()
        .one_or_none()
    )


def is_shown(session: Session, slug: str) -> bool:
    """Whether a visitor may see that event at all; for the redirect to a language."""
    return session.scalar(sa.select(Event.id).where(Event.slug == slug, SHOWN)) is not None
