"""What an organiser decides when newer zone data puts an event at another wall time."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.event_moves import finish, tell_of_change
from dialognav.actions.event_text import fit_to_occasions
from dialognav.actions.meeting_clocks import settle_meetings
from dialognav.domain.draft_times import not_after
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.publishing import may_now
from dialognav.domain.repeats import dates_of
from dialognav.domain.terms import EventState, Phase
from dialognav.domain.timing import to_wall
from dialognav.domain.zone_shifts import Written, offset_at
from dialognav.domain.zone_shifts import told as as_told
from dialognav.mail.changes import announced
from dialognav.mail.post import Post
from dialognav.models import CalendarObject, Event, Occasion, lock_event
from dialognav.models.meeting_clocks import shifted_times

_SETTLED = (EventState.DRAFT, EventState.SCHEDULED, EventState.PUBLISHED)


def shifted_days(event: Event, now: datetime) -> list[Occasion]:
    """The live occasions to come that are at another wall time than when they were written."""
    return [
        occasion
        for occasion in event.live_occasions
        if occasion.ends_at > now and written_of(occasion).is_shifted(event.zone)
    ]


def written_of(occasion: Occasion) -> Written:
    return Written(occasion.starts_at, occasion.ends_at, occasion.start_offset, occasion.end_offset)


def keep_wall_time(
    session: Session, event_id: int, *, now: datetime, actor: str, post: Post
) -> bool:
    """Move the instants to where the clock shows what was told, of the days and of the one-to-one
    meetings; whether there was anything to do.

    Those registered, and both sides of a meeting, get an updated calendar entry; an answer they
    gave still counts. NoSuchTime when the new clock skips one of the times: then the event, or
    that meeting, has to be moved.
    """
    return _decide(session, event_id, _to_wall, "event.wall_time_kept", now, actor, post)


def keep_instant(session: Session, event_id: int, *, now: datetime, actor: str, post: Post) -> bool:
    """Let the new wall time hold; whether there was anything to do. It is told as a new time."""
    return _decide(session, event_id, _to_instant, "event.instant_kept", now, actor, post)


def _decide(
    session: Session,
    event_id: int,
    settle: Callable[[Session, Event, list[Occasion]], None],
    verb: str,
    now: datetime,
    actor: str,
    post: Post,
) -> bool:
    event = lock_event(session, event_id)
    days, times = shifted_days(event, now), shifted_times(session, event, now=now)
    if not days and not times:
        return False
    if not may_settle(event, days, now):
        raise NotAllowedNow
    before, told = announced(event), False
    settle(session, event, days)
    event.revision += 1
    if event.state != EventState.DRAFT:
        event.changed_at = now
    if days:
        fit_to_occasions(event)
        event.registration_closes_at = not_after(event.registration_closes_at, _start(event))
        told = tell_of_change(session, event, before, now=now, post=post)
    settle_meetings(session, event, times, keeps_wall=settle is _to_wall, now=now, post=post)
    numbers = {"days": len(days), "meetings": len(times)}
    finish(session, event, verb, now=now, actor=actor, post=post, told=told, **numbers)
    return True


def may_settle(event: Event, days: Sequence[Occasion], now: datetime) -> bool:
    """As a move, where a day of it is ahead. One-to-one meetings may be so for longer."""
    if days:
        return may_now("move", event.state, event.ends_at, event.phase, now)
    return event.state in _SETTLED and event.phase != Phase.PROCUREMENT


def _start(event: Event) -> datetime:
    return min(each.starts_at for each in event.live_occasions)


def _to_wall(_session: Session, event: Event, days: list[Occasion]) -> None:
    days = [*days, *_cancelled_places(event)]
    settled = [(day, written_of(day).kept_by_wall(event.zone)) for day in days]
    for day, (starts_at, ends_at) in settled:
        shift = starts_at - day.starts_at
        _move_programme(event, day, shift)
        if day.recurs_at is not None:
            day.recurs_at += shift
        day.starts_at, day.ends_at = starts_at, ends_at


def _cancelled_places(event: Event) -> list[Occasion]:
    """The cancelled dates of a series that the new clock shifts: the rule begins with the first
    date, cancelled or not."""
    return [
        day
        for day in event.occasions
        if day.cancelled_at is not None
        and day.recurs_at is not None
        and written_of(day).is_shifted(event.zone)
    ]


def _move_programme(event: Event, day: Occasion, shift: timedelta) -> None:
    for item in event.programme:
        if day.starts_at <= item.starts_at < day.ends_at:
            item.starts_at += shift
            item.ends_at = item.ends_at + shift if item.ends_at else None


def _to_instant(session: Session, event: Event, days: list[Occasion]) -> None:
    """The facts stay, their wall time does not: the public entries are numbered anew as well."""
    session.execute(
        sa.update(CalendarObject)
        .where(CalendarObject.occasion_id.in_([day.id for day in days]))
        .where(CalendarObject.participant_id.is_(None), CalendarObject.content_hash != "")
        .values(content_hash="by the old clock")
    )
    days = [*days, *_cancelled_places(event)]
    _keep_places(event, days)
    for day in days:
        day.start_offset = offset_at(day.starts_at, event.zone)
        day.end_offset = offset_at(day.ends_at, event.zone)


def _keep_places(event: Event, days: list[Occasion]) -> None:
    """A rule goes by the wall clock: where only some dates of a series have another now, their
    places stay at the wall time that calendars know, and they are exceptions to the rule."""
    places = {day.recurs_at for day in event.occasions if day.recurs_at is not None}
    if not places or not event.recurrence:
        return
    walls = dates_of(event.recurrence, to_wall(min(places), event.zone))
    if {to_wall(place, event.zone) for place in places} <= set(walls):
        return
    for day in days:
        if day.recurs_at is not None:
            day.recurs_at = as_told(day.recurs_at, day.start_offset, event.zone)
