"""Seats and the queue. Every function here wants the event locked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.queues import (
    Key,
    fill_free_places,
    last_numbers,
    leave,
    leave_other_modes,
    occupancies,
)
from dialognav.domain.admission import Place, decide_places
from dialognav.domain.errors import EventFull, NotAllowedNow
from dialognav.domain.offers import rule_of, takes_queue
from dialognav.domain.terms import LIVE, MODES_OF, Attending, QueueReason, Seat
from dialognav.models import Attendance, Event, Occasion, Participant

__all__ = [
    "Wish",
    "check_number",
    "fill_free_places",
    "leave",
    "live_seats",
    "newcomers_wish",
    "occasions_of",
    "seat_pending",
    "seat_people",
]


@dataclass(frozen=True, slots=True)
class Wish:
    """One person wants to attend in this mode; no occasions named means all of them.

    Of those named, each has to be one that can still be come to.
    """

    mode: str
    occasion_ids: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A seat, or a number in the queue and why."""

    state: Seat
    number: int | None = None
    why: str = ""


def live_seats(participant: Participant) -> list[Attendance]:
    """Those at occasions that stand."""
    return [
        seat
        for seat in participant.attendances
        if seat.state in LIVE and seat.occasion.cancelled_at is None
    ]


def occasions_of(event: Event, wish: Wish, *, now: datetime) -> list[Occasion]:
    """The occasions a wish means, none of which has begun.

    NotAllowedNow for a mode or an occasion that the event has not, or has no more.
    """
    ahead = [each for each in event.live_occasions if now < each.starts_at]
    wanted = [each for each in ahead if not wish.occasion_ids or each.id in wish.occasion_ids]
    is_lacking = len(wanted) < len(set(wish.occasion_ids)) or not wanted
    if wish.mode not in MODES_OF[event.format] or is_lacking:
        raise NotAllowedNow
    return wanted


def newcomers_wish(event: Event, wish: Wish, *, now: datetime) -> Wish:
    """What a newcomer gets of a wish: chosen occasions, or all of them where they belong together.

    NotAllowedNow for more than one person may choose.
    """
    if event.attending != Attending.CHOOSE:
        wish = Wish(wish.mode)
    wanted = occasions_of(event, wish, now=now)
    check_number(event, len(wanted))
    return Wish(wish.mode, [each.id for each in wanted])


def check_number(event: Event, chosen: int) -> None:
    """NotAllowedNow for more occasions than one person may choose at this event."""
    is_limited = event.attending == Attending.CHOOSE and event.sessions_most is not None
    if is_limited and chosen > (event.sessions_most or 0):
        raise NotAllowedNow


def seat_people(
    session: Session,
    event: Event,
    people: Sequence[tuple[Participant, Wish]],
    *,
    now: datetime,
    pending: bool = False,
    why: QueueReason | None = None,
) -> list[Attendance]:
    """A seat or a place in the queue for each person, in the order given.

    EventFull, and nothing written, when one of them can have neither. `pending`: somebody has to
    look at them first, and until then they hold nothing (decisions.md 4). `why` they wait, if they
    have to and it is not for being late.
    """
    asked = [
        (participant, occasion, wish.mode)
        for participant, wish in people
        for occasion in occasions_of(event, wish, now=now)
    ]
    keys = [(occasion.id, mode) for _, occasion, mode in asked]
    given = [] if pending else _decide(session, event, keys, why, now)
    seats = [
        Attendance(
            participant=participant,
            occasion=occasion,
            mode=mode,
            state=Seat.PENDING,
            created_at=now,
            state_at=now,
        )
        for participant, occasion, mode in asked
    ]
    if not pending:
        _give(seats, given, now=now)
    session.add_all(seats)
    return seats


def seat_pending(
    session: Session, event: Event, attendances: Sequence[Attendance], *, now: datetime
) -> list[Attendance]:
    """Let those who were looked at have what they asked for, in the order given; returns them.

    Who kept a seat or a number while waiting for the decision has it again. The others get a
    place, or the end of the queue (decisions.md 4): EventFull, and nothing written, when the event
    keeps none. Call fill_free_places() after it: a number that was kept may be next in turn.
    """
    pending = [seat for seat in attendances if seat.state == Seat.PENDING]
    new = [seat for seat in pending if not seat.keeps_seat and seat.queue_number is None]
    keys = [(seat.occasion_id, seat.mode) for seat in new]
    given = _decide(session, event, keys, QueueReason.APPROVED, now)
    for seat in pending:
        if seat.keeps_seat:
            _give_back(event, seat, now=now)
        elif seat.queue_number is not None:
            seat.state = Seat.WAITING
        seat.state_at = now
    _give(new, given, now=now)
    session.flush()
    confirmed = [seat for seat in pending if seat.state == Seat.CONFIRMED]
    leave_other_modes(session, confirmed, now=now)
    return pending


def _give_back(event: Event, seat: Attendance, *, now: datetime) -> None:
    """A place, or the offer of one: its clock stood still while nobody could take it."""
    seat.keeps_seat = False
    seat.state = Seat.CONFIRMED if seat.offer_ends_at is None else Seat.OFFERED
    rule = rule_of(event, seat.occasion)
    if seat.offer_ends_at is not None and rule is not None:
        seat.offer_ends_at = rule.resumed_until(seat.offer_ends_at - seat.state_at, now)


def _decide(
    session: Session, event: Event, keys: Sequence[Key], why: QueueReason | None, now: datetime
) -> list[Given]:
    """What each of them gets. EventFull when one can have neither a place nor a number."""
    if not keys:
        return []
    held = occupancies(session, event)
    places = decide_places(held, keys, waiting_list=True)
    waiting = {key for key, place in zip(keys, places, strict=True) if place is Place.WAITING}
    queues = {each.id for each in event.live_occasions if takes_queue(event, now, each)}
    if full := {occasion_id for occasion_id, _mode in waiting} - queues:
        raise EventFull(*sorted(full))
    last = last_numbers(session, waiting)
    given = []
    for key, place in zip(keys, places, strict=True):
        if place is Place.CONFIRMED:
            given.append(Given(Seat.CONFIRMED))
        else:
            last[key] += 1
            late = QueueReason.BEHIND if held[key].has_room else QueueReason.FULL
            given.append(Given(Seat.WAITING, last[key], why or late))
        held[key] = held[key].after(place)
    return given


def _give(seats: Sequence[Attendance], given: Sequence[Given], *, now: datetime) -> None:
    for seat, one in zip(seats, given, strict=True):
        seat.state, seat.state_at = one.state, now
        seat.queue_number, seat.queue_reason = one.number, one.why
