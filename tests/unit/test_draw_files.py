"""A draw as a file: what is written is read again, and what was tampered with is found out."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.allocation import METHOD, Given, Share, Time, Wisher, allocate, calculate
from dialognav.domain.draw_files import (
    NotADraw,
    check,
    document,
    explanations,
    given_json,
    given_of,
    result_json,
)
from dialognav.domain.draw_runs import Differs, differs, fingerprint, one_run
from dialognav.domain.lots import commitment, drawn
from dialognav.draw_words import explanation
from dialognav.i18n import speaking

DAY = datetime(2027, 1, 20, 8, tzinfo=UTC)
SEED = "c0ffee" * 10
ASKED = Given(
    tuple(
        Time(name, DAY + n * timedelta(hours=1), DAY + (n + 1) * timedelta(hours=1))
        for n, name in enumerate(("s1", "s2"))
    ),
    (
        Wisher("a", ("s1", "s2")),
        Wisher("b", ("s1",), frozenset({"s2"})),
        Wisher("c"),
        Wisher("d", cannot=frozenset({"s1", "s2"})),
    ),
    (Share(frozenset({"a", "c"}), 1),),
)
GIVEN, _ = calculate(SEED, ASKED)
BEFORE = replace(GIVEN, slots=GIVEN.slots[:1], suppliers=GIVEN.suppliers[:-1])


def written() -> dict[str, Any]:
    """As it stands on the public page, through a file."""
    first, given = given_json(BEFORE), given_json(GIVEN)
    head = {
        "seed": SEED,
        "commitment": commitment(SEED),
        "method": METHOD,
        "hand_out": "wishes",
        "runs": [
            one_run("2027-01-19T08:00:00+00:00", None, first, ""),
            one_run("2027-01-19T09:00:00+00:00", first, given, "En tid till"),
        ],
    }
    result = {"outcomes": result_json(allocate(SEED, GIVEN))}
    return json.loads(json.dumps(document(head, given, result)))


def test_what_is_written_is_read_again_and_holds() -> None:
    assert given_json(given_of(written())) == given_json(GIVEN)
    assert check(written()) == dict.fromkeys(("commitment", "method", "runs", "result"), True)
    assert differs(written()["runs"][1]) == Differs(0, 1, 0, 1, 0)


@pytest.mark.parametrize(
    ("tampered", "broken"),
    [
        (lambda one: one.update(seed=SEED + "0"), {"commitment"}),
        (lambda one: one.update(commitment="0" * 64), {"commitment"}),
        (lambda one: one.update(method="another"), {"method", "result"}),
        (lambda one: one["given"]["suppliers"].pop(), {"result", "runs"}),
        (lambda one: one["given"]["slots"].pop(), {"result", "runs"}),
        (lambda one: one["runs"].pop(), {"runs"}),
        (lambda one: one["runs"].clear(), {"runs"}),
        (lambda one: one["runs"][1]["added"]["slots"].clear(), {"runs"}),
        (lambda one: one["runs"][0].update(given_sha256="0" * 64), {"runs"}),
        (lambda one: one["result"].reverse(), {"result"}),
        (lambda one: one["result"][0].update(slot=None), {"result"}),
    ],
)
def test_what_was_tampered_with_is_found_out(
    tampered: Callable[[dict[str, Any]], None], broken: set[str]
) -> None:
    one = written()
    tampered(one)
    assert broken <= {name for name, holds in check(one).items() if not holds}


@pytest.mark.parametrize(
    "spoilt",
    [
        {},
        {"seed": None},
        {"result": {}},
        {"given": []},
        {"given": {**given_json(GIVEN), "slots": [1]}},
        {"given": {**given_json(GIVEN), "slots": given_json(GIVEN)["slots"] * 2}},
        {"given": {**given_json(GIVEN), "suppliers": [{"id": "a", "wishes": [1], "cannot": []}]}},
        {"given": {**given_json(GIVEN), "suppliers": given_json(GIVEN)["suppliers"] * 2}},
        {"runs": [{}]},
        {"runs": [{"given_sha256": fingerprint(given_json(GIVEN)), "added": 1, "gone": {}}]},
        {
            "given": {
                **given_json(GIVEN),
                "slots": [{"id": "s", "starts_at": "2027-01-20T08:00", "ends_at": "soon"}],
            }
        },
    ],
)
def test_what_is_no_draw_is_said_to_be_none(spoilt: dict[str, Any]) -> None:
    with pytest.raises(NotADraw):
        check({**written(), **spoilt} if spoilt else {})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=3), deeper),
    max_leaves=8,
)


@given(
    st.sampled_from(["seed", "given", "result", "method", "commitment", "runs"]), st.data(), JUNK
)
def test_no_file_that_anybody_makes_is_more_than_refused(
    part: str, data: st.DataObject, junk: Any
) -> None:
    one: Any = written()
    if part == "given":
        inner = data.draw(st.sampled_from(["slots", "suppliers"]))
        one["given"][inner] = junk
    else:
        one[part] = junk
    with suppress(NotADraw):
        assert set(check(one)) == {"commitment", "method", "runs", "result"}


def test_which_suppliers_are_of_one_organisation_is_in_no_line() -> None:
    one = written()
    assert one["given"].keys() == {"slots", "suppliers"}
    waits = [each["id"] for each in one["given"]["suppliers"] if each["behind"]]
    assert waits == drawn(SEED, "share", {"a", "c"})[1:]  # its own organisation can see that
    assert allocate(SEED, GIVEN) == allocate(SEED, ASKED)
    lines = json.dumps(one)
    assert not re.search(r'"a"[^{}]*"c"|"c"[^{}]*"a"', lines)  # no line holds both
    for each in one["given"]["suppliers"]:
        each["behind"] = False
    assert not check(one)["result"]


def said(**facts: Any) -> list[str]:
    """In English, of a supplier that wished for slots and got one, unless said otherwise."""
    standard = {"hand_out": "wishes", "slot": "s1", "wish": None, "missed": [], "left": None}
    with speaking("en"):
        return explanation({**standard, "place": None, **facts})


def test_each_supplier_is_told_why_and_nobody_is_named() -> None:
    lost = [{"wish": 1, "why": "lot"}, {"wish": 2, "why": "cannot"}, {"wish": 3, "why": "others"}]
    assert said(wish=1) == ["This is your first wish."]
    assert said(wish=2, missed=lost[:1]) == [
        "This is your second wish.",
        "The first went to another supplier by lot.",
    ]
    assert said(missed=lost)[0].startswith("None of the times you wished for could be yours.")
    assert "The second was not possible for you" in said(missed=lost)[-1]
    assert said(slot=None, left="lot", place=2)[-1] == (
        "You are number 2 on the waiting list, by the lot."
    )
    assert said(slot=None, left="no_slot", place=1)[0] == "None of the times was possible for you."
    assert said(hand_out="lot") == ["The lot gave you this time."]


def test_explanations_are_of_everybody() -> None:
    one = written()
    found = explanations("wishes", one["given"], {"outcomes": one["result"]})
    assert set(found) == {"a", "b", "c", "d"}
    assert found["d"]["left"] == "no_slot"
    for language in ("sv", "nb", "en"):
        with speaking(language):
            assert all(explanation(each) for each in found.values())
