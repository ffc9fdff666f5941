"""Events as feeds want them: with their occasions and the numbers of their public entries."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only, raiseload

from dialognav.models import CalendarObject, Event, Occasion, Organisation
from dialognav.queries.event_sets import SHOWN

MOST_EVENTS = 2_000
NEWS = 50

_IN_A_FEED = (
    Event.public_id,
    Event.slug,
    Event.kind,
    Event.format,
    Event.state,
    Event.primary_language,
    Event.title,
    Event.summary,
    Event.reason,
    Event.zone,
    Event.starts_at,
    Event.ends_at,
    Event.contact_name,
    Event.contact_phone,
    Event.published_at,
    Event.changed_at,
    Event.created_at,
)


@dataclass(frozen=True, slots=True)
class Published:
    """An occasion with the stored numbers of its public entry, if there are any yet."""

    event: Event
    occasion: Occasion
    kept: CalendarObject | None


def versions(session: Session, *conditions: sa.ColumnElement[bool]) -> list[tuple[int, int, int]]:
    """(id, write count, organisation's version) of the first events to begin, without the rest."""
    rows = session.execute(
        sa.select(Event.id, Event.write_count, Organisation.version)
        .join(Organisation, Organisation.id == Event.organisation_id)
        .where(*conditions)
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_EVENTS)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def published(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Published]:
    """Two statements: events with occasions and organisation, and their public entries."""
    events = session.scalars(
        sa.select(Event)
        .where(*conditions)
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_EVENTS)
        .options(
            load_only(*_IN_A_FEED),
            joinedload(Event.organisation),
            joinedload(Event.occasions),
            raiseload("*"),
        )
    ).unique()
    return _with_entries(session, list(events), *conditions)


def published_event(session: Session, slug: str) -> list[Published]:
    """The occasions of one event that any visitor may see; empty when there is no such."""
    events = session.scalars(
        sa.select(Event)
        .join(Event.organisation)
        .where(Event.slug == slug, SHOWN)
        .options(
            load_only(*_IN_A_FEED),
            contains_eager(Event.organisation),
            joinedload(Event.occasions),
            raiseload("*"),
        )
    ).unique()
    return _with_entries(session, list(events), Event.slug == slug)


def _with_entries(
    session: Session, events: list[Event], *conditions: sa.ColumnElement[bool]
) -> list[Published]:
    rows = session.scalars(
        sa.select(CalendarObject)
        .join(Occasion, Occasion.id == CalendarObject.occasion_id)
        .join(Event, Event.id == Occasion.event_id)
        .where(CalendarObject.participant_id.is_(None), *conditions)
    )
    kept = {row.occasion_id: row for row in rows}
    return [
        Published(event, occasion, kept.get(occasion.id))
        for event in events
        for occasion in event.occasions
    ]


def news(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Event]:
    """The events changed last, newest first."""
    return list(
        session.scalars(
            sa.select(Event)
            .where(*conditions)
            .order_by(Event.changed_at.desc(), Event.id.desc())
            .limit(NEWS)
            .options(
                load_only(*_IN_A_FEED),
                joinedload(Event.organisation),
                joinedload(Event.occasions),
                raiseload("*"),
            )
        ).unique()
    )
