"""Where the demo's places come free: somebody withdraws, and the next in the queue is asked."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import registrations
from dialognav.mail.post import Post
from dialognav.models import Event, Registration


def free_some(
    session: Session, event: Event, given: dict[str, Any], *, now: datetime, post: Post
) -> None:
    """The first `withdrawn` of the registered gave their places back two hours ago."""
    rows = session.scalars(
        sa.select(Registration).filter_by(event_id=event.id).order_by(Registration.id)
    ).all()
    at = now - timedelta(hours=2)
    for row in rows[: given.get("withdrawn", 0)]:
        actor = f"registration:{row.public_id}"
        registrations.withdraw_all(session, row.id, now=at, actor=actor, post=post)
