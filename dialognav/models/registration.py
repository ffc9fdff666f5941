from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, UTCDateTime, one_of
from dialognav.domain.terms import LIVE, Mode, PartyKind, Seat
from dialognav.models.account import User
from dialognav.models.event import Event, Occasion
from dialognav.tokens import new_public_id

_LIVE = sa.text("state IN ({})".format(", ".join(f"'{state}'" for state in LIVE)))
_NOT_WITHDRAWN = sa.text("withdrawn_at IS NULL")


class Registration(Base):
    """One party's sign-up to one event (decisions.md 1 and 3).

    A sole trader's identifier is a personal number: only its masked form is stored, and
    `party_key` holds its keyed hash (domain.md 5).
    """

    __tablename__ = "registration"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    generation: Mapped[int] = mapped_column(default=0)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    event: Mapped[Event] = relationship()
    party_name: Mapped[str] = mapped_column(sa.String(200))
    party_identifier: Mapped[str] = mapped_column(sa.String(40), default="")
    party_country: Mapped[str] = mapped_column(sa.String(2), default="")
    party_kind: Mapped[str] = mapped_column(one_of("party_kind", PartyKind))
    party_key: Mapped[str] = mapped_column(sa.String(300))
    contact_name: Mapped[str] = mapped_column(sa.String(120))
    contact_email: Mapped[str] = mapped_column(sa.String(254))  # lower case
    contact_phone: Mapped[str] = mapped_column(sa.String(60), default="")
    language: Mapped[str] = mapped_column(sa.String(2))
    later_invitations: Mapped[bool] = mapped_column(default=False)
    message: Mapped[str] = mapped_column(sa.Text, default="")  # to the organiser
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    created_by: Mapped[User | None] = relationship()
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    participants: Mapped[list["Participant"]] = relationship(
        order_by="Participant.position", back_populates="registration"
    )

    __table_args__ = (
        sa.Index(
            "uq_registration_live_contact",
            "event_id",
            "contact_email",
            unique=True,
            postgresql_where=_NOT_WITHDRAWN,
            sqlite_where=_NOT_WITHDRAWN,
        ),
        sa.Index("ix_registration_party", "event_id", "party_key"),
        sa.Index("ix_registration_contact_email", "contact_email"),
    )


class Participant(Base):
    """One person of a registration, with an own link and an own invitation."""

    __tablename__ = "participant"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    generation: Mapped[int] = mapped_column(default=0)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id"), index=True)
    registration: Mapped[Registration] = relationship(back_populates="participants")
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254), index=True)  # lower case
    title: Mapped[str] = mapped_column(sa.String(120), default="")
    accessibility_need: Mapped[str] = mapped_column(sa.String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant.id"))
    attendances: Mapped[list["Attendance"]] = relationship(
        order_by="Attendance.id", back_populates="participant"
    )
    diet: Mapped["Diet | None"] = relationship(cascade="all, delete-orphan")


class Diet(Base):
    """Health data (GDPR art. 9) in its own table: deleted after the event, in no export."""

    __tablename__ = "diet"
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id"), primary_key=True)
    need: Mapped[str] = mapped_column(sa.String(300))


class Attendance(Base):
    """A person's seat at an occasion, or place in its queue (decisions.md 4).

    `queue_number` is given per occasion and mode on entering the queue and never reused. Changing
    mode keeps the old seat until the new one is confirmed, so two live rows may differ in mode.
    """

    __tablename__ = "attendance"
    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id"))
    participant: Mapped[Participant] = relationship(back_populates="attendances")
    occasion_id: Mapped[int] = mapped_column(sa.ForeignKey("occasion.id"))
    occasion: Mapped[Occasion] = relationship()
    mode: Mapped[str] = mapped_column(one_of("mode", Mode))
    state: Mapped[str] = mapped_column(one_of("state", Seat))
    queue_number: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        sa.Index(
            "uq_attendance_live_mode",
            "participant_id",
            "occasion_id",
            "mode",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        sa.UniqueConstraint("occasion_id", "mode", "queue_number"),
        sa.Index("ix_attendance_seats", "occasion_id", "mode", "state"),
        sa.CheckConstraint("state <> 'waiting' OR queue_number IS NOT NULL", name="waiting_number"),
    )
