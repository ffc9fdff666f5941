"""A series in a calendar file, expanded by a reader that is not the writer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.calendar import (
    cancellation_ics,
    content_hash,
    entry_from_json,
    entry_to_json,
    invitation_ics,
    vevent_bytes,
)
from dialognav.domain.calendar_entries import rewritten
from dialognav.domain.recurrence import Date, instance_facts, series_facts, series_of
from dialognav.domain.timezones import zone as zone_named
from dialognav.domain.timing import to_instant
from tests import ics_reader
from tests.calendar_samples import (
    GOLDEN,
    SERIES,
    SERIES_ONE_OFF,
    WEEKLY,
    dates,
    entry,
    series_entry,
)
from tests.ics_reader import Occurrence

UID = "qaaaaaaaaaaaaaaaaaaaaaaaaaa@inv.dialog.example"
RULES = [
    "FREQ=DAILY;COUNT=6",
    "FREQ=WEEKLY;INTERVAL=2;COUNT=5",
    "FREQ=MONTHLY;COUNT=8",
    "FREQ=MONTHLY;BYDAY=2TU;COUNT=6",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1TU;COUNT=4",
]
ZONES = ["Europe/Stockholm", "Europe/Helsinki", "Atlantic/Reykjavik", "UTC", "America/New_York"]


def begins(rule):
    """A Tuesday in winter that is the first date of the rule."""
    return datetime(2027, 2, 23 if "-1TU" in rule else 9, 23, 30, tzinfo=UTC).replace(tzinfo=None)


def shown(ics):
    return ics_reader.occurrences(ics_reader.lint(ics))


def test_the_golden_series_shows_the_four_dates_that_are_held():
    assert [(one.starts_at, one.ends_at) for one in shown(GOLDEN["series"])] == [
        (date.starts_at, date.ends_at) for date in dates()
    ]
    assert [one.summary for one in shown(GOLDEN["series"])] == [
        *["Kurs: Upphandling, 5 tillfällen"] * 2,
        "Kurs: Upphandling (flyttat tillfälle)",
        "Kurs: Upphandling, 5 tillfällen",
    ]


def test_a_date_that_is_cancelled_by_itself_is_named_by_its_place_in_the_series():
    [event] = ics_reader.lint(GOLDEN["series_one_off"]).of("VEVENT")
    assert event.one("RECURRENCE-ID").value == "20270413T170000"
    assert event.one("RECURRENCE-ID").parameters == {"TZID": "Europe/Stockholm"}
    assert (event.one("UID").value, event.one("SEQUENCE").value) == (SERIES.uid, "1")
    assert event.one("STATUS").value == "CANCELLED"


def test_the_zone_is_there_also_when_only_the_place_in_the_series_needs_it():
    """The date was moved into the hour that comes twice, which is told in UTC."""
    twice = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    off = replace(SERIES_ONE_OFF, starts_at=twice, ends_at=twice + timedelta(hours=3))
    read = ics_reader.lint(cancellation_ics(off))
    [event] = read.of("VEVENT")
    assert event.one("DTSTART").value == "20271031T003000Z"
    assert event.one("RECURRENCE-ID").parameters == {"TZID": "Europe/Stockholm"}
    assert len(read.of("VTIMEZONE")) == 1


def test_a_series_is_cancelled_without_its_dates():
    [event] = ics_reader.lint(GOLDEN["series_called_off"]).of("VEVENT")
    assert not event.all("RRULE") + event.all("EXDATE") + event.all("RECURRENCE-ID")


@given(
    rule=st.sampled_from(RULES),
    zone=st.sampled_from(ZONES),
    all_day=st.booleans(),
    data=st.data(),
)
def test_whatever_is_left_out_or_moved_a_client_shows_just_the_dates_that_are_held(
    rule, zone, all_day, data
):
    wall = begins(rule).replace(hour=0, minute=0) if all_day else begins(rule)
    series = series_of(rule, to_instant(wall, zone), zone)
    kept = data.draw(st.sets(st.sampled_from(series.slots), min_size=1))
    length = timedelta(days=1) if all_day else timedelta(hours=3)
    held = []
    for slot in sorted(kept):
        start = slot + data.draw(st.sampled_from([timedelta(0)] * 3 + [timedelta(hours=31)]))
        place = data.draw(st.sampled_from(["Sal 3", "Sal 3", "Online, Teams"]))
        end = start + length
        if all_day:
            wall = start.astimezone(zone_named(zone)).replace(tzinfo=None, hour=0, minute=0)
            start, end = (to_instant(at, zone) for at in (wall, wall + length))
        held.append(Date(slot, start, end, {"all_day": all_day, "location": place}))
    made = made_of(series, series.slots[0], held)
    found = shown(invitation_ics(made))
    assert found == sorted(wanted(date, zone) for date in held)
    assert entry_from_json(entry_to_json(made)) == made


def wanted(date, zone):
    if not date.said["all_day"]:
        return Occurrence(date.starts_at, date.ends_at, "Kurs", date.said["location"])
    days = [at.astimezone(zone_named(zone)).date() for at in (date.starts_at, date.ends_at)]
    return Occurrence(*days, "Kurs", date.said["location"])


def made_of(series, since, held):
    facts = series_facts(series, since, held)
    overrides = facts.pop("overrides")
    own = {"uid": UID, "zone": series.zone, "summary": "Kurs", "geo": None}
    return entry(**own | facts, overrides=tuple(entry(**own | one) for one in overrides))


def test_who_comes_late_has_a_series_that_begins_with_their_own_first_date():
    late = [Date(at, at, at + timedelta(hours=2), {"all_day": False}) for at in WEEKLY.slots[2:]]
    made = made_of(WEEKLY, WEEKLY.slots[2], late)
    assert made.starts_at == WEEKLY.slots[2]
    assert made.rrule == "FREQ=WEEKLY;COUNT=3"
    assert made.exdates == ()


def test_the_series_begins_where_it_began_also_when_its_first_date_goes():
    rest = [Date(at, at, at + timedelta(hours=2), {"all_day": False}) for at in WEEKLY.slots[1:]]
    made = made_of(WEEKLY, WEEKLY.slots[0], rest)
    assert (made.starts_at, made.exdates) == (WEEKLY.slots[0], (WEEKLY.slots[0],))
    assert len(shown(invitation_ics(made))) == 4


def test_times_go_by_the_wall_clock_also_online():
    made = rewritten(SERIES, online_only=True)
    walls = [
        one.starts_at.astimezone(zone_named("Europe/Stockholm"))
        for one in shown(invitation_ics(made))
    ]
    assert {wall.hour for wall in walls} == {17}


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("Africa/Cairo", 12),  # no exact rule
        ("Europe/Stockholm", 2),  # no such hour on 28 March
    ],
)
def test_what_no_rule_can_tell_a_calendar_is_no_series(zone, hour):
    first = to_instant(datetime(2027, 3, 14, hour, 30), zone)
    assert series_of("FREQ=WEEKLY;COUNT=5", first, zone) is None


def test_nor_is_one_with_an_hour_that_comes_twice():
    first = to_instant(datetime(2027, 10, 17, 2, 30), "Europe/Stockholm")
    assert series_of("FREQ=WEEKLY;COUNT=5", first, "Europe/Stockholm") is None


def test_a_revision_alone_is_no_news_and_each_date_is():
    again = rewritten(SERIES, sequence=4, dtstamp=SERIES.dtstamp + timedelta(days=1))
    assert content_hash(again) == content_hash(SERIES)
    elsewhere = series_entry(dates=dates(location="Sal 4"))
    assert content_hash(elsewhere) != content_hash(SERIES)
    assert content_hash(replace(SERIES, exdates=())) != content_hash(SERIES)


def test_the_date_to_cancel_is_of_the_series_kind():
    date = replace(dates()[0], said={"all_day": True, "location": "Sal 3"})
    facts = instance_facts(date, {"all_day": False})
    assert facts["all_day"] is False
    ics_reader.lint(cancellation_ics(entry(**facts)))


def test_a_published_series_carries_its_dates_too():
    public = rewritten(SERIES, attendee=None)
    assert vevent_bytes(public).count(b"BEGIN:VEVENT") == 2
    assert vevent_bytes(rewritten(SERIES_ONE_OFF, attendee=None)).count(b"RECURRENCE-ID") == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"rrule": "FREQ=SECONDLY;COUNT=3"},
        {"rrule": "FREQ=WEEKLY"},
        {"rrule": "FREQ=WEEKLY;COUNT=3\r\nX:1"},
        {"overrides": (replace(SERIES_ONE_OFF, recurs_at=None),)},
        {"overrides": (replace(SERIES_ONE_OFF, uid="qother@inv.dialog.example"),)},
    ],
)
def test_no_calendar_gets_a_series_that_is_none(facts):
    with pytest.raises(ValueError, match=r"rules|override"):
        replace(SERIES, **facts)
