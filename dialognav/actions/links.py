""" "Send me my links", also for whoever signs up a second time (decisions.md 22)."""

from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Participant, Registration


def mail_links(
    session: Session,
    email: str,
    registrations: list[Registration],
    participants: list[Participant],
    *,
    language: str,
    now: datetime,
    post: Post,
    kind: str = "links",
) -> None:
    """Promise the letter, if there is anything to tell; the caller answers the same either way."""
    if registrations or participants:
        notices.tell_links(
            session,
            email,
            registrations,
            participants,
            language=language,
            now=now,
            post=post,
            kind=kind,
        )
