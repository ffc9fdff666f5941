"""Messages that write themselves: when each is due, for which dates, and when it is too late.

Everything follows from the dates as they are, so that an event that moves takes its messages along.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dialognav.domain.errors import NoSuchTime
from dialognav.domain.terms import PlanKind
from dialognav.domain.timing import to_instant, to_wall

BEFORE = (PlanKind.REMINDER, PlanKind.LINK)
"""Those that count from the start of each day; the others count from the end of the event."""

DAYS: dict[str, tuple[int, int]] = {
    PlanKind.REMINDER: (-60, 0),
    PlanKind.LINK: (-2, 0),
    PlanKind.THANKS: (0, 60),
    PlanKind.NEXT: (0, 60),
}
"""The first and the last day that each may be sent, counted from the event's."""

STANDARD: tuple[tuple[PlanKind, int, str, bool], ...] = (
    (PlanKind.REMINDER, -7, "09:00", True),
    (PlanKind.REMINDER, -1, "09:00", True),
    (PlanKind.LINK, 0, "07:30", True),
    (PlanKind.THANKS, 1, "09:00", True),
    (PlanKind.NEXT, 14, "09:00", False),  # nobody has asked for news by coming
)
"""(kind, days, wall time, whether it is on) of what a new event begins with."""

HEAD_START = timedelta(hours=1)
"""At the latest so long before the start: whoever reads it has yet to get there."""

_LATEST: dict[str, timedelta] = {
    PlanKind.REMINDER: timedelta(hours=12),
    PlanKind.THANKS: timedelta(days=7),
    PlanKind.NEXT: timedelta(days=7),
}
_WALL = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class PlanTime:
    """`days` from the day of the start (BEFORE) or of the end; `at_wall` "09:00" in the event's
    zone."""

    kind: str
    days: int
    at_wall: str


@dataclass(frozen=True, slots=True)
class Slot:
    """An occasion that holds; `link` is the digital one.

    One that takes all day has no time at which everybody has to be there: its people are still
    reminded in the morning.
    """

    occasion_id: int
    starts_at: datetime
    ends_at: datetime
    link: str
    all_day: bool = False

    @property
    def begun_at(self) -> datetime:
        """From when on it is too late to speak of what is ahead."""
        day = timedelta(days=1 if self.all_day else 0)
        return min(self.starts_at + day, self.ends_at)


@dataclass(frozen=True, slots=True)
class Sending:
    """One message of a plan: for these dates, at `due_at`, and not after `until`."""

    slots: tuple[Slot, ...]
    due_at: datetime
    until: datetime

    def is_due(self, now: datetime) -> bool:
        return self.due_at <= now < self.until


def wrong_in(kind: str, days: int, at_wall: str) -> tuple[str, ...]:
    """Which of the two cannot be: "days", "at_wall"."""
    first, last = DAYS[kind]
    is_wrong = {"days": not first <= days <= last, "at_wall": not _WALL.fullmatch(at_wall)}
    return tuple(name for name, wrong in is_wrong.items() if wrong)


def sendings(plan: PlanTime, slots: Sequence[Slot], zone: str) -> list[Sending]:
    """What the plan sends for the dates of one event, in the order of time.

    A reminder for several on one day is one, and so is a link that they share. After the event
    there is one for all of it, of its last date. A link that there is not cannot be sent.
    """
    if not slots:
        return []
    if plan.kind not in BEFORE:
        return [_sending(plan, [max(slots, key=lambda each: (each.ends_at, each.starts_at))], zone)]
    groups: dict[tuple[object, str], list[Slot]] = {}
    for slot in sorted(slots, key=lambda each: each.starts_at):
        if plan.kind == PlanKind.LINK and not slot.link:
            continue
        link = slot.link if plan.kind == PlanKind.LINK else ""
        groups.setdefault((to_wall(slot.starts_at, zone).date(), link), []).append(slot)
    return [_sending(plan, some, zone) for some in groups.values()]


def _sending(plan: PlanTime, some: list[Slot], zone: str) -> Sending:
    starts_at, ends_at = min(s.starts_at for s in some), max(s.ends_at for s in some)
    if plan.kind in BEFORE:
        begun_at = min(s.begun_at for s in some)
        due_at = min(_at(plan, starts_at, zone), begun_at - HEAD_START)
        until = min(due_at + _LATEST[plan.kind], begun_at) if plan.kind in _LATEST else begun_at
    else:  # midnight belongs to the day before
        due_at = max(_at(plan, ends_at - timedelta(microseconds=1), zone), ends_at)
        until = due_at + _LATEST[plan.kind]
    return Sending(tuple(some), due_at, until)


def _at(plan: PlanTime, instant: datetime, zone: str) -> datetime:
    """The plan's wall time, so many days from an instant's. One that the clocks skip comes an hour
    later, as somebody's alarm would."""
    day = to_wall(instant, zone).date() + timedelta(days=plan.days)
    wall = datetime.combine(day, time.fromisoformat(plan.at_wall))
    for hours in range(25):  # a whole day can be skipped (Samoa, 30 December 2011)
        try:
            return to_instant(wall + timedelta(hours=hours), zone)
        except NoSuchTime:
            continue
    raise ValueError(f"no time after {wall} in {zone}")


@dataclass(frozen=True, slots=True)
class Run:
    """That a plan was carried out for one date as it then was; `is_sent`: somebody got it."""

    occasion_id: int
    starts_at: datetime
    is_sent: bool


def is_left(plan: PlanTime, slot: Slot, runs: Iterable[Run], zone: str) -> bool:
    """Whether the plan is still to be carried out for a date as it is now.

    Whoever was reminded seven days before and told of a move by two days needs no other reminder;
    after a move by a week they do. What comes after the event is said once.
    """
    sent_for = []
    for run in runs:
        is_same = run.occasion_id == slot.occasion_id
        if is_same and run.starts_at == slot.starts_at:
            return False
        if run.is_sent and plan.kind not in BEFORE:
            return False
        if run.is_sent and is_same:
            sent_for.append(to_wall(run.starts_at, zone).date())
    if not sent_for:
        return True
    moved_by = to_wall(slot.starts_at, zone).date() - max(sent_for)
    return moved_by.days >= max(1, -plan.days)
