"""Where an event was announced, as far as we know."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.errors import NotFound
from dialognav.models import Announcement, User


def announcements_of(session: Session, event_id: int) -> Sequence[tuple[Announcement, str]]:
    """Where the event was announced, and who noted it ("" by us), in the order of time."""
    rows = session.execute(
        sa.select(Announcement, sa.func.coalesce(User.name, ""))
        .outerjoin(User, User.id == Announcement.noted_by_id)
        .where(Announcement.event_id == event_id)
        .order_by(Announcement.announced_at, Announcement.id)
    )
    return [(row[0], row[1]) for row in rows]


def announcement_of(session: Session, event_id: int, public_id: str) -> Announcement:
    """One that staff noted on this very event. What we noted ourselves is nobody's to change."""
    found = session.scalar(
        sa.select(Announcement).where(
            Announcement.event_id == event_id,
            Announcement.public_id == public_id,
            Announcement.noted_by_id.is_not(None),
        )
    )
    if found is None:
        raise NotFound
    return found
