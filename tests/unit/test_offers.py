"""How long an offer holds, and when the queue closes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dialognav.domain.offers import SHORTEST, QueueRule
from tests.unit.test_working_hours import HOURS, at, instants, organisers


def rule(starts: str, offer_hours: int = 24, ends: int = 12, country: str = "SE") -> QueueRule:
    return QueueRule(at(starts, country), offer_hours, ends, HOURS[country])


@pytest.mark.parametrize(
    ("starts", "closes"),
    [
        ("2027-02-10 09:00", "2027-02-09 20:00"),  # twelve hours before is 21.00 the day before
        ("2027-02-10 13:00", "2027-02-09 20:00"),  # 1.00 at night
        ("2027-02-10 21:00", "2027-02-10 09:00"),
        ("2027-02-15 09:00", "2027-02-12 20:00"),  # a Monday: Friday evening
        ("2026-12-28 13:00", "2026-12-23 20:00"),  # the day before Christmas Eve
        ("2027-03-30 09:00", "2027-03-25 20:00"),  # the clock changes at Easter
    ],
)
def test_the_queue_closes_at_a_working_hour_before_the_start(starts: str, closes: str) -> None:
    assert rule(starts).closes_at == at(closes)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2027-01-12 10:00", "2027-01-13 10:00"),
        ("2027-01-12 21:30", "2027-01-14 08:00"),  # 21.30 the next day is put forward
        ("2027-01-15 15:00", "2027-01-18 08:00"),  # over the weekend
        ("2027-02-07 20:00", "2027-02-08 20:00"),  # 48 hours are left: exactly half
        ("2027-02-08 20:00", "2027-02-09 08:00"),  # 24 are left: half of it
        ("2027-02-09 12:00", "2027-02-09 16:00"),
        ("2027-02-09 18:30", "2027-02-09 19:30"),  # an hour at least
        ("2027-02-09 19:00", "2027-02-09 20:00"),  # the last one
        ("2027-02-09 19:01", None),
        ("2027-02-09 21:00", None),
    ],
)
def test_an_offer_shrinks_near_the_start(now: str, ends: str | None) -> None:
    assert rule("2027-02-10 09:00").offer_ends_at(at(now)) == (at(ends) if ends else None)


def test_an_offer_over_christmas_waits_for_the_first_working_day() -> None:
    made = rule("2027-02-10 09:00").offer_ends_at(at("2026-12-23 10:00"))
    assert made == at("2026-12-28 08:00")


def test_an_offer_over_the_change_of_the_clock_holds_for_24_real_hours() -> None:
    monday = rule("2027-12-01 09:00").offer_ends_at(at("2027-10-30 16:00"))
    assert monday == at("2027-11-01 08:00")
    oslo = rule("2027-12-01 09:00", offer_hours=48, country="NO")
    assert oslo.offer_ends_at(at("2027-10-30 12:00", "NO")) == at("2027-11-01 11:00", "NO")


rules = st.builds(
    QueueRule,
    starts_at=instants,
    offer_hours=st.integers(1, 200),
    queue_ends_hours=st.integers(0, 100),
    hours=organisers,
)
before = st.timedeltas(timedelta(), timedelta(days=40))


@given(rules, before)
def test_every_offer_ends_at_a_working_instant_ahead_and_before_the_queue_closes(
    each: QueueRule, ahead: timedelta
) -> None:
    now = each.starts_at - ahead
    ends_at = each.offer_ends_at(now)
    assert each.hours.is_working(each.closes_at)
    assert each.closes_at <= each.starts_at
    if ends_at is None:
        assert now + SHORTEST > each.closes_at
    else:
        assert now + SHORTEST <= ends_at <= each.closes_at
        assert each.hours.is_working(ends_at)


@given(rules, before, st.timedeltas(timedelta(), timedelta(days=5)))
def test_who_is_asked_later_never_has_to_answer_earlier(
    each: QueueRule, ahead: timedelta, later: timedelta
) -> None:
    first = each.offer_ends_at(each.starts_at - ahead)
    second = each.offer_ends_at(each.starts_at - ahead + later)
    assume(first is not None and second is not None)
    assert first <= second


@given(rules, before)
def test_a_longer_offer_never_ends_earlier(each: QueueRule, ahead: timedelta) -> None:
    longer = QueueRule(each.starts_at, each.offer_hours + 5, each.queue_ends_hours, each.hours)
    now = each.starts_at - ahead
    one, other = each.offer_ends_at(now), longer.offer_ends_at(now)
    assert one == other is None or one <= other


def test_no_offer_is_longer_than_promised_but_for_the_hours_nobody_works() -> None:
    start = datetime(2027, 2, 10, 8, tzinfo=UTC)
    each = QueueRule(start, 24, 12, HOURS["SE"])
    for minutes in range(0, 20 * 24 * 60, 47):
        now = start - timedelta(days=21) + timedelta(minutes=minutes)
        ends_at = each.offer_ends_at(now)
        assert ends_at is not None
        assert ends_at <= each.hours.next(now + timedelta(hours=24))
