"""What both sides were told of a slot, before and after a change, as a letter says it."""

from dataclasses import dataclass
from datetime import datetime

from dialognav.db import Text
from dialognav.models import Slot


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


def told_of(slot: Slot) -> SlotTold:
    """The facts as they stand; a slot's own link goes before its table's."""
    table = slot.table
    return SlotTold(
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        mode=table.mode,
        table=dict(table.name),
        room=dict(table.room or {}),
        address=table.address,
        online_service=table.online_service,
        online_url=slot.online_url or (table.online_url if table.lobby_at else ""),
    )
