"""What readers were told of an event, before and after an edit, as a letter says it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dialognav.db import Text
from dialognav.domain.meeting_rules import MEETING_RULES
from dialognav.domain.terms import Mode
from dialognav.domain.zone_shifts import told
from dialognav.i18n import pick
from dialognav.mail.before_edit import before_edit
from dialognav.models import Event, Occasion

Said = dict[str, Any]
"""One change: {"what": "time" | "clock" | "place" | "link" | "title", "before": .., "now": ..}. A
time is {"starts_at", "ends_at" (ISO), "all_day", "zone"}, everything else a line of words. One of
the rules of meetings bears its name, and "zone"; of a "wish", whether the time can be had."""


@dataclass(frozen=True, slots=True)
class AnnouncedOccasion:
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    venue: Text
    address: str
    online_url: str
    online_service: str
    title: Text = field(default_factory=dict)
    start_offset: int | None = None  # as on the occasion: what the clock showed when it was told
    end_offset: int | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """What the registered know of an event. Take it with `announced()` before and after an edit.

    `kept` is what undoing the edit needs (mail/before_edit.py).
    """

    title: Text
    zone: str
    primary_language: str
    occasions: Mapping[int, AnnouncedOccasion]
    kept: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Changes:
    """`Changes(before, announced(event))`, handed to notices.tell_changed()."""

    before: Announced
    now: Announced

    @property
    def is_empty(self) -> bool:
        return self.before == self.now


def new_times(changes: Changes) -> list[int]:
    """Ids of the occasions at another time than what people were told: by the clock and its zone,
    which newer zone data may part from the instant."""
    before, now = changes.before, changes.now
    return [
        id_
        for id_, occasion in now.occasions.items()
        if id_ in before.occasions
        and _time(before.occasions[id_], before.zone) != _time(occasion, now.zone)
    ]


def announced(event: Event) -> Announced:
    """The facts as they stand; the occasions must have ids."""
    return Announced(
        title=dict(event.title),
        zone=event.zone,
        primary_language=event.primary_language,
        occasions={occasion.id: _of_occasion(occasion) for occasion in event.occasions},
        kept=before_edit(event),
    )


def _of_occasion(occasion: Occasion) -> AnnouncedOccasion:
    return AnnouncedOccasion(
        starts_at=occasion.starts_at,
        ends_at=occasion.ends_at,
        all_day=occasion.all_day,
        venue=dict(occasion.venue),
        address=occasion.address,
        online_url=occasion.online_url,
        online_service=occasion.online_service,
        title=dict(occasion.title or {}),
        start_offset=occasion.start_offset,
        end_offset=occasion.end_offset,
    )


def said_changes(
    changes: Changes, occasion_id: int, language: str, *, mode: str | None, confirmed: bool
) -> list[Said]:
    """What one reader has to know, most important first.

    `mode` is how they attend, None for a contact who does not: the place matters to whoever goes
    there, the digital link only to the confirmed who use it.
    """
    before = changes.before.occasions.get(occasion_id)
    now = changes.now.occasions.get(occasion_id)
    if before is None or now is None:
        return []
    pairs = _pairs(changes, before, now, language, mode=mode, confirmed=confirmed)
    return [
        {"what": what, "before": old, "now": new} for what, old, new in pairs if old != new and new
    ]


def said_of_all(
    changes: Changes,
    seats: Sequence[tuple[int, str | None]],
    language: str,
    *,
    confirmed: bool,
) -> list[Said]:
    """The same for a letter about several (occasion id, mode): each change is "of" the date that it
    concerns, {"at" (ISO), "zone"} as told before, except what is the same for all of them."""
    if len(seats) == 1:
        [(occasion_id, mode)] = seats
        return said_changes(changes, occasion_id, language, mode=mode, confirmed=confirmed)
    found: list[Said] = []
    for occasion_id, mode in seats:
        said = said_changes(changes, occasion_id, language, mode=mode, confirmed=confirmed)
        found += [_of(change, changes.before, occasion_id) for change in said]
    for what in ("place", "link", "title"):
        alike = [change for change in found if change["what"] == what]
        same = {(change["before"], change["now"]) for change in alike}
        if len(alike) == len(seats) and len(same) == 1:
            rest = [change for change in found if change["what"] != what]
            found = [*rest, {**alike[0], "of": None}]
    return found


def _of(change: Said, before: Announced, occasion_id: int) -> Said:
    at = before.occasions[occasion_id].starts_at.isoformat()
    return {**change, "of": {"id": occasion_id, "at": at, "zone": before.zone}}


def _pairs(
    changes: Changes,
    before: AnnouncedOccasion,
    now: AnnouncedOccasion,
    language: str,
    *,
    mode: str | None,
    confirmed: bool,
) -> Iterator[tuple[str, Any, Any]]:
    old, new = changes.before, changes.now
    times = _time(before, old.zone), _time(now, new.zone)
    yield "time", *times
    if times[0] == times[1] and before.starts_at != now.starts_at:
        yield "clock", clock_words(before.start_offset), clock_words(now.start_offset)
    if mode != Mode.ONLINE:
        yield "place", _place(before, old, language), _place(now, new, language)
    if mode == Mode.ONLINE and confirmed:
        yield "link", before.online_url, now.online_url
    yield (
        "title",
        _title(old, before, language),
        _title(new, now, language),
    )


def _time(occasion: AnnouncedOccasion, zone: str) -> dict[str, Any]:
    """By the clock that people were told, also where newer zone data would show another."""
    return {
        "starts_at": told(occasion.starts_at, occasion.start_offset, zone).isoformat(),
        "ends_at": told(occasion.ends_at, occasion.end_offset, zone).isoformat(),
        "all_day": occasion.all_day,
        "zone": zone,
    }


def clock_words(offset: int | None) -> str:
    """`UTC+2` of 7200: how far the clock at the place is ahead, in seconds."""
    hours, minutes = divmod(abs(offset or 0) // 60, 60)
    sign = "-" if (offset or 0) < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def _title(event: Announced, occasion: AnnouncedOccasion, language: str) -> str:
    said = (
        pick(text, language, event.primary_language)[0]
        for text in (event.title, occasion.title)
        if text
    )
    return ": ".join(filter(None, said))


def _place(occasion: AnnouncedOccasion, event: Announced, language: str) -> str:
    venue = pick(occasion.venue, language, event.primary_language)[0]
    return ", ".join(part for part in (venue, occasion.address) if part)


def merged(earlier: list[Said], later: list[Said]) -> list[Said]:
    """Two edits told in one letter: old values from the first, new ones from the last."""
    first = {_key(change): change for change in earlier}
    last = {_key(change): change for change in later}
    keys = sorted({**first, **last}, key=lambda key: (key[1], _ORDER.index(key[0])))
    both = []
    for key in keys:
        old, new = first.get(key, last.get(key, {})), last.get(key, first.get(key, {}))
        both.append({**old, "now": new["now"]})
    return [change for change in both if change["before"] != change["now"]]


_ORDER = ("time", "clock", "place", "link", "title", *MEETING_RULES, "wish")


def _key(change: Said) -> tuple[str, int]:
    """What, and of which occasion; 0 for all of them."""
    return change["what"], (change.get("of") or {"id": 0})["id"]
