"""The rest of an event's one-to-one meetings called off in one step, or the rest of a day.

An event that has been held cannot be called off whole (domain/publishing.py); its meetings can.
"""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import meeting_offers
from dialognav.actions.booking_ends import end_as, tell_ended
from dialognav.actions.booking_rows import bookings_where, note
from dialognav.actions.imports import ChangedMeanwhile
from dialognav.domain.errors import NotAllowedNow, ReasonNeeded
from dialognav.domain.meeting_terms import BookingState, RequestState, SlotState
from dialognav.mail.meeting_notices import drop_news, tell_stopped, tell_wished_for
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, MeetingRequest, Slot, lock_event
from dialognav.models.meeting_remaining import Remaining, remaining_of


def call_off(
    session: Session,
    event_id: int,
    day: date | None,
    *,
    expected: str,
    reason: str,
    now: datetime,
    actor: str,
    post: Post,
) -> Remaining:
    """End all meetings, offers and holds to come, and block their times, which nobody gets then;
    everybody is told once, with the reason. Of all days (None) the waiting list and the wishes end
    too; of one day, whose offer ends waits on with the number it had. So does one whose
    offer has run out and was not ended yet: what is called off is what the page showed.

    ReasonNeeded; NotAllowedNow when nothing is left; ChangedMeanwhile unless what is left is as
    `expected` (Remaining.mark).
    """
    event = lock_event(session, event_id)
    if not reason.strip():
        raise ReasonNeeded
    left = remaining_of(session, event, day, now=now)
    if left.is_empty:
        raise NotAllowedNow
    if left.mark != expected:
        raise ChangedMeanwhile
    told, untold = left.told, left.untold
    waits_on = [one.registration_id for one in told if day and one.state == BookingState.OFFERED]
    end_as(left.bookings, BookingState.CANCELLED, now=now)
    closed = [slot for slot in left.slots if slot.state == SlotState.OPEN]
    for slot in closed:
        slot.state, slot.block_reason = SlotState.BLOCKED, reason[:300]
    _end_requests(session, left, waits_on, now=now)
    ended = bookings_where(session, Booking.id.in_([one.id for one in left.bookings]))
    tell_ended(session, ended, "organiser", reason, now=now, post=post)
    if day is None:
        drop_news(session, event)
        tell_stopped(session, untold, reason=reason, now=now, post=post)
    else:
        tell_wished_for(session, event, closed, reason=reason, now=now, post=post)
    facts = {
        "day": day.isoformat() if day else None,
        "slots": sorted(slot.id for slot in closed),
        "registrations": sorted(one.registration_id for one in untold),
    }
    note(session, event, actor, "meeting.called_off", ended, now=now, reason=reason, **facts)
    if waits_on:
        _offer_others(session, event, now=now, post=post)
    return left


def _end_requests(
    session: Session, left: Remaining, waits_on: Collection[int], *, now: datetime
) -> None:
    """Of all who had a meeting and have no other, or wait for one of any day; those of `waits_on`
    wait again."""
    had = {one.registration_id for one in left.told}
    has_another = sa.select(Booking.registration_id).where(
        Booking.registration_id.in_(had),
        Booking.state.in_((BookingState.OFFERED, BookingState.BOOKED)),
    )
    concerned = had - set(session.scalars(has_another))
    concerned |= {*waits_on, *(one.registration_id for one in left.waiting)}
    rows = session.scalars(
        sa.select(MeetingRequest).where(
            MeetingRequest.registration_id.in_(concerned),
            MeetingRequest.state != RequestState.WITHDRAWN,
        )
    )
    ends = {one.id for one in left.waiting}
    for request in rows:
        if request.registration_id in waits_on:
            request.state, request.changed_at = RequestState.WAITING, now
        elif request.id in ends or request.state == RequestState.SERVED:
            request.state, request.changed_at = RequestState.WITHDRAWN, now
    session.flush()


def _offer_others(session: Session, event: Event, *, now: datetime, post: Post) -> None:
    """What nobody before them in turn wanted may suit those who wait again."""
    free = sa.select(Slot.id).where(
        Slot.event_id == event.id, Slot.state == SlotState.OPEN, Slot.starts_at > now
    )
    meeting_offers.offer_on(session, event, session.scalars(free).all(), now=now, post=post)
