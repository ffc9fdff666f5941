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
    """What one of the team takes down for themselves: no public record (TF 2 kap. 12 §), and gone
    when the minutes are approved. One per writer and meeting.

    `answers` are [question as it was asked, note] in the order of asking; the event's questions may
    be worded anew later. `text` is everything else.
    """

    __tablename__ = "meeting_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    writer_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_user.id"))
    answers: Mapped[list[list[str]]] = mapped_column(default=list)
    text: Mapped[str] = mapped_column(sa.Text)
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.UniqueConstraint("booking_id", "writer_id"),)


class Minutes(Base):
    """The minutes of one meeting: drafted, checked by the supplier, approved, then a record.

    `text` is what is being written; what the supplier reads is the last of `versions`.
    `check_until` is the supplier's last instant; silence until then is told in the minutes as such.
    What they answered is that of the check in progress: of earlier ones it stands in the version.
    `writer_ids` are the users who wrote any of it. `reason`: why approved ones are open again.
    """

    __tablename__ = "minutes"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), unique=True)
    booking: Mapped[Booking] = relationship()
    state: Mapped[str] = mapped_column(one_of("state", MinutesState), default=MinutesState.DRAFT)
    text: Mapped[str] = mapped_column(sa.Text, default="")  # Markdown; the newest version
    writer_ids: Mapped[list[int]] = mapped_column(default=list)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    check_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the supplier answered
    checked_by: Mapped[str] = mapped_column(sa.String(40), default="")  # "participant:abc"
    correction: Mapped[str] = mapped_column(sa.Text, default="")  # what the supplier says is wrong
    correction_answer: Mapped[str] = mapped_column(sa.Text, default="")  # what became of that
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
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
    """A text that somebody else has been shown: sent to the supplier, or approved. Never changed.

    When another one is sent, what the supplier had answered to this one is kept here. `reason`: why
    it takes the place of one that was approved before.
    """

    __tablename__ = "minutes_version"
    minutes_id: Mapped[int] = mapped_column(sa.ForeignKey("minutes.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    is_approved: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    checked_by: Mapped[str] = mapped_column(sa.String(40), default="")
    correction: Mapped[str] = mapped_column(sa.Text, default="")
    correction_answer: Mapped[str] = mapped_column(sa.Text, default="")


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
    number: Mapped[int | None]  # within the event, in the order of publishing
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id"))
    text: Mapped[Text]
    said_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    revision: Mapped[int] = mapped_column(default=0)

    __table_args__ = (sa.UniqueConstraint("event_id", "number"),)
