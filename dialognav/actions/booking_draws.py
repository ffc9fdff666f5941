"""What a draw gave, written down: all its meetings at one moment, and the queue behind them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.actions.booking_rows import bookings_where, details_of, fill_in, live_people, note
from dialognav.domain.errors import DrawOutdated, NotFound
from dialognav.domain.meeting_terms import LIVE_BOOKING, BookingState, RequestState
from dialognav.domain.standings import clashes
from dialognav.models import Booking, Draw, Event, MeetingRequest, lock_event
from dialognav.models.meeting_facts import rules_facts, slot_facts, supplier_facts
from dialognav.models.meeting_standings import standings_of


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
    draw = session.get(Draw, draw_id)
    if draw is None:
        raise NotFound
    event = lock_event(session, draw.event_id)
    rows = session.scalars(
        sa.select(MeetingRequest)
        .where(MeetingRequest.event_id == event.id)
        .options(joinedload(MeetingRequest.registration))
        .execution_options(populate_existing=True)
    )
    requests = {one.id: one for one in rows}
    ids = [
        book_one(session, requests[one], slot_id, now=now, draw_id=draw.id)
        for one, slot_id in handed
    ]
    check_all(session, event, ids, now=now)
    for number, request_id in enumerate(queue, 1):
        request = requests[request_id]
        request.state, request.queue_number = RequestState.WAITING, number
    booked = bookings_where(session, Booking.id.in_(ids))
    note(session, event, actor, "meeting.drawn", booked, now=now, queue=len(queue))
    return booked


def book_one(
    session: Session, request: MeetingRequest, slot_id: int, *, now: datetime, **by: Any
) -> int:
    """Id of one of many meetings that are handed out at once; `by` says how. DrawOutdated when the
    slot has gone, or nobody of the supplier is left."""
    there = live_people(session, request.registration_id)
    people = [one for one in there if one.id in request.people] or there[:1]
    held = sa.select(Booking.id).where(Booking.slot_id == slot_id, Booking.state.in_(LIVE_BOOKING))
    is_asking = request.state == RequestState.WAITING
    if not people or not is_asking or session.scalar(held) is not None:
        raise DrawOutdated(request.registration_id)
    booking = Booking(
        event_id=request.event_id,
        slot_id=slot_id,
        registration=request.registration,
        state=BookingState.BOOKED,
        created_at=now,
        booked_at=now,
        **by,
    )
    fill_in(booking, details_of(request, [one.id for one in people]), people)
    session.add(booking)
    request.state, request.changed_at = RequestState.SERVED, now
    session.flush()
    return booking.id


def check_all(session: Session, event: Event, ids: Collection[int], *, now: datetime) -> None:
    """DrawOutdated when one of them cannot stand, or is no longer registered."""
    rules = rules_facts(session, event, now=now)
    slots = slot_facts(session, event.id, rules, now=now)
    standings = standings_of(session, event.id, now=now)
    drawn = {one.booking_id: one.registration_id for one in standings if one.booking_id in ids}
    suppliers = supplier_facts(session, event.id, set(drawn.values()), now=now)
    wrong = {drawn[one] for one in clashes(standings, slots, rules, now, judged=ids, counts=True)}
    wrong |= {one.registration_id for one in suppliers.values() if not one.may_meet}
    if wrong:
        raise DrawOutdated(*sorted(wrong))
