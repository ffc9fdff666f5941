"""What two registrations asked for in the way of meetings, when they become one."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.meeting_terms import BookingState, RequestState
from dialognav.models import Booking, MeetingRequest, MeetingRules, Registration, Wish

_WAITS = {RequestState.WAITING, RequestState.OFFERED}
_SAID = (
    *("modes", "languages", "away", "people"),
    *("topics", "secret_marks", "secret_reason", "asked_at"),
    *("proposed_slot_id", "proposed_reason", "closed_at"),
)


def join_requests(
    session: Session,
    theirs: MeetingRequest,
    ours: MeetingRequest | None,
    kept: Registration,
    *,
    now: datetime,
) -> None:
    """One that stands, with all that was said in it; of two that wait the kept one's words, and the
    better number, also where it came later. Who has all the meetings it may have waits no more."""
    if ours is None:
        theirs.registration, theirs.changed_at = kept, now
        return
    order = [RequestState.OFFERED, RequestState.WAITING, RequestState.SERVED]
    if _has_enough(session, kept):
        order = [RequestState.OFFERED, RequestState.SERVED, RequestState.WAITING]
    order.append(RequestState.WITHDRAWN)
    stands = min((ours, theirs), key=lambda one: order.index(RequestState(one.state)))
    both = [one for one in (ours, theirs) if one is stands or {one.state, stands.state} <= _WAITS]
    numbers = [one.queue_number for one in both if one.queue_number is not None]
    if stands is theirs:
        _say_instead(ours, theirs)
    ours.state, ours.queue_number, ours.changed_at = stands.state, min(numbers, default=None), now
    theirs.state, theirs.queue_number, theirs.changed_at = RequestState.WITHDRAWN, None, now


def _has_enough(session: Session, kept: Registration) -> bool:
    session.flush()
    rules = session.get(MeetingRules, kept.event_id)
    query = (
        sa.select(sa.func.count(Booking.id))
        .join(Booking.registration)
        .where(
            Booking.event_id == kept.event_id,
            Registration.party_key == kept.party_key,
            Booking.state.in_((BookingState.BOOKED, BookingState.ATTENDED)),
        )
    )
    return rules is not None and (session.scalar(query) or 0) >= rules.most_per_party


def _say_instead(ours: MeetingRequest, theirs: MeetingRequest) -> None:
    for name in _SAID:
        setattr(ours, name, getattr(theirs, name))
    wished = {one.rank: one.slot_id for one in theirs.wishes}
    had = {one.rank: one for one in ours.wishes}
    for rank, slot_id in wished.items():
        had.setdefault(rank, Wish(rank=rank)).slot_id = slot_id
    ours.wishes = [had[rank] for rank in sorted(wished)]
