"""The demo's mailings: one has been sent, one waits for approval, one is being written; and words
to begin another with."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions import message_approval, message_progress, message_sending
from dialognav.actions.message_templates import TemplateDraft, create_template
from dialognav.actions.messages import create_message
from dialognav.domain.audience import Audience
from dialognav.domain.message_drafts import MessageDraft
from dialognav.domain.terms import MessageState
from dialognav.mail.post import Post
from dialognav.models import Event, Letter, Message, Participant, User

CONTENT = Path(__file__).with_name("messages.toml")
_AGO = timedelta(days=4)


def write_messages(session: Session, *, now: datetime, post: Post) -> None:
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))
    for given in content["message"]:
        _write(session, _event(session, given), given, now=now, post=post)
    for given in content["template"]:
        event, by = _event(session, given), _user(session, given["by"])
        words = _words(given)
        draft = TemplateDraft(given["name"], words["subject"], words["body"])
        made: dict[str, Any] = {"now": now - _AGO, "actor": f"user:{by.id}"}
        create_template(session, event.organisation_id, event.id, draft, **made)


def _event(session: Session, given: dict[str, Any]) -> Event:
    return session.scalars(sa.select(Event).where(Event.slug == given["event"])).one()


def _words(given: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Subject and body, by language."""
    return {
        name: {code: said.strip() for code, said in given[name].items()}
        for name in ("subject", "body")
    }


def _write(
    session: Session, event: Event, given: dict[str, Any], *, now: datetime, post: Post
) -> None:
    """Written a day before it was handed in; what was sent was so four days ago."""
    is_sent = given["then"] == "sent"
    at = now - _AGO if is_sent else now - timedelta(hours=3)
    author = _user(session, given["by"])
    words = _words(given)
    audience = Audience(events=(event.id,), states=frozenset(given["states"]))
    message = create_message(
        session,
        event.organisation_id,
        event.id,
        MessageDraft(words["subject"], words["body"], audience),
        primary_language=event.primary_language,
        author_id=author.id,
        now=at - timedelta(days=1),
        actor=f"user:{author.id}",
    )
    if given["then"] == "draft":
        return
    by: dict[str, Any] = {"now": at, "actor": f"user:{author.id}"}
    message_approval.submit(session, message.id, user_id=author.id, **by)
    if is_sent:
        _send(session, message, _user(session, given["approved_by"]), at=at, post=post)


def _send(session: Session, message: Message, approver: User, *, at: datetime, post: Post) -> None:
    by: dict[str, Any] = {"now": at, "actor": f"user:{approver.id}"}
    message_approval.approve(session, message.id, seen=message.revision, user_id=approver.id, **by)
    message_sending.start(session, message.id, now=at, actor=f"user:{message.author_id}", post=post)
    message_sending.write_letters(session, message.id, now=at, post=post)
    # It is written after everybody has come: who had not by then has none of it.
    later = sa.select(Participant.id).where(Participant.created_at > at)
    session.execute(
        sa.delete(Letter).where(Letter.message_id == message.id, Letter.participant_id.in_(later))
    )


def end_messages(session: Session, *, now: datetime) -> None:
    """Once its letters have left, one of them came back."""
    rows = session.scalars(sa.select(Message).where(Message.state == MessageState.SENDING)).all()
    for message in rows:
        back = session.scalars(
            sa.select(Letter).where(Letter.message_id == message.id).order_by(Letter.id.desc())
        ).first()
        if back is not None:
            back.bounced_at = back.due_at + timedelta(minutes=2)
            back.last_error = "5.2.2 mailbox full"
        message_progress.finish(session, message.id, now=now - _AGO + timedelta(minutes=3))


def _user(session: Session, email: str) -> User:
    return session.scalars(sa.select(User).where(User.email == email)).one()
