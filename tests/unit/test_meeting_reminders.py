"""When one is reminded of a meeting, and of the last instant to choose one."""

from datetime import UTC, datetime

import pytest

from dialognav.domain.meeting_reminders import nudged_at, reminded_at
from dialognav.domain.working_hours import WorkingHours

SWEDEN = WorkingHours("Europe/Stockholm", "SE")


def at(day, hour=9, month=1):
    return datetime(2027, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("meeting", "morning"),
    [
        (at(20), at(19, 8)),  # Wednesday -> Tuesday at 9 in Stockholm
        (at(18), at(15, 8)),  # Monday -> Friday
        (at(7), at(5, 8)),  # the day after Epiphany
        (at(29, month=3, hour=6), at(25, 8, month=3)),  # Easter Monday; Good Friday is the 26th
        (at(30, month=3, hour=6), at(25, 8, month=3)),
    ],
)
def test_the_last_working_day_before_a_meeting(meeting, morning):
    assert reminded_at(meeting, SWEDEN) == morning


def test_two_working_days_before_it_is_too_late():
    assert nudged_at(at(20), SWEDEN) == at(18, 8)
    assert nudged_at(at(19), SWEDEN) == at(15, 8)
