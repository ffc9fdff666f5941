"""What somebody follows by mail, which event is of that kind, and when the weekly letter goes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialognav.domain.terms import Kind, Phase
from dialognav.domain.timing import to_instant, to_wall

ZONE = "Europe/Stockholm"
"""Whose Monday it is: followers have no zone of their own."""

MONDAY, HOUR = 0, 8
_WEEK = timedelta(days=7)

MOST = 20
"""What one address can follow at the same time."""

CONFIRM_WITHIN = timedelta(days=7)
"""How long the mailed link waits for its answer."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What is followed; empty means all of that sort.

    `cpv` is the beginning of a code in digits, `region` of a NUTS code.
    """

    organisation_id: int | None = None
    kinds: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    cpv: str = ""
    region: str = ""

    @property
    def key(self) -> str:
        """The same for whatever amounts to the same, at most 200 characters."""
        parts = (
            str(self.organisation_id or ""),
            ",".join(some_of(Kind, self.kinds)),
            ",".join(some_of(Phase, self.phases)),
            self.cpv,
            self.region,
        )
        return "|".join(parts)

    def covers(self, event: "Published") -> bool:
        return (
            self.organisation_id in (None, event.organisation_id)
            and (not self.kinds or event.kind in self.kinds)
            and (not self.phases or event.phase in self.phases)
            and event.region.startswith(self.region)
            and (not self.cpv or any(code.startswith(self.cpv) for code in event.cpv))
        )


@dataclass(frozen=True, slots=True)
class Published:
    """What of an event decides who follows it."""

    organisation_id: int
    kind: str
    phase: str
    cpv: tuple[str, ...]
    region: str


def some_of(allowed: Iterable[str], chosen: Sequence[str]) -> tuple[str, ...]:
    """The chosen ones in the list's order, or none when they are all there is."""
    every = [str(each) for each in allowed]
    found = tuple(each for each in every if each in chosen)
    return () if len(found) == len(every) else found


def last_digest(now: datetime) -> datetime:
    """The newest Monday at 08:00 in Stockholm that has come."""
    wall = to_wall(now, ZONE)
    monday = wall.replace(hour=HOUR, minute=0, second=0, microsecond=0) - timedelta(
        days=wall.weekday() - MONDAY
    )
    if monday > wall:
        monday -= _WEEK
    return to_instant(monday, ZONE)


def next_digest(now: datetime) -> datetime:
    """The Monday after that; by the wall clock, whatever the clocks do between."""
    return to_instant(to_wall(last_digest(now), ZONE) + _WEEK, ZONE)
