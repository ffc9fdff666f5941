"""Words in braces."""

import time

import pytest

from dialognav.domain.names import first_name
from dialognav.domain.placeholders import PLACEHOLDERS, empty, fill, find, spelling, unknown, used


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{name}", "name"),
        ("{namn}", "name"),
        ("{navn}", "name"),
        ("{ Namn }", "name"),
        ("{{namn}}", "name"),
        ("{MIN SIDA}", "my_page"),
        ("{min-sida}", "my_page"),
        ("{min_lank}", "my_page"),
        ("{fo\u0308rnamn}", "first_name"),
        ("{händelse}", "event"),
        ("{arrangør}", "organiser"),
        ("{nmn}", None),
        ("{7*7}", None),
        ("{__class__}", None),
    ],
)
def test_as_people_write_them(text: str, name: str | None) -> None:
    (found,) = find(f"Hej {text}!")
    assert found.name == name
    assert (found.start, found.end) == (4, 4 + len(text))


@pytest.mark.parametrize(
    "text", ["", "{}", "{ }", "{\n}", "{" + "x" * 61 + "}", "}{", "{a", r"\{name}"]
)
def test_what_is_none(text: str) -> None:
    assert [one for one in find(text) if one.written] == []


def test_each_spelling_means_one_thing() -> None:
    for name, spellings in PLACEHOLDERS.items():
        for language in spellings:
            assert used(spelling(name, language)) == {name}


def test_filled_once() -> None:
    """What somebody calls themselves is no placeholder."""
    values = {"name": "{event}", "event": "Dialogdag"}
    assert fill(r"{namn} på {händelse}, {okänd}, \{namn}", values) == (
        "{event} på Dialogdag, {okänd}, {namn}"
    )


def test_unknown_and_empty_are_named() -> None:
    assert unknown("{namn} {nmn} { nmn } {x y}") == ["nmn", "x y"]
    assert unknown("{namn} {min sida}", in_subject=True) == ["min sida"]
    assert empty("{namn} {länk} {tid}", {"name": "Anna", "link": ""}) == ["link", "time"]


@pytest.mark.parametrize(
    "text", ["{" * 50_000, "{ " * 50_000, "{" + " " * 100_000, "\\" * 99_999 + "{a}"]
)
def test_read_in_time_that_grows_with_the_text(text: str) -> None:
    began = time.process_time()
    find(text)
    fill(text, {})
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Malin Ekdahl", "Malin"),
        ("Per-Olof von Essen", "Per-Olof"),
        ("Ek, Malin", "Malin"),
        ("Ek,", "Ek"),
        ("Cher", "Cher"),
        ("", ""),
        (" , ", ""),
    ],
)
def test_first_name(name: str, first: str) -> None:
    assert first_name(name) == first
