"""Who gets a place, who waits, who moves up; and whether an event takes sign-ups at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Protocol, TypeVar

from dialognav.domain.terms import MODES_OF, EventState, Mode

T = TypeVar("T")
K = TypeVar("K")
PERSONS_PER_FORM = 20  # when the event sets no limit_per_party


class Place(StrEnum):
    """What a newcomer gets."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    REFUSED = "refused"


class SignUp(StrEnum):
    """What the register box of an event says."""

    NOT_YET = "not_yet"
    OPEN = "open"
    FULL_WAITING = "full_waiting"
    FULL = "full"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    PAST = "past"


TAKES_SIGN_UPS = (SignUp.OPEN, SignUp.FULL_WAITING)


@dataclass(frozen=True, slots=True)
class Held:
    """Seats in use (confirmed or offered) and people waiting, at one occasion in one mode."""

    confirmed: int = 0
    waiting: int = 0


NOBODY = Held()


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What one mode of an occasion holds right now. A capacity of None means no limit."""

    capacity: int | None
    confirmed: int
    waiting: int

    @property
    def has_room(self) -> bool:
        return self.capacity is None or self.confirmed < self.capacity

    @property
    def left(self) -> int | None:
        """Places a newcomer can have: none while others wait. None means no limit."""
        if self.capacity is None:
            return None
        return 0 if self.waiting else max(0, self.capacity - self.confirmed)

    def after(self, place: Place) -> "Occupancy":
        """The same once one more person has got that place."""
        return Occupancy(
            self.capacity,
            self.confirmed + (place is Place.CONFIRMED),
            self.waiting + (place is Place.WAITING),
        )


@dataclass(frozen=True, slots=True)
class Seats:
    """Places left of a total, for people to read. The total of None means no limit."""

    left: int
    total: int | None
    waiting: int


class HasCapacity(Protocol):
    """An occasion, as far as places go."""

    id: int
    capacity_on_site: int | None
    capacity_online: int | None


def capacity_of(occasion: HasCapacity, mode: str) -> int | None:
    """Seats of the occasion in that mode; None means no limit."""
    return occasion.capacity_on_site if mode == Mode.ON_SITE else occasion.capacity_online


def occupancy_of(
    occasion: HasCapacity, mode: str, held: Mapping[int, Mapping[str, Held]]
) -> Occupancy:
    """Join an occasion's capacity with what queries.registrations.occupancy() counted."""
    counted = held.get(occasion.id, {}).get(mode, NOBODY)
    return Occupancy(capacity_of(occasion, mode), counted.confirmed, counted.waiting)


def occupancies(
    occasions: Iterable[HasCapacity], form: str, held: Mapping[int, Mapping[str, Held]]
) -> dict[tuple[int, str], Occupancy]:
    """{(occasion id, mode): what it holds}, for each mode the event's format has."""
    return {
        (occasion.id, str(mode)): occupancy_of(occasion, mode, held)
        for occasion in occasions
        for mode in MODES_OF[form]
    }


def tightest(days: Iterable[Occupancy]) -> Occupancy:
    """Of days that everybody has together: the one that lets in fewest, in one mode."""
    return min(days, key=lambda day: (day.left is None, day.left or 0, -day.waiting))


def count_seats(each: Iterable[Occupancy]) -> Seats:
    """Sum for the line "23 of 85 places left"; no total as soon as one part has no limit."""
    parts = list(each)
    limited = [part.capacity for part in parts if part.capacity is not None]
    total = sum(limited) if len(limited) == len(parts) else None
    return Seats(
        left=sum(part.left or 0 for part in parts),
        total=total,
        waiting=sum(part.waiting for part in parts),
    )


def decide_place(held: Occupancy, *, waiting_list: bool) -> Place:
    """Place one newcomer. Nobody passes those who already wait, even when a place is free."""
    if held.has_room and held.waiting == 0:
        return Place.CONFIRMED
    return Place.WAITING if waiting_list else Place.REFUSED


def decide_places(
    held: Mapping[K, Occupancy], wishes: Sequence[K], *, waiting_list: bool
) -> list[Place]:
    """Place several newcomers in the order given; each sees what the ones before have taken.

    A key names an occasion and a mode. The caller refuses them all when one is refused.
    """
    now_held = dict(held)
    given = []
    for key in wishes:
        place = decide_place(now_held[key], waiting_list=waiting_list)
        now_held[key] = now_held[key].after(place)
        given.append(place)
    return given


def choose_promotions(
    held: Occupancy, queue: Sequence[T], *, together: Callable[[T], object] | None = None
) -> Sequence[T]:
    """Who of the queue (lowest number first) moves up now that there is room. Nobody is passed.

    `together` names whom each belongs to: those who stand next to each other and belong together
    move up at once or not at all, and the places wait for them; except more people than there are
    places in all, who could wait for ever.
    """
    capacity = held.capacity
    if capacity is None:
        return queue
    room = max(0, capacity - held.confirmed)
    if together is None:
        return queue[:room]
    chosen: list[T] = []
    for _, group in groupby(queue, together):
        people = list(group)
        left = room - len(chosen)
        if len(people) > left:
            return chosen + people[:left] if len(people) > capacity else chosen
        chosen += people
    return chosen


class Share(StrEnum):
    """What becomes of an organisation's newcomers, given its limit."""

    FITS = "fits"
    ASK = "ask"
    REFUSED = "refused"


def decide_share(
    limit: int, newcomers: int, *, beside: int = 0, already: int, alike: int, has_number: bool
) -> Share:
    """`already` people are there under the same key, `alike` under the same name and mail domain,
    `beside` in the same registration.

    Only a number tells for sure which organisation it is: where the name says so, somebody looks
    at it. More in one registration than may come at all are too many whoever they are.
    """
    if beside + newcomers > limit or (has_number and already + newcomers > limit):
        return Share.REFUSED
    return Share.ASK if already + alike + newcomers > limit else Share.FITS


def sign_up_state(
    *,
    state: str,
    opens_at: datetime | None,
    closes_at: datetime | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    waiting_list: bool,
    seats: Iterable[Occupancy],
    now: datetime,
) -> SignUp:
    """What a newcomer meets. Without a closing time, sign-up is open until the start.

    An event of several occasions or modes is full only when each of them is.
    """
    called_off = {EventState.CANCELLED: SignUp.CANCELLED, EventState.POSTPONED: SignUp.POSTPONED}
    if state in called_off:
        return called_off[EventState(state)]
    if ends_at is not None and now >= ends_at:
        return SignUp.PAST
    ends = [instant for instant in (closes_at, starts_at) if instant is not None]
    if state != EventState.PUBLISHED or not ends or now >= min(ends):
        return SignUp.CLOSED
    if opens_at is not None and now < opens_at:
        return SignUp.NOT_YET
    if any(decide_place(part, waiting_list=False) is Place.CONFIRMED for part in seats):
        return SignUp.OPEN
    return SignUp.FULL_WAITING if waiting_list else SignUp.FULL
