"""The days of an event that newer zone data put at another wall time, in words."""

from dataclasses import dataclass
from datetime import datetime

from dialognav.actions.event_clocks import shifted_days
from dialognav.domain.zone_shifts import told
from dialognav.i18n import when_text
from dialognav.models import Event, Occasion


@dataclass(frozen=True, slots=True)
class ShiftedDay:
    """What everybody was told, and what the page says today."""

    told: str
    now: str


def shifted_lines(event: Event, now: datetime) -> list[ShiftedDay]:
    return [_line(event, day) for day in shifted_days(event, now)]


def _line(event: Event, day: Occasion) -> ShiftedDay:
    zone = event.zone
    starts_at = told(day.starts_at, day.start_offset, zone)
    ends_at = told(day.ends_at, day.end_offset, zone)
    return ShiftedDay(
        told=when_text(starts_at, ends_at, zone, all_day=day.all_day),
        now=when_text(day.starts_at, day.ends_at, zone, all_day=day.all_day),
    )
