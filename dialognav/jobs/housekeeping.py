"""Deletes what must not be kept longer. Each statement is harmless when it runs twice."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import EventState, LetterStatus
from dialognav.models import (
    Diet,
    Event,
    KeptMail,
    Letter,
    OneTimeLink,
    Participant,
    RateCount,
    Registration,
    SavedForm,
    StaffSession,
)

LINKS_KEPT = timedelta(days=7)
"""After a one-time link has expired it still answers with a sentence instead of a 404."""

SESSIONS_KEPT = timedelta(days=7)
"""After a session has ended it still tells whose unsent text was posted (decisions.md 23)."""

FORMS_KEPT = timedelta(days=1)
RATES_KEPT = timedelta(days=2)
DEMO_MAIL_KEPT = timedelta(days=30)


def tidy(session: Session, *, now: datetime, sent_retention_days: int) -> None:
    """All of it, in one unit of work."""
    delete_diets(session, now=now)
    purge_facts(session, before=now - timedelta(days=sent_retention_days))
    window = int((now - RATES_KEPT).timestamp())
    for rows in (
        sa.delete(OneTimeLink).where(OneTimeLink.expires_at < now - LINKS_KEPT),
        sa.delete(SavedForm).where(SavedForm.created_at < now - FORMS_KEPT),
        sa.delete(StaffSession).where(StaffSession.expires_at < now - SESSIONS_KEPT),
        sa.delete(RateCount).where(RateCount.window < window),
        sa.delete(KeptMail).where(KeptMail.at < now - DEMO_MAIL_KEPT),
    ):
        session.execute(rows.execution_options(synchronize_session=False))


def delete_diets(session: Session, *, now: datetime) -> None:
    """Dietary needs go when the meal is over or off (GDPR art. 9; issue: deleted by a job)."""
    over = (
        sa.select(Participant.id)
        .join(Participant.registration)
        .join(Registration.event)
        .where(sa.or_(Event.ends_at < now, Event.state == EventState.CANCELLED))
    )
    gone = sa.select(Participant.id).where(Participant.withdrawn_at.is_not(None))
    session.execute(
        sa.delete(Diet)
        .where(sa.or_(Diet.participant_id.in_(over), Diet.participant_id.in_(gone)))
        .execution_options(synchronize_session=False)
    )


def purge_facts(session: Session, *, before: datetime) -> None:
    """What a letter said goes; that it was sent, to whom and when, stays (decisions.md 18)."""
    session.execute(
        sa.update(Letter)
        .where(Letter.status != LetterStatus.PENDING, Letter.facts.is_not(None))
        .where(sa.func.coalesce(Letter.sent_at, Letter.created_at) < before)
        .values(facts=None)
        .execution_options(synchronize_session=False)
    )
