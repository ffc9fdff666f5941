"""By when somebody who asked for an interpreter or other help has an answer."""

from datetime import date, datetime, timedelta

from dialognav.domain.timing import to_wall
from dialognav.domain.working_hours import WorkingHours

DAYS_BEFORE = 5  # working days: an interpreter has to be booked, and another way found if none is
DAYS_AFTER = 2  # for who asked late


def default_answer_by(asked_at: datetime, starts_at: datetime, hours: WorkingHours) -> date:
    """Five working days before the start; who asked too late for that, two after asking.

    Never later than the last working day before the event, unless it was asked after that.
    """
    early = starts_at
    for _ in range(DAYS_BEFORE):
        early = hours.last(early - timedelta(days=1))
    late = hours.next(asked_at)
    for _ in range(DAYS_AFTER):
        late = hours.next(late + timedelta(days=1))
    last = max(hours.last(starts_at - timedelta(days=1)), asked_at)
    return to_wall(min(max(early, late), last), hours.zone).date()
