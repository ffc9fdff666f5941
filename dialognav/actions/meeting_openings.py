"""Times added after a draw: the moment they open they go to who waits, the first first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import meeting_offers
from dialognav.domain.meeting_terms import HandOut, SlotState
from dialognav.mail.post import Post
from dialognav.models import Booking, MeetingRequest, MeetingRules, Slot, lock_event
from dialognav.models.meeting_queues import IN_LINE

_LOOKED_BACK = timedelta(days=1)  # so long a worker may have stood still


def events_to_open(session: Session, *, now: datetime) -> Sequence[int]:
    """Ids of the events that open_added() may have something to do for."""
    waits = sa.exists().where(MeetingRequest.event_id == Slot.event_id, *IN_LINE)
    query = sa.select(Slot.event_id).distinct().where(*_opened(now), waits)
    return session.scalars(query.order_by(Slot.event_id)).all()


def open_added(session: Session, event_id: int, *, now: datetime, post: Post) -> list[Booking]:
    """Offer the times that have opened and that nobody was given since they became public, which a
    postponed event's do anew; who is told is who gets one. Safe to run twice, late, and beside
    another worker."""
    event = lock_event(session, event_id)
    opened = sa.select(Slot.id).where(Slot.event_id == event.id, *_opened(now))
    ids = session.scalars(opened).all()
    return meeting_offers.offer_on(session, event, ids, now=now, post=post)


def _opened(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Where times are chosen, what opens is for whoever chooses it."""
    is_drawn = sa.exists().where(
        MeetingRules.event_id == Slot.event_id,
        MeetingRules.hand_out.in_((HandOut.WISHES, HandOut.LOT)),
    )
    return (
        Slot.state == SlotState.OPEN,
        Slot.opens_at > now - _LOOKED_BACK,
        Slot.opens_at <= now,
        Slot.starts_at > now,
        ~sa.exists().where(Booking.slot_id == Slot.id, Booking.created_at >= Slot.published_at),
        is_drawn,
    )
