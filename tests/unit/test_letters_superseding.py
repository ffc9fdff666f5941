"""Which letter remains when several are promised before one leaves (decisions.md 14 and 15)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialognav.domain.calendar import Person
from dialognav.mail.appointments import Appointment
from dialognav.mail.changes import merged
from dialognav.mail.letters import Letter
from dialognav.mail.superseding import (
    Base,
    Unsent,
    base_facts,
    gathered,
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


def of_series(kind, changes=(), instance=None, method="REQUEST", **facts):
    """About a person's dates; `instance`: one of them is cancelled by itself."""
    appointment = Appointment(
        method="CANCEL" if instance else method,
        participant_id=1,
        occasion_id=1,
        domain="dialog.example",
        organiser=Person("O", "o@dialog.example"),
        facts={},
        is_series=True,
        instance=instance,
    )
    made = letter(kind, changes, appointment=appointment)
    return replace(made, facts=made.facts | facts)


ONE = {"recurs_at": NOW}


@pytest.mark.parametrize(
    ("before", "new", "remains", "due_at"),
    [
        (unsent("place_confirmed"), of_series("withdrawn", instance=ONE), "place_confirmed", NOW),
        (unsent("promoted"), of_series("changed"), "promoted", NOW),
        (unsent("withdrawn", gone=[1]), of_series("withdrawn", instance=ONE), "withdrawn", None),
        (unsent("withdrawn", gone=[1]), of_series("changed"), "withdrawn", NOW),
        (unsent("changed"), of_series("withdrawn", instance=ONE), "withdrawn", None),
        (unsent("changed"), of_series("place_changed"), "place_changed", None),
        (unsent("changed"), of_series("promoted"), "promoted", None),
    ],
)
def test_one_letter_about_all_dates_of_a_series(before, new, remains, due_at):
    made, inherited = succeed(new, before)
    assert (made.kind, inherited) == (remains, due_at)
    assert (made.appointment.method, made.appointment.instance) == ("REQUEST", None)


def test_alone_a_date_is_taken_out_by_itself():
    made, _ = succeed(of_series("withdrawn", instance=ONE), None)
    assert (made.appointment.method, made.appointment.instance) == ("CANCEL", ONE)


def test_nothing_that_was_to_be_told_of_a_series_is_lost():
    before = unsent("changed", [place("A", "B")], gone=["mon"], base=base_facts(SENT))
    new = of_series("withdrawn", [place("B", "C")], instance=ONE, gone=["tue"])
    made, _ = succeed(new, before)
    assert made.facts["changes"] == [place("A", "C")]
    assert made.facts["gone"] == ["mon", "tue"]


def test_an_unseen_series_does_not_speak_of_changes_but_of_dates_that_are_gone():
    before = unsent("place_confirmed", base=None, gone=["mon"])
    made, _ = succeed(of_series("changed", [place("A", "B")]), before)
    assert "changes" not in made.facts
    assert made.facts["gone"] == ["mon"]


def test_a_series_that_is_over_says_so_and_nothing_else():
    before = unsent("changed", [place("A", "B")])
    made, _ = succeed(of_series("cancelled", method="CANCEL"), before)
    assert (made.kind, made.appointment.method) == ("cancelled", "CANCEL")
    assert "changes" not in made.facts


def test_after_a_cancellation_a_series_begins_anew():
    made, _ = succeed(of_series("new_date"), unsent("postponed", method="CANCEL"))
    assert (made.kind, made.appointment.method) == ("new_date", "REQUEST")


def test_changes_of_several_dates_are_merged_date_by_date():
    def of(n, before, now):
        return place(before, now) | {"of": {"id": n, "at": "", "zone": ""}}

    first, second = [of(1, "A", "B"), of(2, "A", "B")], [of(1, "B", "C"), of(2, "B", "A")]
    assert merged(first, second) == [of(1, "A", "C")]


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


def test_a_result_that_has_not_left_keeps_its_explanation_when_the_meeting_moves():
    drawn = {"meetings": {"how": "drawn", "explanation": {"wish": 2}, "reason": ""}}
    moved = replace(letter("meeting_changed"), facts={"changes": [], "meetings": {"reason": "x"}})
    kept, _due_at = succeed(moved, Unsent("meeting_result", drawn, NOW, 1))
    assert kept.kind == "meeting_result"
    assert kept.facts["meetings"] == {"how": "drawn", "explanation": {"wish": 2}, "reason": "x"}


def test_the_team_hears_nothing_of_what_came_and_went():
    off = replace(letter("meeting_host_cancelled"), kind="meeting_host_cancelled")
    assert without_calendar(off) is None


def test_a_list_of_meetings_tells_the_news_of_the_one_it_replaces():
    def listed(off=(), **rows):
        told = [{"booking": name, "news": news} for name, news in rows.items()]
        team = {"rows": told, "off": [{"booking": name} for name in off]}
        return {"team": team}

    newer = replace(
        letter("meeting_host_schedule"), facts=listed(("b", "c"), a="changed", d="", e="new")
    )
    older = listed(("f",), a="new", b="new", c="", d="changed")
    made, _due_at = succeed(newer, Unsent("meeting_host_schedule", older, NOW, 1))
    news = {row["booking"]: row["news"] for row in made.facts["team"]["rows"]}
    assert news == {"a": "new", "d": "changed", "e": "new"}
    assert [row["booking"] for row in made.facts["team"]["off"]] == ["f", "c"]


def test_what_was_never_in_a_calendar_is_not_taken_out_of_it():
    assert without_calendar(letter("withdrawn")).kind == "withdrawn_plain"
    assert without_calendar(letter("cancelled")).kind == "cancelled"
    assert without_calendar(replace(letter("cancelled"), appointment=None)).appointment is None


def test_letters_that_came_back_from_a_worker_are_told_as_one():
    """A confirmation that could not leave, and the difference that was promised meanwhile."""
    first = unsent("place_confirmed", base=None)
    second = unsent("changed", [place("A", "B")], base=base_facts(SENT))
    told = gathered([first, second])
    assert (told.kind, known_revision(told, SENT)) == ("place_confirmed", None)
    both = gathered([second, unsent("changed", [place("B", "C")])])
    assert both.facts["changes"] == [place("A", "C")]
    off = unsent("cancelled", method="CANCEL")
    assert gathered([first, off]) == off
    assert gathered([]) is None
