"""What staff do for those registered, each with its reason in the trail."""

from datetime import datetime

from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions import registrations
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.terms import LetterStatus
from dialognav.mail.post import Post
from dialognav.mail.second_tries import try_again
from dialognav.models import Letter, Participant, Registration, lock_event


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

    It says what holds by now. False, and nothing is sent, when nothing of it does: its reader has
    been written something newer since.
    """
    if (event_id := session.get_one(Letter, letter_id).event_id) is not None:
        lock_event(session, event_id)
    letter = session.get_one(Letter, letter_id, with_for_update=True, populate_existing=True)
    if letter.status != LetterStatus.GIVEN_UP or letter.organisation_id is None:
        raise NotAllowedNow
    if not try_again(session, letter, now=now):
        letter.status = LetterStatus.SUPERSEDED
        return False
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
