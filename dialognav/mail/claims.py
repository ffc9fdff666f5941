"""Which worker sends which letter, and what became of it (architecture.md 5, Outbox).

Every write here is guarded by what it assumes, so that of two workers one loses and does nothing.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from dialognav.domain.terms import LetterStatus, MessageState
from dialognav.mail import forwarded
from dialognav.mail.attachments import Attachment
from dialognav.mail.letters import URGENT
from dialognav.mail.pace import Pace
from dialognav.mail.superseding import CHANGING
from dialognav.models import DeadAddress, Message
from dialognav.models import Letter as Row

BATCH = 20
_LOOK_AHEAD = 10  # batches to choose from, where one domain may not have all of the first
_TABLE = Row.metadata.tables[Row.__tablename__]
LEASE = timedelta(minutes=2)
"""How long a worker may be silent. After a crash the rest of its batch waits for so long."""

IN_HAND = timedelta(minutes=12)
"""The same for the one letter that it is just sending: more than a mail server may take in all."""

_LONGEST_FOR_US = 2  # of BACKOFF, half an hour
_PATIENCE = timedelta(days=5)  # RFC 5321 section 4.5.4.1

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
    domain: str
    language: str
    facts: Mapping[str, Any]
    created_at: datetime
    attempts: int
    lease: str
    is_dead: bool = False  # a server has said that there is no such address
    message_id: int | None = None
    attachments: tuple[Attachment, ...] = ()  # mail/messages.py puts them in


def is_something_due(session: Session, *, now: datetime, urgent_only: bool = False) -> bool:
    """A cheap look before the claim, which takes SQLite's only writer."""
    query = sa.select(Row.id).where(*_due(now), *_urgent(only=urgent_only))
    return session.scalar(query.limit(1)) is not None


def claim(
    session: Session,
    *,
    now: datetime,
    limit: int = BATCH,
    speed: Pace | None = None,
    urgent_only: bool = False,
) -> list[Claimed]:
    """Lease the next due letters, the most urgent first, as many as `speed` allows. Other workers
    pass by them."""
    lease = secrets.token_hex(16)
    speed = speed or Pace(now)
    # On its own: inside the UPDATE, PostgreSQL may run it once per row and so ignore the limit.
    due = session.execute(
        sa.select(Row.id, Row.domain)
        .where(*_due(now), *_urgent(only=urgent_only), Row.domain.not_in(speed.closed_domains))
        .order_by(Row.priority, Row.due_at, Row.id)
        .limit(limit * _LOOK_AHEAD if speed.domain_limit.per_minute else limit)
        .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer anyway
    )
    chosen = speed.choose([(letter, domain) for letter, domain in due], limit)
    if not chosen:
        return []
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


def due_since(priority: int, now: datetime) -> sa.ScalarSelect[Any]:
    """Since when the first letter of a priority is due that nobody has taken."""
    query = sa.select(Row.due_at).where(*_due(now), Row.priority == priority)
    return query.order_by(Row.due_at).limit(1).scalar_subquery()


def _urgent(*, only: bool) -> tuple[sa.ColumnElement[bool], ...]:
    return (Row.priority == URGENT,) if only else ()


def _dead(session: Session, addresses: Collection[str]) -> Collection[str]:
    """Those of the addresses to which nothing is mailed until somebody clears them."""
    if not addresses:
        return ()
    query = sa.select(DeadAddress.address).where(DeadAddress.address.in_(addresses))
    return set(session.scalars(query))


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Pending, its time has come, in nobody's hand, not ahead of an older one to the same, and not
    of a message that is paused or stopped."""
    earlier = aliased(Row)
    held = sa.select(Message.id).where(
        Message.state.in_((MessageState.PAUSED, MessageState.STOPPED))
    )
    return (
        Row.status == LetterStatus.PENDING,
        Row.due_at <= now,
        sa.or_(Row.leased_until.is_(None), Row.leased_until <= now),
        ~sa.exists().where(
            earlier.stream == Row.stream,
            earlier.status == LetterStatus.PENDING,
            earlier.id < Row.id,
        ),
        sa.or_(Row.message_id.is_(None), Row.message_id.not_in(held)),
    )


def _in_hand(row: Row, lease: str, dead: Collection[str]) -> Claimed:
    return Claimed(
        id=row.id,
        public_id=row.public_id,
        kind=row.kind,
        stream=row.stream,
        recipient=row.recipient,
        recipient_name=row.recipient_name,
        domain=row.domain,
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
    return _change(session, letter, leased_until=now + IN_HAND)


def settle_sent(session: Session, letter: Claimed, *, now: datetime) -> bool:
    """It has left. False when another worker has sent it, too, or it was erased.

    Also after the lease: then another may have it in hand, who does not send it any more, or has
    dropped it as overtaken, which is not true of what has left.
    """
    return _change(
        session,
        letter,
        has_left=True,
        status=LetterStatus.SENT,
        sent_at=now,
        attempts=letter.attempts + 1,
        lease=None,
        leased_until=None,
        last_error="",
    )


def settle_failed(
    session: Session,
    letter: Claimed,
    error: str,
    *,
    perhaps_sent: bool,
    now: datetime,
    is_ours: bool = False,
) -> bool:
    """Try later, or give up after the last try. `perhaps_sent`: the answer to it was lost.

    What is about us (`is_ours`) costs no letter its last try, for as long as that takes to mend.
    A newer letter to the same reader makes another try pointless, unless it tells but what differs
    from this one: then it waits until this one has left.
    """
    tries = letter.attempts
    if is_ours and not perhaps_sent and now - letter.created_at < _PATIENCE:
        tries = min(tries, _LONGEST_FOR_US)
    if tries >= len(BACKOFF):
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
        due_at=now + BACKOFF[tries],
        attempts=max(tries + 1, letter.attempts),
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


def put_back(session: Session, letters: Collection[Claimed]) -> None:
    """They were not tried: it was not their turn yet. Costs a letter no attempt."""
    for lease in {letter.lease for letter in letters}:
        ids = [letter.id for letter in letters if letter.lease == lease]
        session.execute(
            sa.update(Row)
            .where(Row.id.in_(ids), Row.lease == lease, Row.status == LetterStatus.PENDING)
            .values(lease=None, leased_until=None)
            .execution_options(synchronize_session=False)
        )


def _change(session: Session, letter: Claimed, *, has_left: bool = False, **values: Any) -> bool:
    """Only while the lease is ours, unless it `has_left`: a failed send would revive a superseded
    letter."""
    given = {f"to_{name}": value for name, value in values.items()}
    changed = session.connection().execute(
        _guarded(tuple(values), has_left),
        {"letter_id": letter.id, **({} if has_left else {"our_lease": letter.lease}), **given},
    )
    return changed.rowcount == 1


@lru_cache(maxsize=32)
def _guarded(names: tuple[str, ...], has_left: bool) -> sa.Update:
    """Made once: to put it together takes longer than to run it."""
    guard = (_TABLE.c.status != LetterStatus.SENT,) if has_left else _still_ours()
    return (
        sa.update(_TABLE)
        .where(_TABLE.c.id == sa.bindparam("letter_id"), *guard)
        .values({name: sa.bindparam(f"to_{name}", type_=_TABLE.c[name].type) for name in names})
    )


def _still_ours() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _TABLE.c.lease == sa.bindparam("our_lease"),
        _TABLE.c.status == LetterStatus.PENDING,
    )
