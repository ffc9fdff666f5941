"""One-to-one meetings as their pages show them: what can be had, and what each supplier has."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.domain.bookings import Stop, Way
from dialognav.models import Booking, Event, MeetingRequest


def stops_of(
    session: Session,
    event: Event,
    registration_id: int | None,
    *,
    now: datetime,
    way: Way = Way.OWN,
    replaces_id: int | None = None,
) -> dict[int, tuple[Stop, ...]]:
    """{slot id: what stops this supplier from having it, () when nothing does}, of all slots that
    stand, in six statements. `replaces_id`: the booking that would be moved there."""
    raise NotImplementedError


def stops_of_asking(
    session: Session, event: Event, registration_id: int, *, now: datetime
) -> tuple[Stop, ...]:
    """What stops this supplier from asking for a meeting (actions/meeting_requests.ask)."""
    raise NotImplementedError


def bookings_of(
    session: Session, registration_id: int, *, also_ended: bool = False
) -> list[Booking]:
    """A supplier's meetings, by time, live ones alone unless `also_ended`; slot, table and people
    loaded."""
    raise NotImplementedError


def own_booking(session: Session, registration_id: int, public_id: str) -> Booking:
    """One of the supplier's own, live or not, as bookings_of(). NotFound."""
    raise NotImplementedError


def bookings_at(session: Session, event_id: int, *, live_only: bool = True) -> list[Booking]:
    """All at an event, by slot and time; registration, slot, table and people loaded."""
    raise NotImplementedError


def request_of(session: Session, registration_id: int) -> MeetingRequest | None:
    """What the supplier has asked for, also when it has left the queue; wishes loaded."""
    raise NotImplementedError


def queue_at(session: Session, event_id: int) -> list[MeetingRequest]:
    """Those who wait, the next in turn first; registration and wishes loaded."""
    raise NotImplementedError


def place_of(session: Session, request: MeetingRequest) -> int | None:
    """Which place in the queue, from 1; None for one who does not wait."""
    raise NotImplementedError


def queue_moves_until(session: Session, event: Event) -> datetime | None:
    """By when those who wait know: afterwards nothing is offered by itself. None without slots."""
    raise NotImplementedError


def offers_to(session: Session, registration_id: int, *, now: datetime) -> Sequence[Booking]:
    """Slots that are offered to the supplier and can still be answered."""
    raise NotImplementedError
