"""The letter with a personal link to sign up for an event."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import LetterStatus
from dialognav.i18n import pick
from dialognav.mail import outbox
from dialognav.mail.letters import Letter, Writer
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import envelope
from dialognav.models import Event, EventInvitation
from dialognav.models import Letter as Row
from dialognav.tokens import INVITATION


def tell_invited(
    session: Session,
    event: Event,
    invitations: Sequence[EventInvitation],
    *,
    now: datetime,
    post: Post,
) -> None:
    """Each invited organisation's own letter, in its language. Called inside a transaction."""
    writer = Writer(event, post)
    letters = [invitation_letter(writer, one) for one in invitations]
    outbox.promise(session, letters, now=now)


def invitation_letter(writer: Writer, invitation: EventInvitation) -> Letter:
    event, language = writer.event, invitation.language
    occasion = event.live_occasions[0]
    closes_at = event.registration_closes_at or occasion.starts_at
    facts = writer.event_facts(language) | {
        "invited": invitation.party_name,
        "summary": list(pick(event.summary, language, event.primary_language)),
        "link": {
            "purpose": INVITATION,
            "public_id": invitation.public_id,
            "generation": invitation.generation,
        },
        "when": envelope(event),
        "place": writer.shared_place_facts(occasion, language),
        "opens_at": event.registration_opens_at.isoformat() if event.registration_opens_at else "",
        "closes_at": closes_at.isoformat(),
    }
    return Letter(
        kind="event_invitation",
        stream=_stream(invitation),
        recipient=invitation.email,
        recipient_name=invitation.name or invitation.party_name,
        language=language,
        facts=facts,
        organisation_id=event.organisation_id,
        event_id=event.id,
    )


def stop_invitation(session: Session, invitation: EventInvitation) -> None:
    """What has not left does not leave: its link opens nothing any more."""
    session.execute(
        sa.update(Row)
        .where(
            Row.stream == _stream(invitation),
            Row.status == LetterStatus.PENDING,
            Row.lease.is_(None),
        )
        .values(status=LetterStatus.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )


def _stream(invitation: EventInvitation) -> str:
    return f"invitation:{invitation.id}"
