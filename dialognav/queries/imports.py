"""Files that wait for a second look."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from dialognav.domain.errors import NotFound
from dialognav.models import StagedFile


def staged_file(session: Session, event_id: int, public_id: str, purpose: str) -> StagedFile:
    """The file with its content. NotFound when it has gone, or belongs to another event."""
    found = session.scalars(
        sa.select(StagedFile)
        .where(
            StagedFile.public_id == public_id,
            StagedFile.event_id == event_id,
            StagedFile.purpose == purpose,
        )
        .options(undefer(StagedFile.content))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
