"""What the register box and a list's state column say: numbers and instants, ready to write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialognav.domain.admission import (
    TAKES_SIGN_UPS,
    Held,
    Occupancy,
    Seats,
    SignUp,
    count_seats,
    occupancies,
    sign_up_state,
    tightest,
)
from dialognav.domain.offers import takes_queue
from dialognav.domain.terms import MODES_OF, Attending, Mode, Visibility
from dialognav.models import Event, Occasion

Counted = Mapping[int, Mapping[str, Held]]
"""{occasion's id: {mode: seats held}}, as queries.registrations.occupancy() gives it."""


INVITED = "invited"
_BEFORE_CLOSING = (SignUp.NOT_YET, SignUp.OPEN, SignUp.FULL_WAITING, SignUp.FULL)


@dataclass(frozen=True, slots=True)
class SignUpView:
    """`modes` are the seats of each way to attend, when there is more than one and both have a
    limit. `closes_at` is the deadline, or the start when none was set. `queue_ended`: there was a
    waiting list, and nobody moves up from it any more."""

    state: str
    takes: bool
    seats: Seats
    modes: tuple[tuple[Mode, Seats], ...]
    opens_at: datetime | None
    closes_at: datetime | None
    zone: str
    needs_review: bool
    queue_ended: bool
    by_invitation: bool

    def for_strangers(self) -> "SignUpView":
        """What it says to somebody without a personal link, where one needs it."""
        if not self.by_invitation or self.state not in _BEFORE_CLOSING:
            return self
        return replace(self, state=INVITED, takes=False)

    @property
    def some_limit(self) -> bool:
        """Whether at least one way to attend has one."""
        return any(seats.total is not None for _mode, seats in self.modes)

    @property
    def has_limit(self) -> bool:
        return self.seats.total is not None


def sign_up_view(event: Event, held: Counted, now: datetime, *, state: str = "") -> SignUpView:
    """`state` stands in for the event's own: a draft is previewed as if published."""
    days = days_to_join(event, now)
    seats = _by_mode(event, days, held)
    parts = [part for each in seats.values() for part in each]
    is_choice = event.attending == Attending.CHOOSE
    may_wait = (any if is_choice else all)(takes_queue(event, now, day) for day in days)
    says = sign_up_state(
        state=state or event.state,
        opens_at=event.registration_opens_at,
        closes_at=event.registration_closes_at,
        starts_at=event.last_start,
        ends_at=event.ends_at,
        waiting_list=may_wait,
        seats=parts,
        now=now,
    )
    return SignUpView(
        state=says,
        takes=says in TAKES_SIGN_UPS,
        seats=count_seats(parts),
        modes=tuple((mode, count_seats(each)) for mode, each in seats.items() if len(seats) > 1),
        opens_at=event.registration_opens_at,
        closes_at=event.registration_closes_at or event.last_start,
        zone=event.zone,
        needs_review=event.registration_review,
        queue_ended=event.waiting_list and not may_wait,
        by_invitation=event.visibility == Visibility.INVITED,
    )


def days_to_join(event: Event, now: datetime) -> list[Occasion]:
    """The occasions a newcomer can come to; all that stand, once the last has begun."""
    return [each for each in event.live_occasions if now < each.starts_at] or event.live_occasions


def _by_mode(event: Event, days: Sequence[Occasion], held: Counted) -> dict[Mode, list[Occupancy]]:
    """What each way of attending holds: each session's where they are chosen, else one for all
    days together, where the fullest day is what counts."""
    parts = occupancies(days, event.format, held)
    found = {mode: [parts[day.id, mode] for day in days] for mode in MODES_OF[event.format]}
    if event.attending == Attending.CHOOSE or not days:
        return found
    return {mode: [tightest(each)] for mode, each in found.items()}
