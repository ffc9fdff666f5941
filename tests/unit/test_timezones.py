from datetime import UTC, datetime, timedelta

import pytest

from dialognav.domain.timezones import (
    ZONES,
    is_known_zone,
    vtimezone,
    vtimezone_bytes,
    zone,
)

STOCKHOLM = """\
BEGIN:VTIMEZONE
TZID:Europe/Stockholm
X-LIC-LOCATION:Europe/Stockholm
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
END:VTIMEZONE
"""


def test_stockholm_is_the_example_of_the_standard_with_the_wall_time_before_the_change():
    assert vtimezone_bytes("Europe/Stockholm").decode() == STOCKHOLM.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("tzid", "halves", "line"),
    [
        ("Europe/Oslo", 2, "DTSTART:19700329T020000"),
        ("Europe/Helsinki", 2, "DTSTART:19700329T030000"),
        ("Atlantic/Reykjavik", 1, "TZOFFSETTO:+0000"),
        ("America/New_York", 2, "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
        ("Asia/Kathmandu", 1, "TZOFFSETTO:+0545"),
        ("Australia/Lord_Howe", 2, "TZOFFSETTO:+1030"),  # half an hour of summer time
        ("Europe/Dublin", 2, "TZNAME:IST"),  # its *summer* time is the standard one
        ("America/Nuuk", 2, "RRULE:FREQ=YEARLY;BYDAY=SA;BYMONTHDAY=24,25,26,27,28,29,30;BYMONTH=3"),
    ],
)
def test_rules_of_other_places(tzid, halves, line):
    rule = vtimezone(tzid, 2027, 2029)
    assert rule is not None
    assert len(rule.subcomponents) == halves
    assert line in rule.to_ical().decode().split("\r\n")


@pytest.mark.parametrize(
    ("tzid", "year"),
    [
        ("Africa/Casablanca", 2025),  # summer time stopped for Ramadan
        ("Africa/Cairo", 2027),  # "Thursday at 24:00" is a Friday that may be in the next month
        ("Europe/Stockholm", 1990),  # today's rule was not yet in force
        ("Europe/London", 1970),
        ("America/St_Johns", 2010),  # the same nights as today, but at 00:01
    ],
)
def test_no_rule_rather_than_a_wrong_one(tzid, year):
    assert vtimezone(tzid, year, year) is None


def test_a_span_of_years_is_exact_only_when_each_year_is():
    assert vtimezone("Europe/Stockholm", 1997, 2030) is not None
    assert vtimezone("Europe/Stockholm", 1995, 2030) is None


def test_every_zone_of_europe_has_an_exact_rule():
    europe = [name for name in ZONES if name.startswith("Europe/")]
    assert [name for name in europe if vtimezone(name, 2027, 2027) is None] == []


def test_a_zone_comes_from_the_wheel_and_knows_both_changes():
    stockholm = zone("Europe/Stockholm")
    before = datetime(2027, 3, 28, 0, 59, tzinfo=UTC)
    assert before.astimezone(stockholm).hour == 1
    assert (before + timedelta(minutes=1)).astimezone(stockholm).hour == 3
    assert str(stockholm) == "Europe/Stockholm"


@pytest.mark.parametrize(
    "name", ["", "Nowhere", "../tzdata/zones", "Europe", "europe/oslo", "\x00"]
)
def test_unknown_names_are_refused(name):
    assert not is_known_zone(name)
    for ask in (zone, vtimezone_bytes, lambda n: vtimezone(n, 2027, 2027)):
        with pytest.raises(ValueError, match="no such time zone"):
            ask(name)


def test_a_form_offers_europe_first_and_only_known_zones():
    assert ZONES[0] == "Europe/Amsterdam"
    assert ZONES[-1] == "UTC"
    assert {"Europe/Stockholm", "Europe/Oslo", "Atlantic/Reykjavik"} <= set(ZONES)
    assert all(map(is_known_zone, ZONES))
    assert len(set(ZONES)) == len(ZONES)
