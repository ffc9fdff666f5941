from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialognav.domain.errors import NoSuchTime
from dialognav.domain.timing import is_ambiguous, to_instant, to_wall

ZONES = ["Europe/Stockholm", "Europe/Oslo", "Europe/Helsinki", "Atlantic/Reykjavik", "UTC"]


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ((2027, 2, 10, 9, 0), "Europe/Stockholm", (2027, 2, 10, 8, 0)),
        ((2027, 6, 10, 9, 0), "Europe/Stockholm", (2027, 6, 10, 7, 0)),
        ((2027, 6, 10, 9, 0), "Europe/Helsinki", (2027, 6, 10, 6, 0)),
        ((2027, 6, 10, 9, 0), "Atlantic/Reykjavik", (2027, 6, 10, 9, 0)),
        ((2027, 3, 28, 1, 59), "Europe/Oslo", (2027, 3, 28, 0, 59)),
        ((2027, 3, 28, 3, 0), "Europe/Oslo", (2027, 3, 28, 1, 0)),
        ((2027, 10, 31, 2, 30), "Europe/Oslo", (2027, 10, 31, 0, 30)),  # the first of two
    ],
)
def test_a_wall_time_names_an_instant(wall, zone, instant):
    assert to_instant(datetime(*wall), zone) == datetime(*instant, tzinfo=UTC)
    assert to_instant(datetime(*wall), zone).tzinfo is UTC


@pytest.mark.parametrize(
    ("wall", "zone"),
    [
        ((2027, 3, 28, 2, 0), "Europe/Stockholm"),
        ((2027, 3, 28, 2, 59), "Europe/Oslo"),
        ((2027, 3, 28, 3, 30), "Europe/Helsinki"),
        ((2027, 3, 14, 2, 30), "America/New_York"),
    ],
)
def test_a_time_that_spring_skips_is_refused(wall, zone):
    for ask in (to_instant, is_ambiguous):
        with pytest.raises(NoSuchTime) as refused:
            ask(datetime(*wall), zone)
    assert refused.value.code == "no_such_time"


@pytest.mark.parametrize(
    ("wall", "is_twice"),
    [
        ((2027, 10, 31, 1, 59), False),
        ((2027, 10, 31, 2, 0), True),
        ((2027, 10, 31, 2, 59), True),
        ((2027, 10, 31, 3, 0), False),
        ((2027, 6, 1, 2, 30), False),
    ],
)
def test_only_the_hour_that_comes_twice_is_ambiguous(wall, is_twice):
    assert is_ambiguous(datetime(*wall), "Europe/Stockholm") is is_twice
    assert is_ambiguous(datetime(*wall, fold=1), "Europe/Stockholm") is is_twice


def test_a_fold_of_the_form_does_not_choose_the_second_reading():
    wall = datetime(2027, 10, 31, 2, 30)
    assert to_instant(wall.replace(fold=1), "Europe/Stockholm") == to_instant(
        wall, "Europe/Stockholm"
    )


@settings(max_examples=60, deadline=None)
@given(
    instant=st.datetimes(datetime(2026, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
)
def test_the_wall_and_back(instant, zone):
    wall = to_wall(instant, zone)
    assert wall.tzinfo is None
    assert to_instant(wall, zone) == instant or is_ambiguous(wall, zone)


def test_the_two_kinds_of_time_are_not_mixed_up():
    with pytest.raises(ValueError, match="no zone"):
        to_instant(datetime(2027, 1, 1, tzinfo=UTC), "Europe/Oslo")
    with pytest.raises(ValueError, match="needs a zone"):
        to_wall(datetime(2027, 1, 1), "Europe/Oslo")
    with pytest.raises(ValueError, match="no such time zone"):
        to_instant(datetime(2027, 1, 1), "Europe/Gothenburg")
