"""Which worker sends which letter, and what became of it (architecture.md 5, Outbox).

Every write here is guarded by what it assumes, so that of two workers one loses and does nothing.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.domain.terms import LetterStatus
from dialognav.mail import forwarded
from dialognav.mail.attachments import Attachment
from dialognav.mail.superseding import CHANGING
from dialognav.models import DeadAddress
from dialognav.models import Letter as Row

BATCH = 20
LEASE = timedelta(minutes=2)
"""How long a worker may be silent. After a crash the rest of its batch waits for so long."""

BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter in a worker's hand: everything that rendering and sending need."""

    id: int
    public_id: str
    kind: str
    stream: str
    recipient: str
    recipient_name: str
    language: str
    facts: Mapping[str, Any]
    created_at: datetime
    attempts: int
    lease: str
    is_dead: bool = False  # a server has said that there is no such address
    message_id: int | None = None
    attachments: tuple[Attachment, ...] = ()  # mail/messages.py puts them in


def is_something_due(session: Session, *, now: datetime) -> bool:
    """A cheap look before the claim, which takes SQLite's only writer."""
    return session.scalar(sa.select(Row.id).where(*_due(now)).limit(1)) is not None


def claim(session: Session, *, now: datetime, limit: int = BATCH) -> list[Claimed]:
    """Lease the next due letters, the most urgent first. Other workers pass by them."""
    lease = secrets.token_hex(16)
    # On its own: inside the UPDATE, PostgreSQL may run it once per row and so ignore the limit.
    chosen = session.scalars(
        sa.select(Row.id)
        .where(*_due(now))
        .order_by(Row.priority, Row.due_at, Row.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer anyway
    ).all()
    rows = session.execute(
        sa.update(Row)
        .where(Row.id.in_(chosen), *_due(now))
        .values(lease=lease, leased_until=now + LEASE)
        .returning(Row)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).scalars()
    in_turn = sorted(rows, key=lambda row: (row.priority, row.due_at, row.id))
    dead = _dead(session, {row.recipient.lower() for row in in_turn})
    return [_in_hand(row, lease, dead) for row in in_turn]


def _dead(session: Session, addresses: Collection[str]) -> Collection[str]:
    """Those of the addresses to which nothing is mailed until somebody clears them."""
    if not addresses:
        return ()
    query = sa.select(DeadAddress.address).where(DeadAddress.address.in_(addresses))
    return set(session.scalars(query))


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Pending, its time has come, in nobody's hand, and not ahead of an older one to the same."""
    earlier = aliased(Row)
    return (
        Row.status == LetterStatus.PENDING,
        Row.due_at <= now,
        sa.or_(Row.leased_until.is_(None), Row.leased_until <= now),
        ~sa.exists().where(
            earlier.stream == Row.stream,
            earlier.status == LetterStatus.PENDING,
            earlier.id < Row.id,
        ),
    )


def _in_hand(row: Row, lease: str, dead: Collection[str]) -> Claimed:
    return Claimed(
        id=row.id,
        public_id=row.public_id,
        kind=row.kind,
        stream=row.stream,
        recipient=row.recipient,
        recipient_name=row.recipient_name,
        language=row.language,
        facts=row.facts or {},
        created_at=row.created_at,
        attempts=row.attempts,
        lease=lease,
        is_dead=row.recipient.lower() in dead and "tries_dead" not in (row.facts or {}),
        message_id=row.message_id,
    )


def renew(session: Session, letter: Claimed, *, now: datetime) -> bool:
    """Hold on to the letter for its own sending; False when another worker has it by now."""
    return _change(session, letter, leased_until=now + LEASE)


def settle_sent(session: Session, letter: Claimed, *, now: datetime) -> bool:
    return _change(
        session,
        letter,
        status=LetterStatus.SENT,
        sent_at=now,
        attempts=letter.attempts + 1,
        lease=None,
        leased_until=None,
        last_error="",
    )


def settle_failed(
    session: Session, letter: Claimed, error: str, *, perhaps_sent: bool, now: datetime
) -> bool:
    """Try later, or give up after the last try. `perhaps_sent`: the answer to it was lost.

    A newer letter to the same reader makes another try pointless, unless it tells but what differs
    from this one: then it waits until this one has left.
    """
    if letter.attempts >= len(BACKOFF):
        return give_up(session, letter, error)
    newer = sa.exists().where(
        Row.stream == letter.stream, Row.id > letter.id, Row.kind.not_in(sorted(CHANGING))
    )
    if session.scalar(sa.select(newer)):
        return _change(
            session, letter, status=LetterStatus.SUPERSEDED, lease=None, leased_until=None
        )
    return _change(
        session,
        letter,
        due_at=now + BACKOFF[letter.attempts],
        attempts=letter.attempts + 1,
        lease=letter.lease if perhaps_sent else None,
        leased_until=None,
        last_error=error,
    )


def give_up(session: Session, letter: Claimed, error: str) -> bool:
    """No further try unless somebody asks for it; the organiser sees it, with the reason."""
    given_up = _change(
        session,
        letter,
        status=LetterStatus.GIVEN_UP,
        attempts=letter.attempts + 1,
        lease=None,
        leased_until=None,
        last_error=error,
    )
    if given_up and letter.kind == forwarded.KIND:
        forwarded.open_again(session, letter.stream)
    return given_up


def drop(session: Session, letter: Claimed, reason: str) -> bool:
    """Nobody needs it any more: the event is over, the link has expired."""
    return _change(
        session,
        letter,
        status=LetterStatus.SUPERSEDED,
        lease=None,
        leased_until=None,
        last_error=reason,
    )


def put_back(session: Session, letter: Claimed) -> bool:
    """It was not tried: the server could not be reached. Costs the letter no attempt."""
    return _change(session, letter, lease=None, leased_until=None)


def _change(session: Session, letter: Claimed, **values: Any) -> bool:
    """Only while the lease is ours. Without that a failed send revives a superseded letter."""
    changed = session.execute(
        sa.update(Row)
        .where(Row.id == letter.id, *_still_ours(letter))
        .values(**values)
        .returning(Row.id)
        .execution_options(synchronize_session=False)
    )
    return changed.scalar() is not None


def _still_ours(letter: Claimed) -> tuple[sa.ColumnElement[bool], ...]:
    return (Row.lease == letter.lease, Row.status == LetterStatus.PENDING)


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
