"""Letters about a person's own data: that a wish came in, and what became of it (GDPR art. 12)."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dialognav.domain.retention import answer_by
from dialognav.mail import outbox
from dialognav.mail.letters import ORDINARY, Letter, Writer, own_link
from dialognav.mail.post import Post
from dialognav.mail.seat_letters import contact_letter
from dialognav.models import Event, PrivacyRequest

_WORTH_SENDING = timedelta(days=365)
"""Unlike what an event has to say, an answer is worth sending long after it."""


def received_letter(event: Event, request: PrivacyRequest, *, post: Post) -> Letter:
    return _letter(event, request, "privacy_received", post=post)


def answered_letter(
    event: Event, request: PrivacyRequest, answer: str, *, erased: bool, post: Post
) -> Letter:
    """`erased`: the link of whoever reads it opens nothing any more. Make it before erasing."""
    said = {"outcome": request.outcome, "answer": answer, "erased": erased}
    return _letter(event, request, "privacy_answered", said, post=post)


def promise_letter(session: Session, letter: Letter, *, now: datetime) -> None:
    outbox.promise(session, [letter], now=now)


def privacy_stream(registration_id: int, wish: str) -> str:
    """Of the contact's wish; jobs/housekeeping.py knows the letters of an erased contact by it."""
    return f"privacy:{registration_id}:{wish}"


def _letter(
    event: Event,
    request: PrivacyRequest,
    kind: str,
    said: dict[str, object] | None = None,
    *,
    post: Post,
) -> Letter:
    registration, person = request.registration, request.participant
    more = {
        "void_after": (request.created_at + _WORTH_SENDING).isoformat(),
        "privacy": {
            "wish": str(request.wish),
            "answer_by": answer_by(request.created_at).isoformat(),
            **(said or {}),
        },
    }
    letter = contact_letter(Writer(event, post), registration, kind, more=more, priority=ORDINARY)
    letter = replace(letter, stream=privacy_stream(registration.id, request.wish))
    if person is None:
        return letter
    return replace(
        letter,
        stream=f"{letter.stream}:{person.id}",
        recipient=person.email,
        recipient_name=person.name,
        participant_id=person.id,
        facts=letter.facts | {"link": own_link(person), "whole": False, "party": ""},
    )
