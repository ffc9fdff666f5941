"""Every step of a booking, for the record of equal treatment: the audit trail has them, and beside
it the reasons (AuditReason)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from dialognav.models import AuditEntry, AuditReason, Event, Slot
from dialognav.queries.manage import names_of_actors


@dataclass(frozen=True, slots=True)
class Step:
    """`slot` is where the booking is from then on; `left` where it was, when that was another.

    `by` is "staff" (then `name` is who), "supplier" or "system".
    """

    at: datetime
    verb: str
    by: str
    name: str
    slot: Slot
    left: Slot | None
    reason: str

    @property
    def began_at(self) -> Slot:
        """Where the booking was before this step."""
        return self.left or self.slot

    @property
    def is_put_off(self) -> bool:
        """Planned anew without a time: the supplier is next in turn."""
        return self.verb == "meeting.replanned" and self.left is None


Steps = Mapping[int, Sequence[Step]]
"""By booking id, the oldest first."""


def steps_of(session: Session, event: Event) -> Steps:
    """Three statements, however many bookings there were."""
    entries = session.execute(
        sa.select(AuditEntry, AuditReason.text)
        .outerjoin(AuditReason, AuditReason.entry_id == AuditEntry.id)
        .where(AuditEntry.event_id == event.id, AuditEntry.verb.startswith("meeting."))
        .order_by(AuditEntry.number)
    ).all()
    names = names_of_actors(session, {entry.actor for entry, _why in entries})
    slots = _slots(session, event.id)
    found: dict[int, list[Step]] = {}
    for entry, why in entries:
        for booking_id, slot_id in _bookings_in(entry.facts):
            before = found.setdefault(booking_id, [])
            was = before[-1].slot if before else slots[entry.facts.get("from_slot", slot_id)]
            before.append(
                Step(
                    at=entry.at,
                    verb=entry.verb,
                    by=_by(entry.actor),
                    name=names.get(entry.actor, ""),
                    slot=slots[slot_id],
                    left=was if was.id != slot_id else None,
                    reason=why or "",
                )
            )
    return found


def _bookings_in(facts: Mapping[str, Any]) -> Iterable[tuple[int, int]]:
    """(booking id, slot id) as booking_rows.note() writes them; of who was away, nothing."""
    rows = facts.get("bookings", ())
    return [(one[0], one[2]) for one in rows] if isinstance(rows, list) else ()


def _slots(session: Session, event_id: int) -> dict[int, Slot]:
    """Also those taken away since: meetings have been there."""
    query = sa.select(Slot).where(Slot.event_id == event_id)
    rows = session.scalars(query.options(joinedload(Slot.table, innerjoin=True)))
    return {one.id: one for one in rows}


def _by(actor: str) -> str:
    kind = actor.partition(":")[0]
    if kind in ("user", "member"):
        return "staff"
    return "supplier" if kind in ("registration", "participant") else "system"
