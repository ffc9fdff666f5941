"""How much mail waits, for how long, and how much was given up: for whoever runs this."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import LetterStatus
from dialognav.models import Letter as Row


@dataclass(frozen=True, slots=True)
class MailHealth:
    """`oldest_due` is the age in seconds of the longest overdue letter, 0 when none waits."""

    oldest_due: float
    pending: int
    given_up: int


def mail_health(session: Session, now: datetime) -> MailHealth:
    """What /readyz and `flask mail status` tell of the outbox."""
    row = session.execute(
        sa.select(
            sa.func.min(Row.due_at).filter(Row.status == LetterStatus.PENDING).label("oldest"),
            sa.func.count().filter(Row.status == LetterStatus.PENDING).label("pending"),
            sa.func.count().filter(Row.status == LetterStatus.GIVEN_UP).label("given_up"),
        ).where(Row.status.in_((LetterStatus.PENDING, LetterStatus.GIVEN_UP)))
    ).one()
    overdue = (now - row.oldest).total_seconds() if row.oldest else 0.0
    return MailHealth(max(0.0, overdue), row.pending, row.given_up)
