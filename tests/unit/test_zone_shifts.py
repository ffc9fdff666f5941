from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialognav.domain.errors import NoSuchTime
from dialognav.domain.timing import to_wall
from dialognav.domain.zone_shifts import Written, kept_wall, offset_at, told, written_wall

HOUR = 3600
ZONES = {
    "Europe/Stockholm": (HOUR, 2 * HOUR),
    "Europe/Oslo": (HOUR, 2 * HOUR),
    "Europe/Helsinki": (2 * HOUR, 3 * HOUR),
    "Atlantic/Reykjavik": (0, 0),
    "UTC": (0, 0),
    "America/New_York": (-5 * HOUR, -4 * HOUR),
}
NEW_YEAR, MIDSUMMER = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 6, 21, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_the_offset_is_that_of_the_season(zone):
    assert (offset_at(NEW_YEAR, zone), offset_at(MIDSUMMER, zone)) == ZONES[zone]


@pytest.mark.parametrize("zone", ZONES)
@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),
    hours=st.integers(1, 30),
)
@settings(deadline=None, max_examples=60)
def test_what_was_written_with_todays_data_stays(zone, at, hours):
    """Also across midnight, and in the hours that come twice or never."""
    end = at + timedelta(hours=hours)
    written = Written(at, end, offset_at(at, zone), offset_at(end, zone))
    assert not written.is_shifted(zone)
    assert written.kept_by_wall(zone) == (at, end)
    assert (told(at, written.start_offset, zone), told(end, None, zone)) == (at, end)


@pytest.mark.parametrize("zone", ZONES)
@given(at=st.datetimes(datetime(2027, 4, 5), datetime(2027, 9, 20), timezones=st.just(UTC)))
@settings(deadline=None, max_examples=60)
def test_the_wall_time_is_found_again_when_summer_time_was_abolished_and_came_back(zone, at):
    """Far from both changes each wall time is there once."""
    offset = ZONES[zone][0]  # as if all year were winter
    kept = kept_wall(at, offset, zone)
    assert to_wall(kept, zone) == written_wall(at, offset)
    assert at - kept == timedelta(seconds=ZONES[zone][1] - offset)
    assert told(at, offset, zone) == kept


def test_only_one_end_may_be_shifted():
    """A night over a change that was put off by a week: 23:00 to 04:00."""
    start = datetime(2027, 3, 27, 22, tzinfo=UTC)
    end = datetime(2027, 3, 28, 3, tzinfo=UTC)
    written = Written(start, end, HOUR, HOUR)
    assert written.is_shifted("Europe/Stockholm")
    assert written.kept_by_wall("Europe/Stockholm") == (start, end - timedelta(hours=1))


def test_nothing_is_known_of_old_rows():
    written = Written(NEW_YEAR, MIDSUMMER, None, None)
    assert not written.is_shifted("Europe/Stockholm")
    assert written.kept_by_wall("Europe/Stockholm") == (NEW_YEAR, MIDSUMMER)


def test_a_wall_time_that_the_new_clock_skips_cannot_be_kept():
    at = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # 02:30 if summer time had begun earlier
    with pytest.raises(NoSuchTime):
        kept_wall(at, 2 * HOUR, "Europe/Stockholm")
    assert to_wall(told(at, 2 * HOUR, "Europe/Stockholm"), "Europe/Stockholm") == datetime(
        2027, 3, 28, 3, 30
    )


def test_a_meeting_that_would_end_before_it_begins_cannot_be_kept():
    start = datetime(2027, 6, 10, 7, tzinfo=UTC)
    written = Written(start, start + timedelta(minutes=30), 2 * HOUR, HOUR)
    with pytest.raises(NoSuchTime):
        written.kept_by_wall("Europe/Stockholm")


def test_other_data_than_ours_may_judge():
    written = Written(NEW_YEAR, NEW_YEAR + timedelta(hours=1), HOUR, HOUR)
    assert not written.is_shifted("Europe/Stockholm")
    assert written.is_shifted("Europe/Stockholm", lambda _at, _zone: 0)
