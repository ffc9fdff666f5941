"""The queue of an event's one-to-one meetings: whether it moves, and until when."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.bookings import AskingFacts, RulesFacts
from dialognav.domain.meeting_terms import HandOut, RequestState, SlotState
from dialognav.domain.offers import queue_rule
from dialognav.models.booking import Draw, MeetingRequest, Wish
from dialognav.models.event import Event
from dialognav.models.meetings import Slot

IN_LINE = (
    MeetingRequest.state == RequestState.WAITING,
    MeetingRequest.queue_number.is_not(None),
)


def is_drawn(session: Session, event_id: int) -> bool:
    """Whether the result of a draw is public."""
    drawn = sa.select(Draw.id).where(
        Draw.event_id == event_id, Draw.published_at.is_not(None), Draw.ended_at.is_(None)
    )
    return session.scalar(drawn.limit(1)) is not None


def queue_moves(session: Session, event: Event, rules: RulesFacts) -> bool:
    """Whether a free slot goes to the next in line by itself."""
    if not rules.is_on or not rules.has_rules or rules.hand_out == HandOut.BY_HAND:
        return False
    return rules.hand_out == HandOut.FIRST_COME or is_drawn(session, event.id)


def queue_moves_until(session: Session, event: Event) -> datetime | None:
    """When the last slot is offered at the latest; afterwards those who wait know that they get
    none. None without published slots."""
    last = session.scalar(
        sa.select(sa.func.max(Slot.starts_at)).where(
            Slot.event_id == event.id,
            Slot.state == SlotState.OPEN,
            Slot.published_at.is_not(None),
        )
    )
    return None if last is None else queue_rule(event, last).closes_at


def is_wished(session: Session, slot_ids: Iterable[int]) -> bool:
    """Whether somebody who waits has wished for one of them."""
    wished = (
        sa.select(Wish.rank)
        .join(MeetingRequest, MeetingRequest.id == Wish.request_id)
        .where(Wish.slot_id.in_(list(slot_ids)), MeetingRequest.state == RequestState.WAITING)
    )
    return session.scalar(wished.limit(1)) is not None


def asking_facts(
    session: Session, event: Event, rules: RulesFacts, *, now: datetime
) -> AskingFacts:
    """What becomes of whoever asks for a meeting now."""
    is_choice = rules.hand_out == HandOut.FIRST_COME
    draws = rules.hand_out in (HandOut.WISHES, HandOut.LOT)
    is_closed = rules.closes_at is not None and now >= rules.closes_at
    return AskingFacts(
        for_draw=draws and not is_drawn(session, event.id),
        can_choose=is_choice and not is_closed,
        until=queue_moves_until(session, event),
    )
