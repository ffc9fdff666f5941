"""Slots that came free go on to those who wait: offered for a time, in the order of the queue."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.booking_rows import (
    Details,
    bookings_where,
    check,
    locked_booking,
    locked_request,
    note,
    request_of,
    waits_no_more,
)
from dialognav.actions.booking_taking import take
from dialognav.domain.bookings import (
    RulesFacts,
    SlotFacts,
    SupplierFacts,
    Way,
    is_for_nobody,
    next_in_turn,
)
from dialognav.domain.errors import NotAllowedNow, OfferOver, ReasonNeeded, TooLate, WrongPeople
from dialognav.domain.meeting_terms import BookingState, RequestState
from dialognav.domain.offers import queue_rule
from dialognav.mail import meeting_notices
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, MeetingRequest, lock_event
from dialognav.models.meeting_facts import rules_facts, slot_facts, supplier_facts
from dialognav.models.meeting_queues import IN_LINE, queue_moves

_Line = Sequence[tuple[MeetingRequest, SupplierFacts]]
_Passed = defaultdict[int, set[int]]
"""By slot: those who were offered it, or had it, and let it be."""
_DID_WITHOUT = (BookingState.DECLINED, BookingState.LAPSED, BookingState.WITHDRAWN)


def offer(
    session: Session,
    request_id: int,
    slot_id: int,
    *,
    now: datetime,
    actor: str,
    post: Post,
    reason: str = "",
) -> Booking:
    """Staff offer a free slot to one who waits, until the rule's time. Unless it is theirs in turn
    that wants a reason (ReasonNeeded): others are passed over, it does not suit them, or no draw
    has been yet. CannotMeet; NotAllowedNow for who does not wait; TooLate when nobody could answer
    in time."""
    event, request = locked_request(session, request_id)
    lapse_due(session, event, now=now, post=post)
    if request.state != RequestState.WAITING:
        raise NotAllowedNow
    slot = check(session, event, request.registration_id, slot_id, now=now, way=Way.STAFF)
    until = queue_rule(event, slot.starts_at).offer_ends_at(now)
    if until is None:
        raise TooLate
    rules, line = rules_facts(session, event, now=now), _in_line(session, event, now=now)
    chosen = _next(slot, line, rules, _did_without(session, [slot.id]), now=now)
    if (chosen is None or chosen.id != request.id) and not reason.strip():
        raise ReasonNeeded
    passes = chosen is not None and chosen.id != request.id
    booking = _give(session, request, slot.id, until, reason=reason, now=now)
    [booking] = bookings_where(session, Booking.id == booking.id)
    meeting_notices.tell_offered(session, [booking], now=now, post=post)
    note(session, event, actor, "meeting.offered", [booking], now=now, reason=reason, passes=passes)
    return booking


def answer(
    session: Session,
    booking_id: int,
    accepts: bool,
    details: Details | None = None,
    *,
    now: datetime,
    actor: str,
    post: Post,
    stays: bool = False,
) -> Booking:
    """Take an offered slot (then with details), or do without it: it goes to the next. `stays`: in
    the queue, with the same number, for another slot. OfferOver, WrongPeople, CannotMeet."""
    event, booking = locked_booking(session, booking_id)
    if booking.state != BookingState.OFFERED or booking.until is None or now >= booking.until:
        raise OfferOver
    if accepts:
        if details is None:
            raise WrongPeople(0)
        take(session, event, booking, details, now=now)
        meeting_notices.tell_booked(session, [booking], now=now, post=post)
        note(session, event, actor, "meeting.accepted", [booking], now=now)
        return booking
    decline(session, booking, now=now, stays=stays)
    note(session, event, actor, "meeting.declined", [booking], now=now, stays=stays)
    offer_on(session, event, [booking.slot_id], now=now, post=post)
    return booking


def decline(session: Session, booking: Booking, *, now: datetime, stays: bool) -> None:
    """The offer is over; the slot is free, and nobody has it yet."""
    booking.state, booking.ended_at = BookingState.DECLINED, now
    request = request_of(session, booking.registration_id)
    if request is not None:
        request.state = RequestState.WAITING if stays else RequestState.WITHDRAWN
        request.changed_at = now
    session.flush()


def offer_on(
    session: Session, event: Event, slot_ids: Collection[int], *, now: datetime, post: Post
) -> list[Booking]:
    """Offer free slots to the first in the queue whom each suits, and tell them.

    Call it under lock_event() after freeing them. Nobody gets one by itself where the organiser
    hands out by hand, before a draw is public, before the slot opens, or too late to answer: it
    stays free.
    """
    session.flush()
    rules = rules_facts(session, event, now=now)
    if not slot_ids or not queue_moves(session, event, rules):
        return []
    free = slot_facts(session, event.id, rules, now=now, only=slot_ids).values()
    slots = [slot for slot in free if not is_for_nobody(slot, rules, now)]
    line, passed = (
        _in_line(session, event, now=now),
        _did_without(session, [one.id for one in slots]),
    )
    made = []
    for slot in slots:
        until = queue_rule(event, slot.starts_at).offer_ends_at(now)
        request = _next(slot, line, rules, passed, now=now) if until is not None else None
        if request is not None and until is not None:
            made.append(_give(session, request, slot.id, until, now=now).id)
            line = _in_line(session, event, now=now)
    if not made:
        return []
    offered = bookings_where(session, Booking.id.in_(made))
    meeting_notices.tell_offered(session, offered, now=now, post=post)
    note(session, event, "job", "meeting.offered", offered, now=now)
    return offered


def _in_line(session: Session, event: Event, *, now: datetime) -> _Line:
    """Who waits, the first first, as all stands now."""
    session.flush()
    waiting = session.scalars(
        sa.select(MeetingRequest)
        .where(MeetingRequest.event_id == event.id, *IN_LINE)
        .order_by(MeetingRequest.queue_number)
    ).all()
    if not waiting:
        return []
    ids = [one.registration_id for one in waiting]
    facts = supplier_facts(session, event.id, ids, now=now)
    return [(one, facts[one.registration_id]) for one in waiting]


def _next(
    slot: SlotFacts, line: _Line, rules: RulesFacts, passed: _Passed, *, now: datetime
) -> MeetingRequest | None:
    """Who of them is next in turn for this slot."""
    queue = [facts for _request, facts in line]
    chosen = next_in_turn(slot, queue, rules, now, passed=frozenset(passed[slot.id]))
    return next((request for request, facts in line if facts is chosen), None)


def _did_without(session: Session, slot_ids: Collection[int]) -> _Passed:
    rows = session.execute(
        sa.select(Booking.slot_id, Booking.registration_id).where(
            Booking.slot_id.in_(slot_ids),
            Booking.state.in_(_DID_WITHOUT),
            sa.or_(Booking.offered_at.is_not(None), Booking.booked_at.is_not(None)),
        )
    )
    found: _Passed = defaultdict(set)
    for slot_id, registration_id in rows:
        found[slot_id].add(registration_id)
    return found


def _give(
    session: Session,
    request: MeetingRequest,
    slot_id: int,
    until: datetime,
    *,
    now: datetime,
    reason: str = "",
) -> Booking:
    booking = Booking(
        event_id=request.event_id,
        slot_id=slot_id,
        registration_id=request.registration_id,
        state=BookingState.OFFERED,
        until=until,
        offered_at=now,
        reason=reason,
        created_at=now,
    )
    session.add(booking)
    request.state, request.changed_at = RequestState.OFFERED, now
    session.flush()
    return booking


def events_to_lapse(session: Session, *, now: datetime) -> Sequence[int]:
    """Ids of the events that lapse() has something to do for; one indexed statement."""
    ran_out = _ran_out(now)
    query = sa.select(Booking.event_id).distinct().where(*ran_out).order_by(Booking.event_id)
    return session.scalars(query).all()


def _ran_out(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Booking.state.in_((BookingState.HELD, BookingState.OFFERED)), Booking.until <= now


def lapse(session: Session, event_id: int, *, now: datetime, post: Post) -> list[Booking]:
    """Holds and offers that ran out end, and the slots are offered on. Who let an offer run out
    leaves the queue, is told, and may join it again, last. Safe to run twice, late, and beside
    another worker."""
    return lapse_due(session, lock_event(session, event_id), now=now, post=post)


def lapse_due(session: Session, event: Event, *, now: datetime, post: Post) -> list[Booking]:
    """lapse() for who has the lock already: before a slot is judged, what ran out has ended."""
    due = sa.select(Booking.id).where(Booking.event_id == event.id, *_ran_out(now))
    ids = session.scalars(due).all()
    if not ids:
        return []
    ended = bookings_where(session, Booking.id.in_(ids))
    by_state: dict[str, list[Booking]] = defaultdict(list)
    for booking in ended:
        by_state[booking.state].append(booking)
        booking.state, booking.ended_at = BookingState.LAPSED, now
    offers = by_state[BookingState.OFFERED]
    for booking in offers:
        waits_no_more(session, booking.registration_id, now=now)
    session.flush()
    told = [one for one in offers if now < one.slot.starts_at]
    if told:
        meeting_notices.tell_ended(session, told, by="lapsed", now=now, post=post)
    note(session, event, "job", "meeting.lapsed", ended, now=now, offers=len(offers))
    offer_on(session, event, [one.slot_id for one in ended], now=now, post=post)
    return ended
