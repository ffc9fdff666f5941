from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dialognav.db import Base, Text, UTCDateTime, one_of
from dialognav.domain.terms import PartyKind
from dialognav.tokens import new_public_id


class Organisation(Base):
    """Who arranges: the tenant. A registering party is columns on Registration (decisions.md 1)."""

    __tablename__ = "organisation"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[Text]
    about: Mapped[Text] = mapped_column(default=dict)
    kind: Mapped[str] = mapped_column(one_of("kind", PartyKind), default=PartyKind.REGION)
    identifier: Mapped[str] = mapped_column(sa.String(40), default="")
    country: Mapped[str] = mapped_column(sa.String(2), default="SE")
    region: Mapped[str] = mapped_column(sa.String(5), default="")  # NUTS
    zone: Mapped[str] = mapped_column(sa.String(64), default="Europe/Stockholm")
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["sv", "en"])
    primary_language: Mapped[str] = mapped_column(sa.String(2), default="sv")
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    phone: Mapped[str] = mapped_column(sa.String(60), default="")
    phone_hours: Mapped[Text] = mapped_column(default=dict)
    registrar_email: Mapped[str] = mapped_column(sa.String(254), default="")
    data_protection_contact: Mapped[str] = mapped_column(sa.String(300), default="")
    accessibility_contact: Mapped[str] = mapped_column(sa.String(254), default="")
    privacy_text: Mapped[Text] = mapped_column(default=dict)
    mail_from_name: Mapped[str] = mapped_column(sa.String(120), default="")
    mail_sender: Mapped[str] = mapped_column(sa.String(254), default="")  # "" = MAIL_SENDER
    message_approval: Mapped[bool] = mapped_column(default=False)  # who writes never approves
    minutes_need_two: Mapped[bool] = mapped_column(default=False)  # who writes never approves
    retention_months: Mapped[int] = mapped_column(default=24)  # of who was registered, when held
    disposal_authority: Mapped[str] = mapped_column(sa.String(300), default="")  # the decision
    disposal_needs_two: Mapped[bool] = mapped_column(default=False)  # who proposes never approves
    version: Mapped[int] = mapped_column(default=0)  # raised by every change of settings
    audit_number: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(sa.String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AuditEntry(Base):
    """Who did what. One hash chain per organisation (decisions.md 26).

    `facts` holds ids and salted hashes of personal values, never the values: erasure must not
    break the chain.
    """

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(sa.String(40))  # "user:7", "participant:abc", "job", "cli"
    verb: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(60))  # "event:12"
    event_id: Mapped[int | None] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (sa.UniqueConstraint("organisation_id", "number"),)


class AuditReason(Base):
    """Why somebody did what an entry says, in free words: beside the chain, so that they can go
    (decisions.md 26). Disposal takes those that are about one supplier (meeting_erasure.py)."""

    __tablename__ = "audit_reason"
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_entry.id"), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
