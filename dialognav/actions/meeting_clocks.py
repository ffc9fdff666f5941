"""One-to-one meetings follow what an organiser decides of a clock that a government moved."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav.actions.meeting_slots import NewSlot, refuse_overlap, span_of
from dialognav.actions.meeting_staffing import people_of
from dialognav.domain.errors import TwoPlaces
from dialognav.domain.meeting_teams import twice_at_once
from dialognav.domain.meeting_terms import BookingState, RequestState
from dialognav.domain.slots import Span
from dialognav.domain.zone_shifts import offset_at
from dialognav.mail.meeting_changes import told_of
from dialognav.mail.meeting_notices import tell_changed, tell_offered, tell_wished
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, MeetingBreak, MeetingRequest, Slot, Wish
from dialognav.models.meeting_clocks import shifted_breaks, written_of
from dialognav.models.meeting_plan import standing_slots


def settle_meetings(
    session: Session,
    event: Event,
    slots: Sequence[Slot],
    *,
    keeps_wall: bool,
    now: datetime,
    post: Post,
) -> None:
    """Move these times, and breaks, to where the clock shows what was told; else the new wall time
    holds. Both sides of what is booked are told, once; of a new wall time also who is offered one
    of them, or has wished for it. NoSuchTime when the new clock skips one; TimesOverlap, TwoPlaces
    when something else was planned then meanwhile.

    Somebody who is thereby in two events' meetings at once is named on the plan: the other event
    may be about to follow.
    """
    before = [(slot, told_of(slot)) for slot in slots]
    rows: list[Slot | MeetingBreak] = [*slots, *shifted_breaks(session, event, now=now)]
    if keeps_wall:
        _to_wall(session, event, rows)
    else:
        for row in rows:
            row.start_offset = offset_at(row.starts_at, event.zone)
            row.end_offset = offset_at(row.ends_at, event.zone)
    session.flush()
    tell_changed(session, before, now=now, post=post)
    if not keeps_wall:
        _tell_who_chooses(session, [slot.id for slot in slots], now=now, post=post)


def _tell_who_chooses(
    session: Session, slot_ids: Sequence[int], *, now: datetime, post: Post
) -> None:
    """They have the old wall time in writing, and answer or wish by it."""
    offered = session.scalars(
        sa.select(Booking)
        .where(Booking.slot_id.in_(slot_ids), Booking.state == BookingState.OFFERED)
        .where(Booking.until > now)
        .order_by(Booking.id)
    ).all()
    tell_offered(session, offered, by_new_clock=True, now=now, post=post)
    wished = sa.exists().where(Wish.request_id == MeetingRequest.id, Wish.slot_id.in_(slot_ids))
    requests = session.scalars(
        sa.select(MeetingRequest)
        .where(wished, MeetingRequest.state == RequestState.WAITING)
        .where(MeetingRequest.queue_number.is_(None))
        .order_by(MeetingRequest.id)
        .options(selectinload(MeetingRequest.wishes).joinedload(Wish.slot))
    ).all()
    tell_wished(session, requests, by_new_clock=True, now=now, post=post)


def _to_wall(session: Session, event: Event, rows: Sequence[Slot | MeetingBreak]) -> None:
    """One after the other, those first that make room: no table has two at the same start."""
    settled = [(row, *written_of(row).kept_by_wall(event.zone)) for row in rows]
    spans = {row.id: Span(*span) for row, *span in settled if isinstance(row, Slot)}
    _refuse_clash(standing_slots(session, event.id), spans)
    later = [each for each in settled if each[1] > each[0].starts_at]
    earlier = [each for each in settled if each[1] <= each[0].starts_at]
    for row, starts_at, ends_at in (*reversed(later), *earlier):
        row.starts_at, row.ends_at = starts_at, ends_at
        session.flush()


def _refuse_clash(slots: Sequence[Slot], moved: Mapping[int, Span]) -> None:
    """`slots` are all that stand, `moved` those of them at their new times."""
    refuse_overlap(
        [NewSlot(slot.table_id, moved[slot.id]) for slot in slots if slot.id in moved],
        [NewSlot(slot.table_id, span_of(slot)) for slot in slots if slot.id not in moved],
    )
    teams = {slot.id: people_of(slot) for slot in slots}
    spans = {slot.id: moved.get(slot.id, span_of(slot)) for slot in slots}
    if twice := twice_at_once(teams, spans):
        raise TwoPlaces(*sorted(twice))
