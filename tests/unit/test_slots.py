"""Windows cut into times: breaks, gaps, what stands already, and nights when the clock changes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.slots import Span, cut, spans_of, stored_spans, usual_opening, widened
from dialognav.domain.timing import to_instant
from dialognav.domain.working_hours import WorkingHours

STOCKHOLM = "Europe/Stockholm"
DAY = datetime(2027, 2, 24, 8, tzinfo=UTC)  # 9.00


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def starts(spans: list[Span]) -> list[str]:
    return [f"{span.starts_at.astimezone(ZoneInfo(STOCKHOLM)):%H.%M}" for span in spans]


def test_the_prototypes_day() -> None:
    breaks = [Span(at(1 + 50 / 60), at(2 + 10 / 60)), Span(at(2 + 40 / 60), at(4))]
    found = cut(Span(DAY, at(6)), minutes=30, gap=10, taken=breaks)
    expected = ["09.00", "09.40", "10.20", "11.10", "13.00", "13.40", "14.20"]
    assert starts(found) == expected
    assert {span.minutes for span in found} == {30}


def test_a_last_meeting_that_does_not_fit_is_left_out() -> None:
    assert len(cut(Span(DAY, at(1)), minutes=45, gap=15)) == 1
    assert len(cut(Span(DAY, at(1.74)), minutes=45, gap=15)) == 1
    assert len(cut(Span(DAY, at(1.75)), minutes=45, gap=15)) == 2
    assert cut(Span(DAY, at(0.5)), minutes=45, gap=0) == []


def test_what_stands_already_keeps_its_gap_on_both_sides() -> None:
    there = widened(Span(at(1), at(1.5)), 10)
    found = cut(Span(DAY, at(3)), minutes=30, gap=10, taken=[there])
    assert starts(found) == ["09.00", "10.40", "11.20"]


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (datetime(2027, 3, 27), 4),  # an ordinary night: 00 to 04
        (datetime(2027, 3, 28), 3),  # the clock skips 02 to 03
        (datetime(2027, 10, 31), 5),  # and shows it twice
    ],
)
def test_a_night_has_as_many_meetings_as_hours(day: datetime, hours: int) -> None:
    window = Span(to_instant(day, STOCKHOLM), to_instant(day.replace(hour=4), STOCKHOLM))
    found = cut(window, minutes=30, gap=0)
    assert len(found) == 2 * hours
    assert {span.ends_at - span.starts_at for span in found} == {timedelta(minutes=30)}


def test_days_before_and_after_the_change_begin_at_the_same_time_by_the_clock() -> None:
    for day in (datetime(2027, 3, 26), datetime(2027, 3, 29)):
        window = Span(*(to_instant(day.replace(hour=h), STOCKHOLM) for h in (9, 12)))
        assert starts(cut(window, minutes=45, gap=15)) == ["09.00", "10.00", "11.00"]


MINUTES = st.integers(0, 12 * 60)


@given(
    length=st.sampled_from((20, 30, 45, 60, 90)),
    gap=st.integers(0, 60),
    ends=MINUTES,
    breaks=st.lists(st.tuples(MINUTES, st.integers(1, 120)), max_size=6),
)
def test_no_meeting_is_short_or_in_a_break(
    length: int, gap: int, ends: int, breaks: list[tuple[int, int]]
) -> None:
    window = Span(DAY, DAY + timedelta(minutes=ends))
    taken = [
        Span(DAY + timedelta(minutes=begin), DAY + timedelta(minutes=begin + long))
        for begin, long in breaks
    ]
    found = cut(window, minutes=length, gap=gap, taken=taken)
    for span in found:
        assert span.minutes == length
        assert window.starts_at <= span.starts_at
        assert span.ends_at <= window.ends_at
        assert not any(span.overlaps(each) for each in taken)
    for one, other in pairwise(found):
        between = (other.starts_at - one.ends_at).total_seconds() / 60
        assert between >= gap or any(
            one.ends_at <= each.ends_at == other.starts_at for each in taken
        )


def test_times_away_survive_being_kept() -> None:
    spans = [Span(at(3), at(4)), Span(at(1), at(2))]
    assert spans_of(stored_spans(spans)) == sorted(spans)


@pytest.mark.parametrize(
    ("now", "opens_at"),
    [
        (datetime(2027, 1, 12, 9, tzinfo=UTC), datetime(2027, 1, 13, 8, tzinfo=UTC)),
        (datetime(2027, 1, 12, 5, tzinfo=UTC), datetime(2027, 1, 13, 8, tzinfo=UTC)),
        (datetime(2027, 1, 15, 9, tzinfo=UTC), datetime(2027, 1, 18, 8, tzinfo=UTC)),  # a Friday
        (datetime(2027, 3, 25, 9, tzinfo=UTC), datetime(2027, 3, 30, 7, tzinfo=UTC)),  # Easter
    ],
)
def test_added_times_open_on_the_next_working_morning(now: datetime, opens_at: datetime) -> None:
    assert usual_opening(WorkingHours(STOCKHOLM, "SE"), now) == opens_at
