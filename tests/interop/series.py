"""Series with the dates that a reader has to show for them, and broken twins of one."""

import re
from datetime import datetime, timedelta

from dialognav.domain.calendar import Entry, invitation_ics
from dialognav.domain.recurrence import Date, series_facts, series_of
from dialognav.domain.timing import to_instant, to_wall
from tests.calendar_samples import GOLDEN, dates, entry
from tests.interop.judges import Shown

ZONES = ["Europe/Stockholm", "Europe/Oslo", "Europe/Helsinki", "Atlantic/Reykjavik", "UTC"]
FAR = "America/New_York"
BEGINS = {"spring": datetime(2027, 3, 6, 23), "autumn": datetime(2027, 10, 16, 23)}
"""Saturdays before both changes of the clock, in Europe and in New York, at 23; one
ends in the hour that comes twice, which readers take for either if they are let."""


def across_the_change(zone: str, begins: datetime, *, all_day: bool) -> tuple[Entry, list[Shown]]:
    """Five weeks: the second date left out, the fourth an hour earlier (or a day later)."""
    first = begins.replace(hour=0) if all_day else begins
    series = series_of("FREQ=WEEKLY;COUNT=5", to_instant(first, zone), zone)
    assert series
    held = []
    for n in (0, 2, 3, 4):
        wall = to_wall(series.slots[n], zone)
        if n == 3:
            wall += timedelta(days=1) if all_day else timedelta(hours=-1)
        end = wall + (timedelta(days=2) if all_day else timedelta(hours=3))
        times = to_instant(wall, zone), to_instant(end, zone)
        said = {"all_day": all_day, "summary": "Kurs, flyttad" if n == 3 else "Kurs"}
        held.append(Date(series.slots[n], *times, said))
    facts = series_facts(series, series.slots[0], held)
    own = {
        "zone": zone,
        "uid": f"q{zone}{begins.month}@inv.dialog.example".replace("/", "-"),
        "geo": None,
    }
    overrides = tuple(entry(**own | one) for one in facts.pop("overrides"))
    return entry(**own | facts, overrides=overrides), [_shown(one, zone) for one in held]


def _shown(one: Date, zone: str) -> Shown:
    title = one.said["summary"]
    if one.said["all_day"]:
        return to_wall(one.starts_at, zone).date(), to_wall(one.ends_at, zone).date(), title
    return one.starts_at, one.ends_at, title


SERIES: dict[str, tuple[bytes, list[Shown]]] = {
    "golden": (
        GOLDEN["series"],
        sorted((one.starts_at, one.ends_at, one.said["summary"]) for one in dates()),
    )
}
for _zone in (*ZONES, FAR):
    for _season, _begins in BEGINS.items():
        for _kind in ("timed", "days"):
            _made, _dates = across_the_change(_zone, _begins, all_day=_kind == "days")
            SERIES[f"{_zone} {_season} {_kind}"] = invitation_ics(_made), sorted(_dates)
"""Name -> the file and what it shows."""

WHOLE, RIGHT = SERIES["Europe/Stockholm spring timed"]


def swap(old: bytes, new: bytes) -> bytes:
    assert old in WHOLE, old
    return WHOLE.replace(old, new)


def without(name: bytes) -> bytes:
    lines = WHOLE.split(b"\r\n")
    kept = [line for line in lines if not line.startswith(name)]
    assert len(kept) < len(lines)
    return b"\r\n".join(kept)


def _cut_first_override() -> bytes:
    first = WHOLE.index(b"BEGIN:VEVENT", WHOLE.index(b"BEGIN:VEVENT") + 1)
    return WHOLE[:first] + WHOLE[WHOLE.index(b"END:VEVENT\r\n", first) + len(b"END:VEVENT\r\n") :]


def _in_winter_time() -> bytes:
    """The rule in UTC, as programs write it that know no zones."""

    def utc(found: re.Match[bytes]) -> bytes:
        at = datetime.strptime(found[1].decode(), "%Y%m%dT%H%M%S") - timedelta(hours=1)
        return f":{at:%Y%m%dT%H%M%SZ}".encode()

    head = WHOLE[: WHOLE.index(b"BEGIN:VTIMEZONE")] + WHOLE[WHOLE.index(b"BEGIN:VEVENT") :]
    return re.sub(rb";TZID=Europe/Stockholm:(\w+)", utc, head)


BROKEN: dict[str, bytes] = {
    "no rule": without(b"RRULE:FREQ=WEEKLY"),
    "one date too many": swap(b"COUNT=5", b"COUNT=6"),
    "every other week": swap(b"FREQ=WEEKLY;", b"FREQ=WEEKLY;INTERVAL=2;"),
    "the date left out is back": without(b"EXDATE"),
    "another date left out": swap(b":20270313T230000", b":20270314T230000"),
    "left out an hour off": swap(b":20270313T230000", b":20270313T220000"),
    "an override is lost": _cut_first_override(),
    "an override replaces nothing": swap(
        b"RECURRENCE-ID;TZID=Europe/Stockholm:20270327T230000",
        b"RECURRENCE-ID;TZID=Europe/Stockholm:20270327T220000",
    ),
    "an hour off after the change": _in_winter_time(),
}
"""What is wrong -> bytes from which no reader may show the right dates."""
