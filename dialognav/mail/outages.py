"""While no letter can leave, no worker tries: one circuit breaker for all of them, in the database.

After a while one batch tries again; what it meets closes the circuit or keeps it open for longer.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.models import Instance

PAUSE = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
"""How long to leave a mail server alone that cannot be reached, the last one again and again."""


def is_waiting(row: Instance | None, now: datetime) -> bool:
    return row is not None and row.outage_until is not None and now < row.outage_until


def begin(session: Session, reason: str, *, now: datetime) -> timedelta | None:
    """Nobody tries for a while; how long. None when another worker has said so meanwhile.

    Inside a unit of work.
    """
    row = session.get(Instance, 1, with_for_update=True, populate_existing=True)
    if row is None or is_waiting(row, now):
        return None
    pause = PAUSE[min(row.outages, len(PAUSE) - 1)]
    row.outage_since = row.outage_since or now
    row.outage_until, row.outage_reason = now + pause, reason[:300]
    row.outages += 1
    return pause


def end(session: Session) -> None:
    """A letter has left, or was refused for ever by a server that talks. Inside a unit of work."""
    session.execute(
        sa.update(Instance)
        .where(Instance.id == 1)
        .values(outage_since=None, outage_until=None, outage_reason="", outages=0)
        .execution_options(synchronize_session=False)
    )
