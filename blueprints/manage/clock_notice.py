"""The days and meetings of an event that newer zone data put at another wall time, in words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from blueprints.guard import allows
from dialognav.actions.event_clocks import may_settle, shifted_days
from dialognav.domain.terms import EventState
from dialognav.domain.zone_shifts import told
from dialognav.i18n import when_text
from dialognav.models import Event, Occasion, Slot
from dialognav.models.meeting_clocks import shifted_times


@dataclass(frozen=True, slots=True)
class ShiftedDay:
    """What everybody was told, and what the page says today."""

    told: str
    now: str


@dataclass(frozen=True, slots=True)
class ClockNotice:
    """`meetings` is how many times of one-to-one meetings are concerned, the `first` of them."""

    days: list[ShiftedDay]
    meetings: int
    first: ShiftedDay | None
    may_settle: bool


def clock_notice(session: Session, event: Event, now: datetime) -> ClockNotice | None:
    """None while the clock shows what was told; one statement."""
    days, times = shifted_days(event, now), shifted_times(session, event, now=now)
    if event.state in (EventState.CANCELLED, EventState.POSTPONED) or not (days or times):
        return None
    first = _line(event, times[0], all_day=False) if times else None
    lines = [_line(event, day, all_day=day.all_day) for day in days]
    return ClockNotice(lines, len(times), first, allows("publish") and may_settle(event, days, now))


def _line(event: Event, day: Occasion | Slot, *, all_day: bool) -> ShiftedDay:
    zone = event.zone
    starts_at = told(day.starts_at, day.start_offset, zone)
    ends_at = told(day.ends_at, day.end_offset, zone)
    return ShiftedDay(
        told=when_text(starts_at, ends_at, zone, all_day=all_day),
        now=when_text(day.starts_at, day.ends_at, zone, all_day=all_day),
    )
