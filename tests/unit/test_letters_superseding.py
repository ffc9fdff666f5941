"""Which letter remains when several are promised before one leaves (decisions.md 14 and 15)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialognav.mail.changes import merged
from dialognav.mail.letters import Letter
from dialognav.mail.superseding import (
    Base,
    Unsent,
    base_facts,
    known_revision,
    says_nothing,
    succeed,
    without_calendar,
)
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=5)
SENT = Base(2, "hash", NOW)


def letter(kind, changes=(), **given):
    standard = {
        "kind": kind,
        "stream": "place:1:1",
        "recipient": "a@b.example",
        "recipient_name": "A",
        "language": "sv",
        "facts": {"changes": list(changes)} if changes else {},
        "priority": 2,
        "delay": 300,
    }
    return Letter(**standard | given)


def unsent(kind, changes=(), **facts):
    return Unsent(kind, facts | ({"changes": list(changes)} if changes else {}), NOW, 1)


def place(before, now):
    return {"what": "place", "before": before, "now": now}


@pytest.mark.parametrize(
    ("before", "new", "remains", "due_at"),
    [
        (None, "changed", "changed", None),
        # an invitation nobody has seen becomes one with the new facts, and is not held back
        ("place_confirmed", "changed", "place_confirmed", NOW),
        ("promoted", "changed", "promoted", NOW),
        ("new_date", "changed", "new_date", NOW),
        ("place_waiting", "changed_waiting", "place_waiting", NOW),
        ("receipt", "changed_waiting", "receipt", NOW),
        ("place_confirmed", "place_changed", "place_confirmed", NOW),
        ("changed", "changed", "changed", None),
        ("changed", "place_changed", "place_changed", None),
        ("place_changed", "changed", "place_changed", None),
        ("changed", "cancelled", "cancelled", None),
        ("place_confirmed", "cancelled", "cancelled", None),
        ("place_confirmed", "withdrawn", "withdrawn", None),
        ("postponed", "new_date", "new_date", None),
    ],
)
def test_which_kind_remains(before, new, remains, due_at):
    made, inherited = succeed(letter(new), before and unsent(before))
    assert (made.kind, inherited) == (remains, due_at)


def test_an_unseen_invitation_does_not_speak_of_changes():
    made, _ = succeed(letter("changed", [place("A", "B")]), unsent("place_confirmed"))
    assert "changes" not in made.facts
    assert (made.delay, made.priority) == (0, 1)


def test_two_changes_tell_the_whole_way():
    made, _ = succeed(letter("changed", [place("B", "C")]), unsent("changed", [place("A", "B")]))
    assert made.facts["changes"] == [place("A", "C")]


def test_a_change_that_is_undone_leaves_nothing():
    assert merged([place("A", "B")], [place("B", "A")]) == []


@pytest.mark.parametrize(
    ("row", "promised", "known"),
    [
        (None, None, None),
        (None, SENT, SENT),
        # an unsent revision of a calendar that never got one
        (unsent("place_confirmed", base=None), SENT, None),
        # an unsent update: what counts is the revision before it
        (unsent("changed", base=base_facts(Base(1, "old", NOW))), SENT, Base(1, "old", NOW)),
        # an unsent letter without calendar part says nothing about the calendar
        (unsent("place_waiting"), SENT, SENT),
    ],
)
def test_what_a_calendar_may_hold(row, promised, known):
    assert known_revision(row, promised) == known


@pytest.mark.parametrize(
    ("kind", "content_hash", "base", "nothing"),
    [
        ("changed", "hash", SENT, True),
        ("changed", "other", SENT, False),
        ("changed", "hash", None, False),
        # somebody else's way of attending changed, and the summary with it
        ("changed, but nothing", "other", SENT, True),
        ("place_changed", "hash", SENT, True),
        # asked for once more: the same invitation is sent again
        ("place_confirmed", "hash", SENT, False),
        ("cancelled", "hash", SENT, False),
        ("changed_waiting", None, None, True),
        ("place_waiting", None, None, False),
    ],
)
def test_when_there_is_nothing_to_say(kind, content_hash, base, nothing):
    kind, _, without = kind.partition(", ")
    changes = [] if without or content_hash is None else [place("A", "B")]
    assert says_nothing(letter(kind, changes), content_hash, base) is nothing


def test_what_was_never_in_a_calendar_is_not_taken_out_of_it():
    assert without_calendar(letter("withdrawn")).kind == "withdrawn_plain"
    assert without_calendar(letter("cancelled")).kind == "cancelled"
    assert without_calendar(replace(letter("cancelled"), appointment=None)).appointment is None
