"""Audiences as they are kept: what cannot be read reaches nobody more."""

import json

import pytest

from dialognav.domain.audience import (
    MOST_PEOPLE,
    Audience,
    audience_from_json,
    audience_to_json,
    has_answered,
)
from dialognav.domain.terms import Mode, PartyKind

EVERYTHING = Audience(
    events=(3, 7),
    states=frozenset({"confirmed", "withdrawn"}),
    modes=frozenset({Mode.ONLINE}),
    occasions=frozenset({4}),
    party_kinds=frozenset({PartyKind.COMPANY}),
    answers=((9, ("a1", "yes")),),
    people=frozenset({11, 12, -5}),
    includes_dead=True,
    includes_contacts=True,
)


def test_an_audience_survives_being_kept() -> None:
    assert audience_from_json(json.loads(json.dumps(audience_to_json(EVERYTHING)))) == EVERYTHING
    assert audience_from_json(audience_to_json(Audience())) == Audience()
    assert audience_to_json(Audience((7, 3))) == audience_to_json(Audience((3, 7)))


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "confirmed",
        7,
        {},
        {"events": "1", "states": {"confirmed": 1}, "people": 5},
        {"events": [True, -1, 0, 1.5, "7", None, 2**40, {}], "states": [["confirmed"], {}, 1]},
        {"states": ["everybody"], "modes": ["by_train"], "party_kinds": [None]},
        {"answers": [[1], "x", [1, 2, 3], [None, ["a"]], [{}, []]], "includes_dead": "yes"},
        {"people": [0, -(2**31), -1.5, "-7"], "includes_contacts": 1},
    ],
)
def test_nonsense_is_nobody(data: object) -> None:
    found = audience_from_json(data)
    assert found.is_nobody
    assert not any((found.events, found.states, found.people))
    assert not found.includes_dead
    assert not found.includes_contacts


def test_numbers_are_limited() -> None:
    found = audience_from_json({"events": [1], "people": list(range(1, 10**6))})
    assert len(found.people) == MOST_PEOPLE


def test_an_answer_that_cannot_be_read_matches_nobody() -> None:
    """Left out, it would widen the audience."""
    found = audience_from_json({"answers": [[5, ["a b", 7, "x" * 50]]]})
    assert found.answers == ((5, ()),)
    assert not has_answered("a b", found.answers[0][1])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("answers", [["x", ["yes"]]]),
        ("answers", [[5, ["yes"]], "x"]),
        ("answers", [[field, ["yes"]] for field in range(1, 42)]),
        ("answers", {"5": ["yes"]}),
        ("modes", ["by_train"]),
        ("party_kinds", [None]),
        ("occasions", ["x"]),
        ("occasions", "4"),
    ],
)
def test_what_restricts_and_cannot_be_read_is_not_left_out(name: str, said: object) -> None:
    everybody = {"events": [1], "states": ["confirmed"]}
    found = audience_from_json({**everybody, name: said})
    restricting = getattr(found, name)
    assert 0 in dict(restricting) if name == "answers" else restricting in ({""}, {0})
    assert audience_from_json(audience_to_json(found)) == found  # nor the next time


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        ("a1", ("a1", "a2"), True),
        ("a1", ("a2",), False),
        (["a1", "a3"], ("a3",), True),
        ([], ("a3",), False),
        (True, ("yes",), True),
        (False, ("yes",), False),
        (False, ("no",), True),
        (12, ("12",), False),
        (None, ("no",), False),
        ({"filename": "a1"}, ("a1",), False),
    ],
)
def test_answers(value: object, wanted: tuple[str, ...], *, expected: bool) -> None:
    assert has_answered(value, wanted) is expected


def test_who_is_gone_is_meant_only_by_name() -> None:
    assert Audience((1,), frozenset({"withdrawn"})).seats == {"withdrawn", "lapsed"}
    alive = Audience((1,), frozenset({"confirmed", "offered", "waiting", "pending"}))
    assert alive.seats.isdisjoint({"withdrawn", "lapsed", "declined"})
