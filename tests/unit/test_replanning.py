"""What becomes of the meetings of somebody who cannot come."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.replanning import Loss, Step, Way, best_steps, impossible

NINE = datetime(2027, 3, 26, 8, tzinfo=UTC)
HALF = timedelta(minutes=30)


def at(minutes):
    begins = NINE + timedelta(minutes=minutes)
    return begins, begins + HALF


def loss(number, minutes=0, **given):
    people = frozenset({(given.pop("who", f"{number}"), "karin")})
    return Loss(number, people, at(minutes), **given)


def test_the_least_trouble_for_the_supplier_comes_first():
    slots = {7: at(40)}
    steps = best_steps(
        [
            loss(1, holds_without=True),
            loss(2, stand_ins=(5,), slots=slots),
            loss(3, slots=slots),
            loss(4),
        ]
    )
    assert steps == (
        Step(1, Way.WITHOUT),
        Step(2, Way.STAND_IN, 5),
        Step(3, Way.MOVE, 7),
        Step(4, Way.QUEUE),
    )


def test_one_colleague_stands_in_for_as_many_as_possible():
    steps = best_steps(
        [loss(1, stand_ins=(5, 6)), loss(2, stand_ins=(6,)), loss(3, stand_ins=(6,))]
    )
    assert [step.target_id for step in steps] == [6, 6, 6]


def test_of_two_who_can_do_as_many_the_first_named_does():
    steps = best_steps([loss(1, stand_ins=(6, 5)), loss(2, stand_ins=(6, 5))])
    assert [step.target_id for step in steps] == [6, 6]


def test_nobody_takes_the_slot_that_another_has_alone():
    steps = best_steps([loss(1, slots={7: at(0), 8: at(300)}), loss(2, slots={7: at(0)})])
    assert [step.target_id for step in steps] == [8, 7]


def test_meetings_stay_as_near_to_their_old_time_as_can_be():
    slots = {7: at(40), 8: at(120), 9: at(1440)}
    steps = best_steps([loss(1, 120, slots=slots), loss(2, 40, slots=slots)])
    assert [step.target_id for step in steps] == [8, 7]


def test_a_supplier_with_two_meetings_is_never_in_two_places():
    steps = best_steps(
        [loss(1, who="her", slots={7: at(0)}), loss(2, who="her", slots={8: at(10)})]
    )
    assert [step.way for step in steps] == [Way.MOVE, Way.QUEUE]


def test_nor_where_one_of_them_stays():
    lost, stays = loss(1, 40, who="her", slots={7: at(10)}), loss(2, who="her", holds_without=True)
    assert [step.way for step in best_steps([lost, stays])] == [Way.QUEUE, Way.WITHOUT]
    steps = [Step(1, Way.MOVE, 7), Step(2, Way.WITHOUT)]
    assert impossible([lost, stays], steps) == {1}
    others = loss(3, holds_without=True)
    assert best_steps([lost, others])[0] == steps[0]
    assert not impossible([lost, others], [steps[0], Step(3, Way.WITHOUT)])


def test_what_was_chosen_has_to_be_possible():
    losses = [loss(1, stand_ins=(5,), slots={7: at(0)}), loss(2, slots={7: at(0)})]
    queue = Step(2, Way.QUEUE)
    assert impossible(losses, [Step(1, Way.MOVE, 7), queue]) == frozenset()
    assert impossible(losses, [Step(1, Way.MOVE, 7), Step(2, Way.MOVE, 7)]) == {1, 2}
    assert impossible(losses, [Step(1, Way.STAND_IN, 6), queue]) == {1}
    assert impossible(losses, [Step(1, Way.WITHOUT), queue]) == {1}
    assert impossible(losses, [queue]) == {1}
    assert impossible(losses, [Step(1, Way.QUEUE), queue]) == frozenset()


@given(st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=4))
def test_as_many_are_moved_as_can_be_and_by_the_fewest_minutes(wanted):
    slots = {number: at(number * 40) for number in range(5)}
    losses = [
        loss(n, n * 40, slots={number: slots[number] for number in sorted(own)})
        for n, own in enumerate(wanted)
    ]
    steps = best_steps(losses)
    assert not impossible(losses, steps)

    def worth(places):
        """(how many have none, minutes squared) of one way; None when it cannot be."""
        cost = 0
        for n, place in enumerate(places):
            if place is not None and place not in losses[n].slots:
                return None
            cost += ((place - n) * 40) ** 2 if place is not None else 0
        return sum(place is None for place in places), cost

    # Each slot once, and enough "no slot" for everybody.
    deck = [*range(5), *[None] * len(wanted)]
    best = min(filter(None, map(worth, set(permutations(deck, len(wanted))))))
    assert worth([step.target_id for step in steps]) == best
