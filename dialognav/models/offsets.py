"""The zone's offset is noted with each time that is written, whoever writes it.

By listeners, because the days of an event are written in many places, and a forgotten one would
not be found before a government moves its clocks.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from dialognav.domain.zone_shifts import offset_at
from dialognav.models.event import Event, Occasion


@sa.event.listens_for(Occasion, "before_insert")
@sa.event.listens_for(Occasion, "before_update")
def _note(_mapper: Mapper[Any], connection: sa.Connection, occasion: Occasion) -> None:
    """Only with a new time or zone: another edit must not hide that the clocks were moved."""
    if occasion.start_offset is None:
        occasion.start_offset = offset_at(occasion.starts_at, _zone_of(occasion, connection))
    if occasion.end_offset is None:
        occasion.end_offset = offset_at(occasion.ends_at, _zone_of(occasion, connection))


def _zone_of(occasion: Occasion, connection: sa.Connection) -> str:
    event: Event | None = occasion.event  # None when a new row was given the id alone
    if event is not None:
        return event.zone
    asked = sa.select(Event.zone).where(Event.id == occasion.event_id)
    return str(connection.scalar(asked))


@sa.event.listens_for(Occasion.starts_at, "set", active_history=True)
def _forget_start(occasion: Occasion, now: object, before: object, _initiator: object) -> None:
    if now != before:
        occasion.start_offset = None


@sa.event.listens_for(Occasion.ends_at, "set", active_history=True)
def _forget_end(occasion: Occasion, now: object, before: object, _initiator: object) -> None:
    if now != before:
        occasion.end_offset = None


@sa.event.listens_for(Event.zone, "set", active_history=True)
def _forget_both(event: Event, zone: object, before: object, _initiator: object) -> None:
    """In another zone the days are written anew, even if the instants happen to stay."""
    if zone != before and sa.inspect(event).persistent:
        for occasion in event.occasions:
            occasion.start_offset = occasion.end_offset = None
