"""What the register box and a list's state column say: numbers and instants, ready to write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dialognav.domain.admission import (
    TAKES_SIGN_UPS,
    Held,
    Seats,
    SignUp,
    count_seats,
    occupancies,
    occupancy_of,
    sign_up_state,
)
from dialognav.domain.offers import takes_queue
from dialognav.domain.terms import MODES_OF, Mode, Visibility
from dialognav.models import Event

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
    seats = occupancies(event.occasions, event.format, held)
    may_wait = takes_queue(event, now)
    says = sign_up_state(
        state=state or event.state,
        opens_at=event.registration_opens_at,
        closes_at=event.registration_closes_at,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        waiting_list=may_wait,
        seats=seats,
        now=now,
    )
    return SignUpView(
        state=says,
        takes=says in TAKES_SIGN_UPS,
        seats=count_seats(seats),
        modes=_by_mode(event, held),
        opens_at=event.registration_opens_at,
        closes_at=event.registration_closes_at or event.starts_at,
        zone=event.zone,
        needs_review=event.registration_review,
        queue_ended=event.waiting_list and not may_wait,
        by_invitation=event.visibility == Visibility.INVITED,
    )


def _by_mode(event: Event, held: Counted) -> tuple[tuple[Mode, Seats], ...]:
    modes = MODES_OF[event.format]
    if len(modes) < 2:
        return ()
    return tuple(
        (mode, count_seats(occupancy_of(occasion, mode, held) for occasion in event.occasions))
        for mode in modes
    )
