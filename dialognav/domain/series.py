"""A series: occasions that are one recurring entry in a calendar (calendar.md 2.1 f')."""

from dataclasses import replace
from datetime import datetime

from dialognav.domain.drafts import EventDraft
from dialognav.domain.errors import NotASeries
from dialognav.domain.occasions import OccasionLine
from dialognav.domain.recurrence import series_of
from dialognav.domain.repeats import extended, rule_of
from dialognav.domain.terms import Attending
from dialognav.domain.timing import to_wall


def as_series(draft: EventDraft, *, told_since: datetime | None = None) -> EventDraft:
    """The draft with the rule of its dates, and with each date's place in it.

    `told_since` is the first date of a series that calendars already know: its rule stays, an
    occasion keeps its place when it is moved, and one that is added is part of the series when the
    rule leads to it and no other has that place, else an entry of its own. NotASeries when no rule
    has all the dates.
    """
    if draft.attending != Attending.SERIES:
        lines = tuple(replace(line, recurs_at=None) for line in draft.occasions)
        return replace(draft, recurrence="", occasions=lines)
    if told_since is not None and draft.recurrence:
        return _longer(draft, to_wall(told_since, draft.zone))
    rule = rule_of([to_wall(line.starts_at, draft.zone) for line in draft.occasions])
    if not rule:
        raise NotASeries
    lines = tuple(replace(line, recurs_at=line.starts_at) for line in draft.occasions)
    return replace(draft, recurrence=rule, occasions=lines)


def fresh_series(draft: EventDraft) -> EventDraft:
    """The draft as a series nobody has been told of; without a rule where its dates have none."""
    try:
        return as_series(draft)
    except NotASeries:
        lines = tuple(replace(line, recurs_at=None) for line in draft.occasions)
        return replace(draft, recurrence="", occasions=lines)


def lacks_rule(draft: EventDraft) -> bool:
    """Whether it is to be a series and cannot be one."""
    return draft.attending == Attending.SERIES and not fresh_series(draft).recurrence


def loses_places(old: EventDraft, new: EventDraft, since: datetime) -> bool:
    """Whether the entry that calendars have of a series, since this first date, could not be told
    of an edit: by the clock of another zone its dates have no rule, or another one."""
    if not (old.recurrence and new.recurrence):
        return False
    before = series_of(old.recurrence, since, old.zone)
    if before is None:
        return False
    after = series_of(new.recurrence, since, new.zone)
    places = {line.recurs_at for line in old.occasions} & set(before.slots)
    return after is None or not places <= set(after.slots)


def loses_series(old: EventDraft, new: EventDraft, since: datetime, moved: datetime) -> bool:
    """Whether the entry that calendars have of a series could not be told that it begins with
    `moved` and no longer with `since`: the clocks skip one of its dates there, cancelled ones and
    those that never were included, or show it twice."""
    if not old.recurrence or series_of(old.recurrence, since, old.zone) is None:
        return False
    return series_of(new.recurrence, moved, new.zone) is None


def keeps_places(rule: str) -> bool:
    """Whether dates of a rule that all move as far are no longer dates of it: each is an exception
    then. The days of months differ; those of weeks do not."""
    return "MONTHLY" in rule


def _longer(draft: EventDraft, first: datetime) -> EventDraft:
    rule, lines = draft.recurrence, list[OccasionLine]()
    taken = {line.recurs_at for line in draft.occasions}
    for line in draft.occasions:
        at = line.starts_at
        is_free = line.id is None and at not in taken
        if is_free and (more := extended(rule, first, to_wall(at, draft.zone))):
            rule = more
            line = replace(line, recurs_at=at)
            taken.add(at)
        lines.append(line)
    return replace(draft, recurrence=rule, occasions=tuple(lines))
