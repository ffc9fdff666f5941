"""Who may do what, written out: a change of the table has to be meant."""

import pytest

from dialognav.domain.permissions import VERBS, may
from dialognav.domain.terms import Role

ALLOWED = {
    "admin": set(VERBS),
    "planner": {
        *("read", "edit", "publish", "registrations", "review", "check_in", "export", "letters"),
        *("messages", "message_approval", "meetings", "meeting_notes", "minutes_approval"),
    },
    "host": {"read", "registrations", "check_in", "meeting_notes"},
    "approver": {
        *("read", "publish", "registrations", "review", "message_approval", "audit"),
        "minutes_approval",
    },
    "registrar": {"read", "export", "letters", "audit", "disposal"},
    "reader": {"read"},
}


def test_every_role_is_in_the_table():
    assert set(ALLOWED) == set(Role)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_may(role, verb):
    assert may(role, verb) is (verb in ALLOWED[role])


def test_only_the_administrator_touches_staff_and_settings():
    assert [role for role in Role if may(role, "staff") or may(role, "settings")] == ["admin"]


def test_an_unknown_role_may_nothing():
    assert not any(may("guest", verb) for verb in VERBS)


def test_a_misspelt_verb_is_a_bug_and_no_refusal():
    with pytest.raises(KeyError):
        may("admin", "pubilsh")
