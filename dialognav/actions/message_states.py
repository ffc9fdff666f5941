"""What the verbs of a mailing share: whether its state lets them happen, and the audit row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.domain.audience import audience_from_json
from dialognav.domain.errors import NotAllowedNow, NotReady
from dialognav.domain.message_rules import lacking, may_now
from dialognav.mail.recipients import Recipient, recipients
from dialognav.models import Message


def needs_approval(message: Message) -> bool:
    """What writes itself was approved when its plan was switched on (plans.switch_plan)."""
    return message.organisation.message_approval and message.plan_id is None


def require(verb: str, message: Message) -> None:
    """NotAllowedNow unless the mailing's state lets the verb happen."""
    is_approved = message.approved_at is not None
    needed = needs_approval(message)
    if not may_now(verb, message.state, needs_approval=needed, is_approved=is_approved):
        raise NotAllowedNow


def reached_by(session: Session, message: Message, *, now: datetime) -> list[Recipient]:
    """Whom it goes to if it is sent now."""
    audience = audience_from_json(message.audience)
    return recipients(session, message.organisation_id, audience, purpose=message.purpose, now=now)


def demand_complete(message: Message, reached: Sequence[Recipient]) -> None:
    """NotReady names what it misses before anybody can get it. A plan has words of its own."""
    missing = lacking(message.subject, message.body, message.primary_language, reaches=len(reached))
    if message.plan_id is not None:
        missing = tuple(name for name in missing if name == "audience")
    if missing:
        raise NotReady(*missing)


def note(
    session: Session, message: Message, verb: str, *, now: datetime, actor: str, **facts: Any
) -> None:
    """The audit row: ids, numbers and instants only."""
    audit.record(
        session,
        message.organisation_id,
        actor,
        verb,
        f"message:{message.id}",
        now=now,
        event_id=message.event_id,
        facts=facts,
    )
