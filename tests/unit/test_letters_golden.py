"""Whole mails as they leave. A change here reaches every inbox.

To write them anew after a change that is meant: `GOLDEN=write make unit`, then read the diff.
"""

import os
from pathlib import Path

import pytest

from tests.letter_samples import World, seat_sample
from tests.unit.test_letters import posted

FILES = Path(__file__).parent.parent / "golden"


def update() -> object:
    world = World()
    return seat_sample("changed", world, 1, method="REQUEST", more={"changes": world.moved()})


LETTERS = {
    "invitation": lambda: seat_sample("place_confirmed", World(), method="REQUEST"),
    "update": update,
    "cancelled": lambda: seat_sample("cancelled", World(), 1, method="CANCEL"),
}


@pytest.mark.parametrize("name", sorted(LETTERS))
def test_the_mail_is_that_of_the_golden_file(name):
    path = FILES / f"{name}.eml"
    mail = posted(LETTERS[name]()).as_bytes()
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(mail)
    assert path.read_bytes() == mail


def test_no_golden_mail_is_left_over():
    assert {path.stem for path in FILES.glob("*.eml")} == set(LETTERS)
