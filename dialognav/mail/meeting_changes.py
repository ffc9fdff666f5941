"""What both sides were told of a slot, before and after a change, as a letter says it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialognav.db import Text
from dialognav.domain.calendar_text import clean_uri
from dialognav.domain.terms import Mode
from dialognav.domain.zone_shifts import told as as_told
from dialognav.i18n import gettext as _
from dialognav.i18n import pick, speaking
from dialognav.mail.changes import Said, clock_words
from dialognav.models import Event, Slot


@dataclass(frozen=True, slots=True)
class SlotTold:
    """When and where a meeting is. Take it with `told_of()` before an edit."""

    starts_at: datetime
    ends_at: datetime
    mode: str
    table: Text
    room: Text
    address: str
    online_service: str
    online_url: str
    start_offset: int | None = None  # as on the slot: what the clock showed when it was told
    end_offset: int | None = None


def told_of(slot: Slot) -> SlotTold:
    """The facts as they stand."""
    table = slot.table
    return SlotTold(
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        mode=table.mode,
        table=dict(table.name),
        room=dict(table.room or {}),
        address=table.address,
        online_service=table.online_service,
        online_url=link_of(slot),
        start_offset=slot.start_offset,
        end_offset=slot.end_offset,
    )


def link_of(slot: Slot) -> str:
    """Its own digital link, else its table's, which without a lobby is nobody's: whoever comes
    early would walk in on a competitor. "" until there is one."""
    table = slot.table
    if table.mode != Mode.ONLINE:
        return ""
    return clean_uri(slot.online_url or (table.online_url if table.lobby_at else ""))


def said_changes(before: SlotTold, now: SlotTold, event: Event, language: str) -> list[Said]:
    """What somebody who is in the meeting has to know, most important first. A digital link of
    which there is none now is told too: the old one leads to somebody else's meeting."""
    times = _time(before, event.zone), _time(now, event.zone)
    is_same = times[0] == times[1] and before.starts_at != now.starts_at
    old, new = (clock_words(told.start_offset if is_same else None) for told in (before, now))
    pairs: list[tuple[str, Any, Any]] = [
        ("time", *times),
        ("clock", old, new),
        ("place", _place(before, event, language), _place(now, event, language)),
        ("link", before.online_url, now.online_url),
    ]
    return [
        {"what": what, "before": old, "now": new}
        for what, old, new in pairs
        if old != new and (new or now.mode == Mode.ONLINE)
    ]


def _time(told: SlotTold, zone: str) -> dict[str, Any]:
    """By the clock that people were told, also where newer zone data would show another."""
    return {
        "starts_at": as_told(told.starts_at, told.start_offset, zone).isoformat(),
        "ends_at": as_told(told.ends_at, told.end_offset, zone).isoformat(),
        "all_day": False,
        "zone": zone,
    }


def _place(told: SlotTold, event: Event, language: str) -> str:
    if told.mode == Mode.ONLINE:
        with speaking(language):
            service = told.online_service
            return _("Online, %(service)s", service=service) if service else _("Online")
    words = (pick(text, language, event.primary_language)[0] for text in (told.table, told.room))
    return ", ".join(filter(None, (*words, told.address)))
