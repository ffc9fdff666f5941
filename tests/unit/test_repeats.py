"""Dates that come back, by the wall clock."""

from datetime import datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.repeats import dates_of, extended, rule_of

FIRST = datetime(2027, 2, 9, 9)


def days(*numbers):
    return [FIRST + timedelta(days=n) for n in numbers]


@pytest.mark.parametrize(
    ("starts", "rule"),
    [
        (days(0, 7, 14), "FREQ=WEEKLY;COUNT=3"),
        (days(0, 14, 28), "FREQ=WEEKLY;INTERVAL=2;COUNT=3"),
        (days(0, 1, 2), "FREQ=DAILY;COUNT=3"),
        (days(0, 7, 21), "FREQ=WEEKLY;COUNT=4"),  # one left out: EXDATE
        (
            [FIRST, FIRST.replace(month=3), FIRST.replace(month=4, day=13)],
            "FREQ=MONTHLY;BYDAY=2TU;COUNT=3",
        ),
        (
            [FIRST, FIRST.replace(month=4, day=13), FIRST.replace(month=6, day=8)],
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU;COUNT=3",
        ),
        ([FIRST.replace(month=m) for m in (2, 3, 6)], "FREQ=MONTHLY;COUNT=5"),
        (
            [FIRST.replace(month=m, day=d) for m, d in ((1, 29), (2, 26), (4, 30))],
            "FREQ=MONTHLY;BYDAY=-1FR;COUNT=4",
        ),
        (days(0), ""),
        (days(0, 3, 50), ""),
        (days(0, 0), ""),
        ([FIRST, FIRST + timedelta(days=7, hours=1)], ""),  # another hour
    ],
)
def test_the_rule_behind_some_dates(starts, rule):
    assert rule_of(starts) == rule


@given(st.lists(st.integers(0, 3000), min_size=2, max_size=12, unique=True))
def test_a_rule_has_all_its_dates_and_others_read_it_alike(numbers):
    starts = days(*sorted(numbers))
    rule = rule_of(starts)
    if rule:
        found = dates_of(rule, starts[0])
        assert set(starts) <= set(found)
        assert (found[0], found[-1]) == (starts[0], starts[-1])
        assert list(rrulestr(rule, dtstart=starts[0])) == found


def test_a_series_is_made_longer_only_by_its_own_dates():
    rule = "FREQ=WEEKLY;COUNT=3"
    assert extended(rule, FIRST, FIRST + timedelta(days=28)) == "FREQ=WEEKLY;COUNT=5"
    assert extended(rule, FIRST, FIRST + timedelta(days=7)) == rule
    assert extended(rule, FIRST, FIRST + timedelta(days=10)) == ""
    assert extended(rule, FIRST, FIRST - timedelta(days=7)) == ""


def test_a_rule_of_somebody_elses_is_refused():
    with pytest.raises(ValueError, match="not one of our rules"):
        dates_of("FREQ=YEARLY;COUNT=3", FIRST)
