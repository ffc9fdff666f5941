"""Who came to a one-to-one meeting, as somebody of the staff saw it."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.held_meetings import locked_meeting, record
from dialognav.domain.errors import NotAllowedNow, NotFound
from dialognav.domain.meeting_presence import SAID, may_be_missed, may_come, state_of
from dialognav.domain.meeting_terms import MinutesState
from dialognav.domain.terms import EventState
from dialognav.models import Booking, Minutes

_VERBS = {
    "booked": "meeting.presence_undone",
    "attended": "meeting.attended",
    "no_show": "meeting.no_show",
}


def mark_meeting(
    session: Session,
    booking_id: int,
    came: Collection[int] | None,
    *,
    now: datetime,
    actor: str,
) -> Booking:
    """`came` are the participants who came; none of them: nobody did; None: what was said is taken
    back. NotFound for somebody who is not of the meeting; NotAllowedNow before its time, when it is
    not booked, or once its minutes are approved: who came is part of that record."""
    event, booking = locked_meeting(session, booking_id)
    if event.state != EventState.PUBLISHED or booking.state not in SAID:
        raise NotAllowedNow
    if _is_on_record(session, booking_id):
        raise NotAllowedNow
    starts_at = booking.slot.starts_at
    is_time = may_be_missed(starts_at, now) if came is not None and not came else True
    if not (is_time and may_come(starts_at, now)):
        raise NotAllowedNow
    if came is not None and not set(came) <= {one.participant_id for one in booking.people}:
        raise NotFound
    before = booking.state, [one.came for one in booking.people]
    for one in booking.people:
        one.came = None if came is None else one.participant_id in came
    booking.state = state_of(came)
    if before != (booking.state, [one.came for one in booking.people]):
        verb, number = _VERBS[booking.state], len(came or ())
        subject = f"booking:{booking.id}"
        record(session, event, verb, subject, now=now, actor=actor, people=number)
    return booking


def _is_on_record(session: Session, booking_id: int) -> bool:
    query = sa.select(Minutes.state).where(Minutes.booking_id == booking_id)
    return session.scalar(query) == MinutesState.APPROVED
