"""The terms of one-to-one meetings as closed sets (domain.md 3.3, decisions.md 9)."""

from enum import StrEnum


class HandOut(StrEnum):
    """How one-to-one meetings are handed out; said before, and kept to (domain.md 3.3)."""

    FIRST_COME = "first_come"
    WISHES = "wishes"  # ranked until a deadline, then the best for all; ties by lot
    LOT = "lot"
    BY_HAND = "by_hand"  # with a reason for each


class TableRole(StrEnum):
    """What one of the team does in a one-to-one meeting."""

    ASKS = "asks"
    NOTES = "notes"
    OBSERVES = "observes"


class SlotState(StrEnum):
    OPEN = "open"
    BLOCKED = "blocked"
    REMOVED = "removed"


class BookingState(StrEnum):
    HELD = "held"  # while the form is filled in
    OFFERED = "offered"
    BOOKED = "booked"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    LAPSED = "lapsed"  # the hold or the offer ran out
    DECLINED = "declined"  # the offer was turned down
    WITHDRAWN = "withdrawn"  # by the supplier
    CANCELLED = "cancelled"  # by the organiser


LIVE_BOOKING = (
    *(BookingState.HELD, BookingState.OFFERED, BookingState.BOOKED),
    *(BookingState.ATTENDED, BookingState.NO_SHOW),
)


class RequestState(StrEnum):
    """Of a supplier's wish for a one-to-one meeting."""

    WAITING = "waiting"
    OFFERED = "offered"
    SERVED = "served"  # has a meeting
    WITHDRAWN = "withdrawn"


class MinutesState(StrEnum):
    """Approved by somebody with the right to (decisions.md 9)."""

    DRAFT = "draft"
    FACT_CHECK = "fact_check"  # the supplier reads
    CHECKED = "checked"  # has answered, or the time is over
    APPROVED = "approved"
