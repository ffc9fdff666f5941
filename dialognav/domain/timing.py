"""From the wall clock an organiser types to the instant we store, and back."""

from datetime import UTC, datetime

from dialognav.domain.errors import NoSuchTime
from dialognav.domain.timezones import zone


def to_instant(wall: datetime, zone_name: str) -> datetime:
    """The instant (UTC) that a wall time without zone names. Of two readings in autumn, the first.

    NoSuchTime when the spring change skips it; ValueError for an unknown zone or an aware wall.
    """
    return _first_reading(wall, zone_name).astimezone(UTC)


def is_ambiguous(wall: datetime, zone_name: str) -> bool:
    """Whether the clock shows that time twice, so that `to_instant` had to choose the first."""
    first = _first_reading(wall, zone_name)
    return first.utcoffset() != first.replace(fold=1).utcoffset()


def to_wall(instant: datetime, zone_name: str) -> datetime:
    """What the clock there shows at an instant, without zone: the inverse of `to_instant`.

    ValueError for an unknown zone or an instant without zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(zone(zone_name)).replace(tzinfo=None, fold=0)


def _first_reading(wall: datetime, zone_name: str) -> datetime:
    if wall.tzinfo is not None:
        raise ValueError("a wall time has no zone")
    local = wall.replace(tzinfo=zone(zone_name), fold=0)
    # The way through UTC mends a skipped time, so a skipped one comes back changed.
    if to_wall(local.astimezone(UTC), zone_name) != wall.replace(fold=0):
        raise NoSuchTime(f"{wall} is skipped by the clock change in {zone_name}")
    return local
