"""Which answers count: everything has to fit, and each single thing that does not is enough."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.replies import Received
from dialognav.domain.reply_rules import (
    Effect,
    Invited,
    Seat,
    decide,
    fits_uid,
    is_alias,
    undo_until,
)
from dialognav.domain.terms import Declining, InboundKind, InboundState
from dialognav.mail.bounce_addresses import bounce_address, letter_of_token
from tests.conftest import NOW

HOUR = timedelta(hours=1)
UID = "r6hq2v9d3x8mfa0tkc4n7bw51z@inv.dialog.example"
ADA = "ada@firm.example"
SEAT = Seat(7, NOW + 100 * HOUR, NOW + 103 * HOUR)
INVITED = Invited(UID, ADA, 2, NOW - 9 * HOUR, False, (SEAT,))
ANSWER = Received(
    kind=InboundKind.REPLY,
    fingerprint="0" * 64,
    recipient="region@dialog.example",
    sender=ADA,
    uid=UID,
    sequence=2,
    dtstamp=NOW,
    attendee=ADA,
    attendee_count=1,
    partstat="DECLINED",
    is_proved=True,
)
WRONG: dict[str, Any] = {
    "problem": "bad_calendar",
    "is_trusted": False,
    "sender": "eva@evil.example",
    "recipient": "region+r7@dialog.example",
    "attendee": "eva@evil.example",
    "attendee_count": 2,
    "sequence": 3,
    "dtstamp": NOW + 48 * HOUR,
    "partstat": "X-LATER",
}


@pytest.mark.parametrize(
    ("declining", "effect"),
    [
        (Declining.ASK, Effect.ASK),
        (Declining.KEEP, Effect.ASK),
        (Declining.AT_ONCE, Effect.GIVE_UP),
    ],
)
def test_what_a_no_does_is_the_events_rule(declining: str, effect: Effect) -> None:
    made = decide(ANSWER, INVITED, declining, now=NOW)
    assert (made.state, made.effect, made.seats) == (InboundState.APPLIED, effect, (7,))


@given(st.sets(st.sampled_from(sorted(WRONG)), min_size=1))
def test_nothing_that_does_not_fit_touches_a_seat(wrong: set[str]) -> None:
    received = replace(ANSWER, **{name: WRONG[name] for name in wrong})
    made = decide(received, INVITED, Declining.AT_ONCE, now=NOW)
    assert made.state == InboundState.OPEN
    assert made.effect in (Effect.NOTHING, Effect.WARN)
    assert made.reason


def test_a_colleague_who_answers_takes_no_seat_at_once() -> None:
    received = replace(ANSWER, sender="server@firm.example", reply_to=ADA)
    assert decide(received, INVITED, Declining.AT_ONCE, now=NOW).effect == Effect.ASK
    unnamed = replace(received, reply_to="")
    assert decide(unnamed, INVITED, Declining.AT_ONCE, now=NOW).reason == "sender"
    free = replace(INVITED, address="ada@gmail.com")
    received = replace(
        ANSWER, sender="eva@gmail.com", attendee="ada@gmail.com", reply_to="ada@gmail.com"
    )
    assert decide(received, free, Declining.AT_ONCE, now=NOW).reason == "sender"


def test_what_only_from_says_takes_no_seat_at_once() -> None:
    received = replace(ANSWER, is_proved=False)
    assert decide(received, INVITED, Declining.AT_ONCE, now=NOW).effect == Effect.ASK


def test_of_a_series_the_dates_that_have_not_moved_are_answered() -> None:
    moving = replace(SEAT, id=8, is_moving=True)
    two = replace(INVITED, seats=(SEAT, moving))
    assert decide(ANSWER, two, Declining.ASK, now=NOW).seats == (7,)
    made = decide(ANSWER, replace(INVITED, seats=(moving,)), Declining.ASK, now=NOW)
    assert (made.state, made.reason) == (InboundState.STALE, "older_revision")


def test_a_no_once_more_asks_for_the_dates_that_are_new_to_it() -> None:
    asked = replace(SEAT, id=8, is_no=True, undo_until=NOW + HOUR)
    one, both = replace(INVITED, seats=(asked,)), replace(INVITED, seats=(SEAT, asked))
    assert decide(ANSWER, one, Declining.ASK, now=NOW).effect == Effect.NOTE
    assert decide(ANSWER, both, Declining.ASK, now=NOW).effect == Effect.ASK
    kept = replace(INVITED, seats=(replace(asked, undo_until=None),))
    assert decide(ANSWER, kept, Declining.KEEP, now=NOW).effect == Effect.NOTE
    assert decide(ANSWER, kept, Declining.ASK, now=NOW).effect == Effect.ASK


@given(st.integers(0, 4), st.integers(-200, 200), st.integers(0, 4), st.integers(-200, 200))
def test_within_a_revision_the_latest_stamp_counts(
    sequence: int, hours: int, known_sequence: int, known_hours: int
) -> None:
    known = replace(SEAT, sequence=known_sequence, stamp=NOW + known_hours * HOUR)
    invited = replace(INVITED, sequence=sequence, made_at=NOW - 300 * HOUR, seats=(known,))
    received = replace(ANSWER, sequence=sequence, dtstamp=NOW + hours * HOUR)
    made = decide(received, invited, Declining.ASK, now=NOW)
    newer = (sequence, hours) > (known_sequence, known_hours)
    assert (made.effect == Effect.ASK) == (newer and hours <= 24)


def test_a_no_near_the_start_leaves_time_for_the_next() -> None:
    assert undo_until(Declining.ASK, NOW + 200 * HOUR, NOW) == NOW + 48 * HOUR
    assert undo_until(Declining.ASK, NOW + 10 * HOUR, NOW) == NOW + 5 * HOUR
    assert undo_until(Declining.ASK, NOW, NOW) is None
    assert undo_until(Declining.KEEP, NOW + 10 * HOUR, NOW) is None


def test_a_tag_in_the_address_names_one_invitation() -> None:
    assert fits_uid("region@dialog.example", UID)
    assert fits_uid("region+r6hq2v9d3x8mfa0tkc4n7bw51z@dialog.example", UID)
    assert not fits_uid("region+r6hq2v9d3x8mfa0tkc4n7bw51y@dialog.example", UID)
    assert not fits_uid("bounce+babcdefghijklm@dialog.example", UID)


def test_who_shares_an_organisation() -> None:
    assert is_alias("a@firm.example", "b@firm.example")
    assert not is_alias("a@firm.example", "b@other.example")
    assert not is_alias("a@gmail.com", "b@gmail.com")
    assert not is_alias("a@hotmail.dk", "b@hotmail.dk")
    assert not is_alias("", "")


@given(st.binary(min_size=16, max_size=16), st.integers(0, 38))
def test_only_we_make_the_address_of_a_bounce(letter: bytes, place: int) -> None:
    address = bounce_address("k" * 32, letter.hex(), "dialog.example")
    local, domain = address.split("@")
    token = local.removeprefix("bounce+")
    assert len(local) <= 64
    assert domain == "dialog.example"
    assert letter_of_token(["other" * 9, "k" * 32], token) == letter.hex()[:15]
    assert letter_of_token(["other" * 9], token) is None
    forged = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]
    assert letter_of_token(["k" * 32], forged) is None
