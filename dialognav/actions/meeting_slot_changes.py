"""One time for one-to-one meetings changed, blocked, or taken away."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.booking_taking import leave_link
from dialognav.actions.meeting_claims import claim
from dialognav.actions.meeting_link_use import refuse_link_elsewhere, refuse_link_in_use
from dialognav.actions.meeting_record import how_many_public, record_plan
from dialognav.actions.meeting_slots import NewSlot, refuse_overlap, span_of
from dialognav.actions.meeting_staffing import (
    People,
    locked_slot,
    offer_what_is_free,
    open_to_all,
    people_of,
    put_people,
)
from dialognav.domain.errors import (
    EditedMeanwhile,
    NotAllowedNow,
    NotReady,
    ReasonNeeded,
    SlotInUse,
)
from dialognav.domain.meeting_terms import BookingState, SlotState
from dialognav.domain.slots import Span
from dialognav.mail.meeting_changes import told_of
from dialognav.mail.meeting_notices import tell_changed, tell_wished_for
from dialognav.mail.post import Post
from dialognav.models import Booking, Event, MeetingRules, MeetingTable, Slot, Wish, lock_event
from dialognav.models.meeting_plan import standing_slots, taken_among


@dataclass(frozen=True, slots=True)
class SlotDraft:
    """One time as its editor leaves it. `deviation`: why it differs from the others."""

    span: Span
    people: People
    online_url: str = ""
    deviation: str = ""


def slot_draft_of(slot: Slot) -> SlotDraft:
    return SlotDraft(span_of(slot), people_of(slot), slot.online_url, slot.deviation)


def save_slot(
    session: Session,
    slot_id: int,
    draft: SlotDraft,
    *,
    expected: SlotDraft,
    now: datetime,
    actor: str,
    post: Post,
) -> tuple[str, ...]:
    """Change one time; which of "time", "people", "link", "reason" differ now.

    EditedMeanwhile unless it is as `expected`. ReasonNeeded when it would last longer or shorter
    than the others, or another time than the public has read; SlotInUse for the time of a meeting
    that somebody has, or has wished for; TimesOverlap, LinkInUse, and put_people()'s.
    """
    event, slot = locked_slot(session, slot_id)
    old = slot_draft_of(slot)
    if slot.state == SlotState.REMOVED:
        raise NotAllowedNow
    if old != expected:
        raise EditedMeanwhile
    changed = [
        name
        for name, attribute in _PARTS.items()
        if getattr(old, attribute) != getattr(draft, attribute)
    ]
    _refuse_unequal(session, slot, old, draft)
    if "time" in changed:
        _refuse_other_time(session, event, slot, draft.span, now)
    _refuse_link(session, event, slot, draft, changed)
    before, stood = told_of(slot), open_to_all(session, event, [slot], now=now)
    if "link" in changed:
        _leave_links(session, [slot])
    slot.starts_at, slot.ends_at = draft.span
    slot.online_url, slot.deviation = draft.online_url, draft.deviation
    session.flush()
    moved = {slot.id} if "time" in changed else ()
    put_people(session, event, {slot.id: draft.people}, moved=moved, now=now, post=post)
    if told_of(slot) != before and slot.ends_at > now:
        tell_changed(session, [(slot, before)], now=now, post=post)
    if changed:
        _record_saved(session, event, slot, changed, now=now, actor=actor)
        offer_what_is_free(session, event, [slot], but=stood, now=now, post=post)
    return tuple(changed)


def save_links(
    session: Session,
    table_id: int,
    links: Mapping[int, str],
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> int:
    """Own links for several times ({slot id: link}) at one table; how many differ now.

    LinkInUse when one would be two meetings'. Where a meeting is booked, both sides are told.
    """
    table = session.get_one(MeetingTable, table_id)
    event = lock_event(session, table.event_id)
    slots = [
        slot
        for slot in standing_slots(session, event.id)
        if slot.table_id == table_id
        and slot.id in links
        and slot.ends_at > now
        and slot.online_url != links[slot.id]
    ]
    told = [(slot, told_of(slot)) for slot in slots]
    stood = open_to_all(session, event, slots, now=now)
    _leave_links(session, slots)
    for slot in slots:
        slot.online_url = ""  # so that two may change places
    session.flush()
    for slot in slots:
        refuse_link_in_use(session, event, links[slot.id], [span_of(slot)], slot_id=slot.id)
        slot.online_url = links[slot.id]
        session.flush()
    if told := [(slot, before) for slot, before in told if told_of(slot) != before]:
        tell_changed(session, told, now=now, post=post)
    if slots:
        ids = [slot.id for slot in slots]
        record_plan(session, event, "slots.links", now=now, actor=actor, slots=ids)
        offer_what_is_free(session, event, slots, but=stood, now=now, post=post)
    return len(slots)


def _record_saved(
    session: Session, event: Event, slot: Slot, parts: list[str], *, now: datetime, actor: str
) -> None:
    """Another time than the public has read is a change for all, with its reason."""
    is_known = "time" in parts and slot.published_at is not None
    facts: dict[str, Any] = {"slot": slot.id, "parts": parts, "public": int(is_known)}
    why = slot.deviation if is_known else ""
    record_plan(session, event, "slot.saved", now=now, actor=actor, reason=why, **facts)


_PARTS = {"time": "span", "people": "people", "link": "online_url", "reason": "deviation"}


def _refuse_unequal(session: Session, slot: Slot, old: SlotDraft, draft: SlotDraft) -> None:
    rules = session.get_one(MeetingRules, slot.event_id)
    is_other = draft.span.minutes != rules.slot_minutes
    is_known = slot.published_at is not None and draft.span != old.span
    if (is_other or is_known) and not draft.deviation:
        raise ReasonNeeded


def _refuse_other_time(
    session: Session, event: Event, slot: Slot, span: Span, now: datetime
) -> None:
    if span.starts_at <= now:
        raise NotReady("past")
    wished = sa.select(Wish.rank).where(Wish.slot_id == slot.id).limit(1)
    if taken_among(session, [slot.id]) or session.scalar(wished) is not None:
        raise SlotInUse
    others = [each for each in standing_slots(session, event.id) if each.id != slot.id]
    refuse_overlap(
        [NewSlot(slot.table_id, span)], [NewSlot(each.table_id, span_of(each)) for each in others]
    )


def _refuse_link(
    session: Session, event: Event, slot: Slot, draft: SlotDraft, changed: Collection[str]
) -> None:
    """Another link, or the same one at another time."""
    link, spans = draft.online_url, [draft.span]
    if "link" in changed:
        refuse_link_in_use(session, event, link, spans, slot_id=slot.id)
    elif "time" in changed:
        refuse_link_elsewhere(session, event, link, spans)


def _leave_links(session: Session, slots: Collection[Slot]) -> None:
    """Those who meet in them have read the links that they had until now."""
    here = Booking.slot_id.in_([slot.id for slot in slots]), Booking.state == BookingState.BOOKED
    for booking in session.scalars(sa.select(Booking).where(*here)):
        leave_link(booking)


def block(
    session: Session, slot_id: int, reason: str, *, now: datetime, actor: str, post: Post
) -> Slot:
    """Nobody can take it until it is unblocked; whoever has wished for it is told, not of the
    reason. SlotInUse when somebody has it."""
    event, slot = locked_slot(session, slot_id)
    _leave_state(session, slot, SlotState.OPEN)
    slot.state, slot.block_reason = SlotState.BLOCKED, reason
    tell_wished_for(session, event, [slot], now=now, post=post)
    facts: dict[str, Any] = {"slot": slot.id, "public": how_many_public([slot])}
    record_plan(session, event, "slot.blocked", now=now, actor=actor, reason=reason, **facts)
    return slot


def unblock(session: Session, slot_id: int, *, now: datetime, actor: str, post: Post) -> Slot:
    """Free again: it goes to who waits first. EngagedElsewhere when its people have become another
    event's meanwhile."""
    event, slot = locked_slot(session, slot_id)
    _leave_state(session, slot, SlotState.BLOCKED)
    claim(session, event, [(span_of(slot), people_of(slot).keys())], now=now)
    slot.state, slot.block_reason = SlotState.OPEN, ""
    tell_wished_for(session, event, [slot], now=now, post=post)
    record_plan(session, event, "slot.unblocked", slot=slot.id, now=now, actor=actor)
    offer_what_is_free(session, event, [slot], now=now, post=post)
    return slot


def remove_slots(
    session: Session,
    event_id: int,
    slot_ids: Collection[int],
    *,
    reason: str = "",
    now: datetime,
    actor: str,
    post: Post,
) -> int:
    """Take away times that nobody has; how many. Whoever has wished for one is told, with the
    reason. SlotInUse when somebody has one of them, and ReasonNeeded for what the public has read
    of."""
    event = lock_event(session, event_id)
    slots = [slot for slot in standing_slots(session, event.id) if slot.id in set(slot_ids)]
    if slots:
        ids = take_away(session, event, slots, reason, now=now, post=post)
        facts: dict[str, Any] = {"slots": ids, "public": how_many_public(slots)}
        record_plan(session, event, "slots.removed", now=now, actor=actor, reason=reason, **facts)
    return len(slots)


def take_away(
    session: Session,
    event: Event,
    slots: Collection[Slot],
    reason: str,
    *,
    now: datetime,
    post: Post,
) -> list[int]:
    """remove_slots() of a locked event; their ids."""
    if taken_among(session, [slot.id for slot in slots]):
        raise SlotInUse
    if not reason and any(slot.published_at for slot in slots):
        raise ReasonNeeded
    could_be_had = [slot for slot in slots if slot.state == SlotState.OPEN]
    for slot in slots:
        slot.state, slot.deviation = SlotState.REMOVED, reason
    tell_wished_for(session, event, could_be_had, reason=reason, now=now, post=post)
    return sorted(slot.id for slot in slots)


def _leave_state(session: Session, slot: Slot, state: SlotState) -> None:
    """NotAllowedNow unless the slot is in the state, SlotInUse when somebody has it."""
    if slot.state != state:
        raise NotAllowedNow
    if taken_among(session, [slot.id]):
        raise SlotInUse
