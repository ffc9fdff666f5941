"""Words for mail that belong to an event: its templates, its own words in the standard letters."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.models import (
    Event,
    Letter,
    LetterText,
    Message,
    MessageAttachment,
    MessageTemplate,
)


def copy_words(session: Session, source: Event, target: Event, *, now: datetime) -> None:
    """A copied event says the same. What was written to the other's people is not copied."""
    session.flush()
    for template in session.scalars(
        sa.select(MessageTemplate)
        .where(MessageTemplate.event_id == source.id)
        .order_by(MessageTemplate.id)
    ):
        session.add(
            MessageTemplate(
                organisation_id=target.organisation_id,
                event_id=target.id,
                name=template.name,
                purpose=template.purpose,
                subject=dict(template.subject),
                body=dict(template.body),
                created_at=now,
                changed_at=now,
            )
        )
    for text in session.scalars(sa.select(LetterText).where(LetterText.event_id == source.id)):
        session.add(
            LetterText(
                organisation_id=target.organisation_id,
                event_id=target.id,
                kind=text.kind,
                subject=dict(text.subject),
                opening=dict(text.opening),
                closing=dict(text.closing),
                changed_at=now,
                changed_by_id=text.changed_by_id,
            )
        )


def delete_words(session: Session, event_id: int) -> None:
    """With a draft that is deleted, and the messages that were prepared for it.

    Letters to oneself, to try them, are all that can have left.
    """
    messages = sa.select(Message.id).where(Message.event_id == event_id)
    for change in (
        sa.update(Letter).where(Letter.event_id == event_id).values(event_id=None),
        sa.delete(MessageAttachment).where(MessageAttachment.message_id.in_(messages)),
        sa.delete(Message).where(Message.event_id == event_id),
        sa.delete(MessageTemplate).where(MessageTemplate.event_id == event_id),
        sa.delete(LetterText).where(LetterText.event_id == event_id),
    ):
        session.execute(change.execution_options(synchronize_session=False))
