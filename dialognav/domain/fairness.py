"""Whether an event's one-to-one meetings were the same for all (LOU 4:1; domain.md 2.3, point 4).

Equal length, equal questions, an equal team, and who was offered what, when and by which way. What
differs is no wrong by itself: it is shown with the reason that somebody gave, or with its lack.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dialognav.domain.meeting_terms import BookingState, TableRole

STANDS = (BookingState.BOOKED, BookingState.ATTENDED, BookingState.NO_SHOW)


class How(StrEnum):
    """By which way a supplier came to a time."""

    CHOSEN = "chosen"  # picked by themselves
    OFFERED = "offered"  # from the waiting list
    DRAWN = "drawn"  # by wishes or lot
    BY_HAND = "by_hand"  # assigned by the organiser


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting that stands or was held, or a slot that may become one (`booking_id` None).

    `team` is {role: ids of members}. `deviation` is why the slot differs from the others.
    """

    slot_id: int
    starts_at: datetime
    minutes: int
    mode: str
    team: Mapping[str, frozenset[int]]
    deviation: str = ""
    booking_id: int | None = None

    @property
    def heads(self) -> tuple[int, int, int]:
        """How many ask, take notes and observe."""
        asks, notes, observes = (len(self.team.get(role, ())) for role in TableRole)
        return asks, notes, observes

    @property
    def is_staffed(self) -> bool:
        """Somebody asks and somebody else takes notes."""
        asks, notes = (self.team.get(role, frozenset()) for role in list(TableRole)[:2])
        return bool(asks) and bool(notes) and len(asks | notes) > 1


@dataclass(frozen=True, slots=True)
class Chance:
    """A time that one supplier held, was offered or got, whatever came of it."""

    registration_id: int
    how: How
    state: str
    at: datetime
    until: datetime | None = None
    answered_at: datetime | None = None
    reason: str = ""

    @property
    def answer_time(self) -> timedelta | None:
        """From the offer until it was taken or turned down; None when nobody answered."""
        if self.how != How.OFFERED or self.answered_at is None:
            return None
        return None if self.state == BookingState.LAPSED else self.answered_at - self.at


@dataclass(frozen=True, slots=True)
class Place:
    """A supplier's place in the queue. `left_at`: when they gave it up by themselves."""

    registration_id: int
    number: int
    asked_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """All that is weighed. `asked_anew_at`: when the questions were last changed."""

    slot_minutes: int
    sittings: Sequence[Sitting]
    chances: Sequence[Chance]
    queue: Sequence[Place] = ()
    questions: int = 0
    asked_anew_at: datetime | None = None
    undeclared: int = 0  # of the team, without a word on conflicts of interest
    conflicts: int = 0  # meetings with somebody who may not meet that supplier


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the balance: `number` of `of` differ, `unexplained` of those without a reason.

    Without a tone to it (`is_fine` None) it only informs.
    """

    code: str
    is_fine: bool | None
    number: int = 0
    of: int = 0
    unexplained: int = 0


def weigh(given: Given, *, now: datetime) -> list[Check]:
    """The balance, what one should look at first."""
    met = [one for one in given.sittings if one.booking_id is not None]
    ahead = [one for one in given.sittings if one.starts_at > now]
    checks = [
        _length(given),
        _questions(given, met, now),
        _roles(met),
        Check("people", None, len({_everybody(one) for one in met}), len(met)),
        _differ("staffed", [one for one in ahead if not one.is_staffed], ahead),
        Check("declared", given.undeclared == 0, given.undeclared),
        Check("conflicts", given.conflicts == 0, given.conflicts),
        _by_hand(given.chances),
        _queue(given),
        Check("modes", None, sum(one.mode == "online" for one in met), len(met)),
    ]
    return sorted(checks, key=lambda each: (each.is_fine is not False, each.is_fine is None))


def _everybody(one: Sitting) -> frozenset[int]:
    return frozenset(member for members in one.team.values() for member in members)


def _differ(code: str, differing: Sequence[Sitting], all_of_them: Sequence[Sitting]) -> Check:
    silent = sum(not one.deviation for one in differing)
    return Check(code, not differing, len(differing), len(all_of_them), silent)


def _length(given: Given) -> Check:
    """Every time, taken or not: they were to choose from the same."""
    differing = [one for one in given.sittings if one.minutes != given.slot_minutes]
    return _differ("length", differing, given.sittings)


def _questions(given: Given, met: Sequence[Sitting], now: datetime) -> Check:
    """Of so many questions: how many meetings had begun when they were last changed."""
    anew = given.asked_anew_at
    earlier = [one for one in met if anew is not None and one.starts_at < min(anew, now)]
    return Check("questions", not earlier and given.questions > 0, len(earlier), given.questions)


def _roles(met: Sequence[Sitting]) -> Check:
    """Meetings with other numbers of those who ask, note and observe than the most usual ones."""
    usual = Counter(one.heads for one in met).most_common(1)
    differing = [one for one in met if one.heads != usual[0][0]]
    return _differ("roles", differing, met)


def _by_hand(chances: Sequence[Chance]) -> Check:
    given = [one for one in chances if one.how == How.BY_HAND]
    silent = sum(not one.reason for one in given)
    return Check("by_hand", None if not silent else False, len(given), len(chances), silent)


def _queue(given: Given) -> Check:
    """Those who saw somebody behind them come first; `unexplained`: where nobody wrote why."""
    found = passed_over(given.queue, given.chances)
    reasons = {id(one): bool(one.reason) for ones in found.values() for one in ones}
    silent = sum(not all(reasons[id(one)] for one in ones) for ones in found.values())
    return Check("queue", not silent, len(found), len(given.queue), silent)


def passed_over(queue: Iterable[Place], chances: Sequence[Chance]) -> dict[int, list[Chance]]:
    """{registration: the offers to others behind it in the queue, made while it waited}.

    It may be right: the time did not fit, or there was a conflict of interest.
    """
    places = {one.registration_id: one for one in queue}
    offered = [one for one in chances if one.how == How.OFFERED and one.registration_id in places]
    first = {
        one.registration_id: one.at
        for one in sorted(chances, key=lambda each: each.at, reverse=True)
    }
    found: dict[int, list[Chance]] = {}
    for place in places.values():
        until = min(
            (at for at in (first.get(place.registration_id), place.left_at) if at), default=None
        )
        behind = [
            one
            for one in offered
            if places[one.registration_id].number > place.number
            and one.at > place.asked_at
            and (until is None or one.at < until)
        ]
        if behind:
            found[place.registration_id] = behind
    return found


def answer_times(chances: Iterable[Chance]) -> tuple[timedelta, timedelta] | None:
    """The shortest and the longest time it took to answer an offer; None when none was answered."""
    times = [one.answer_time for one in chances]
    known = sorted(time for time in times if time is not None)
    return (known[0], known[-1]) if known else None
