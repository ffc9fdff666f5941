"""Which events a change of the zone data puts at another time by the wall clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.db import Text
from dialognav.domain.terms import EventState
from dialognav.domain.zone_shifts import Offset, Written, offset_at
from dialognav.models import Event, Occasion, Organisation

_OVER = (EventState.CANCELLED, EventState.POSTPONED)


@dataclass(frozen=True, slots=True)
class Shifted:
    """One occasion to come whose wall time is no longer the one that was written."""

    organisation: str  # slugs
    event: str
    title: Text
    primary_language: str
    zone: str
    written: Written


def shifted_occasions(
    session: Session, *, now: datetime, offset: Offset = offset_at
) -> Iterator[Shifted]:
    """Those of every organisation that are not over, cancelled or without a date, by start.

    `offset` is the zone data to judge by. ValueError for a zone that it does not know.
    """
    asked = (
        sa.select(
            Organisation.slug,
            Event.slug,
            Event.title,
            Event.primary_language,
            Event.zone,
            Occasion.starts_at,
            Occasion.ends_at,
            Occasion.start_offset,
            Occasion.end_offset,
        )
        .join(Event, Event.id == Occasion.event_id)
        .join(Organisation, Organisation.id == Event.organisation_id)
        .where(Occasion.ends_at > now, Occasion.cancelled_at.is_(None))
        .where(Event.state.not_in(_OVER))
        .order_by(Occasion.starts_at, Occasion.id)
    )
    for row in session.execute(asked):
        one = Shifted(*row[:5], Written(*row[5:]))
        if one.written.is_shifted(one.zone, offset):
            yield one
