"""How long names are kept, and what keeps them longer."""

from datetime import UTC, datetime

import pytest

from dialognav.domain.retention import Kept, Rule, answer_by, months_after, same_diary, why_kept
from dialognav.i18n import speaking
from dialognav.models.labels import gone_address, mark, said_name

ENDED = datetime(2025, 1, 31, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("months", "day"),
    [
        (0, (2025, 1, 31)),
        (1, (2025, 2, 28)),  # there is no 31 February
        (13, (2026, 2, 28)),
        (37, (2028, 2, 29)),  # a leap year
        (11, (2025, 12, 31)),
        (12, (2026, 1, 31)),
        (24, (2027, 1, 31)),
    ],
)
def test_months_are_counted_as_the_calendar_does(months, day):
    found = months_after(ENDED, months)
    assert (found.year, found.month, found.day) == day
    assert found.timetz() == ENDED.timetz()


def test_an_answer_is_due_in_a_month_not_in_thirty_days():
    assert answer_by(ENDED) == datetime(2025, 2, 28, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "other",
    ["RS 2026-01234", "rs2026-01234", "RS 2026/1234", " RS  2026–01234 ", "ＲＳ 2026-01234"],
)
def test_one_number_written_in_many_ways(other):
    assert same_diary("RS 2026-1234") == same_diary(other)


@pytest.mark.parametrize(
    "other", ["RS 2026-1235", "KS 2026-1234", "RS 20261234", "RS 2026-12-34", ""]
)
def test_another_number_is_another_matter(other):
    assert same_diary("RS 2026-1234") != same_diary(other)


def test_numbers_that_run_together_are_not_mixed_up():
    assert same_diary("1-11") != same_diary("11-1")
    assert same_diary("---") == ""


RULE = Rule("RS 2025-00017", 24)
DUE = datetime(2027, 1, 31, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"now": DUE.replace(minute=29)}, Kept.TOO_EARLY),
        ({"rule": Rule("", 24)}, Kept.NO_AUTHORITY),
        ({"rule": Rule("x", 25)}, Kept.TOO_EARLY),
        ({"state": "cancelled"}, None),
        ({"state": "postponed"}, Kept.NOT_OVER),
        ({"state": "draft"}, Kept.NOT_OVER),
        ({"ends_at": None}, Kept.NOT_OVER),
        ({"now": ENDED.replace(year=2024)}, Kept.NOT_OVER),
        ({"held": {same_diary("RS 2026/1")}}, Kept.HELD),
        ({"held": {same_diary("RS 2026/1")}, "rule": Rule("", 0)}, Kept.HELD),
        ({"held": {""}, "diary_number": ""}, None),  # a hold names a matter
    ],
)
def test_why_names_stay(changed, expected):
    given = {
        "rule": RULE,
        "state": "published",
        "ends_at": ENDED,
        "diary_number": "RS 2026-00001",
        "held": set(),
        "now": DUE,
    } | changed
    assert why_kept(given.pop("rule"), **given) == expected


def test_a_label_is_read_and_a_name_is_left_alone():
    with speaking("en"):
        assert said_name(mark("participant", 3)) == "Participant 3"
        assert said_name(mark("sole_trader", 1)) == "Sole trader 1"
        for name in ("Ingegerd Särskild", "erased", "erased:participant:", "erased:admin:1", ""):
            assert said_name(name) == name


def test_nobody_gets_mail_at_an_erased_address():
    assert gone_address("abc").endswith(".invalid")
