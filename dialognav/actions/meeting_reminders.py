"""Reminders: of a meeting to those who have one, of the last instant to those who have not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav import audit
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.meeting_reminders import AHEAD, nudged_at, reminded_at
from dialognav.domain.meeting_terms import BookingState
from dialognav.domain.terms import EventState, Phase
from dialognav.domain.working_hours import WorkingHours
from dialognav.mail import meeting_notices
from dialognav.mail.meeting_readers import registrations_without
from dialognav.mail.post import Post
from dialognav.models import (
    Booking,
    Event,
    MeetingRules,
    Organisation,
    Registration,
    Slot,
    lock_event,
)
from dialognav.models.meeting_queues import queue_moves_until

_JUST_NOW = timedelta(hours=1)
"""So long after it registered nobody is reminded of what the answer said."""
_IS_ON = (
    Event.state == EventState.PUBLISHED,
    Event.phase.is_distinct_from(Phase.PROCUREMENT),
)


def events_to_remind(session: Session, *, now: datetime) -> list[int]:
    """Ids of the events that remind() has something to do for: only those are locked. Two
    statements, and two more for each event whose last instant is near."""
    soon = (
        _dated(Slot.starts_at, Booking.reminded_at)
        .select_from(Booking)
        .join(Booking.slot)
        .join(Event, Event.id == Slot.event_id)
        .join(Event.organisation)
        .where(*_IS_ON, *_is_soon(now))
        .distinct()
    )
    closing = (
        _dated(MeetingRules.closes_at)
        .select_from(MeetingRules)
        .join(MeetingRules.event)
        .join(Event.organisation)
        .where(*_IS_ON, *_is_closing(now))
    )
    found = set()
    for at, told_at, event_id, zone, country in session.execute(soon):
        if _is_due(reminded_at(at, WorkingHours(zone, country)), told_at, now):
            found.add(event_id)
    for at, event_id, zone, country in session.execute(closing):
        due_at = nudged_at(at, WorkingHours(zone, country))
        if due_at <= now and _to_nudge(session, session.get_one(Event, event_id), due_at, now=now):
            found.add(event_id)
    return sorted(found)


def _is_due(at: datetime, told_at: datetime | None, now: datetime) -> bool:
    """Whoever was reminded of an earlier time that the meeting had is reminded of this one, too."""
    return at <= now and (told_at is None or told_at < at)


def _dated(*columns: Any) -> sa.Select[Any]:
    """With whose working days count."""
    return sa.select(*columns, Event.id, Event.zone, Organisation.country)


def _is_soon(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Booking.state == BookingState.BOOKED,
        Slot.starts_at > now,
        Slot.starts_at < now + AHEAD,
    )


def _is_closing(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        MeetingRules.published_at <= now,
        sa.or_(MeetingRules.opens_at.is_(None), MeetingRules.opens_at <= now),
        MeetingRules.closes_at > now,
        MeetingRules.closes_at < now + AHEAD,
    )


def remind(session: Session, event_id: int, *, now: datetime, post: Post) -> None:
    """Both kinds, of one event, as far as they are due. Safe to run twice and late: each leaves
    once to everybody whom it concerns, and none after the meeting has begun."""
    event = lock_event(session, event_id)
    if not _is_on(event):
        return
    hours = WorkingHours(event.zone, event.organisation.country)
    rows = session.scalars(
        sa.select(Booking)
        .join(Booking.slot)
        .where(Booking.event_id == event_id, *_is_soon(now))
        .options(joinedload(Booking.slot))
        .order_by(Slot.starts_at, Booking.id)
    ).all()
    due = [
        (row, at)
        for row in rows
        if _is_due(at := reminded_at(row.slot.starts_at, hours), row.reminded_at, now)
    ]
    for row, _at in due:
        row.reminded_at = now
    # Who has booked since knows.
    told = [row for row, at in due if row.booked_at is not None and row.booked_at < at]
    meeting_notices.tell_reminded(session, told, now=now, post=post)
    _nudge_when_due(session, event, hours, now=now, post=post)


def _is_on(event: Event) -> bool:
    return event.state == EventState.PUBLISHED and event.phase != Phase.PROCUREMENT


def _nudge_when_due(
    session: Session, event: Event, hours: WorkingHours, *, now: datetime, post: Post
) -> None:
    rules = session.get(MeetingRules, event.id)
    if rules is None or rules.closes_at is None or not _is_open(rules, now):
        return
    due_at = nudged_at(rules.closes_at, hours)
    if due_at <= now and (without := _to_nudge(session, event, due_at, now=now)):
        _nudge(session, event, rules, without, now=now, actor="job", post=post)


def _to_nudge(
    session: Session, event: Event, due_at: datetime, *, now: datetime
) -> Sequence[Registration]:
    """Who has not asked, and has not been reminded since this was due: not of an earlier last
    instant, nor by hand long before. Nobody when there is no time to have."""
    until = queue_moves_until(session, event)
    if until is None or until <= now:
        return []
    told_at = Registration.meetings_nudged_at
    return registrations_without(
        session,
        event,
        sa.or_(told_at.is_(None), told_at < due_at),
        Registration.created_at <= now - _JUST_NOW,
    )


def nudge(session: Session, event_id: int, *, now: datetime, actor: str, post: Post) -> int:
    """Staff remind all who may have a meeting and have not asked for one; how many. Once it is due,
    the letter that would have gone by itself is this one. NotAllowedNow while nothing can be
    chosen."""
    event = lock_event(session, event_id)
    rules = session.get(MeetingRules, event_id)
    if rules is None or not _is_on(event) or not _is_open(rules, now):
        raise NotAllowedNow
    without = registrations_without(session, event)
    return _nudge(session, event, rules, without, now=now, actor=actor, post=post)


def _is_open(rules: MeetingRules, now: datetime) -> bool:
    return (
        rules.published_at is not None
        and rules.published_at <= now
        and (rules.opens_at is None or rules.opens_at <= now)
        and (rules.closes_at is None or now < rules.closes_at)
    )


def _nudge(
    session: Session,
    event: Event,
    rules: MeetingRules,
    without: Sequence[Registration],
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> int:
    rules.nudged_at = now
    for one in without:
        one.meetings_nudged_at = now
    meeting_notices.tell_choose(session, event, without, now=now, post=post)
    audit.record(
        session,
        event.organisation_id,
        actor,
        "meetings.nudged",
        f"event:{event.id}",
        now=now,
        event_id=event.id,
        facts={"registrations": len(without)},
    )
    return len(without)
