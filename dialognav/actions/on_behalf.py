"""What staff do for those registered, each with its reason in the trail."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions import registrations
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.terms import LetterStatus
from dialognav.mail.post import Post
from dialognav.models import Letter, Participant, Registration


def withdraw_registration(
    session: Session,
    registration_id: int,
    reason: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """Give up everybody's places for them. `reason` is a code, not words about a person."""
    registrations.withdraw_all(session, registration_id, now=now, actor=actor, post=post)
    registration = session.get_one(Registration, registration_id)
    _note(session, registration, "registration.withdrawn_for", reason, now=now, actor=actor)


def withdraw_participant(
    session: Session,
    participant_id: int,
    reason: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """Give up one person's places for them."""
    registrations.withdraw_person(session, participant_id, now=now, actor=actor, post=post)
    registration = session.get_one(Participant, participant_id).registration
    _note(session, registration, "participant.withdrawn_for", reason, now=now, actor=actor)


def _note(
    session: Session,
    registration: Registration,
    verb: str,
    reason: str,
    *,
    now: datetime,
    actor: str,
) -> None:
    audit.record(
        session,
        registration.event.organisation_id,
        actor,
        verb,
        f"registration:{registration.id}",
        now=now,
        event_id=registration.event_id,
        facts={"reason": reason},
    )


def note_export(
    session: Session,
    organisation_id: int,
    event_id: int,
    rows: int,
    *,
    audience: str,
    now: datetime,
    actor: str,
) -> None:
    """Who took which list out of the system, and how long it was."""
    audit.record(
        session,
        organisation_id,
        actor,
        "registrations.exported",
        f"event:{event_id}",
        now=now,
        event_id=event_id,
        facts={"rows": rows, "list": audience},
    )


def send_letter_again(session: Session, letter_id: int, *, now: datetime, actor: str) -> bool:
    """Put a letter that was given up back in the queue, all its tries before it.

    False, and nothing is sent, when its reader has been written something newer since.
    """
    letter = session.get_one(Letter, letter_id, with_for_update=True)
    if letter.status != LetterStatus.GIVEN_UP or letter.organisation_id is None:
        raise NotAllowedNow
    newer = sa.exists().where(Letter.stream == letter.stream, Letter.id > letter.id)
    if session.scalar(sa.select(newer)):
        letter.status = LetterStatus.SUPERSEDED
        return False
    letter.status = LetterStatus.PENDING
    letter.attempts = 0
    letter.due_at = now
    letter.lease, letter.leased_until = None, None
    audit.record(
        session,
        letter.organisation_id,
        actor,
        "letter.resent",
        f"letter:{letter.id}",
        now=now,
        event_id=letter.event_id,
    )
    return True
