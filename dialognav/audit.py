"""The agency's record of who did what: hash-chained rows of the action's transaction.

Decisions.md 26.
"""

import hashlib
import json
from contextlib import closing
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.models import AuditEntry, AuditReason, Organisation


def record(
    session: Session,
    organisation_id: int,
    actor: str,
    verb: str,
    subject: str,
    *,
    now: datetime,
    event_id: int | None = None,
    facts: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Append to the organisation's chain. Call it after the event is locked.

    `actor` is "user:7", "registration:<public id>", "job" or "cli"; `subject` "event:12".
    `facts` may hold ids and `veil()`ed values only: erasure must never break the chain. `reason`,
    in anybody's words, is kept beside it.
    """
    [(number, head)] = session.execute(
        sa.update(Organisation)
        .where(Organisation.id == organisation_id)
        .values(audit_number=Organisation.audit_number + 1)
        .returning(Organisation.audit_number, Organisation.audit_head)
        .execution_options(synchronize_session=False)
    )
    entry = AuditEntry(
        organisation_id=organisation_id,
        number=number,
        at=now,
        actor=actor,
        verb=verb,
        subject=subject,
        event_id=event_id,
        facts=facts or {},
        previous_hash=head,
    )
    entry.hash = chain_hash(entry)
    session.add(entry)
    if reason:
        session.flush()
        session.add(AuditReason(entry_id=entry.id, text=reason))
    session.execute(
        sa.update(Organisation)
        .where(Organisation.id == organisation_id)
        .values(audit_head=entry.hash)
        .execution_options(synchronize_session=False)
    )


def chain_hash(entry: AuditEntry) -> str:
    """SHA-256 over the entry and its predecessor's hash."""
    said = [
        entry.previous_hash,
        entry.organisation_id,
        entry.number,
        entry.at.isoformat(),
        entry.actor,
        entry.verb,
        entry.subject,
        entry.event_id,
        entry.facts,
    ]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def broken_link(session: Session, organisation_id: int) -> int | None:
    """Number of the first entry that does not fit the chain, or None when all of it holds.

    A chain cut short fits as far as it goes: the organisation remembers its length and its end.
    """
    previous, count = "", 0
    query = (
        sa.select(AuditEntry)
        .where(AuditEntry.organisation_id == organisation_id)
        .order_by(AuditEntry.number)
        .execution_options(yield_per=500)
    )
    with closing(session.scalars(query)) as rows:
        for entry in rows:
            fits = entry.number == count + 1 and entry.previous_hash == previous
            if not fits or entry.hash != chain_hash(entry):
                return count + 1
            previous, count = entry.hash, entry.number
    kept = session.execute(
        sa.select(Organisation.audit_number, Organisation.audit_head).where(
            Organisation.id == organisation_id
        )
    ).one()
    return None if kept == (count, previous) else count + 1


def veil(value: str, salt: str) -> str:
    """A salted hash of a personal value: proves equality later, reveals nothing."""
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()[:32]
