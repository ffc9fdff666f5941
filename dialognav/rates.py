"""How often something was done from one place: one upsert counts, exact on both databases.

Keys hold hashes, never an address or an e-mail: `rate_key()`.
"""

import hashlib
import hmac
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dialognav.domain.errors import TooMany
from dialognav.models import RateCount


def rate_key(name: str, secret: str, *values: str) -> str:
    """'sign-in:3f2a…': what is counted, and a keyed hash of whom, at most 120 characters."""
    said = "\n".join(values).encode()
    return f"{name}:{hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()[:32]}"


def count_use(session: Session, key: str, *, limit: int, window_seconds: int, now: datetime) -> int:
    """Count one use in the present window of time and return how many there are.

    Raises TooMany above the limit; the unit of work is then rolled back, and with it the use that
    was refused. Call it in a unit of work of its own, before the work it protects.
    """
    second = int(now.timestamp())
    window = second - second % window_seconds
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    used: int = session.execute(
        insert(RateCount)
        .values(key=key, window=window, n=1)
        .on_conflict_do_update(
            index_elements=[RateCount.key, RateCount.window], set_={"n": RateCount.n + 1}
        )
        .returning(RateCount.n)
    ).scalar_one()
    if used > limit:
        raise TooMany(window + window_seconds - second)
    return used


def give_back(session: Session, key: str, *, window_seconds: int, now: datetime) -> None:
    """Take one use back: it turned out to be none of those that are limited."""
    second = int(now.timestamp())
    session.execute(
        sa.update(RateCount)
        .where(
            RateCount.key == key,
            RateCount.window == second - second % window_seconds,
            RateCount.n > 0,
        )
        .values(n=RateCount.n - 1)
        .execution_options(synchronize_session=False)
    )
