"""The words of the closed sets of one-to-one meetings, in the reader's language (domain.md 6)."""

from typing import Any

from dialognav.domain.meeting_terms import TableRole
from dialognav.i18n import lazy as _
from dialognav.i18n import list_text
from dialognav.models import Booking, BookingPerson, Slot

HAND_OUTS: dict[str, Any] = {
    "first_come": _("First come, first served"),
    "wishes": _("By ranked wishes"),
    "lot": _("By lot"),
    "by_hand": _("By the organiser, with a reason for each"),
}
TABLE_ROLES: dict[str, Any] = {
    "asks": _("Asks"),
    "notes": _("Takes notes"),
    "observes": _("Observes"),
}
BOOKINGS: dict[str, Any] = {
    "held": _("Being booked"),
    "offered": _("Offered"),
    "booked": _("Booked"),
    "attended": _("Met"),
    "no_show": _("Did not come"),
    "lapsed": _("Offer ran out"),
    "declined": _("Turned down"),
    "withdrawn": _("Withdrawn by the supplier"),
    "cancelled": _("Cancelled by the organiser"),
}
HOWS: dict[str, Any] = {
    "chosen": _("Chose it themselves"),
    "offered": _("Offered from the waiting list"),
    "drawn": _("By wishes or lot"),
    "by_hand": _("Given by the organiser"),
}
"""By which way a supplier came to a time (domain/fairness.py)."""
REQUESTS: dict[str, Any] = {
    "waiting": _("Waits"),
    "offered": _("Offered"),
    "served": _("Has a meeting"),
    "withdrawn": _("Left the list"),
    "closed": _("The list ended"),
}
MINUTES: dict[str, Any] = {
    "draft": _("Draft"),
    "fact_check": _("With the supplier for a fact check"),
    "checked": _("Fact check over"),
    "approved": _("Approved minutes"),
}


def team_of(slot: Slot) -> list[tuple[str, str]]:
    """[(role in words, names)], who asks first."""
    return [
        (str(TABLE_ROLES[role]), names) for role in TableRole if (names := names_in(slot, role))
    ]


def names_in(slot: Slot, role: str) -> str:
    """Who of the team does that there, "" for nobody."""
    return list_text(sorted(one.member.name for one in slot.staff if one.role == role))


def in_order(booking: Booking) -> list[BookingPerson]:
    """Who comes from the supplier, as the registration lists them."""
    return sorted(booking.people, key=lambda one: (one.participant.position, one.participant_id))
