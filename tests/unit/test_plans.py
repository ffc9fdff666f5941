"""When messages that write themselves are due (domain/plans.py)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialognav.domain.plans import DAYS, STANDARD, PlanTime, Run, Slot, is_left, sendings, wrong_in
from dialognav.domain.terms import PlanKind

ZONE = "Europe/Stockholm"
REMINDER = PlanTime(PlanKind.REMINDER, -7, "09:00")
LINK = PlanTime(PlanKind.LINK, 0, "07:30")
THANKS = PlanTime(PlanKind.THANKS, 1, "09:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slot(starts: str, hours: float = 3, number: int = 1, link: str = "https://m.example/1") -> Slot:
    return Slot(number, at(starts), at(starts) + timedelta(hours=hours), link)


@pytest.mark.parametrize(
    ("plan", "starts", "due", "until"),
    [
        (REMINDER, "2027-02-10T08:00", "2027-02-03T08:00", "2027-02-03T20:00"),
        # The clocks go forward on 28 March and back on 31 October: nine o'clock stays nine.
        (REMINDER, "2027-03-30T07:00", "2027-03-23T08:00", "2027-03-23T20:00"),
        (REMINDER, "2027-11-02T08:00", "2027-10-26T07:00", "2027-10-26T19:00"),
        # A quarter past two is skipped that night: an hour later it is there.
        (
            PlanTime(PlanKind.REMINDER, -1, "02:15"),
            *("2027-03-29T07:00", "2027-03-28T01:15", "2027-03-28T13:15"),
        ),
        # Shown twice in autumn: the first of the two.
        (
            PlanTime(PlanKind.REMINDER, -1, "02:15"),
            *("2027-11-01T08:00", "2027-10-31T00:15", "2027-10-31T12:15"),
        ),
        (LINK, "2027-02-10T08:00", "2027-02-10T06:30", "2027-02-10T08:00"),
        # Begins before half past seven: the link comes an hour before.
        (LINK, "2027-02-10T06:00", "2027-02-10T05:00", "2027-02-10T06:00"),
        (LINK, "2027-02-10T07:00", "2027-02-10T06:00", "2027-02-10T07:00"),
        (THANKS, "2027-02-10T08:00", "2027-02-11T08:00", "2027-02-18T08:00"),
        # Ends at midnight in Stockholm: that is the day before.
        (THANKS, "2027-02-10T20:00", "2027-02-11T08:00", "2027-02-18T08:00"),
        # The same day, but not before it is over.
        (
            PlanTime(PlanKind.THANKS, 0, "09:00"),
            *("2027-02-10T08:00", "2027-02-10T11:00", "2027-02-17T11:00"),
        ),
    ],
)
def test_due_by_the_clock_on_the_wall(plan: PlanTime, starts: str, due: str, until: str) -> None:
    [sending] = sendings(plan, [slot(starts)], ZONE)
    assert (sending.due_at, sending.until) == (at(due), at(until))


def test_all_day_is_told_of_in_its_morning() -> None:
    begins = at("2027-02-09T23:00")  # midnight in Stockholm
    days = [replace(slot("2027-02-09T23:00", hours), all_day=True) for hours in (24, 72)]
    for day in days:
        [link] = sendings(LINK, [day], ZONE)
        assert (link.due_at, link.until) == (at("2027-02-10T06:30"), begins + timedelta(days=1))
        [same_day] = sendings(PlanTime(PlanKind.REMINDER, 0, "09:00"), [day], ZONE)
        assert (same_day.due_at, same_day.until) == (
            at("2027-02-10T08:00"),
            at("2027-02-10T20:00"),
        )


def test_nothing_before_it_is_due_nor_when_it_is_too_late() -> None:
    [sending] = sendings(LINK, [slot("2027-02-10T08:00")], ZONE)
    assert not sending.is_due(at("2027-02-10T06:29"))
    assert sending.is_due(at("2027-02-10T06:30"))
    assert sending.is_due(at("2027-02-10T07:59"))
    assert not sending.is_due(at("2027-02-10T08:00"))  # it has begun


def test_one_reminder_for_all_of_a_day_and_a_link_for_each_meeting() -> None:
    first = slot("2027-02-10T08:00", number=1)
    second = slot("2027-02-10T12:00", number=2, link="https://m.example/2")
    later = slot("2027-02-11T08:00", number=3)
    said = [sendings(plan, [later, second, first], ZONE) for plan in (REMINDER, LINK, THANKS)]
    assert [[[s.occasion_id for s in one.slots] for one in some] for some in said] == [
        [[1, 2], [3]],
        [[1], [2], [3]],
        [[3]],  # once, after the last
    ]


def test_a_link_that_is_not_there_is_not_sent() -> None:
    assert sendings(LINK, [slot("2027-02-10T08:00", link="")], ZONE) == []
    assert sendings(THANKS, [], ZONE) == []


@pytest.mark.parametrize(
    ("plan", "sent_for", "starts", "expected"),
    [
        (REMINDER, None, "2027-02-10T08:00", True),
        (REMINDER, "2027-02-10T08:00", "2027-02-10T08:00", False),
        # Moved by two days after the reminder: they have been told of it just now.
        (REMINDER, "2027-02-10T08:00", "2027-02-12T08:00", False),
        (REMINDER, "2027-02-10T08:00", "2027-02-17T08:00", True),
        (PlanTime(PlanKind.REMINDER, -1, "09:00"), "2027-02-10T08:00", "2027-02-11T08:00", True),
        (LINK, "2027-02-10T08:00", "2027-02-10T12:00", False),  # the same morning
        (LINK, "2027-02-10T08:00", "2027-02-11T08:00", True),
        (LINK, "2027-02-10T08:00", "2027-02-09T08:00", False),
        (THANKS, "2027-02-10T08:00", "2027-03-10T08:00", False),  # once for all
    ],
)
def test_again_for_a_new_start_only_if_that_makes_sense(
    plan: PlanTime, sent_for: str | None, starts: str, expected: bool
) -> None:
    runs = [Run(1, at(sent_for), True)] if sent_for else []
    assert is_left(plan, slot(starts), runs, ZONE) is expected


def test_what_reached_nobody_is_tried_again_for_another_start_only() -> None:
    runs = [Run(1, at("2027-02-10T08:00"), False)]
    assert not is_left(REMINDER, slot("2027-02-10T08:00"), runs, ZONE)
    assert is_left(REMINDER, slot("2027-02-11T08:00"), runs, ZONE)


def test_another_date_is_another_matter() -> None:
    runs = [Run(1, at("2027-02-10T08:00"), True)]
    assert is_left(REMINDER, slot("2027-02-10T08:00", number=2), runs, ZONE)


@pytest.mark.parametrize("wall", ["24:00", "9:00", "09.00", "", "09:60", "٠٩:٠٠", "09:00\n"])
def test_walls_that_no_clock_shows(wall: str) -> None:
    assert wrong_in(PlanKind.REMINDER, -1, wall) == ("at_wall",)


def test_days_that_do_not_fit_the_kind() -> None:
    assert wrong_in(PlanKind.REMINDER, 1, "09:00") == ("days",)
    assert wrong_in(PlanKind.THANKS, -1, "25:00") == ("days", "at_wall")
    for kind, days, wall, _on in STANDARD:
        assert wrong_in(kind, days, wall) == ()
    assert set(DAYS) == set(PlanKind)
