"""What may be done with a mailing in which state."""

from datetime import timedelta

import pytest

from dialognav.domain import message_rules as rules
from dialognav.domain.terms import MessageState as S
from tests.conftest import NOW

VERBS = tuple(rules._FROM)


def allowed(state: str, *, needs_approval: bool = False, is_approved: bool = False) -> set[str]:
    return {
        verb
        for verb in VERBS
        if rules.may_now(verb, state, needs_approval=needs_approval, is_approved=is_approved)
    }


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (S.DRAFT, {"edit", "delete", "send", "schedule"}),
        (S.SUBMITTED, {"edit", "delete", "take_back", "send", "schedule"}),  # wanted until now
        (S.SCHEDULED, {"edit", "send", "schedule", "unschedule", "stop"}),
        (S.SENDING, {"pause", "stop", "resend"}),
        (S.PAUSED, {"resume", "stop", "resend"}),
        (S.SENT, {"resend", "others"}),
        (S.STOPPED, {"others"}),  # what was stopped is not sent again by a resend
    ],
)
def test_without_approval(state, expected):
    assert allowed(state) == expected


@pytest.mark.parametrize(
    ("state", "is_approved", "expected"),
    [
        (S.DRAFT, False, {"edit", "delete", "submit"}),
        (S.SUBMITTED, False, {"edit", "delete", "approve", "return", "take_back"}),
        (S.APPROVED, True, {"edit", "delete", "send", "schedule"}),
        (S.SCHEDULED, True, {"edit", "send", "schedule", "unschedule", "stop"}),
        # planned before the organisation began to want approval
        (S.SCHEDULED, False, {"edit", "unschedule", "stop"}),
    ],
)
def test_with_approval(state, is_approved, expected):
    assert allowed(state, needs_approval=True, is_approved=is_approved) == expected


def test_an_unknown_verb_is_a_bug():
    with pytest.raises(KeyError):
        rules.may_now("launch", S.DRAFT, needs_approval=False, is_approved=False)


@pytest.mark.parametrize(
    ("state", "needs_approval", "expected"),
    [
        (S.DRAFT, False, S.DRAFT),
        (S.SCHEDULED, False, S.SCHEDULED),  # a typing error mended: it goes all the same
        (S.SCHEDULED, True, S.DRAFT),
        (S.APPROVED, True, S.DRAFT),
        (S.APPROVED, False, S.DRAFT),
        (S.SUBMITTED, True, S.DRAFT),
    ],
)
def test_a_change_voids_what_was_approved(state, needs_approval, expected):
    assert rules.state_after_edit(state, needs_approval=needs_approval) == expected


def test_what_it_lacks_is_named_in_the_order_of_the_form():
    assert rules.lacking({}, {}, "sv", reaches=0) == ("audience", "subject", "body")
    assert rules.lacking({"en": "Hi"}, {"sv": " \n"}, "sv", reaches=1) == ("subject", "body")
    assert rules.lacking({"sv": "Hej"}, {"sv": "Text"}, "sv", reaches=1) == ()


@pytest.mark.parametrize(
    ("ahead", "is_fit"),
    [(timedelta(), False), (timedelta(seconds=1), True), (timedelta(days=367), False)],
)
def test_a_time_is_ahead_and_not_in_another_year_by_mistake(ahead, is_fit):
    assert rules.is_fit_time(NOW + ahead, NOW) is is_fit


def test_the_change_since_approval():
    change = rules.change_since([1, 2, 3], [2, 3, 4])
    assert (change.added, change.gone) == ({4}, {1})
    assert change
    assert not rules.change_since([1, 2], [2, 1])
    assert not rules.change_since(None, [1])


def test_the_fingerprint_is_of_the_people_not_their_order():
    assert rules.fingerprint([3, 1], 0) == rules.fingerprint([1, 3], 0)
    assert rules.fingerprint([1, 3], 0) != rules.fingerprint([13], 0)
    assert rules.fingerprint([1, 3], 0) != rules.fingerprint([1, 3], 1)


def test_who_wrote_any_of_it_does_not_approve_it():
    assert rules.may_approve(9, [1, 2], 1, 2)
    assert not rules.may_approve(2, [1, 2], 1, None)
    assert not rules.may_approve(1, [], 1, None)
    assert not rules.may_approve(3, [1], 1, 3)


def test_it_is_sent_when_nothing_waits_and_all_is_written():
    assert rules.is_finished(S.SENDING, all_written=True, waiting=0)
    assert not rules.is_finished(S.SENDING, all_written=False, waiting=0)
    assert not rules.is_finished(S.SENDING, all_written=True, waiting=1)
    assert not rules.is_finished(S.PAUSED, all_written=True, waiting=0)
