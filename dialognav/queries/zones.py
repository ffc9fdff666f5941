"""Which events a change of the zone data puts at another time by the wall clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.db import Text
from dialognav.domain.meeting_terms import SlotState
from dialognav.domain.terms import EventState, Phase
from dialognav.domain.zone_shifts import Offset, Written, offset_at
from dialognav.models import Event, Occasion, Organisation, Slot

_OVER = (EventState.CANCELLED, EventState.POSTPONED)
_EVENT = (Organisation.slug, Event.slug, Event.title, Event.primary_language, Event.zone)


@dataclass(frozen=True, slots=True)
class Shifted:
    """One occasion to come whose wall time is no longer the one that was written; or the first of
    an event's `meetings`, one-to-one, that are so."""

    organisation: str  # slugs
    event: str
    title: Text
    primary_language: str
    zone: str
    written: Written
    meetings: int = 0

    @property
    def number(self) -> int:
        return self.meetings or 1


def shifted(session: Session, *, now: datetime, offset: Offset = offset_at) -> Iterator[Shifted]:
    """Occasions and meetings of every organisation, of events that are not cancelled or without a
    date; with the procurement, meetings have ended.

    `offset` is the zone data to judge by. ValueError for a zone that it does not know.
    """
    yield from _occasions(session, now, offset)
    yield from _meetings(session, now, offset)


def _occasions(session: Session, now: datetime, offset: Offset) -> Iterator[Shifted]:
    asked = (
        sa.select(*_EVENT, *_written(Occasion))
        .join(Event, Event.id == Occasion.event_id)
        .join(Organisation, Organisation.id == Event.organisation_id)
        .where(Occasion.ends_at > now, Occasion.cancelled_at.is_(None))
        .where(Event.state.not_in(_OVER))
        .order_by(Occasion.starts_at, Occasion.id)
    )
    rows: Iterable[Any] = session.execute(asked)
    for row in rows:
        one = _shifted(row)
        if one.written.is_shifted(one.zone, offset):
            yield one


def _meetings(session: Session, now: datetime, offset: Offset) -> Iterator[Shifted]:
    asked = (
        sa.select(*_EVENT, *_written(Slot))
        .join(Event, Event.id == Slot.event_id)
        .join(Organisation, Organisation.id == Event.organisation_id)
        .where(Slot.ends_at > now, Slot.state != SlotState.REMOVED)
        .where(Event.state.not_in(_OVER), Event.phase.is_distinct_from(Phase.PROCUREMENT))
        .order_by(Event.id, Slot.starts_at, Slot.id)
    )
    rows: Iterable[Any] = session.execute(asked)
    for _slugs, own in groupby(rows, key=lambda row: tuple(row[:2])):
        found = [_shifted(row) for row in own]
        moved = [one for one in found if one.written.is_shifted(one.zone, offset)]
        if moved:
            yield replace(moved[0], meetings=len(moved))


def _shifted(row: Any) -> Shifted:
    organisation, event, title, language, zone, *written = row
    return Shifted(organisation, event, title, language, zone, Written(*written))


def _written(dated: type[Occasion] | type[Slot]) -> tuple[Any, ...]:
    return dated.starts_at, dated.ends_at, dated.start_offset, dated.end_offset
