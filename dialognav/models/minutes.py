"""What a meeting leaves: private notes, minutes that become a record, and what was told to all."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, Text, UTCDateTime, one_of
from dialognav.domain.meeting_terms import MinutesState
from dialognav.models.booking import Booking
from dialognav.models.event import Event
from dialognav.tokens import new_public_id


class MeetingNote(Base):
    """A working note of one of the team: not a public record, gone when the minutes are approved
    and the event is disposed of. One per writer and meeting."""

    __tablename__ = "meeting_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    writer_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_user.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.UniqueConstraint("booking_id", "writer_id"),)


class Minutes(Base):
    """The minutes of one meeting: drafted, checked by the supplier, approved, then a record.

    `check_until` is the supplier's last day; silence until then is told in the minutes as such.
    """

    __tablename__ = "minutes"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), unique=True)
    booking: Mapped[Booking] = relationship()
    state: Mapped[str] = mapped_column(one_of("state", MinutesState), default=MinutesState.DRAFT)
    text: Mapped[str] = mapped_column(sa.Text, default="")  # Markdown; the newest version
    writer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    check_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the supplier answered
    checked_by: Mapped[str] = mapped_column(sa.String(40), default="")  # "participant:abc"
    correction: Mapped[str] = mapped_column(sa.Text, default="")  # what the supplier says is wrong
    correction_answer: Mapped[str] = mapped_column(sa.Text, default="")  # what became of that
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    versions: Mapped[list["MinutesVersion"]] = relationship(
        order_by="MinutesVersion.number", cascade="all, delete-orphan"
    )
    marks: Mapped[list["SecrecyMark"]] = relationship(
        order_by="SecrecyMark.id", cascade="all, delete-orphan"
    )


class MinutesVersion(Base):
    """A text that somebody else has been shown: sent to the supplier, or approved."""

    __tablename__ = "minutes_version"
    minutes_id: Mapped[int] = mapped_column(sa.ForeignKey("minutes.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))


class SecrecyMark(Base):
    """A passage that the supplier marks as a possible trade secret, and why.

    A mark is no decision: whether it is secret is tested when somebody asks for the minutes
    (OSL 31 kap. 16 §). It is kept with them for that day.
    """

    __tablename__ = "secrecy_mark"
    id: Mapped[int] = mapped_column(primary_key=True)
    minutes_id: Mapped[int] = mapped_column(sa.ForeignKey("minutes.id"), index=True)
    passage: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text)
    marked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    marked_by: Mapped[str] = mapped_column(sa.String(40), default="")  # "participant:abc"


class SharedItem(Base):
    """Something said to one supplier that concerns all: the ledger of what was told, and when.

    Where it was said (`booking_id`) is never public. Drafts have no `published_at`.
    """

    __tablename__ = "shared_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event: Mapped[Event] = relationship()
    number: Mapped[int]  # within the event, in the order of writing
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id"))
    text: Mapped[Text]
    said_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    revision: Mapped[int] = mapped_column(default=0)

    __table_args__ = (sa.UniqueConstraint("event_id", "number"),)
