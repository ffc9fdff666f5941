"""Many one-to-one meetings in one step: a draw, a day re-planned, a supplier or event that goes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.mail.meeting_notices import EndedBy
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, Registration

Team = Sequence[tuple[int, str]]
"""Who is at a slot: (member id, TableRole)."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where one booking goes; None: it has no time for now, and goes first in the queue."""

    booking_id: int
    slot_id: int | None


def book_drawn(
    session: Session,
    draw_id: int,
    handed: Sequence[tuple[int, int]],
    queue: Sequence[int],
    *,
    now: datetime,
    actor: str,
) -> list[Booking]:
    """Book all that was drawn: (request id, slot id) of each, in that order; `queue` are ids of
    the requests that got none, first in turn first. Tells nobody: tell_result() does, of all.

    DrawOutdated when something has come between since the draw was made: draw again.
    """
    raise NotImplementedError


def replan(
    session: Session,
    event_id: int,
    moves: Sequence[Move],
    staffing: Mapping[int, Team],
    *,
    reason: str,
    now: datetime,
    actor: str,
    post: Post,
) -> list[Booking]:
    """Move, put off and staff many at once ({slot id: its team from now on}, also of free slots),
    judged by how all stands afterwards; everybody is told once, with the reason.

    ReasonNeeded; TwoPlaces; CannotMeet for a slot that cannot be had; NotAllowedNow for a booking
    that is not booked. Slots left free are not offered on: see meeting_offers.offer_on().
    """
    raise NotImplementedError


def end_for_registration(
    session: Session,
    registration: Registration,
    *,
    by: EndedBy,
    reason: str = "",
    now: datetime,
    actor: str,
    post: Post,
) -> list[Booking]:
    """The supplier is no longer registered: its meetings to come, offers, holds and its place in
    the queue go, both sides are told, and the slots are offered on. Under lock_event()."""
    raise NotImplementedError


def end_for_event(
    session: Session, event: Event, *, reason: str, now: datetime, actor: str, post: Post
) -> list[Booking]:
    """The event is called off, put off or in procurement: all meetings to come, offers and holds
    end, and both sides are told. Who waits goes on waiting only for a postponed one. Under
    lock_event()."""
    raise NotImplementedError


def change_people(
    session: Session,
    registration: Registration,
    gone: Collection[int],
    *,
    replaced_by: Mapping[int, int],
    now: datetime,
    actor: str,
    post: Post,
) -> list[Booking]:
    """Participants who have left go out of the meetings to come; {gone: new} comes instead. A
    meeting that nobody is left for ends. Under lock_event()."""
    raise NotImplementedError


def join_registrations(
    session: Session,
    event: Event,
    gone: Registration,
    kept: Registration,
    *,
    now: datetime,
    actor: str,
) -> None:
    """After a merge: meetings and the better place in the queue are the kept one's. Nobody loses a
    meeting, also where the party then has more than it may. Under lock_event()."""
    raise NotImplementedError
