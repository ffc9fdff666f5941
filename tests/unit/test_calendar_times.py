"""No entry is an hour or a day wrong, whatever the zone and the season."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dialognav.domain.calendar import invitation_ics, publication_ics
from tests import ics_reader
from tests.calendar_samples import entry, public


def times(data):
    calendar = ics_reader.lint(data)
    [event] = calendar.of("VEVENT")
    return [ics_reader.moment(calendar, event.one(name)) for name in ("DTSTART", "DTEND")]


def local(year, month, day, hour):
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "first", "after"),
    [
        (local(2027, 5, 10, 22), local(2027, 5, 11, 22), (11,), (12,)),  # midnight to midnight
        (local(2027, 5, 11, 7), local(2027, 5, 11, 15), (11,), (12,)),
        (local(2027, 5, 10, 22), local(2027, 5, 12, 21), (11,), (13,)),
    ],
)
def test_an_all_day_entry_has_the_days_of_its_place(starts_at, ends_at, first, after):
    data = publication_ics([public(all_day=True, starts_at=starts_at, ends_at=ends_at)], name=None)
    assert times(data) == [date(2027, 5, *first), date(2027, 5, *after)]
    assert b"VTIMEZONE" not in data


@pytest.mark.parametrize("hour", [0, 1])  # 02:00 summer time, 02:00 normal time
def test_an_hour_that_comes_twice_is_written_in_utc(hour):
    night = entry(starts_at=local(2027, 10, 31, hour), ends_at=local(2027, 10, 31, 3))
    assert times(invitation_ics(night)) == [night.starts_at, night.ends_at]
    assert b"DTSTART:20271031T0%d0000Z" % hour in invitation_ics(night)
    assert b"VTIMEZONE" not in invitation_ics(night)


ZONES = [
    "Europe/Stockholm",
    "Europe/Oslo",
    "Europe/Helsinki",
    "Atlantic/Reykjavik",
    "UTC",
    "America/New_York",
    "Africa/Casablanca",
    "Africa/Cairo",
]
# Both European changes, both American ones, and Cairo's, from the hour before to the hour after.
CHANGES = [
    local(2027, 3, 28, 0),
    local(2027, 10, 30, 23),
    local(2027, 3, 14, 6),
    local(2027, 11, 7, 5),
    local(2027, 4, 29, 21),
    local(2027, 10, 28, 20),
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", CHANGES)
def test_no_invitation_is_an_hour_wrong(zone, change):
    for half in range(8):
        start = change + timedelta(minutes=30 * half)
        invited = entry(zone=zone, starts_at=start, ends_at=start + timedelta(hours=9))
        assert times(invitation_ics(invited)) == [invited.starts_at, invited.ends_at]


@pytest.mark.parametrize(
    ("zone", "is_local"),
    [("Europe/Oslo", True), ("Atlantic/Reykjavik", True), ("UTC", False), ("Africa/Cairo", False)],
)
def test_a_zone_without_an_exact_rule_is_written_in_utc(zone, is_local):
    assert (b"BEGIN:VTIMEZONE" in invitation_ics(entry(zone=zone))) is is_local
