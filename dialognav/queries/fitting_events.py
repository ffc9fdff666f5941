"""Where else somebody may go whom an event is not meant for: the next open ones, nearest first."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import Audience, EventState
from dialognav.models import Event
from dialognav.queries.event_sets import LISTED
from dialognav.queries.events import list_events

MOST_LOOKED_AT = 60

FOR_SELLERS = (Audience.SUPPLIERS, Audience.EVERYONE)


def fitting_events(
    session: Session, event: Event, audiences: Collection[str], now: datetime
) -> list[Event]:
    """Listed events that take sign-ups by their dates now, best first; at most 60 are compared.

    The same organiser's first, then those about the same (CPV division), then in the same region,
    then by date. Whether there is room, the caller counts. One statement.
    """
    found = list_events(
        session,
        LISTED,
        Event.state == EventState.PUBLISHED,
        Event.id != event.id,
        Event.audience.in_(audiences),
        Event.starts_at > now,
        sa.or_(Event.registration_closes_at.is_(None), Event.registration_closes_at > now),
        sa.or_(Event.registration_opens_at.is_(None), Event.registration_opens_at <= now),
        limit=MOST_LOOKED_AT,
    )
    return sorted(found, key=lambda other: _distance(event, other))  # stable: by date within


def _distance(event: Event, other: Event) -> tuple[bool, bool, bool]:
    return (
        other.organisation_id != event.organisation_id,
        not _divisions(event) & _divisions(other),
        not event.region or event.region != other.region,
    )


def _divisions(event: Event) -> set[str]:
    """The first two digits of each CPV code."""
    return {code[:2] for code in event.cpv or ()}
