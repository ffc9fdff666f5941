from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, UTCDateTime, one_of
from dialognav.domain.terms import InboundKind, InboundState
from dialognav.models.account import User
from dialognav.models.booking import Booking
from dialognav.models.event import Event
from dialognav.models.organisation import Organisation
from dialognav.models.registration import Attendance, Participant
from dialognav.tokens import new_public_id


class InboundMail(Base):
    """A mail that came in, what it was taken for, and what became of it (calendar.md 2.8).

    `fingerprint` makes a mail that is delivered twice count once. `reason` is a code of
    domain/replies.py. Everything else is as the sender wrote it, cleaned and cut; `raw` is all of
    it, at most 2 MB.
    """

    __tablename__ = "inbound_mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    fingerprint: Mapped[str] = mapped_column(sa.String(64), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id"), index=True
    )
    organisation: Mapped[Organisation | None] = relationship()
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event: Mapped[Event | None] = relationship()
    participant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    participant: Mapped[Participant | None] = relationship()
    attendance_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attendance.id"))
    attendance: Mapped[Attendance | None] = relationship()
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id"))
    booking: Mapped[Booking | None] = relationship()
    letter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letter.id"))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    recipient: Mapped[str] = mapped_column(sa.String(254), default="")
    sender: Mapped[str] = mapped_column(sa.String(254), default="")
    sender_name: Mapped[str] = mapped_column(sa.String(120), default="")
    subject: Mapped[str] = mapped_column(sa.String(300), default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")
    kind: Mapped[str] = mapped_column(one_of("kind", InboundKind))
    state: Mapped[str] = mapped_column(one_of("state", InboundState), index=True)
    reason: Mapped[str] = mapped_column(sa.String(40), default="")
    partstat: Mapped[str] = mapped_column(sa.String(20), default="")
    proposed_starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    proposed_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    handled_by: Mapped[User | None] = relationship()
    raw: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True, deferred_raiseload=True)


class DeadAddress(Base):
    """An address that a server has said does not exist. Nothing is mailed to it until cleared."""

    __tablename__ = "dead_address"
    address: Mapped[str] = mapped_column(sa.String(254), primary_key=True)  # lower case
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    status: Mapped[str] = mapped_column(sa.String(12), default="")  # RFC 3463, "5.1.1"
    diagnostic: Mapped[str] = mapped_column(sa.String(300), default="")
