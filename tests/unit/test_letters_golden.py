"""Whole mails as they leave. A change here reaches every inbox.

To write them anew after a change that is meant: `GOLDEN=write make unit`, then read the diff.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from dialognav.domain.terms import Mode
from dialognav.mail.meeting_host_letters import News, host_letters
from dialognav.mail.meeting_letters import guest_letter
from tests.letter_samples import Course, World, course_letter, sample, seat_sample
from tests.meeting_samples import MeetingWorld
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


def meeting_booked() -> object:
    world = MeetingWorld()
    one = world.meeting()
    return sample(guest_letter(world.writer, one, world.participant, "meeting_booked", **REQUEST))


def meeting_moved() -> object:
    """To another hour and room, as the supplier reads it."""
    world = MeetingWorld()
    told = {"changes": world.moved(), "meetings": {"reason": "Sal Viken är upptagen."}}
    letter = guest_letter(
        world.writer,
        world.meeting(),
        world.participant,
        "meeting_changed",
        more=told,
        moved=True,
        **REQUEST,
    )
    return sample(letter, 1)


def meeting_host() -> object:
    world = MeetingWorld()
    news = News(world.host, replace(world.meeting(), hosts=()), "new")
    return sample(host_letters(world.writer, [news], {})[0])


REQUEST = {"method": "REQUEST"}
LETTERS = {
    "meeting_booked": meeting_booked,
    "meeting_host": meeting_host,
    "meeting_moved": meeting_moved,
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
