"""The ledger of what was said to one and told to all."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.errors import NotFound
from dialognav.models import Booking, Event, SharedItem


def published(session: Session, event_id: int) -> list[SharedItem]:
    """What everybody reads, in the order of the numbers."""
    rows = session.scalars(
        sa.select(SharedItem)
        .where(SharedItem.event_id == event_id, SharedItem.published_at.is_not(None))
        .order_by(SharedItem.number)
    )
    return list(rows)


def drafts(session: Session, event_id: int) -> list[SharedItem]:
    """What nobody outside has been told yet, in the order of writing."""
    rows = session.scalars(
        sa.select(SharedItem)
        .where(SharedItem.event_id == event_id, SharedItem.published_at.is_(None))
        .order_by(SharedItem.id)
    )
    return list(rows)


def from_meeting(session: Session, booking_id: int) -> list[SharedItem]:
    """What came out of one meeting, drafts among them."""
    rows = session.scalars(
        sa.select(SharedItem)
        .where(SharedItem.booking_id == booking_id)
        .order_by(SharedItem.published_at.is_(None), SharedItem.number, SharedItem.id)
    )
    return list(rows)


def meetings_behind(session: Session, items: Sequence[SharedItem]) -> dict[int, str]:
    """{booking id: its public id} of where they were said."""
    wanted = {item.booking_id for item in items if item.booking_id is not None}
    if not wanted:
        return {}
    rows = session.execute(sa.select(Booking.id, Booking.public_id).where(Booking.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def access_item(session: Session, event: Event, public_id: str) -> SharedItem:
    """An item, draft or not, of an event that access_event() gave. NotFound."""
    found = session.scalars(
        sa.select(SharedItem).where(
            SharedItem.public_id == public_id, SharedItem.event_id == event.id
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
