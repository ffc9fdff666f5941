"""The zone's offset is noted with each time that is written, whoever writes it.

By listeners, because the days of an event and the times of its meetings are written in many places,
and a forgotten one would not be found before a government moves its clocks.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, object_session
from sqlalchemy.orm.util import identity_key

from dialognav.domain.zone_shifts import offset_at
from dialognav.models.event import Event, Occasion
from dialognav.models.meetings import MeetingBreak, Slot

Dated = Occasion | Slot | MeetingBreak


def _note(_mapper: Mapper[Any], connection: sa.Connection, row: Dated) -> None:
    """Only with a new time or zone: another edit must not hide that the clocks were moved."""
    if row.start_offset is None:
        row.start_offset = offset_at(row.starts_at, _zone_of(row, connection))
    if row.end_offset is None:
        row.end_offset = offset_at(row.ends_at, _zone_of(row, connection))


def _zone_of(row: Dated, connection: sa.Connection) -> str:
    event: Event | None = row.event if isinstance(row, Occasion) else None
    session = object_session(row)
    if event is None and session is not None:  # a new row was given the id alone
        event = session.identity_map.get(identity_key(Event, row.event_id))
    if event is not None:
        return event.zone
    asked = sa.select(Event.zone).where(Event.id == row.event_id)
    return str(connection.scalar(asked))


def _forget_start(row: Dated, now: object, before: object, _initiator: object) -> None:
    if now != before:
        row.start_offset = None


def _forget_end(row: Dated, now: object, before: object, _initiator: object) -> None:
    if now != before:
        row.end_offset = None


for each in (Occasion, Slot, MeetingBreak):
    for moment in ("before_insert", "before_update"):
        sa.event.listen(each, moment, _note)
    sa.event.listen(each.starts_at, "set", _forget_start, active_history=True)
    sa.event.listen(each.ends_at, "set", _forget_end, active_history=True)


@sa.event.listens_for(Event.zone, "set", active_history=True)
def _forget_both(event: Event, zone: object, before: object, _initiator: object) -> None:
    """In another zone the days are written anew, even if the instants happen to stay; so are times
    of meetings that the session has loaded."""
    session = object_session(event)
    if zone == before or session is None or not sa.inspect(event).persistent:
        return
    for occasion in event.occasions:
        occasion.start_offset = occasion.end_offset = None
    for row in session.identity_map.values():
        if isinstance(row, Slot | MeetingBreak) and row.__dict__.get("event_id") == event.id:
            row.start_offset = row.end_offset = None


@sa.event.listens_for(Event, "after_update")
def _note_meetings(_mapper: Mapper[Any], connection: sa.Connection, event: Event) -> None:
    """The same for times of meetings, which an event does not carry along."""
    if not sa.inspect(event).attrs.zone.history.has_changes():
        return
    for dated in (Slot, MeetingBreak):
        own = sa.select(dated.id, dated.starts_at, dated.ends_at)
        rows = connection.execute(own.where(dated.event_id == event.id))
        offsets = [
            {"row": id_, "start": offset_at(at, event.zone), "end": offset_at(until, event.zone)}
            for id_, at, until in rows
        ]
        if offsets:
            values: dict[str, Any] = {
                "start_offset": sa.bindparam("start"),
                "end_offset": sa.bindparam("end"),
            }
            where = dated.id == sa.bindparam("row")
            connection.execute(sa.update(dated).where(where).values(values), offsets)
