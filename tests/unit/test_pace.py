"""So many letters a minute: in any minute, whenever one begins to count."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialognav.mail.pace import EVERYWHERE, Limit, Pace
from tests.conftest import NOW

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def sent(overall, per_domain, looks, *, wanted=10_000, is_urgent=False):
    """When letters left, by domain, for workers that look so often for as many as they may."""
    free_at, times = {}, []
    for at in looks:
        pace = Pace(at, Limit(overall), Limit(per_domain), free_at, is_urgent)
        due = [(n, f"{n % 3}.example") for n in range(60)]
        chosen = pace.choose([one for one in due if one[1] not in pace.closed_domains], wanted)
        times += [(at, domain) for domain in chosen.values()]
        free_at |= pace.spent(Counter(chosen.values()))
    return times


def busiest(times):
    """The most in any minute."""
    instants = [at for at, _ in times]
    return max(sum(one <= at < one + MINUTE for at in instants) for one in instants)


@given(st.integers(1, 120), st.lists(st.integers(0, 4000), min_size=30, max_size=120))
@settings(max_examples=15, deadline=None)
def test_no_minute_has_more(limit, ticks):
    looks = [NOW + timedelta(milliseconds=100 * tick) for tick in sorted(ticks)]
    assert busiest(sent(limit, 0, looks)) <= limit


@pytest.mark.parametrize("limit", [1, 2, 10, 60, 100])
def test_nearly_as_many_as_may(limit):
    looks = [NOW + n * SECOND for n in range(600)]
    assert 0.9 * limit * 10 <= len(sent(limit, 0, looks)) <= limit * 11


def test_each_domain_has_its_own():
    times = sent(0, 6, [NOW + n * SECOND for n in range(120)])
    for domain in ("0.example", "1.example", "2.example"):
        own = [one for one in times if one[1] == domain]
        assert busiest(own) == 6
    assert busiest(times) == 18


def test_urgent_letters_draw_on_the_next_minute_and_the_others_wait():
    pace = Pace(NOW, Limit(60), Limit(0), {EVERYWHERE: NOW + 7 * SECOND}, is_urgent=False)
    assert pace.allowed(EVERYWHERE) == 0
    urgent = Pace(NOW, Limit(60), Limit(0), pace.free_at, is_urgent=True)
    assert urgent.allowed(EVERYWHERE) >= 55


def test_where_a_server_asked_for_fewer_nothing_goes():
    slow = {"a.example": NOW + MINUTE}
    pace = Pace(NOW, free_at=slow)
    assert pace.closed_domains == ["a.example"]
    assert pace.choose([(1, "a.example"), (2, "b.example")], 10) == {2: "b.example"}
    assert Pace(NOW + MINUTE, free_at=slow).closed_domains == []


@pytest.mark.parametrize("limit", [0, 100])
def test_an_urgent_letter_leaves_where_a_server_asked_for_fewer(limit):
    slow = {EVERYWHERE: NOW + MINUTE, "a.example": NOW + MINUTE}
    urgent = Pace(NOW, Limit(limit), Limit(limit), slow, is_urgent=True)
    assert urgent.choose([(1, "a.example")], 10) == {1: "a.example"}
    assert urgent.closed_domains == []


def test_everywhere_stops_all():
    assert Pace(NOW, free_at={EVERYWHERE: NOW + SECOND}).choose([(1, "a.example")], 10) == {}


def test_without_limits_as_many_as_asked_for():
    due = [(n, "a.example") for n in range(50)]
    assert list(Pace(NOW).choose(due, 20)) == list(range(20))
