"""A series as calendars have been told of it: since when, and what becomes of it in a move."""

from datetime import datetime

from dialognav.domain.draft_times import moved_along
from dialognav.domain.drafts import EventDraft
from dialognav.domain.errors import NotASeries
from dialognav.domain.series import keeps_places, loses_series
from dialognav.models import Event


def series_since(event: Event) -> datetime | None:
    """The first date of a series that the public has seen, cancelled or not; None without one."""
    if event.published_at is None:
        return None
    return min((each.recurs_at for each in event.occasions if each.recurs_at), default=None)


def refuse_lost_series(event: Event, old: EventDraft, new: EventDraft) -> None:
    """NotASeries when calendars have the series and could not be told of it at its new time,
    NoSuchTime when the clock skips its first date there."""
    since = series_since(event)
    if since is None:
        return
    moved = since if keeps_places(old.recurrence) else moved_along(since, old, new.starts_at)
    if loses_series(old, new, since, moved):
        raise NotASeries


def move_cancelled(event: Event, old: EventDraft, new: EventDraft) -> None:
    """A cancelled date of a series keeps its place in the rule when all of the series moves.

    NoSuchTime when the clock skips it there.
    """
    if keeps_places(old.recurrence):
        return
    for occasion in event.occasions:
        if occasion.cancelled_at is not None and occasion.recurs_at is not None:
            occasion.recurs_at = moved_along(occasion.recurs_at, old, new.starts_at)
