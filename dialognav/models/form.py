from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, Text, UTCDateTime, one_of
from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.tokens import new_public_id


class FormField(Base):
    """An extra question in a sign-up form; without an event, one of the organisation's library.

    `options` are [{"key": "a1", "text": {language: words}}, ...] of a choice; a key is never used
    again, so that answers survive a rewording. A field with `condition_field` is asked only when
    that field's answer is (or, of several choices, holds) `condition_value`.
    """

    __tablename__ = "form_field"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(one_of("kind", FieldKind))
    scope: Mapped[str] = mapped_column(one_of("scope", FieldScope), default=FieldScope.REGISTRATION)
    label: Mapped[Text]
    help: Mapped[Text] = mapped_column(default=dict)
    options: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    required: Mapped[bool] = mapped_column(default=False)
    condition_field_id: Mapped[int | None] = mapped_column(sa.ForeignKey("form_field.id"))
    condition_value: Mapped[str] = mapped_column(sa.String(40), default="")
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # its answers stay


class Answer(Base):
    """What was answered to a field. `value` is text, a number, a yes/no, a key or a list of keys.

    Of a file, it is {"filename": .., "size": bytes}; the bytes are the AnswerFile's.
    """

    __tablename__ = "answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    field_id: Mapped[int] = mapped_column(sa.ForeignKey("form_field.id"), index=True)
    field: Mapped[FormField] = relationship()
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id"), index=True)
    participant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    value: Mapped[Any] = mapped_column(sa.JSON)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    file: Mapped["AnswerFile | None"] = relationship(cascade="all, delete-orphan")

    __table_args__ = (
        sa.Index(
            "uq_answer_registration",
            "field_id",
            "registration_id",
            unique=True,
            postgresql_where=sa.text("participant_id IS NULL"),
            sqlite_where=sa.text("participant_id IS NULL"),
        ),
        sa.UniqueConstraint("field_id", "participant_id"),
    )


class AnswerFile(Base):
    """The file somebody sent with a sign-up: served to the organiser only, as an attachment."""

    __tablename__ = "answer_file"
    answer_id: Mapped[int] = mapped_column(sa.ForeignKey("answer.id"), primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    filename: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
