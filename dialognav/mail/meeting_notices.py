"""What suppliers and the team are told about one-to-one meetings. Never commits.

Call these with the change, under the event's lock, when the rows stand as they shall be. People of
a booking get the calendar entry, each their own; a contact who does not come gets a plain letter.
The team of a slot gets entries too. No letter names any other supplier (domain.md 2.2).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from dialognav.mail.letters import Facts
from dialognav.mail.meeting_changes import SlotTold
from dialognav.mail.post import Post
from dialognav.models import (
    Booking,
    Draw,
    Event,
    MeetingRequest,
    Minutes,
    Participant,
    Registration,
    Slot,
    TeamMember,
)

Moved = tuple[Booking, Slot, Sequence[TeamMember]]
"""A booking at its new slot, the slot it left, and who was at that."""

Staffed = tuple[Slot, Sequence[TeamMember], Sequence[TeamMember]]
"""A slot with its new staff, who left it and who came."""

Drawn = tuple[MeetingRequest, Booking | None, Facts]
"""What became of one supplier's wishes, and the explanation of domain/allocation.py as facts."""

EndedBy = Literal["supplier", "organiser", "lapsed"]


def tell_booked(
    session: Session, bookings: Sequence[Booking], *, now: datetime, post: Post
) -> None:
    """Each is booked, by the supplier or by hand (`assigned_by_id`, then with its reason): both
    sides get the invitation."""


def tell_moved(
    session: Session, moved: Sequence[Moved], *, reason: str = "", now: datetime, post: Post
) -> None:
    """The same entries at another time, place or table (calendar.md 2.1 e). Whoever of the team is
    at the old slot alone gets a cancellation, whoever is new an invitation. `reason`: the
    organiser's, told to the supplier; "" when the supplier moved it."""


def tell_changed(
    session: Session,
    changed: Sequence[tuple[Slot, SlotTold]],
    *,
    reason: str = "",
    now: datetime,
    post: Post,
) -> None:
    """Slots were edited (time, room, link), or their tables: take `told_of(slot)` before the edit.
    Slots without a live booking may be among them."""


def tell_ended(
    session: Session,
    bookings: Sequence[Booking],
    *,
    by: EndedBy,
    reason: str = "",
    now: datetime,
    post: Post,
) -> None:
    """Bookings that were booked or offered and are no more: the entries go on both sides. "lapsed":
    an offer that ran out; declined ones by the supplier need none. Says whether the supplier waits
    again, and at which place, as the requests stand now."""


def tell_people(
    session: Session,
    booking: Booking,
    gone: Sequence[Participant],
    new: Sequence[Participant],
    *,
    now: datetime,
    post: Post,
) -> None:
    """Other people come from the supplier: invited who is new, cancelled who is gone; the others'
    entries, and the team's, stay as they are. With both empty: language or topics changed."""


def tell_staffed(
    session: Session, staffed: Sequence[Staffed], *, now: datetime, post: Post
) -> None:
    """Other people of the team are in booked meetings. The supplier's entry names nobody of them
    and does not change. Slots without a booking may be among them."""


def tell_replanned(
    session: Session,
    *,
    moved: Sequence[Moved],
    ended: Sequence[Booking],
    staffed: Sequence[Staffed],
    reason: str,
    now: datetime,
    post: Post,
) -> None:
    """All of one re-planning at once: one letter to each supplier's person, and to a member of the
    team one for each meeting or, of more than five, one that lists them."""


def tell_offered(
    session: Session, bookings: Sequence[Booking], *, now: datetime, post: Post
) -> None:
    """A time is held for each until `Booking.until`; no calendar part (decisions.md 14)."""


def tell_waiting(
    session: Session, requests: Sequence[MeetingRequest], *, now: datetime, post: Post
) -> None:
    """On the waiting list: the place in it, by which rule it moves, by when one knows (P9)."""


def tell_wished(
    session: Session, requests: Sequence[MeetingRequest], *, now: datetime, post: Post
) -> None:
    """What was wished for has come in, or was changed; the newest letter says all of it."""


def tell_result(
    session: Session, draw: Draw, results: Sequence[Drawn], *, now: datetime, post: Post
) -> None:
    """The published result to all at once: with a meeting, the invitation; else the place in the
    queue. Tell nothing else about those bookings."""


def tell_added(
    session: Session, event: Event, slots: Sequence[Slot], *, now: datetime, post: Post
) -> None:
    """Published slots, the first or later ones, to all who may take one, at the same moment."""


def tell_choose(
    session: Session,
    event: Event,
    registrations: Sequence[Registration],
    *,
    now: datetime,
    post: Post,
) -> None:
    """They may take a meeting, or wish for one, and have not."""


def tell_reminded(
    session: Session, bookings: Sequence[Booking], *, now: datetime, post: Post
) -> None:
    """The meeting is on the next working day."""


def tell_check(session: Session, minutes: Sequence[Minutes], *, now: datetime, post: Post) -> None:
    """Minutes to check the facts of, until `check_until`."""


def tell_approved(
    session: Session, minutes: Sequence[Minutes], *, now: datetime, post: Post
) -> None:
    """The minutes are approved, and with that a public record."""
