"""A letter about several seats that waits, when another tells of some of them."""

from datetime import timedelta

import pytest

from dialognav.mail.shares import Waiting, narrowed, overlap, taken
from dialognav.mail.superseding import Unsent, gathered
from tests.conftest import NOW


def change(id_, before="A", now="B", what="place"):
    of = {"id": id_, "at": "", "zone": ""} if id_ else None
    return {"what": what, "before": before, "now": now, "of": of}


def date(id_):
    return {"when": f"when {id_}", "place": f"place {id_}", "name": None, "position": id_ * 10}


def facts(*ids, **given):
    first = date(ids[0])
    known = {"about": list(ids), "when": first["when"], "place": first["place"]}
    return known | {"dates": [date(id_) for id_ in ids]} | given


def waiting(kind, said, number=1):
    return Waiting({"id": number, "kind": kind, "facts": said, "due_at": NOW, "priority": 1})


@pytest.mark.parametrize(
    ("mine", "other", "shared"),
    [
        ({"about": [1, 2, 3]}, {"about": [2]}, [2]),
        ({"about": [1, 2]}, {"about": [3]}, []),
        ({"about": [1, 2]}, {"about": [2, 1, 3]}, None),
        # what does not say which seats it is about is one thing
        ({}, {"about": [1]}, None),
        ({"about": [1]}, {}, None),
    ],
)
def test_what_two_letters_both_tell_of(mine, other, shared):
    assert overlap(mine, other) == shared


def test_the_same_letter_about_fewer():
    said = facts(1, 2, 3, position=10, occasion=1, changes=[change(1), change(3), change(0)])
    left = narrowed(said, {2, 3})
    assert left["about"] == [2, 3]
    assert left["dates"] == [date(2), date(3)]
    assert (left["when"], left["place"], left["position"]) == ("when 2", "place 2", 20)
    assert left["occasion"] == 2
    assert left["changes"] == [change(3), change(0)]
    assert said["about"] == [1, 2, 3]


def test_of_a_single_date_no_change_says_of_which():
    left = narrowed(facts(1, 2, changes=[change(1), change(2)]), {2})
    assert left["changes"] == [change(2) | {"of": None}]


def test_each_gets_its_share_and_the_rest_waits():
    one = waiting("place_confirmed", facts(1, 2, 3))
    assert [each.facts["about"] for each in taken([one], {"about": [2, 9]})] == [[2]]
    assert [each.facts["about"] for each in taken([one], {"about": [1]})] == [[1]]
    assert taken([one], {"about": [9]}) == []
    assert one.rest()["about"] == [3]
    assert one.give({"about": [3]}) is not None
    assert one.rest() is None


def test_what_is_not_told_of_is_not_touched():
    one = waiting("place_confirmed", facts(1, 2))
    assert one.give({"about": [3]}) is None
    assert not one.is_touched


def test_a_letter_that_takes_all_leaves_nothing():
    one = waiting("withdrawn", {"method": "CANCEL"})
    assert one.give({"about": [1]}) == Unsent("withdrawn", {"method": "CANCEL"}, NOW, 1)
    assert one.rest() is None


@pytest.mark.parametrize(
    ("kind", "is_left"), [("changed", False), ("changed_waiting", False), ("place_changed", True)]
)
def test_of_a_change_the_rest_has_to_tell_one(kind, is_left):
    one = waiting(kind, facts(1, 2, changes=[change(1)]))
    one.give({"about": [1]})
    assert (one.rest() is not None) is is_left


def test_a_change_of_ones_own_seat_among_others_is_told_as_such():
    both = [
        Unsent("changed", {"changes": [change(1)]}, NOW, 2),
        Unsent("place_changed", {}, NOW + timedelta(minutes=1), 1),
    ]
    assert gathered(both).kind == "place_changed"
