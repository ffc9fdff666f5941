"""Whether mail flows, and since when it does not: for whoever relies on it, in one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Settings
from dialognav.domain.terms import LetterStatus
from dialognav.mail import instance
from dialognav.mail.claims import due_since
from dialognav.mail.letters import BULK, ORDINARY, URGENT
from dialognav.models import Instance, Letter, Worker

SILENCE = timedelta(minutes=2)
"""After which a worker that has not been heard of is gone; it says so three times a minute."""

LATE = timedelta(minutes=10)
_HICCUP = timedelta(minutes=1)  # a server that is away for so long is no news


class Cause(StrEnum):
    COPY = "copy"
    WORKER = "worker"
    SERVER = "server"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Trouble:
    """`since` is None where nobody knows; `answer` is what the server said last."""

    cause: Cause
    since: datetime | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """`seen_at`: when a worker was last heard of. `due_since`: since when the oldest letter could
    have left that nobody has in hand. Bulk takes its time: it counts only where nothing has left.
    `is_waiting`: whether there is any letter to send, now or later."""

    is_held: bool
    seen_at: datetime | None
    due_since: datetime | None
    outage_since: datetime | None
    outage_reason: str
    is_waiting: bool

    def trouble(self, now: datetime) -> Trouble | None:
        """What keeps letters from leaving; the first cause, which explains the others."""
        if self.is_held:
            return Trouble(Cause.COPY)
        waits = now - self.due_since if self.due_since else timedelta()
        if self.seen_at is None:
            return Trouble(Cause.WORKER) if waits > SILENCE else None
        if now - self.seen_at > SILENCE:
            return Trouble(Cause.WORKER, self.seen_at)
        if self.outage_since and self.is_waiting and now - self.outage_since > _HICCUP:
            return Trouble(Cause.SERVER, self.outage_since, self.outage_reason)
        return Trouble(Cause.LATE, self.due_since) if waits > LATE else None


def look(session: Session, settings: Settings, *, now: datetime) -> Flow:
    """One statement, and a file that says whether this is the installation."""
    one = sa.select(sa.literal(1)).subquery()
    row = session.execute(
        sa.select(
            Instance,
            sa.select(sa.func.max(Worker.seen_at)).scalar_subquery().label("seen_at"),
            due_since(URGENT, now).label("urgent_since"),
            due_since(ORDINARY, now).label("ordinary_since"),
            due_since(BULK, now).label("bulk_since"),
            sa.select(sa.func.max(Letter.sent_at)).scalar_subquery().label("sent_at"),
            sa.exists().where(Letter.status == LetterStatus.PENDING).label("is_waiting"),
        ).select_from(sa.outerjoin(one, Instance, sa.true()))
    ).one()
    known: Instance | None = row.Instance
    since = [row.urgent_since, row.ordinary_since]
    if row.sent_at is None or now - row.sent_at > LATE:
        since.append(row.bulk_since)
    return Flow(
        is_held=instance.is_copy(known, settings),
        seen_at=row.seen_at,
        due_since=min(filter(None, since), default=None),
        outage_since=known.outage_since if known else None,
        outage_reason=known.outage_reason if known else "",
        is_waiting=row.is_waiting,
    )
