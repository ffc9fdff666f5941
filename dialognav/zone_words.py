"""The time of a digital meeting by the clock of who reads it, where that shows another."""

from datetime import datetime

from dialognav.i18n import date_text, local, time_range, zone_text


def time_there(starts_at: datetime, ends_at: datetime, zone: str, own_zone: str) -> str:
    """'10.00–10.30', with the day where it is another; "" where the clocks of both zones agree."""
    if not own_zone or _offset(starts_at, own_zone) == _offset(starts_at, zone):
        return ""
    time = time_range(starts_at, ends_at, own_zone)
    if local(starts_at, own_zone).date() != local(starts_at, zone).date():
        time = f"{date_text(starts_at, own_zone, 'short')}, {time}"
    return time


def elsewhere(starts_at: datetime, ends_at: datetime, zone: str, own_zone: str) -> str:
    """'10.00–10.30 (Helsingfors, EET)', or "", as time_there()."""
    time = time_there(starts_at, ends_at, zone, own_zone)
    return f"{time} ({zone_text(starts_at, own_zone)})" if time else ""


def _offset(instant: datetime, zone: str) -> object:
    return local(instant, zone).utcoffset()
