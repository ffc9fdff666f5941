"""Windows of a day cut into times for one-to-one meetings.

Instants are aware and in UTC; lengths are elapsed minutes, so a window over a change of the clocks
has as many times as really fit into it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple

from dialognav.domain.timing import to_instant, to_wall
from dialognav.domain.working_hours import WorkingHours

LENGTHS = (20, 30, 45, 60, 90)
"""Minutes a meeting may last (domain.md 3.2)."""

MOST_GAP = 120
MOST_SLOTS = 1000
"""Of an event."""

LONGEST_WINDOW = timedelta(hours=16)
NOTICE = timedelta(hours=1)
"""The least time between publishing times and the instant from which they can be booked."""

_MORNING = time(9)


class Span(NamedTuple):
    """From `starts_at` to, not including, `ends_at`."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def minutes(self) -> int:
        """Elapsed, rounded down."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


def widened(span: Span, minutes: int) -> Span:
    """A meeting with the team's own time on both sides."""
    gap = timedelta(minutes=minutes)
    return Span(span.starts_at - gap, span.ends_at + gap)


def cut(window: Span, *, minutes: int, gap: int, taken: Iterable[Span] = ()) -> list[Span]:
    """As many meetings of `minutes` as fit, `gap` minutes apart, around what is `taken`.

    A break is taken as it is: the gap before it may fall into it. A meeting that stands already is
    taken `widened()`.
    """
    length, step = timedelta(minutes=minutes), timedelta(minutes=gap)
    blocked = sorted(taken)
    found = []
    at = window.starts_at
    while at + length <= window.ends_at:
        span = Span(at, at + length)
        ends = [each.ends_at for each in blocked if each.overlaps(span)]
        if ends:
            at = max(ends)
        else:
            found.append(span)
            at = span.ends_at + step
    return found


def seat(
    new: Iterable[tuple[int, Span]],
    usual: Mapping[int, Mapping[int, str]],
    busy: Mapping[int, Iterable[Span]],
) -> list[dict[int, str]]:
    """{member: role} of each new (table id, time): the table's `usual` people who are not `busy`
    then, at this table or, by one of the earlier lines, at another."""
    taken = {member: list(spans) for member, spans in busy.items()}
    seated = []
    for table_id, span in new:
        people = {
            member: role
            for member, role in usual[table_id].items()
            if not any(span.overlaps(each) for each in taken.get(member, ()))
        }
        for member in people:
            taken.setdefault(member, []).append(span)
        seated.append(people)
    return seated


def spans_of(stored: Iterable[Iterable[str]]) -> list[Span]:
    """Spans as rows keep them: [[from, until], ...] in ISO 8601."""
    return [Span(*map(datetime.fromisoformat, pair)) for pair in stored]


def stored_spans(spans: Iterable[tuple[datetime, datetime]]) -> list[list[str]]:
    """The inverse of spans_of(), in the order of time."""
    return [[at.isoformat() for at in span] for span in sorted(spans)]


def usual_opening(hours: WorkingHours, now: datetime) -> datetime:
    """When times that are added can first be booked: 9.00 on the next working day."""
    day = to_wall(now, hours.zone).date() + timedelta(days=1)
    while True:
        opens_at = to_instant(datetime.combine(day, _MORNING), hours.zone)
        if hours.is_working(opens_at):
            return opens_at
        day += timedelta(days=1)
