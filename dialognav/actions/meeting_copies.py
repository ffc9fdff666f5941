"""What of the one-to-one meetings a copied event begins with."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.errors import NoSuchTime
from dialognav.domain.meeting_rules import MEETING_RULES
from dialognav.domain.timing import to_instant, to_wall
from dialognav.models import (
    Event,
    MeetingBreak,
    MeetingRules,
    MeetingTable,
    TableStaff,
    TeamMember,
)
from dialognav.models.labels import GONE_DOMAIN

_OF_MEMBER = ("user_id", "name", "email", "title", "language")
_OF_TABLE = ("position", "name", "topic", "mode", "room", "address", "online_service", "languages")


def copy_meetings(session: Session, source: Event, target: Event) -> None:
    """Rules, team, tables and breaks, none of them public. Times are cut anew.

    Instants of the rules and links stay behind, as with the event's own; everybody declares anew to
    have no conflict of interest, since it is about other suppliers. Breaks are as far from the
    event's start by the clock as they were.
    """
    rules = session.get(MeetingRules, source.id)
    if rules is None:
        return
    values = {name: getattr(rules, name) for name in MEETING_RULES}
    session.add(MeetingRules(event_id=target.id, **values | {"opens_at": None, "closes_at": None}))
    team = {
        old_id: member
        for old_id, member in _copies(session, TeamMember, source, target, _OF_MEMBER).items()
        if not member.email.endswith(GONE_DOMAIN)
    }
    tables = _copies(session, MeetingTable, source, target, _OF_TABLE)
    session.add_all([*team.values(), *tables.values()])
    session.flush()
    for old_id, table in tables.items():
        for one in session.scalars(sa.select(TableStaff).where(TableStaff.table_id == old_id)):
            if one.member_id in team:
                member = team[one.member_id]
                table.staff.append(TableStaff(member_id=member.id, role=one.role))
    _copy_breaks(session, source, target, {old_id: table.id for old_id, table in tables.items()})
    session.flush()


def _copies(
    session: Session, model: Any, source: Event, target: Event, names: tuple[str, ...]
) -> dict[int, Any]:
    """{id of the old: the new} of all that are in force."""
    rows = session.scalars(
        sa.select(model)
        .where(model.event_id == source.id, model.removed_at.is_(None))
        .order_by(model.id)
    ).all()
    return {
        row.id: model(event_id=target.id, **{name: getattr(row, name) for name in names})
        for row in rows
    }


def _copy_breaks(session: Session, source: Event, target: Event, tables: dict[int, int]) -> None:
    if source.starts_at is None or target.starts_at is None:
        return
    begins, began = to_wall(target.starts_at, target.zone), to_wall(source.starts_at, source.zone)
    days = timedelta(days=(begins.date() - began.date()).days)
    for row in session.scalars(
        sa.select(MeetingBreak).where(MeetingBreak.event_id == source.id).order_by(MeetingBreak.id)
    ):
        if row.table_id is not None and row.table_id not in tables:
            continue
        try:
            starts_at, ends_at = (
                _moved(at, source.zone, target.zone, days) for at in (row.starts_at, row.ends_at)
            )
        except NoSuchTime:
            continue  # the clock skips it there
        session.add(
            MeetingBreak(
                event_id=target.id,
                table_id=tables.get(row.table_id or 0),
                starts_at=starts_at,
                ends_at=ends_at,
                title=dict(row.title),
            )
        )


def _moved(at: datetime, was: str, now_in: str, days: timedelta) -> datetime:
    return to_instant(to_wall(at, was) + days, now_in)
