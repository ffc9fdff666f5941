"""Counting uses: exact, per window, and under the limit only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from dialognav import rates
from dialognav.db import unit_of_work
from dialognav.domain.errors import TooMany
from dialognav.models import RateCount
from tests.conftest import NOW

KEY = rates.rate_key("test", "secret", "192.0.2.1")


def use(work, now=NOW, key=KEY, limit=3):
    with work() as session:
        return rates.count_use(session, key, limit=limit, window_seconds=600, now=now)


def test_the_fourth_of_three_is_too_many(work):
    assert [use(work) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(TooMany) as caught:
        use(work, now=NOW + timedelta(seconds=60))
    assert caught.value.retry_after == 540


def test_a_refused_use_is_not_counted(work, look):
    for _ in range(3):
        use(work)
    for _ in range(3):
        with pytest.raises(TooMany):
            use(work)
    with look() as session:
        assert session.query(RateCount).one().n == 3


def test_the_next_window_begins_at_nought(work):
    for _ in range(3):
        use(work)
    assert use(work, now=NOW + timedelta(seconds=600)) == 1


def test_each_key_counts_for_itself(work):
    for _ in range(3):
        use(work)
    assert use(work, key=rates.rate_key("test", "secret", "192.0.2.2")) == 1


def test_one_may_be_given_back_but_never_more_than_were_used(work, look):
    use(work)
    for _ in range(3):
        with work() as session:
            rates.give_back(session, KEY, window_seconds=600, now=NOW)
    with look() as session:
        assert session.query(RateCount).one().n == 0


def test_a_key_holds_a_hash_that_only_this_installation_can_make():
    key = rates.rate_key("sign-in", "secret", "192.0.2.1", "eva@tallvik.example")
    assert "192" not in key
    assert "eva" not in key
    assert key != rates.rate_key("sign-in", "other", "192.0.2.1", "eva@tallvik.example")
    assert rates.rate_key("a", "s", "x", "y") != rates.rate_key("a", "s", "x\ny2"[:2], "y2")
    assert len(key) <= 120


def test_the_count_is_exact_when_eight_come_at_once(app):
    def many(_n):
        refused = 0
        for _ in range(10):
            try:
                with app.app_context(), unit_of_work() as session:
                    rates.count_use(session, KEY, limit=50, window_seconds=600, now=NOW)
            except TooMany:
                refused += 1
        return refused

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(many, range(8))) == 30


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_whom_an_address_stands_for(app, given, expected):
    from blueprints.limits import visitor_address

    with app.test_request_context(environ_base={"REMOTE_ADDR": given}):
        assert visitor_address() == expected
