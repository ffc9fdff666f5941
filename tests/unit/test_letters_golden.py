"""Whole mails as they leave. A change here reaches every inbox.

To write them anew after a change that is meant: `GOLDEN=write make unit`, then read the diff.
"""

import os
from pathlib import Path

import pytest

from dialognav.domain.terms import Mode
from tests.letter_samples import Course, World, course_letter, sample, seat_sample
from tests.unit.test_letters import raw

FILES = Path(__file__).parent.parent / "golden"


def update() -> object:
    world = World()
    return seat_sample("changed", world, 1, method="REQUEST", more={"changes": world.moved()})


def moved_mode() -> object:
    """Who changes from the place to the digital link keeps the entry."""
    return seat_sample("place_changed", World(mode=Mode.ONLINE), 2, method="REQUEST")


def series() -> object:
    course = Course()
    letter = course_letter("place_confirmed", course, course.standing_at(0, 1, 2, 3), **REQUEST)
    return sample(letter)


def series_date_off() -> object:
    """One date withdrawn; the others stay."""
    course = Course()
    left = {"method": "CANCEL", "declined": True, "more": {"by": "self"}}
    return sample(course_letter("withdrawn", course, course.leave(1), **left), 1)


def series_two_off() -> object:
    """Two dates withdrawn: the entry is written anew, without them."""
    course = Course()
    left = {"method": "CANCEL", "declined": True, "more": {"by": "self"}}
    return sample(course_letter("withdrawn", course, course.leave(1, 2), **left), 1)


REQUEST = {"method": "REQUEST"}
LETTERS = {
    "mode_changed": moved_mode,
    "series": series,
    "series_date_off": series_date_off,
    "series_two_off": series_two_off,
    "withdrawn": lambda: seat_sample(
        "withdrawn", World(), 3, method="CANCEL", declined=True, more={"by": "self"}
    ),
    "invitation": lambda: seat_sample("place_confirmed", World(), method="REQUEST"),
    "update": update,
    "cancelled": lambda: seat_sample("cancelled", World(), 1, method="CANCEL"),
}


@pytest.mark.parametrize("name", sorted(LETTERS))
def test_the_mail_is_that_of_the_golden_file(name):
    path = FILES / f"{name}.eml"
    mail = raw(LETTERS[name]())
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(mail)
    assert path.read_bytes() == mail


def test_no_golden_mail_is_left_over():
    assert {path.stem for path in FILES.glob("*.eml")} == set(LETTERS)
