"""A hold on a diary number: somebody has asked for the documents, so nothing of the matter goes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.organisations import lock_organisation
from dialognav.domain.errors import NotAllowedNow, NotFound
from dialognav.domain.retention import same_diary
from dialognav.models import DisposalHold


def set_hold(
    session: Session,
    organisation_id: int,
    diary_number: str,
    reason: str,
    *,
    now: datetime,
    user_id: int,
) -> DisposalHold:
    """From now until it is released nothing of the number goes, what is approved included.

    A number may be held several times: each request is released on its own. NotAllowedNow for a
    number that names nothing.
    """
    if not same_diary(diary_number):
        raise NotAllowedNow
    lock_organisation(session, organisation_id)
    hold = DisposalHold(
        organisation_id=organisation_id,
        diary_number=diary_number,
        reason=reason,
        created_at=now,
        created_by_id=user_id,
    )
    session.add(hold)
    session.flush()
    _note(session, hold, "disposal.held", now=now, user_id=user_id)
    return hold


def release_hold(session: Session, hold_id: int, *, now: datetime, user_id: int) -> None:
    """The request has been answered. NotAllowedNow when it was released already."""
    organisation_id = session.scalar(
        sa.select(DisposalHold.organisation_id).where(DisposalHold.id == hold_id)
    )
    if organisation_id is None:
        raise NotFound
    lock_organisation(session, organisation_id)
    hold = session.get_one(DisposalHold, hold_id, populate_existing=True)
    if hold.released_at is not None:
        raise NotAllowedNow
    hold.released_at, hold.released_by_id = now, user_id
    _note(session, hold, "disposal.released", now=now, user_id=user_id)


def _note(session: Session, hold: DisposalHold, verb: str, *, now: datetime, user_id: int) -> None:
    audit.record(
        session,
        hold.organisation_id,
        f"user:{user_id}",
        verb,
        f"hold:{hold.id}",
        now=now,
        facts={"diary_number": hold.diary_number},
    )
