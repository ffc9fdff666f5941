"""What differs between a registration as it was approved and as it stands now."""

import copy

import pytest

from dialognav.domain.reviews import (
    DECLINE_REASONS,
    Difference,
    approve_all_but,
    concerned,
    differences,
    fingerprint,
)
from dialognav.words import DECLINE_REASONS as WORDS

KARIN, JONAS, LEILA = 1, 2, 3
QUESTION, PERSONAL = 11, 12


def person(key, name, **given):
    email = f"{name.split()[0].lower()}@trygghem.example"
    return {"id": key, "name": name, "title": "", "email": email, "mandate": ""} | given


APPROVED = {
    "party": {
        "name": "Trygghem Teknik AB",
        "identifier": "559401-2345",
        "country": "SE",
        "kind": "company",
    },
    "people": [person(KARIN, "Karin Falk", title="CEO"), person(JONAS, "Jonas Berg")],
    "answers": [
        {"field": QUESTION, "person": None, "value": ["a1", "a2"]},
        {"field": PERSONAL, "person": JONAS, "value": "Night sensors"},
    ],
}


def edited():
    return copy.deepcopy(APPROVED)


def test_nothing_changed():
    assert differences(APPROVED, edited()) == []


@pytest.mark.parametrize("name", ["karin  FALK", " Karin Falk ", "KARIN FALK"])
def test_capitals_and_spaces_are_no_change(name):
    now = edited()
    now["people"][0]["name"] = name
    assert differences(APPROVED, now) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "Karin Falck"),
        ("title", "CTO"),
        ("title", ""),
        ("email", "karin@other.example"),
        ("mandate", "Speaks for the board"),
    ],
)
def test_what_is_said_of_a_person_counts(key, value):
    now = edited()
    before = now["people"][0][key]
    now["people"][0][key] = value
    assert differences(APPROVED, now) == [Difference("person", before, value, key, KARIN)]


def test_the_party_comes_first_and_puts_everybodys_place_in_question():
    now = edited()
    now["party"]["name"] = "Another AB"
    now["people"][1]["title"] = "Nurse"
    found = differences(APPROVED, now)
    assert [one.what for one in found] == ["party", "person"]
    assert concerned(found, [KARIN, JONAS]) == {KARIN, JONAS}


def test_a_newcomer_counts_and_one_who_left_does_not():
    now = edited()
    now["people"][1] = person(LEILA, "Leila Nouri")
    found = differences(APPROVED, now)
    assert [(one.what, one.person, one.matters) for one in found] == [
        ("added", LEILA, True),
        ("gone", JONAS, False),
    ]
    assert concerned(found, [KARIN, LEILA]) == {LEILA}  # and Jonas's answer went with him


def test_answers_of_the_registration_concern_everybody_those_of_a_person_only_that_one():
    now = edited()
    now["answers"][1]["value"] = "Day sensors"
    assert concerned(differences(APPROVED, now), [KARIN, JONAS]) == {JONAS}
    now["answers"][0]["value"] = ["a1"]
    assert concerned(differences(APPROVED, now), [KARIN, JONAS]) == {KARIN, JONAS}


@pytest.mark.parametrize("same", [["a2", "a1"], ["a1", "a2"]])
def test_the_order_of_several_choices_says_nothing(same):
    now = edited()
    now["answers"][0]["value"] = same
    assert differences(APPROVED, now) == []


@pytest.mark.parametrize(
    ("value", "is_change"), [("", False), ([], False), (None, False), (0, True), (False, True)]
)
def test_an_empty_answer_is_no_answer_but_zero_and_no_are(value, is_change):
    now = edited()
    now["answers"].append({"field": 13, "person": None, "value": value})
    assert bool(differences(APPROVED, now)) is is_change


def test_who_still_waits_is_compared_with_what_was_approved_before():
    now = edited()
    now["people"][0]["title"] = "CTO"
    now["people"][1]["title"] = "Nurse"
    now["people"].append(person(LEILA, "Leila Nouri"))
    approved = approve_all_but({JONAS, LEILA}, now, APPROVED)
    assert differences(approved, now) == [
        Difference("person", "", "Nurse", "title", JONAS),
        Difference("added", "", "Leila Nouri", person=LEILA),
    ]


def test_the_fingerprint_sees_what_a_difference_would_overlook():
    now = edited()
    now["people"][0]["name"] = "karin falk"
    seen = fingerprint(APPROVED, "pending")
    assert fingerprint(now, "pending") != seen
    assert fingerprint(edited(), "declined") != seen
    assert fingerprint(edited(), "pending") == seen


def test_each_reason_can_be_said():
    assert tuple(WORDS) == DECLINE_REASONS
