"""Who came to a one-to-one meeting, and from when one can say so."""

from collections.abc import Collection
from datetime import datetime, timedelta

from dialognav.domain.meeting_terms import BookingState

EARLY = timedelta(minutes=30)
"""People come before their time, and somebody ticks them off at once."""

SAID = (BookingState.BOOKED, BookingState.ATTENDED, BookingState.NO_SHOW)
"""The states between which a mark of presence chooses."""


def may_come(starts_at: datetime, now: datetime) -> bool:
    """Whether it can be said that somebody came."""
    return starts_at - EARLY <= now


def may_be_missed(starts_at: datetime, now: datetime) -> bool:
    """Whether it can be said that nobody did: not before it was to begin."""
    return starts_at <= now


def state_of(came: Collection[int] | None) -> BookingState:
    """A meeting was held when anybody came. None: nobody has said, so it is booked."""
    if came is None:
        return BookingState.BOOKED
    return BookingState.ATTENDED if came else BookingState.NO_SHOW
