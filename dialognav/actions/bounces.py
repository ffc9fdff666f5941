"""Letters that came back: which did not arrive, and which addresses are dead (RFC 3464)."""

import re
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.domain.replies import Failure, Received
from dialognav.domain.terms import InboundState
from dialognav.mail import forwarded
from dialognav.mail.bounce_addresses import DIGITS, letter_of_token
from dialognav.models import DeadAddress, InboundMail, Letter

_PUBLIC_ID = re.compile(r"[0-9a-f]{32}")


def take_bounce(
    session: Session,
    received: Received,
    mail: InboundMail,
    *,
    keys: Sequence[str],
    now: datetime,
) -> None:
    """Mark the letter, and the address where it is dead. A report that names no letter of ours is
    left to a person: anybody can write one.

    Only the address bounce+<token>@.. proves enough to stop all further mail: a Message-ID is seen
    by everybody whom the letter was passed on to, so that a report with it marks the letter alone.
    """
    letter = _letter_of(session, received, keys)
    if letter is None:
        mail.reason = "unknown_letter"
        return
    mail.letter_id, mail.organisation_id = letter.id, letter.organisation_id
    mail.event_id, mail.participant_id = letter.event_id, letter.participant_id
    final = [one for one in received.failures if one.is_permanent]
    if received.failures and not final:
        mail.state, mail.reason = InboundState.IGNORED, "delayed"  # the server goes on trying
        return
    recipient = letter.recipient.lower()
    failure = next((one for one in final if one.address == recipient), None)
    failure = failure or next(iter(final), None)
    letter.bounced_at = now
    if failure is not None:
        letter.last_error = f"{failure.status} {failure.diagnostic}".strip()[:500]
    mail.state, mail.reason = InboundState.APPLIED, "bounced"
    if letter.kind == forwarded.KIND:
        forwarded.open_again(session, letter.stream)
    if not received.letter_token or not keys:
        return
    if failure and failure.is_about_the_address and failure.address in ("", recipient):
        mark_dead(session, recipient, failure, now=now)
        mail.reason = "dead"


def _letter_of(session: Session, received: Received, keys: Sequence[str]) -> Letter | None:
    """By the token in the address the report came to, or the Message-ID it quotes: both hold more
    random bits than can be guessed."""
    if received.letter_token and keys:
        digits = letter_of_token(keys, received.letter_token)
        return _beginning(session, digits) if digits else None
    name = received.original_message_id.partition("@")[0]
    return _beginning(session, name[:DIGITS]) if _PUBLIC_ID.fullmatch(name) else None


def _beginning(session: Session, digits: str) -> Letter | None:
    """The letter whose public id begins so; "g" comes after every hexadecimal digit."""
    query = sa.select(Letter).where(Letter.public_id.between(digits, digits + "g"))
    return session.scalars(query.limit(1)).one_or_none()


def mark_dead(session: Session, address: str, failure: Failure, *, now: datetime) -> None:
    """Nothing more is mailed there (mail/claims.py) until somebody clears it."""
    row = session.get(DeadAddress, address)
    if row is None:
        row = DeadAddress(address=address, since=now)
        session.add(row)
    row.status, row.diagnostic = failure.status[:12], failure.diagnostic[:300]


def clear_address(session: Session, letter_id: int, *, now: datetime, actor: str) -> bool:
    """The address of this letter is right after all: mail goes there again. False when it did
    already. What was not sent meanwhile is sent again from the list of letters."""
    letter = session.get_one(Letter, letter_id)
    row = session.get(DeadAddress, letter.recipient.lower())
    if row is None or letter.organisation_id is None:
        return False
    session.delete(row)
    audit.record(
        session,
        letter.organisation_id,
        actor,
        "letter.address_cleared",
        f"letter:{letter.id}",
        now=now,
        event_id=letter.event_id,
    )
    return True
