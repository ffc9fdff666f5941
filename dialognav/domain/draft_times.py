"""An event's draft at another time, and with it everything that has its place by the clock."""

from dataclasses import replace
from datetime import datetime

from dialognav.domain.drafts import EventDraft
from dialognav.domain.errors import NotReady
from dialognav.domain.occasions import OccasionLine
from dialognav.domain.series import keeps_places
from dialognav.domain.timing import to_instant, to_wall


def with_times(
    draft: EventDraft, starts_at: datetime, ends_at: datetime, all_day: bool | None = None
) -> EventDraft:
    """The draft at another time, its programme moved as far by the wall clock as the start.

    So are its occasions when there are several: `ends_at` and `all_day` then say nothing, each is
    as long as it was. A series keeps its rule. `all_day` None: as it is. NotReady when it would
    end before it begins, NoSuchTime when the clock skips what one of the others moves to.
    """
    if starts_at >= ends_at and not draft.has_several:
        raise NotReady("ends_time")

    def moved(at: datetime) -> datetime:
        return moved_along(at, draft, starts_at)

    def moved_line(line: OccasionLine) -> OccasionLine:
        begins, recurs_at = moved(line.starts_at), line.recurs_at
        if recurs_at is not None and not keeps_places(draft.recurrence):
            recurs_at = moved(recurs_at)
        if draft.has_several:
            return replace(line, starts_at=begins, ends_at=moved(line.ends_at), recurs_at=recurs_at)
        is_whole = line.all_day if all_day is None else all_day
        return replace(
            line, starts_at=begins, ends_at=ends_at, all_day=is_whole, recurs_at=recurs_at
        )

    occasions = tuple(map(moved_line, draft.occasions))
    programme = tuple(
        replace(
            line,
            starts_at=moved(line.starts_at),
            ends_at=moved(line.ends_at) if line.ends_at else None,
        )
        for line in draft.programme
    )
    return replace(draft, occasions=occasions, programme=programme)


def moved_along(at: datetime, draft: EventDraft, starts_at: datetime) -> datetime:
    """An instant of the draft, as far from its new start by the wall clock as it was from the old.

    NoSuchTime when the spring change skips it.
    """
    shift = to_wall(starts_at, draft.zone) - to_wall(draft.starts_at, draft.zone)
    return to_instant(to_wall(at, draft.zone) + shift, draft.zone)


def not_after(closes_at: datetime | None, starts_at: datetime) -> datetime | None:
    """Registration is over when the last of it begins, also when that was moved forward."""
    return None if closes_at is None else min(closes_at, starts_at)
