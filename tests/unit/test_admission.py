"""Places, queue and the window of sign-up: tables, and invariants that hold for any history."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialognav.domain.admission import (
    Held,
    Occupancy,
    Place,
    Seats,
    SignUp,
    choose_promotions,
    count_seats,
    decide_place,
    decide_places,
    occupancies,
    sign_up_state,
)

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("capacity", "confirmed", "waiting", "waiting_list", "expected"),
    [
        (2, 1, 0, True, Place.CONFIRMED),
        (2, 2, 0, True, Place.WAITING),
        (2, 2, 0, False, Place.REFUSED),
        (2, 1, 1, True, Place.WAITING),  # a free place belongs to the one who waits
        (2, 1, 1, False, Place.REFUSED),  # also once the list was closed with people on it
        (None, 900, 0, False, Place.CONFIRMED),
        (0, 0, 0, True, Place.WAITING),
        (1, 3, 0, True, Place.WAITING),  # capacity was lowered below those confirmed
    ],
)
def test_place_for_a_newcomer(
    capacity: int | None, confirmed: int, waiting: int, waiting_list: bool, expected: Place
) -> None:
    held = Occupancy(capacity, confirmed, waiting)
    assert decide_place(held, waiting_list=waiting_list) is expected


def test_several_are_placed_in_the_order_given_each_mode_by_itself() -> None:
    held = {"room": Occupancy(2, 0, 0), "online": Occupancy(None, 5, 0)}
    wishes = ["room", "online", "room", "room", "online"]
    assert decide_places(held, wishes, waiting_list=True) == [
        Place.CONFIRMED,
        Place.CONFIRMED,
        Place.CONFIRMED,
        Place.WAITING,
        Place.CONFIRMED,
    ]
    assert decide_places(held, wishes, waiting_list=False)[3] is Place.REFUSED
    assert held["room"] == Occupancy(2, 0, 0), "what was counted is not changed"


@pytest.mark.parametrize(
    ("held", "queue", "expected"),
    [
        (Occupancy(3, 1, 4), [11, 12, 13, 14], [11, 12]),
        (Occupancy(1, 3, 1), [11], []),  # lowered capacity: nobody moves, nobody is thrown out
        (Occupancy(None, 0, 3), [11, 12, 13], [11, 12, 13]),
        (Occupancy(2, 2, 1), [11], []),
        (Occupancy(5, 0, 1), [11], [11]),
    ],
)
def test_promotes_the_oldest_first_and_no_more_than_fit(
    held: Occupancy, queue: list[int], expected: list[int]
) -> None:
    assert list(choose_promotions(held, queue)) == expected


@given(
    capacity=st.none() | st.integers(0, 6),
    history=st.lists(st.sampled_from(["join", "leave first", "leave last", "one more place"])),
)
def test_whatever_happens_nobody_passes_and_no_place_is_sold_twice(
    capacity: int | None, history: Sequence[str]
) -> None:
    """A model of an occasion: every step decides by the rules, then fills what is free."""
    seated: list[int] = []
    queue: list[int] = []
    newest = 0
    for step in history:
        if step == "join":
            newest += 1
            held = Occupancy(capacity, len(seated), len(queue))
            place = decide_place(held, waiting_list=True)
            (seated if place is Place.CONFIRMED else queue).append(newest)
        elif step == "one more place" and capacity is not None:
            capacity += 1
        elif step == "leave first" and seated:
            seated.pop(0)
        elif step == "leave last" and queue:
            queue.pop()
        moved = choose_promotions(Occupancy(capacity, len(seated), len(queue)), queue)
        seated += moved
        queue = queue[len(moved) :]
        assert capacity is None or len(seated) <= capacity
        assert queue == sorted(queue)
        assert not queue or capacity is not None
        assert not queue or len(seated) == capacity, "nobody waits beside an empty chair"
        assert not seated or not queue or max(seated) < min(queue), "nobody passed"


@given(
    st.dictionaries(
        st.sampled_from("abc"),
        st.builds(Occupancy, st.none() | st.integers(0, 4), st.integers(0, 5), st.integers(0, 3)),
        min_size=3,
        max_size=3,
    ),
    st.lists(st.sampled_from("abc"), max_size=12),
    st.booleans(),
)
def test_placing_many_is_placing_one_after_the_other(
    held: dict[str, Occupancy], wishes: list[str], waiting_list: bool
) -> None:
    expected = []
    each = dict(held)
    for key in wishes:
        place = decide_place(each[key], waiting_list=waiting_list)
        each[key] = each[key].after(place)
        expected.append(place)
    assert decide_places(held, wishes, waiting_list=waiting_list) == expected
    for key, before in held.items():
        given_here = [p for k, p in zip(wishes, expected, strict=True) if k == key]
        confirmed = given_here.count(Place.CONFIRMED)
        if before.capacity is not None:
            assert confirmed <= max(0, before.capacity - before.confirmed)
        if before.waiting:
            assert confirmed == 0


# --- whether it takes sign-ups --------------------------------------------------------------------


def state(**given: object) -> SignUp:
    standard = {
        "state": "published",
        "opens_at": None,
        "closes_at": NOW + DAY,
        "starts_at": NOW + 2 * DAY,
        "ends_at": NOW + 3 * DAY,
        "waiting_list": True,
        "seats": [Occupancy(10, 2, 0)],
        "now": NOW,
    }
    return sign_up_state(**standard | given)


FULL = [Occupancy(1, 1, 0)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, SignUp.OPEN),
        ({"opens_at": NOW + DAY / 2}, SignUp.NOT_YET),
        ({"opens_at": NOW}, SignUp.OPEN),
        ({"closes_at": NOW}, SignUp.CLOSED),
        ({"closes_at": NOW - DAY, "opens_at": NOW + DAY}, SignUp.CLOSED),
        ({"closes_at": None}, SignUp.OPEN),  # until the start
        ({"closes_at": None, "starts_at": NOW}, SignUp.CLOSED),
        ({"closes_at": NOW + 9 * DAY, "starts_at": NOW}, SignUp.CLOSED),
        ({"ends_at": NOW}, SignUp.PAST),
        ({"seats": FULL}, SignUp.FULL_WAITING),
        ({"seats": FULL, "waiting_list": False}, SignUp.FULL),
        ({"seats": [*FULL, Occupancy(None, 9, 0)]}, SignUp.OPEN),  # online has no limit
        ({"seats": [Occupancy(2, 1, 1)]}, SignUp.FULL_WAITING),  # the place is somebody's
        ({"seats": FULL, "closes_at": NOW}, SignUp.CLOSED),
        ({"state": "cancelled", "ends_at": NOW - DAY}, SignUp.CANCELLED),
        ({"state": "postponed", "ends_at": NOW - DAY}, SignUp.POSTPONED),
        ({"state": "draft"}, SignUp.CLOSED),
        ({"state": "scheduled"}, SignUp.CLOSED),
        ({"closes_at": None, "starts_at": None, "ends_at": None}, SignUp.CLOSED),
    ],
)
def test_what_the_register_box_says(given: dict[str, object], expected: SignUp) -> None:
    assert state(**given) is expected


def occasion(number: int, on_site: int | None, online: int | None) -> SimpleNamespace:
    return SimpleNamespace(id=number, capacity_on_site=on_site, capacity_online=online)


def test_places_left_are_counted_over_days_and_modes_that_the_event_has() -> None:
    days = [occasion(1, 60, 25), occasion(2, 10, 5)]
    held = {1: {"on_site": Held(58, 0), "online": Held(4, 0)}, 2: {"on_site": Held(10, 3)}}
    assert count_seats(occupancies(days, "hybrid", held).values()) == Seats(2 + 21 + 0 + 5, 100, 3)
    assert count_seats(occupancies(days, "on_site", held).values()) == Seats(2, 70, 3)


def test_without_a_limit_somewhere_there_is_no_total() -> None:
    assert count_seats(occupancies([occasion(1, 5, None)], "hybrid", {}).values()).total is None
    assert count_seats(occupancies([occasion(1, 5, None)], "on_site", {}).values()).total == 5


def test_a_place_that_someone_waits_for_is_not_left_for_a_newcomer() -> None:
    assert Occupancy(5, 3, 1).left == 0
    assert Occupancy(5, 7, 0).left == 0
    assert Occupancy(5, 3, 0).left == 2
    assert Occupancy(None, 3, 0).left is None
