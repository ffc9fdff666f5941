"""When people are reminded of their meeting, and those who have not chosen of the last instant.

At 9 on a working day of the organiser's (domain/working_hours.py): a letter of the night is read
with all others of the morning.
"""

from datetime import datetime, time, timedelta

from dialognav.domain.timing import to_instant, to_wall
from dialognav.domain.working_hours import WorkingHours

AT = time(9)
AHEAD = timedelta(days=14)
"""No two holidays are further apart than that."""


def reminded_at(starts_at: datetime, hours: WorkingHours) -> datetime:
    """The last working day before the day of the meeting."""
    return _mornings_before(starts_at, 1, hours)


def nudged_at(closes_at: datetime, hours: WorkingHours) -> datetime:
    """Two working days before the day on which it is too late."""
    return _mornings_before(closes_at, 2, hours)


def _mornings_before(at: datetime, days: int, hours: WorkingHours) -> datetime:
    day = to_wall(at, hours.zone).date()
    for _each in range(days):
        midnight = to_instant(datetime.combine(day, time()), hours.zone)
        day = to_wall(hours.last(midnight - timedelta(seconds=1)), hours.zone).date()
    return to_instant(datetime.combine(day, AT), hours.zone)
