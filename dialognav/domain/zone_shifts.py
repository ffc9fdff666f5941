"""When a government moves its clocks: instants that no longer show the wall time they were given.

We store instants. What an organiser wrote, and what everybody was told, is the wall time; with
newer zone data the same instant may show another one (calendar.md 2.0(5)). The zone's offset at
the time of writing is kept beside each instant, so that the wall time can be found again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dialognav.domain.errors import NoSuchTime
from dialognav.domain.timezones import zone
from dialognav.domain.timing import to_instant

Offset = Callable[[datetime, str], int]
"""Instant and zone name -> seconds east of UTC, by some edition of the zone data."""


def offset_at(instant: datetime, zone_name: str) -> int:
    """Seconds east of UTC by today's data. ValueError for an unknown zone."""
    offset = instant.astimezone(zone(zone_name)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


@dataclass(frozen=True, slots=True)
class Written:
    """An occasion's instants and the offsets they were written with; None: not known."""

    starts_at: datetime
    ends_at: datetime
    start_offset: int | None
    end_offset: int | None

    def is_shifted(self, zone_name: str, offset: Offset = offset_at) -> bool:
        """Whether start or end shows another wall time than when it was written."""
        return any(
            written is not None and written != offset(at, zone_name)
            for at, written in (
                (self.starts_at, self.start_offset),
                (self.ends_at, self.end_offset),
            )
        )

    def kept_by_wall(self, zone_name: str) -> tuple[datetime, datetime]:
        """The instants that show today what was written.

        NoSuchTime when today's data skips one, or when the two would change places.
        """
        start = kept_wall(self.starts_at, self.start_offset, zone_name)
        end = kept_wall(self.ends_at, self.end_offset, zone_name)
        if start >= end:
            raise NoSuchTime(f"{start} is not before {end} by the new clock of {zone_name}")
        return start, end


def written_wall(instant: datetime, offset: int) -> datetime:
    """What the clock showed at the instant when it was written, without zone."""
    return (instant.astimezone(UTC) + timedelta(seconds=offset)).replace(tzinfo=None)


def kept_wall(instant: datetime, offset: int | None, zone_name: str) -> datetime:
    """The instant that shows today the wall time which `instant` showed with `offset`.

    Itself when nothing changed, also in the hour that autumn shows twice. NoSuchTime when today's
    data skips that time.
    """
    if offset is None or offset == offset_at(instant, zone_name):
        return instant
    return to_instant(written_wall(instant, offset), zone_name)


def told(instant: datetime, offset: int | None, zone_name: str) -> datetime:
    """As `kept_wall`, to be shown: a time that is skipped today shows the one after the gap."""
    if offset is None or offset == offset_at(instant, zone_name):
        return instant
    return written_wall(instant, offset).replace(tzinfo=zone(zone_name)).astimezone(UTC)
