from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, UTCDateTime, one_of
from dialognav.domain.terms import PrivacyWish
from dialognav.models.account import User
from dialognav.models.registration import Participant, Registration
from dialognav.tokens import new_public_id


class DisposalHold(Base):
    """Nothing of a diary number may go while this stands: somebody has asked for the documents."""

    __tablename__ = "disposal_hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    diary_number: Mapped[str] = mapped_column(sa.String(60))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    created_by: Mapped[User | None] = relationship(foreign_keys=created_by_id)
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    released_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    released_by: Mapped[User | None] = relationship(foreign_keys=released_by_id)


class DisposalRun(Base):
    """A proposal to pseudonymise, the dry run a named person approved, and what was done.

    `proposal` and `result` hold ids and numbers, never names: they are the log of disposal.
    """

    __tablename__ = "disposal_run"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    proposed_by: Mapped[User | None] = relationship(foreign_keys=proposed_by_id)
    proposal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    authority: Mapped[str] = mapped_column(sa.String(300), default="")  # the decision it rests on
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    approved_by: Mapped[User | None] = relationship(foreign_keys=approved_by_id)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PrivacyRequest(Base):
    """Somebody asks on the own page to have data put right or erased (GDPR art. 16 and 17)."""

    __tablename__ = "privacy_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id"), index=True)
    registration: Mapped[Registration] = relationship()
    participant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant.id"))
    participant: Mapped[Participant | None] = relationship()
    wish: Mapped[str] = mapped_column(one_of("wish", PrivacyWish))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    handled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    handled_by: Mapped[User | None] = relationship(foreign_keys=handled_by_id)
    outcome: Mapped[str] = mapped_column(
        one_of("outcome", ("", "done", "partly", "refused")), default=""
    )
    answer: Mapped[str] = mapped_column(sa.Text, default="")
