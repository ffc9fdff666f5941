"""The end of the list for one-to-one meetings: whoever still waits is told so, once (P9)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.actions.booking_rows import note
from dialognav.domain.meeting_terms import HandOut, RequestState, SlotState
from dialognav.domain.offers import queue_rule
from dialognav.domain.terms import EventState, Phase
from dialognav.mail import meeting_notices
from dialognav.mail.post import Post
from dialognav.models import Event, MeetingRequest, MeetingRules, Slot, lock_event

TOLD_WITHIN = timedelta(days=7)
"""After the last meeting it is news to nobody: the request is closed, and no letter leaves."""


def events_to_end(session: Session, *, now: datetime) -> list[int]:
    """Ids of the events where somebody waits and no time will be given any more; one statement."""
    return [
        event.id
        for event, hand_out, last in session.execute(_waited_for())
        if _ends_at(event, hand_out, last) <= now
    ]


def _ends_at(event: Event, hand_out: str, last: datetime) -> datetime:
    """Times are offered up to the queue's cut-off, and given by hand until they begin."""
    return last if hand_out == HandOut.BY_HAND else queue_rule(event, last).closes_at


def _waited_for() -> sa.Select[Event, str, datetime]:
    """Each with the start of the last meeting that can be had, or could when all are taken away."""
    open_at = sa.case((Slot.state == SlotState.OPEN, Slot.starts_at))
    last = sa.func.coalesce(sa.func.max(open_at), sa.func.max(Slot.starts_at)).label("last")
    lasts = (
        sa.select(Slot.event_id, last)
        .where(Slot.published_at.is_not(None))
        .group_by(Slot.event_id)
        .subquery()
    )
    waits = sa.exists().where(
        MeetingRequest.event_id == Event.id, MeetingRequest.state == RequestState.WAITING
    )
    return (
        sa.select(Event, MeetingRules.hand_out, lasts.c.last)
        .join(MeetingRules, MeetingRules.event_id == Event.id)
        .join(lasts, lasts.c.event_id == Event.id)
        .where(
            waits,
            Event.state == EventState.PUBLISHED,
            Event.phase.is_distinct_from(Phase.PROCUREMENT),
        )
        .options(joinedload(Event.organisation, innerjoin=True))
        .order_by(Event.id)
    )


def end_when_due(
    session: Session, event_id: int, *, now: datetime, post: Post
) -> Sequence[MeetingRequest]:
    """Close the requests of all who still wait, and tell them. Safe to run twice, late, and beside
    another worker."""
    event = lock_event(session, event_id)
    row = session.execute(_waited_for().where(Event.id == event.id)).one_or_none()
    if row is None:
        return []
    _event, hand_out, last = row
    if now < _ends_at(event, hand_out, last):
        return []
    waiting = close(session, event, now=now)
    if now < last + TOLD_WITHIN:
        meeting_notices.tell_stopped(session, waiting, ended=True, now=now, post=post)
    ids = [one.registration_id for one in waiting]
    note(session, event, "job", "meeting.list_ended", [], now=now, registrations=ids)
    return waiting


def close(session: Session, event: Event, *, now: datetime) -> Sequence[MeetingRequest]:
    """Nobody who waits does so any more; returns them. Under lock_event()."""
    waiting = who_waits(session, event)
    for request in waiting:
        request.state, request.changed_at = RequestState.WITHDRAWN, now
        request.closed_at = now
    session.flush()
    return waiting


def who_waits(session: Session, event: Event) -> Sequence[MeetingRequest]:
    """The requests without a meeting, as they stand under lock_event(), in the order they came."""
    session.flush()
    return session.scalars(
        sa.select(MeetingRequest)
        .where(MeetingRequest.event_id == event.id, MeetingRequest.state == RequestState.WAITING)
        .options(joinedload(MeetingRequest.registration, innerjoin=True))
        .order_by(MeetingRequest.id)
        .execution_options(populate_existing=True)
    ).all()
