"""Letters that carry links only: to one's own pages, or to an account. Never commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.mail import outbox
from dialognav.mail.letters import URGENT, Letter, Writer, own_link, sender_facts
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import envelope
from dialognav.models import Event, OneTimeLink, Organisation, Participant, Registration
from dialognav.tokens import fingerprint


def tell_links(
    session: Session,
    email: str,
    registrations: Sequence[Registration],
    participants: Sequence[Participant],
    *,
    language: str,
    now: datetime,
    post: Post,
    kind: str = "links",
) -> None:
    """The own links of one address: by its wish, or by `kind` for another reason.

    "already_registered" after signing up twice, "handed_over" to a new contact.
    `registrations` are those whose contact has the address, `participants` the people who have it;
    with a registration's link its contact needs none as a participant.
    """
    rows: list[Registration | Participant] = [*registrations, *participants]
    if not rows:
        return
    events = [_event_of(row) for row in rows]
    organisation = events[0].organisation if len({e.organisation_id for e in events}) == 1 else None
    facts = sender_facts(organisation, language, post) | {
        "links": [
            {
                "title": Writer(event, post).event_facts(language)["title"],
                "when": envelope(event),
                "whose": row.name if isinstance(row, Participant) else "",
                "link": own_link(row),
            }
            for row, event in zip(rows, events, strict=True)
        ]
    }
    letter = Letter(
        kind=kind,
        stream=f"{kind}:{fingerprint(email)}",
        recipient=email,
        recipient_name="",
        language=language,
        facts=facts,
        organisation_id=organisation.id if organisation else None,
        priority=URGENT,
    )
    outbox.promise(session, [letter], now=now)


def tell_staff_link(
    session: Session,
    one_time_link: OneTimeLink,
    organisation: Organisation | None,
    *,
    now: datetime,
    post: Post,
) -> None:
    """An invitation to staff, or the way back in for who forgot the password."""
    user = one_time_link.user
    facts = sender_facts(organisation, user.language, post) | {
        "link": {"purpose": one_time_link.purpose, "public_id": one_time_link.public_id},
        "expires_at": one_time_link.expires_at.isoformat(),
        "zone": organisation.zone if organisation else "Europe/Stockholm",
    }
    letter = Letter(
        kind="staff_invitation" if one_time_link.purpose == "invite" else "password_reset",
        stream=f"staff:{user.id}:{one_time_link.purpose}:{one_time_link.organisation_id or 0}",
        recipient=user.email,
        recipient_name=user.name,
        language=user.language,
        facts=facts,
        organisation_id=organisation.id if organisation else None,
        priority=URGENT,
    )
    outbox.promise(session, [letter], now=now)


def _event_of(row: Registration | Participant) -> Event:
    return row.event if isinstance(row, Registration) else row.registration.event
