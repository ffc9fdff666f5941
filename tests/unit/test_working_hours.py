"""Working time of the Nordic countries, through holidays and changes of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.timing import to_instant
from dialognav.domain.working_hours import WorkingHours

HOURS = {
    "SE": WorkingHours("Europe/Stockholm", "SE"),
    "NO": WorkingHours("Europe/Oslo", "NO"),
    "FI": WorkingHours("Europe/Helsinki", "FI"),
    "DK": WorkingHours("Europe/Copenhagen", "DK"),
    "IS": WorkingHours("Atlantic/Reykjavik", "IS"),
}
instants = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)
organisers = st.sampled_from(sorted(HOURS)).map(HOURS.__getitem__)


def at(text: str, country: str = "SE") -> datetime:
    return to_instant(datetime.fromisoformat(text), HOURS[country].zone)


@pytest.mark.parametrize(
    ("country", "when", "then"),
    [
        ("SE", "2027-01-12 10:15", "2027-01-12 10:15"),
        ("SE", "2027-01-12 20:00", "2027-01-12 20:00"),
        ("SE", "2027-01-12 20:01", "2027-01-13 08:00"),
        ("SE", "2027-01-13 03:00", "2027-01-13 08:00"),
        ("SE", "2027-01-15 21:00", "2027-01-18 08:00"),  # Friday evening to Monday
        ("SE", "2026-12-23 21:00", "2026-12-28 08:00"),  # Christmas Eve is one of the holidays
        ("SE", "2026-12-30 20:30", "2027-01-04 08:00"),  # New Year's Eve too
        ("SE", "2027-06-24 20:30", "2027-06-28 08:00"),  # and Midsummer Eve
        ("SE", "2027-05-05 22:00", "2027-05-07 08:00"),  # Ascension Day
        ("NO", "2027-05-16 12:00", "2027-05-18 08:00"),  # Whit Monday on the 17th of May
        ("NO", "2027-03-24 21:00", "2027-03-30 08:00"),  # Maundy Thursday to Easter Monday
        ("NO", "2026-12-24 09:00", "2026-12-24 09:00"),  # no public holiday there
        ("FI", "2027-12-05 12:00", "2027-12-07 08:00"),  # Independence Day
        ("DK", "2027-03-24 21:00", "2027-03-30 08:00"),
        ("IS", "2027-06-16 21:00", "2027-06-18 08:00"),
        ("SE", "2027-03-28 01:30", "2027-03-30 08:00"),  # the clock changes at Easter
    ],
)
def test_the_next_working_instant(country: str, when: str, then: str) -> None:
    assert HOURS[country].next(at(when, country)) == at(then, country)


@pytest.mark.parametrize(
    ("when", "then"),
    [
        ("2027-01-12 10:15", "2027-01-12 10:15"),
        ("2027-01-12 21:00", "2027-01-12 20:00"),
        ("2027-01-12 07:59", "2027-01-11 20:00"),
        ("2027-01-18 07:00", "2027-01-15 20:00"),  # Monday morning back to Friday
        ("2026-12-28 07:00", "2026-12-23 20:00"),
    ],
)
def test_the_last_working_instant(when: str, then: str) -> None:
    assert HOURS["SE"].last(at(when)) == at(then)


def test_a_day_lasts_twelve_hours_on_both_sides_of_the_clock_change() -> None:
    for day in ("2027-03-26", "2027-03-30", "2027-10-29", "2027-11-01"):
        opens = HOURS["SE"].next(at(f"{day} 00:00") + timedelta(minutes=1))
        assert opens in (at(f"{day} 08:00"), at("2027-03-30 08:00"))
        assert HOURS["SE"].last(opens + timedelta(hours=14)) - opens == timedelta(hours=12)


@pytest.mark.parametrize(("country", "works"), [("DE", False), ("ZZ", True)])
def test_any_country_has_its_holidays_and_an_unknown_one_weekends_only(
    country: str, works: bool
) -> None:
    hours = WorkingHours("Europe/Berlin", country)
    christmas = to_instant(datetime(2026, 12, 25, 12), "Europe/Berlin")
    assert hours.is_working(christmas) is works
    assert not hours.is_working(christmas + timedelta(days=1))  # a Saturday


@given(organisers, instants)
def test_both_ways_end_at_a_working_instant(hours: WorkingHours, instant: datetime) -> None:
    after, before = hours.next(instant), hours.last(instant)
    assert before <= instant <= after
    assert hours.is_working(after)
    assert hours.is_working(before)
    assert (before == after) == hours.is_working(instant)


@given(organisers, instants, st.timedeltas(timedelta(), timedelta(days=10)))
def test_later_never_gives_earlier(hours: WorkingHours, one: datetime, more: timedelta) -> None:
    assert hours.next(one) <= hours.next(one + more)
    assert hours.last(one) <= hours.last(one + more)
