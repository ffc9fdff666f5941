from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from dialognav.db import Base, Text, UTCDateTime, one_of
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import MessagePurpose, MessageState, PlanKind
from dialognav.models.account import User
from dialognav.models.event import Event
from dialognav.models.organisation import Organisation
from dialognav.tokens import new_public_id


class Message(Base):
    """A mailing to an audience. Without an event it goes across several of the organisation's.

    `subject` and `body` (Markdown) are frozen once it is sending: its letters hold only each
    reader's own facts. `audience` is domain/audience.py's as JSON. While `state` is paused none of
    its letters leaves. A `send_at` outside of scheduled is the time that it missed.
    `approved_recipients` are the numbers (mail/recipients.py) of those it would have reached at
    approval, so that a difference can be shown; gone when it is sent. `writer_ids` are the users
    who wrote it, its author among them: none of them approves it. `follows_id` is the message whose
    words this one takes to those who did not get them; the first of several.
    """

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    organisation: Mapped[Organisation] = relationship()
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event: Mapped[Event | None] = relationship()
    plan_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message_plan.id"))
    follows_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))  # None: a plan
    author: Mapped[User | None] = relationship(foreign_keys=author_id)
    state: Mapped[str] = mapped_column(one_of("state", MessageState), default=MessageState.DRAFT)
    purpose: Mapped[str] = mapped_column(
        one_of("purpose", MessagePurpose), default=MessagePurpose.REGISTRATION
    )
    is_urgent: Mapped[bool] = mapped_column(default=False)
    primary_language: Mapped[str] = mapped_column(sa.String(2), default="sv")
    subject: Mapped[Text] = mapped_column(default=dict)
    body: Mapped[Text] = mapped_column(default=dict)
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict)
    send_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(default=0)  # tells two editors apart (decisions.md 23)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    submitted_by: Mapped[User | None] = relationship(foreign_keys=submitted_by_id)
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    approved_by: Mapped[User | None] = relationship(foreign_keys=approved_by_id)
    approval_note: Mapped[str] = mapped_column(sa.String(500), default="")  # also why returned
    writer_ids: Mapped[list[int]] = mapped_column(default=list)
    approved_recipients: Mapped[list[int] | None]
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    written_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # all its letters are promised
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # sent, or stopped
    attachments: Mapped[list["MessageAttachment"]] = relationship(
        order_by="MessageAttachment.position", cascade="all, delete-orphan"
    )

    __table_args__ = (sa.Index("ix_message_due", "state", "send_at"),)


class MessageAttachment(Base):
    __tablename__ = "message_attachment"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    filename: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True, deferred_raiseload=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class MessageTemplate(Base):
    """Words to begin a message with: the organisation's, or one event's, copied with the event."""

    __tablename__ = "message_template"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event: Mapped[Event | None] = relationship()
    name: Mapped[str] = mapped_column(sa.String(120))
    purpose: Mapped[str] = mapped_column(
        one_of("purpose", MessagePurpose), default=MessagePurpose.REGISTRATION
    )
    subject: Mapped[Text] = mapped_column(default=dict)
    body: Mapped[Text] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class LetterText(Base):
    """Own words in a standard letter, of an organisation or (before those) of one event.

    `kind` is the folder under templates/mail/. An empty text is the standard one; what a letter has
    to say (time, place, own link, reason, calendar) is not in anybody's hand.
    """

    __tablename__ = "letter_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[Text] = mapped_column(default=dict)
    opening: Mapped[Text] = mapped_column(default=dict)  # Markdown, before what is always said
    closing: Mapped[Text] = mapped_column(default=dict)  # Markdown, after it
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))

    __table_args__ = (
        sa.Index(
            "uq_letter_text_organisation",
            "organisation_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("event_id IS NULL"),
            sqlite_where=sa.text("event_id IS NULL"),
        ),
        sa.Index(
            "uq_letter_text_event",
            "event_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("event_id IS NOT NULL"),
            sqlite_where=sa.text("event_id IS NOT NULL"),
        ),
    )


class MessagePlan(Base):
    """A message that writes itself, so many days from each occasion, at a wall time of the event.

    `days` counts from the day of the start, or (thanks, next) of the event's end; negative is
    before. Empty texts are the standard words of its kind. When it is due follows from the
    occasion, so that a moved one takes it along; PlanRun says for which start it has gone out.
    `writer_ids` are the users whose words nobody else has approved, where the organisation wants
    that.
    """

    __tablename__ = "message_plan"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event: Mapped[Event] = relationship()
    kind: Mapped[str] = mapped_column(one_of("kind", PlanKind))
    days: Mapped[int]
    at_wall: Mapped[str] = mapped_column(sa.String(5), default="09:00")
    is_on: Mapped[bool] = mapped_column(default=True)
    subject: Mapped[Text] = mapped_column(default=dict)
    body: Mapped[Text] = mapped_column(default=dict)
    evaluation_url: Mapped[str] = mapped_column(sa.String(1000), default="")
    writer_ids: Mapped[list[int]] = mapped_column(default=list)
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.UniqueConstraint("event_id", "kind", "days"),)


class PlanRun(Base):
    """That a plan was carried out for one occasion at one start. Without a message: in vain."""

    __tablename__ = "plan_run"
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("message_plan.id"), primary_key=True)
    occasion_id: Mapped[int] = mapped_column(sa.ForeignKey("occasion.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"))
    done_at: Mapped[datetime] = mapped_column(UTCDateTime)


def lock_message(session: Session, message_id: int) -> Message:
    """Make those who change one message queue up until commit, its organisation loaded.

    After the lock of an event where both are held, and before an audit row. NotFound when it was
    deleted. An UPDATE, not SELECT FOR UPDATE: SQLite ignores the latter.
    """
    same = sa.update(Message).where(Message.id == message_id).values(revision=Message.revision)
    found = session.scalars(
        same.returning(Message.id).execution_options(synchronize_session=False)
    ).one_or_none()
    if found is None:
        raise NotFound
    return session.scalars(
        sa.select(Message)
        .where(Message.id == message_id)
        .options(joinedload(Message.organisation, innerjoin=True))
        .execution_options(populate_existing=True)
    ).one()
