"""A digital link belongs to one meeting: nobody walks in on a competitor."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.errors import LinkInUse
from dialognav.domain.meeting_terms import BookingState, SlotState
from dialognav.domain.slots import Span
from dialognav.models import Booking, Event, MeetingTable, Slot
from dialognav.models.meeting_elsewhere import holds_people

_Url = sa.orm.InstrumentedAttribute[str]


def refuse_link_in_use(
    session: Session,
    event: Event,
    link: str,
    spans: Iterable[Span],
    *,
    slot_id: int | None = None,
    table_id: int | None = None,
) -> None:
    """LinkInUse when another slot or table than this one has the link, or a slot would get one that
    was told for another meeting; or another event's meeting has it at one of these times."""
    if not link:
        return
    of_slots = sa.select(Slot.id).where(
        Slot.event_id == event.id,
        _is_same(Slot.online_url, link),
        Slot.state != SlotState.REMOVED,
        Slot.id.is_distinct_from(slot_id),
    )
    of_tables = sa.select(MeetingTable.id).where(
        MeetingTable.event_id == event.id,
        _is_same(MeetingTable.online_url, link),
        MeetingTable.removed_at.is_(None),
        MeetingTable.id.is_distinct_from(table_id),
    )
    is_had = session.scalars(of_slots.union_all(of_tables).limit(1)).first() is not None
    if is_had or (slot_id is not None and _is_known(session, event.id, link, slot_id)):
        raise LinkInUse
    refuse_link_elsewhere(session, event, link, spans)


def refuse_link_elsewhere(session: Session, event: Event, link: str, spans: Iterable[Span]) -> None:
    """LinkInUse when a meeting of the organisation's other events has it at one of these times."""
    if not link:
        return
    of_table = sa.and_(Slot.online_url == "", _is_same(MeetingTable.online_url, link))
    rows = session.execute(
        sa.select(Slot.starts_at, Slot.ends_at)
        .join(Slot.table)
        .join(Event, Event.id == Slot.event_id)
        .where(
            Event.organisation_id == event.organisation_id,
            Event.id != event.id,
            *holds_people(),
            sa.or_(_is_same(Slot.online_url, link), of_table),
        )
    )
    taken = [Span(*row) for row in rows]
    if any(span.overlaps(other) for span in spans for other in taken):
        raise LinkInUse


def _is_same(column: _Url, link: str) -> sa.ColumnElement[bool]:
    """With a slash at its end or without, it leads to the same meeting."""
    bare = _bare(link)
    return column.in_((bare, f"{bare}/"))


def _bare(link: str) -> str:
    return link.rstrip("/")


def _is_known(session: Session, event_id: int, link: str, slot_id: int) -> bool:
    """Whether others have it than those who meet in this slot."""
    rows = session.execute(
        sa.select(Booking.slot_id, Booking.state, Booking.told_links).where(
            Booking.event_id == event_id, Booking.booked_at.is_not(None)
        )
    )
    here = slot_id, BookingState.BOOKED
    bare = _bare(link)
    return any(bare in map(_bare, told) and (at, state) != here for at, state, told in rows)
