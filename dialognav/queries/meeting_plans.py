"""The plan of an event's one-to-one meetings: its rules, team, tables, breaks and slots."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from dialognav.domain.meeting_terms import LIVE_BOOKING
from dialognav.domain.slots import Span
from dialognav.i18n import pick
from dialognav.models import (
    Booking,
    Event,
    InterestConflict,
    MeetingBreak,
    MeetingRules,
    MeetingTable,
    Registration,
    Slot,
    TableStaff,
    TeamMember,
)
from dialognav.models.meeting_elsewhere import engaged_elsewhere
from dialognav.models.meeting_plan import standing_of, standing_slots, taken_among

__all__ = [
    "breaks_of",
    "conflicted_in",
    "conflicts_of",
    "conflicts_with",
    "elsewhere_of",
    "engaged",
    "parties_of",
    "rules_of",
    "slots_of",
    "standing_of",
    "tables_of",
    "taken_among",
    "team_of",
]


def rules_of(session: Session, event_id: int) -> MeetingRules | None:
    """None: the event has no one-to-one meetings."""
    return session.get(MeetingRules, event_id)


def team_of(session: Session, event_id: int) -> list[TeamMember]:
    """Those who have not left it, by name."""
    rows = session.scalars(
        sa.select(TeamMember)
        .where(TeamMember.event_id == event_id, TeamMember.removed_at.is_(None))
        .order_by(TeamMember.name, TeamMember.id)
    )
    return list(rows)


def conflicts_of(session: Session, event_id: int) -> list[InterestConflict]:
    """Whom members of the team may not meet, also those who have left it."""
    rows = session.scalars(
        sa.select(InterestConflict)
        .join(TeamMember, TeamMember.id == InterestConflict.member_id)
        .where(TeamMember.event_id == event_id)
        .order_by(InterestConflict.member_id, InterestConflict.registration_id)
    )
    return list(rows)


def conflicts_with(session: Session, member_id: int) -> list[tuple[InterestConflict, str, str]]:
    """Whom one of the team may not meet: [(row, the supplier's name, the registration's public
    id)], by name."""
    rows = session.execute(
        sa.select(InterestConflict, Registration.party_name, Registration.public_id)
        .join(Registration, Registration.id == InterestConflict.registration_id)
        .where(InterestConflict.member_id == member_id)
        .order_by(Registration.party_name, Registration.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def conflicted_in(session: Session, event_id: int) -> dict[int, set[int]]:
    """{slot id: members of the team who may not meet the party that has it}"""
    other = aliased(Registration)
    rows = session.execute(
        sa.select(Booking.slot_id, InterestConflict.member_id)
        .join(Registration, Registration.id == Booking.registration_id)
        .join(
            other,
            sa.and_(
                other.event_id == Registration.event_id,
                other.party_key == Registration.party_key,
            ),
        )
        .join(InterestConflict, InterestConflict.registration_id == other.id)
        .where(Booking.event_id == event_id, Booking.state.in_(LIVE_BOOKING))
    )
    found: dict[int, set[int]] = {}
    for slot_id, member_id in rows:
        found.setdefault(slot_id, set()).add(member_id)
    return found


def elsewhere_of(
    session: Session, event: Event, *, now: datetime
) -> dict[int, list[tuple[Span, str]]]:
    """{member of the team: when they are in meetings of other events, and of which}, by time."""
    found = engaged_elsewhere(session, event.id, now=now)
    titles = _titles(session, {one.event_id for each in found.values() for one in each})
    return {
        member: [(one.span, titles[one.event_id]) for one in each] for member, each in found.items()
    }


def _titles(session: Session, event_ids: Collection[int]) -> dict[int, str]:
    """Of events of the same organisation, for its staff; none without events."""
    if not event_ids:
        return {}
    rows = session.execute(
        sa.select(Event.id, Event.title, Event.primary_language).where(Event.id.in_(event_ids))
    )
    return {event_id: pick(title, "", primary)[0] for event_id, title, primary in rows}


def engaged(
    session: Session, clashes: Collection[tuple[int, int]]
) -> tuple[dict[int, str], dict[int, str]]:
    """Names of members of the team, and titles of events, by id: those of EngagedElsewhere."""
    members = sa.select(TeamMember.id, TeamMember.name).where(
        TeamMember.id.in_({member for member, _event in clashes})
    )
    names = {row.id: row.name for row in session.execute(members)}
    return names, _titles(session, {event_id for _member, event_id in clashes})


def parties_of(session: Session, event_id: int) -> list[tuple[int, str]]:
    """[(id of a registration, its party's name)] of all that are not withdrawn, one per party."""
    rows = session.execute(
        sa.select(sa.func.min(Registration.id), sa.func.min(Registration.party_name))
        .where(Registration.event_id == event_id, Registration.withdrawn_at.is_(None))
        .group_by(Registration.party_key)
        .order_by(sa.func.min(Registration.party_name))
    )
    return [(number, name) for number, name in rows]


def tables_of(session: Session, event_id: int) -> list[MeetingTable]:
    """Those in use, in their order, with their people; two statements."""
    rows = session.scalars(
        sa.select(MeetingTable)
        .where(MeetingTable.event_id == event_id, MeetingTable.removed_at.is_(None))
        .options(selectinload(MeetingTable.staff).joinedload(TableStaff.member, innerjoin=True))
        .order_by(MeetingTable.position, MeetingTable.id)
    )
    return list(rows)


def breaks_of(session: Session, event_id: int) -> list[MeetingBreak]:
    """At one table or at all of them, in the order of time."""
    rows = session.scalars(
        sa.select(MeetingBreak)
        .where(MeetingBreak.event_id == event_id)
        .order_by(MeetingBreak.starts_at, MeetingBreak.id)
    )
    return list(rows)


def slots_of(session: Session, event_id: int, *, published_only: bool = False) -> list[Slot]:
    """Open and blocked ones, by time and table, with table and people; two statements."""
    return standing_slots(session, event_id, published_only=published_only)
