"""The balance of equal treatment: what is counted, and what needs a reason."""

from datetime import UTC, datetime, timedelta

import pytest

from dialognav.domain.fairness import (
    Chance,
    Given,
    How,
    Place,
    Sitting,
    answer_times,
    passed_over,
    weigh,
)

NOW = datetime(2027, 1, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEAM = {"asks": frozenset({1}), "notes": frozenset({2})}


def sitting(n=1, **given):
    standard = {"slot_id": n, "booking_id": n, "starts_at": NOW - HOUR, "minutes": 45}
    return Sitting(**standard | {"mode": "on_site", "team": TEAM} | given)


def chance(registration_id, hours=0, how=How.OFFERED, state="booked", **given):
    return Chance(registration_id, how, state, NOW + hours * HOUR, **given)


def check(code, sittings=(), chances=(), **given):
    standard = {"slot_minutes": 45, "sittings": sittings, "chances": chances, "questions": 7}
    [found] = [each for each in weigh(Given(**standard | given), now=NOW) if each.code == code]
    return found.is_fine, found.number, found.unexplained


def test_a_shorter_time_needs_a_reason_also_before_anybody_has_taken_it():
    short = sitting(2, booking_id=None, minutes=30)
    assert check("length", [sitting(), short]) == (False, 1, 1)
    with_reason = sitting(2, minutes=30, deviation="Came late")
    assert check("length", [sitting(), with_reason]) == (False, 1, 0)
    assert check("length", [sitting()]) == (True, 0, 0)


@pytest.mark.parametrize(
    ("changed_at", "expected"),
    [
        (None, (True, 0, 0)),
        (NOW - 2 * HOUR, (True, 0, 0)),  # all were asked the new ones
        (NOW, (False, 1, 0)),
    ],
)
def test_questions_changed_after_the_first_meeting(changed_at, expected):
    sittings = [sitting(1), sitting(2, starts_at=NOW + HOUR)]
    assert check("questions", sittings, asked_anew_at=changed_at) == expected


def test_without_questions_nobody_can_see_that_they_were_the_same():
    assert check("questions", [sitting()], questions=0)[0] is False


def test_one_meeting_with_fewer_of_us():
    alone = sitting(3, team={"asks": frozenset({1})})
    assert check("roles", [sitting(1), sitting(2), alone]) == (False, 1, 1)


def test_the_same_person_cannot_both_ask_and_take_notes():
    both = {"asks": frozenset({1}), "notes": frozenset({1})}
    ahead = [sitting(1, starts_at=NOW + HOUR, team=both), sitting(2, starts_at=NOW + HOUR)]
    assert check("staffed", ahead)[:2] == (False, 1)


def test_teams_are_counted_and_not_blamed():
    other = sitting(2, team={"asks": frozenset({3}), "notes": frozenset({2})})
    swapped = sitting(3, team={"asks": frozenset({2}), "notes": frozenset({1})})
    assert check("people", [sitting(), other, swapped]) == (None, 2, 0)


def test_a_time_given_by_hand_without_a_reason():
    given = [chance(1, how=How.BY_HAND), chance(2, how=How.BY_HAND, reason="Missed by our fault")]
    assert check("by_hand", chances=given) == (False, 2, 1)
    assert check("by_hand", chances=given[1:]) == (None, 1, 0)


QUEUE = [Place(1, 1, NOW - HOUR), Place(2, 2, NOW - HOUR), Place(3, 3, NOW - HOUR)]


@pytest.mark.parametrize(
    ("queue", "chances", "passed"),
    [
        (QUEUE, [chance(1, 1), chance(2, 2)], set()),
        (QUEUE, [chance(2, 1), chance(1, 2)], {1}),
        (QUEUE, [chance(3, 1)], {1, 2}),
        (QUEUE, [chance(2, 1, how=How.CHOSEN)], set()),  # took a free time like anybody
        ([Place(1, 1, NOW - HOUR, left_at=NOW), QUEUE[1]], [chance(2, 1)], set()),
        ([Place(1, 1, NOW + 2 * HOUR), QUEUE[1]], [chance(2, 1)], set()),  # was not there yet
    ],
)
def test_who_was_passed_over_in_the_queue(queue, chances, passed):
    assert set(passed_over(queue, chances)) == passed


def test_who_was_passed_over_with_a_reason():
    chances = [chance(2, 1, reason="The first cannot come online"), chance(1, 2)]
    assert check("queue", chances=chances, queue=QUEUE) == (True, 1, 0)
    assert check("queue", chances=[chance(2, 1)], queue=QUEUE) == (False, 1, 1)


def test_answers_to_offers_take_from_the_shortest_to_the_longest():
    chances = [
        chance(1, answered_at=NOW + HOUR),
        chance(2, answered_at=NOW + 5 * HOUR, state="declined"),
        chance(3, answered_at=NOW + 24 * HOUR, state="lapsed"),  # nobody answered
        chance(4, how=How.CHOSEN, answered_at=NOW),
    ]
    assert answer_times(chances) == (HOUR, 5 * HOUR)
    assert answer_times([]) is None


def test_what_needs_a_look_comes_first():
    codes = [each.is_fine for each in weigh(Given(45, [sitting(minutes=30)], []), now=NOW)]
    assert codes[0] is False
    assert codes[-1] is None
