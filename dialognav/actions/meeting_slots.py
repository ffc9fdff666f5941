"""Times for one-to-one meetings, and breaks between them, added to the plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.meeting_claims import engagements_of
from dialognav.actions.meeting_record import record_plan
from dialognav.actions.meeting_staffing import people_of
from dialognav.db import Text
from dialognav.domain.errors import NotFound, NotReady, TimesOverlap
from dialognav.domain.slots import MOST_SLOTS, Span, seat
from dialognav.models import (
    Event,
    MeetingBreak,
    MeetingRules,
    MeetingTable,
    Slot,
    SlotStaff,
    lock_event,
)
from dialognav.models.meeting_elsewhere import busy_spans
from dialognav.models.meeting_plan import standing_slots


@dataclass(frozen=True, slots=True)
class NewSlot:
    table_id: int
    span: Span


@dataclass(frozen=True, slots=True)
class NewBreak:
    """At one table, or (None) at all of them."""

    table_id: int | None
    span: Span
    title: Text = field(default_factory=dict)


def add_slots(
    session: Session,
    event_id: int,
    new: Sequence[NewSlot],
    breaks: Iterable[NewBreak] = (),
    *,
    now: datetime,
    actor: str,
) -> list[Slot]:
    """Times that nobody sees before they are published, each with the people of its table.

    Who is at another table then, also of another event, is left out. NotReady names "rules", "past"
    or "too_many"; TimesOverlap when a meeting is at that table then.
    """
    event = lock_event(session, event_id)
    if session.get(MeetingRules, event.id) is None:
        raise NotReady("rules")
    if any(each.span.starts_at <= now for each in new):
        raise NotReady("past")
    there = standing_slots(session, event.id)
    if len(there) + len(new) > MOST_SLOTS:
        raise NotReady("too_many")
    refuse_overlap(new, [NewSlot(slot.table_id, span_of(slot)) for slot in there])
    made = _made(session, event, new, there, now)
    add_breaks(session, event.id, breaks)
    session.flush()
    per_table = {str(key): 0 for key in sorted({slot.table_id for slot in made})}
    for slot in made:
        per_table[str(slot.table_id)] += 1
    record_plan(session, event, "slots.added", now=now, actor=actor, tables=per_table)
    return made


def _made(
    session: Session,
    event: Event,
    new: Sequence[NewSlot],
    there: Iterable[Slot],
    now: datetime,
) -> list[Slot]:
    tables = {
        table.id: table
        for table in session.scalars(
            sa.select(MeetingTable).where(
                MeetingTable.event_id == event.id, MeetingTable.removed_at.is_(None)
            )
        )
    }
    lines = sorted(new, key=lambda line: (line.span, line.table_id))
    if any(line.table_id not in tables for line in lines):
        raise NotFound
    usual = {key: {one.member_id: one.role for one in each.staff} for key, each in tables.items()}
    people = {member for line in lines for member in usual[line.table_id]}
    elsewhere = busy_spans(engagements_of(session, event, people, now=now))
    seated = seat([(line.table_id, line.span) for line in lines], usual, busy_of(there, elsewhere))
    made = []
    for line, seats in zip(lines, seated, strict=True):
        begins, ends = line.span
        slot = Slot(event_id=event.id, table=tables[line.table_id], starts_at=begins, ends_at=ends)
        slot.staff = [SlotStaff(member_id=who, role=role) for who, role in seats.items()]
        made.append(slot)
    session.add_all(made)
    return made


def busy_of(
    slots: Iterable[Slot], elsewhere: Mapping[int, Sequence[Span]]
) -> dict[int, list[Span]]:
    """{member id: when in a meeting}, of this event or of others."""
    busy = {member: list(spans) for member, spans in elsewhere.items()}
    for slot in slots:
        for member_id in people_of(slot):
            busy.setdefault(member_id, []).append(span_of(slot))
    return busy


def add_breaks(session: Session, event_id: int, breaks: Iterable[NewBreak]) -> None:
    """To a locked event; what is there already is not there twice."""
    there = {
        (row.table_id, row.starts_at, row.ends_at)
        for row in session.scalars(sa.select(MeetingBreak).where(MeetingBreak.event_id == event_id))
    }
    for each in breaks:
        if (each.table_id, *each.span) not in there:
            there.add((each.table_id, *each.span))
            begins, ends = each.span
            session.add(
                MeetingBreak(
                    event_id=event_id,
                    table_id=each.table_id,
                    starts_at=begins,
                    ends_at=ends,
                    title=each.title,
                )
            )


def refuse_overlap(new: Iterable[NewSlot], there: Iterable[NewSlot]) -> None:
    """TimesOverlap when one of the new is at its table while another meeting is."""
    of_table: dict[int, list[Span]] = {}
    for each in there:
        of_table.setdefault(each.table_id, []).append(each.span)
    for each in new:
        spans = of_table.setdefault(each.table_id, [])
        if any(each.span.overlaps(span) for span in spans):
            raise TimesOverlap
        spans.append(each.span)


def span_of(slot: Slot) -> Span:
    return Span(slot.starts_at, slot.ends_at)
