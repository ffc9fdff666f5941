"""Who follows an event, and when Monday's letter goes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.following import Followed, Published, last_digest, next_digest
from dialognav.domain.terms import Kind, Phase

EVENT = Published(1, "seminar", "pre_study", ("33196000-0 Medical aids", "85312000-9"), "SE232")


@pytest.mark.parametrize(
    ("followed", "is_covered"),
    [
        (Followed(), True),
        (Followed(1), True),
        (Followed(2), False),
        (Followed(kinds=("seminar", "workshop")), True),
        (Followed(kinds=("workshop",)), False),
        (Followed(phases=("pre_study",)), True),
        (Followed(phases=("procurement",)), False),
        (Followed(cpv="33"), True),
        (Followed(cpv="8531"), True),
        (Followed(cpv="31"), False),  # stands inside the first code, not at its beginning
        (Followed(region="SE"), True),
        (Followed(region="SE232"), True),
        (Followed(region="SE110"), False),
        (Followed(1, ("seminar",), ("pre_study",), "33", "SE2"), True),
        (Followed(1, ("seminar",), ("pre_study",), "33", "SE1"), False),
    ],
)
def test_who_follows(followed: Followed, is_covered: bool) -> None:
    assert followed.covers(EVENT) is is_covered


def test_what_an_event_does_not_say_is_not_what_somebody_asked_for() -> None:
    bare = Published(1, "seminar", "", (), "")
    assert Followed(1).covers(bare)
    for asked in (Followed(phases=("pre_study",)), Followed(cpv="33"), Followed(region="SE")):
        assert not asked.covers(bare)


def test_the_same_wish_has_one_key() -> None:
    every_kind = tuple(str(kind) for kind in Kind)
    assert Followed(kinds=every_kind).key == Followed().key
    assert (
        Followed(kinds=("workshop", "seminar")).key == Followed(kinds=("seminar", "workshop")).key
    )
    assert Followed(cpv="33").key != Followed(region="33").key
    longest = Followed(
        2**31, every_kind[:-1], tuple(str(phase) for phase in Phase)[:-1], "33196000", "SE232"
    )
    assert len(longest.key) <= 200  # what the column holds


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        # 08:00 is 07:00 UTC in winter, 06:00 in summer
        ("2027-01-12T09:00", "2027-01-11T07:00", "2027-01-18T07:00"),
        ("2027-01-11T07:00", "2027-01-11T07:00", "2027-01-18T07:00"),
        ("2027-01-11T06:59", "2027-01-04T07:00", "2027-01-11T07:00"),
        ("2027-03-27T12:00", "2027-03-22T07:00", "2027-03-29T06:00"),
        ("2027-03-29T06:00", "2027-03-29T06:00", "2027-04-05T06:00"),
        ("2027-10-31T12:00", "2027-10-25T06:00", "2027-11-01T07:00"),
    ],
)
def test_mondays(now: str, last: str, following: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert last_digest(at).isoformat()[:16] == last
    assert next_digest(at).isoformat()[:16] == following


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_every_instant_is_between_two_mondays(instant: datetime) -> None:
    now = instant.replace(tzinfo=UTC)
    assert last_digest(now) <= now < next_digest(now)
    assert last_digest(next_digest(now)) == next_digest(now)
