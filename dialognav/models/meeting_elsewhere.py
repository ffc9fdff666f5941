"""Who of an event's team is in one-to-one meetings of other events, and when."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.domain.meeting_terms import SlotState
from dialognav.domain.slots import Span
from dialognav.domain.terms import EventState, Phase
from dialognav.models.event import Event
from dialognav.models.meetings import Slot, SlotStaff, TeamMember


@dataclass(frozen=True, slots=True)
class Engagement:
    """A time at a table of another event: whether somebody has it yet is no matter."""

    event_id: int
    span: Span


Engagements = dict[int, list[Engagement]]
"""{member of the team: theirs, by time}"""

_HOLDS = (EventState.DRAFT, EventState.SCHEDULED, EventState.PUBLISHED)


def holds_people() -> tuple[sa.ColumnElement[bool], ...]:
    """Of an Event's Slot: whether it claims people, and its link, at its time."""
    return (
        Event.state.in_(_HOLDS),
        Event.phase.is_distinct_from(Phase.PROCUREMENT),
        Slot.state == SlotState.OPEN,
    )


def engaged_elsewhere(
    session: Session,
    event_id: int | None,
    *,
    now: datetime,
    members: Collection[int] | None = None,
) -> Engagements:
    """When these of the event's team (None: all of it) are in meetings to come of the
    organisation's other events; one statement. `event_id` None: `members` of several events.

    The same person is the same user, or has the same address. Neither blocked times claim anybody,
    nor events that are called off, put off or in procurement.
    """
    if members is not None and not members:
        return {}
    own, other, here = aliased(TeamMember), aliased(TeamMember), aliased(Event)
    is_same = sa.or_(other.email == own.email, other.user_id == own.user_id)
    rows = session.execute(
        sa.select(own.id, Slot.event_id, Slot.starts_at, Slot.ends_at)
        .join(here, here.id == own.event_id)
        .join(other, sa.and_(is_same, other.event_id != own.event_id))
        .join(Event, Event.id == other.event_id)
        .join(SlotStaff, SlotStaff.member_id == other.id)
        .join(Slot, Slot.id == SlotStaff.slot_id)
        .where(
            own.event_id == event_id if event_id is not None else sa.true(),
            own.id.in_(members) if members is not None else own.removed_at.is_(None),
            other.removed_at.is_(None),
            Event.organisation_id == here.organisation_id,
            *holds_people(),
            Slot.ends_at > now,
        )
        .order_by(own.id, Slot.starts_at, Slot.id)
    )
    found: Engagements = {}
    for member_id, of, starts_at, ends_at in rows:
        found.setdefault(member_id, []).append(Engagement(of, Span(starts_at, ends_at)))
    return found


def busy_spans(engagements: Engagements) -> dict[int, list[Span]]:
    return {member: [one.span for one in each] for member, each in engagements.items()}


def clashes_elsewhere(
    engagements: Engagements, wanted: Iterable[tuple[Span, Iterable[int]]]
) -> list[tuple[int, int]]:
    """(member, the other event) of those who would be in two meetings at once, in their order;
    `wanted`: when, and who is to be there."""
    return sorted(
        {
            (member, one.event_id)
            for span, people in wanted
            for member in people
            for one in engagements.get(member, ())
            if one.span.overlaps(span)
        }
    )
