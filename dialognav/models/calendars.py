from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, UTCDateTime
from dialognav.models.account import User
from dialognav.models.organisation import Organisation
from dialognav.tokens import new_public_id


class CalendarFeed(Base):
    """A private calendar to subscribe to (calendar.md 2.7): of one mail address, or one of staff.

    `address` is lower case; that of staff is theirs at one organisation. An address asks for one,
    and the link that is mailed to it (tokens.CALENDAR) works until `expires_at`, once: it makes the
    secret, of which only the SHA-256 is kept, or revokes the calendar there was. A renewed one is a
    new row.
    """

    __tablename__ = "calendar_feed"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    fingerprint: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    address: Mapped[str] = mapped_column(sa.String(254), default="", index=True)
    language: Mapped[str] = mapped_column(sa.String(2), default="sv")
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)  # asked for, or made
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (sa.CheckConstraint("(address = '') = (user_id IS NOT NULL)", name="whose"),)


class EventHost(Base):
    """A member of staff who hosts an event."""

    __tablename__ = "event_host"
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_user.id"), primary_key=True)
    user: Mapped[User] = relationship()


class ExternalCalendar(Base):
    """Somebody else's calendar that an organisation lists; read again by a job.

    `failure` is a code of why the last reading failed; after many in a row it is `paused_at`, and
    its events are not listed until it is read again.
    """

    __tablename__ = "external_calendar"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    organisation: Mapped[Organisation] = relationship()
    name: Mapped[str] = mapped_column(sa.String(160))
    url: Mapped[str] = mapped_column(sa.String(1000))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the last that succeeded
    taken_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the last with content
    etag: Mapped[str] = mapped_column(sa.String(200), default="")
    last_modified: Mapped[str] = mapped_column(sa.String(60), default="")
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    failure: Mapped[str] = mapped_column(sa.String(40), default="")
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=0)  # rises when its events change
    events: Mapped[list["ExternalEvent"]] = relationship(
        order_by="ExternalEvent.starts_at", back_populates="calendar", cascade="all, delete-orphan"
    )


class ExternalEvent(Base):
    """One event of somebody else's calendar: plain text, cleaned and cut, and a link.

    `search_text` is NFC and casefolded, as that of our own. An event may end when it starts.
    """

    __tablename__ = "external_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_id: Mapped[int] = mapped_column(sa.ForeignKey("external_calendar.id"), index=True)
    calendar: Mapped[ExternalCalendar] = relationship(back_populates="events")
    uid: Mapped[str] = mapped_column(sa.String(300))
    recurs_at: Mapped[str] = mapped_column(sa.String(40), default="")  # RECURRENCE-ID or ""
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    all_day: Mapped[bool] = mapped_column(default=False)
    zone: Mapped[str] = mapped_column(sa.String(64))
    title: Mapped[str] = mapped_column(sa.String(300))
    text: Mapped[str] = mapped_column(sa.String(2000), default="")
    place: Mapped[str] = mapped_column(sa.String(300), default="")
    url: Mapped[str] = mapped_column(sa.String(1000), default="")
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    search_text: Mapped[str] = mapped_column(sa.Text, default="")

    __table_args__ = (
        sa.UniqueConstraint("calendar_id", "uid", "recurs_at"),
        sa.CheckConstraint("ends_at >= starts_at", name="ends_in_time"),
    )


class StagedCalendar(Base):
    """A calendar between the first look at it and the word to go on, gone in a day.

    With a `url` it was fetched from there and may be listed; without, it is a file, or was pasted,
    and its events may become drafts.
    """

    __tablename__ = "staged_calendar"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_user.id"))
    filename: Mapped[str] = mapped_column(sa.String(200), default="")
    url: Mapped[str] = mapped_column(sa.String(1000), default="")
    etag: Mapped[str] = mapped_column(sa.String(200), default="")
    last_modified: Mapped[str] = mapped_column(sa.String(60), default="")
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
