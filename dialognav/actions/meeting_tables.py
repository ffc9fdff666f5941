"""The tables of one-to-one meetings: where they are held, on what, and who is usually there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.meeting_link_use import refuse_link_in_use
from dialognav.actions.meeting_record import how_many_public, record_plan
from dialognav.actions.meeting_slot_changes import take_away
from dialognav.actions.meeting_slots import NewBreak, NewSlot, add_breaks, refuse_overlap, span_of
from dialognav.actions.meeting_staffing import (
    offer_what_is_free,
    open_to_all,
    put_people,
    team_in_force,
)
from dialognav.db import Text
from dialognav.domain.errors import EditedMeanwhile, ModeInUse, NotFound
from dialognav.domain.terms import Mode
from dialognav.mail.meeting_changes import SlotTold, told_of
from dialognav.mail.meeting_notices import tell_changed
from dialognav.mail.post import Post
from dialognav.models import Event, MeetingBreak, MeetingTable, Slot, TableStaff, lock_event
from dialognav.models.meeting_plan import standing_slots, taken_among

_PLAIN = ("name", "topic", "mode", "room", "address", "online_service", "online_url")


@dataclass(frozen=True, slots=True)
class TableDraft:
    """`has_lobby`: somebody has made sure that the link lets nobody in by themselves.
    `people`: {member id: role}, who new times begin with."""

    name: Text
    topic: Text = field(default_factory=dict)
    mode: str = Mode.ON_SITE
    room: Text = field(default_factory=dict)
    address: str = ""
    online_service: str = ""
    online_url: str = ""
    has_lobby: bool = False
    languages: tuple[str, ...] = ()
    people: dict[int, str] = field(default_factory=dict)


def table_draft_of(table: MeetingTable) -> TableDraft:
    return TableDraft(
        **{name: getattr(table, name) for name in _PLAIN},
        has_lobby=table.lobby_at is not None,
        languages=tuple(table.languages),
        people={one.member_id: one.role for one in table.staff},
    )


def add_table(
    session: Session,
    event_id: int,
    draft: TableDraft,
    *,
    user_id: int | None,
    now: datetime,
    actor: str,
) -> MeetingTable:
    """The last of the event's tables. LinkInUse when its link is another's; NotFound when somebody
    at it is not of the team."""
    event = lock_event(session, event_id)
    last = session.scalar(
        sa.select(sa.func.max(MeetingTable.position)).where(MeetingTable.event_id == event.id)
    )
    table = MeetingTable(event_id=event.id, position=0 if last is None else last + 1, name={})
    _refuse_unfit(session, event, table, draft)
    _write(table, draft, user_id, now)
    session.add(table)
    session.flush()
    record_plan(session, event, "table.added", now=now, actor=actor, table=table.id)
    return table


def save_table(
    session: Session,
    table_id: int,
    draft: TableDraft,
    *,
    expected: TableDraft,
    restaff: bool = False,
    user_id: int | None,
    now: datetime,
    actor: str,
    post: Post,
) -> bool:
    """Whether anything changed. EditedMeanwhile unless the table is as `expected`.

    `restaff`: its people also take the times to come that are there already (TwoPlaces). ModeInUse
    when meetings are booked and they would go online, or come to a room. Where a meeting is booked,
    both sides are told of another place or link.
    """
    event, table = _locked(session, table_id)
    old = table_draft_of(table)
    if old != expected:
        raise EditedMeanwhile
    slots = [
        slot
        for slot in standing_slots(session, event.id)
        if slot.table_id == table.id and slot.ends_at > now
    ]
    told = {slot.id: told_of(slot) for slot in slots}
    stood = open_to_all(session, event, slots, now=now)
    if draft != old:
        _refuse_other_mode(session, old, draft, slots)
        _refuse_unfit(session, event, table, draft)
        _write(table, draft, user_id, now)
        session.flush()
    changed: list[int] = []
    if restaff:
        wanted = {slot.id: draft.people for slot in slots if slot.starts_at > now}
        changed = put_people(session, event, wanted, now=now, post=post)
    offer_what_is_free(session, event, slots, but=stood, now=now, post=post)
    _tell(session, slots, told, now=now, post=post)
    if draft == old and not changed:
        return False
    parts = [name for name in draft.__slots__ if getattr(draft, name) != getattr(old, name)]
    facts: dict[str, Any] = {"table": table.id, "parts": parts, "slots": sorted(changed)}
    record_plan(session, event, "table.saved", now=now, actor=actor, **facts)
    return True


def _refuse_other_mode(
    session: Session, old: TableDraft, new: TableDraft, slots: Sequence[Slot]
) -> None:
    if old.mode != new.mode and (taken := taken_among(session, [slot.id for slot in slots])):
        raise ModeInUse(old.mode, len(taken))


def _refuse_unfit(session: Session, event: Event, table: MeetingTable, draft: TableDraft) -> None:
    if not draft.people.keys() <= team_in_force(session, event.id).keys():
        raise NotFound
    if draft.mode == Mode.ONLINE:
        spans = [
            span_of(slot)
            for slot in standing_slots(session, event.id)
            if slot.table_id == table.id and not slot.online_url
        ]
        refuse_link_in_use(session, event, draft.online_url, spans, table_id=table.id)


def _write(table: MeetingTable, draft: TableDraft, user_id: int | None, now: datetime) -> None:
    """A lobby is confirmed of one link: another has to be looked at anew."""
    is_same = table.lobby_at is not None and table.online_url == draft.online_url
    for name in _PLAIN:
        setattr(table, name, getattr(draft, name))
    table.languages = list(draft.languages)
    if not (draft.has_lobby and draft.online_url):
        table.lobby_at = table.lobby_by_id = None
    elif not is_same:
        table.lobby_at, table.lobby_by_id = now, user_id
    kept = {one.member_id: one for one in table.staff if one.member_id in draft.people}
    for member_id, role in draft.people.items():
        if member_id in kept:
            kept[member_id].role = role
        else:
            kept[member_id] = TableStaff(member_id=member_id, role=role)
    table.staff = list(kept.values())


def _tell(
    session: Session,
    slots: Sequence[Slot],
    before: dict[int, SlotTold],
    *,
    now: datetime,
    post: Post,
) -> None:
    changed = [(slot, before[slot.id]) for slot in slots if told_of(slot) != before[slot.id]]
    if changed:
        tell_changed(session, changed, now=now, post=post)


def remove_table(
    session: Session,
    table_id: int,
    *,
    reason: str = "",
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """Out of use, its times with it. SlotInUse while a supplier has one of those to come, and
    ReasonNeeded while the public has read of one."""
    event, table = _locked(session, table_id)
    slots = [
        slot
        for slot in standing_slots(session, event.id)
        if slot.table_id == table.id and slot.starts_at > now
    ]
    ids = take_away(session, event, slots, reason, now=now, post=post)
    session.execute(sa.delete(MeetingBreak).where(MeetingBreak.table_id == table.id))
    table.removed_at, table.staff = now, []
    facts: dict[str, Any] = {"table": table.id, "slots": ids, "public": how_many_public(slots)}
    record_plan(session, event, "table.removed", now=now, actor=actor, reason=reason, **facts)


def add_break(session: Session, event_id: int, new: NewBreak, *, now: datetime, actor: str) -> None:
    """Later than the times around it: TimesOverlap while there are meetings then."""
    event = lock_event(session, event_id)
    if (
        new.table_id is not None
        and session.get_one(MeetingTable, new.table_id).event_id != event.id
    ):
        raise NotFound
    for slot in standing_slots(session, event.id):
        if new.table_id in (None, slot.table_id):
            there = [NewSlot(slot.table_id, span_of(slot))]
            refuse_overlap([NewSlot(slot.table_id, new.span)], there)
    add_breaks(session, event.id, [new])
    record_plan(session, event, "break.added", now=now, actor=actor)


def remove_break(
    session: Session, event_id: int, break_id: int, *, now: datetime, actor: str
) -> None:
    event = lock_event(session, event_id)
    row = session.get(MeetingBreak, break_id)
    if row is None or row.event_id != event.id:
        raise NotFound
    session.delete(row)
    record_plan(session, event, "break.removed", now=now, actor=actor)


def _locked(session: Session, table_id: int) -> tuple[Event, MeetingTable]:
    """One that is in use, under its event's lock."""
    event_id = session.scalar(sa.select(MeetingTable.event_id).where(MeetingTable.id == table_id))
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    table = session.get_one(MeetingTable, table_id, populate_existing=True)
    if table.removed_at is not None:
        raise NotFound
    return event, table
