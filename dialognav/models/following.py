from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, UTCDateTime, one_of
from dialognav.domain.following import Published
from dialognav.domain.terms import AnnouncedAt, EventState, Frequency, Visibility
from dialognav.models.event import Event
from dialognav.models.organisation import Organisation
from dialognav.tokens import new_public_id


class Subscription(Base):
    """Somebody follows what is published, by mail: an organiser, kinds, phases, CPV, a region.

    Nothing is sent before `confirmed_at`: the mailed link (tokens.SUBSCRIPTION) has been answered.
    `key` is what is followed, in one string: one live subscription per address and key.
    `cpv` is the beginning of a code in digits, `region` of a NUTS code; empty means all.
    """

    __tablename__ = "subscription"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    email: Mapped[str] = mapped_column(sa.String(254), index=True)  # lower case
    language: Mapped[str] = mapped_column(sa.String(2))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation: Mapped[Organisation | None] = relationship()
    kinds: Mapped[list[str]] = mapped_column(default=list)
    phases: Mapped[list[str]] = mapped_column(default=list)
    cpv: Mapped[str] = mapped_column(sa.String(8), default="")
    region: Mapped[str] = mapped_column(sa.String(5), default="")
    key: Mapped[str] = mapped_column(sa.String(200))
    frequency: Mapped[str] = mapped_column(one_of("frequency", Frequency), default=Frequency.WEEKLY)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        sa.Index(
            "uq_subscription_live",
            "email",
            "key",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
    )


def left_together(rows: Sequence[Subscription]) -> list[Subscription]:
    """Those of an address that ended last, at the same moment: by one click."""
    last = max((row.ended_at for row in rows if row.ended_at), default=None)
    return [row for row in rows if last is not None and row.ended_at == last]


def published_of(event: Event) -> Published:
    """What of it decides who follows it."""
    return Published(
        event.organisation_id,
        str(event.kind),
        str(event.phase or ""),
        tuple(event.cpv or ()),
        event.region,
    )


def is_news(now: datetime) -> sa.ColumnElement[bool]:
    """Events that one may still sign up for, and everybody may know of."""
    return sa.and_(
        Event.state == EventState.PUBLISHED,
        Event.visibility == Visibility.PUBLIC,
        Event.starts_at > now,
        sa.func.coalesce(Event.registration_closes_at, Event.starts_at) > now,
    )


class FollowedEvent(Base):
    """A published event that a subscription is to be told of, or (`told_at`) has been."""

    __tablename__ = "followed_event"
    subscription_id: Mapped[int] = mapped_column(sa.ForeignKey("subscription.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    event: Mapped[Event] = relationship()
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)


class MailRefusal(Base):
    """An address that wants no news from an organiser; what it is registered to still comes."""

    __tablename__ = "mail_refusal"
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    address: Mapped[str] = mapped_column(sa.String(254), primary_key=True)  # lower case
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Announcement(Base):
    """Where and when an event was announced: the record of who could have known.

    What staff noted has `noted_by_id`; the own page and the mail to followers we note ourselves,
    each once. `reached` is how many followers have been told.
    """

    __tablename__ = "announcement"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    place: Mapped[str] = mapped_column(one_of("place", AnnouncedAt))
    name: Mapped[str] = mapped_column(sa.String(120), default="")  # of another place
    reference: Mapped[str] = mapped_column(sa.String(200), default="")
    url: Mapped[str] = mapped_column(sa.String(1000), default="")
    reached: Mapped[int] = mapped_column(default=0)
    announced_at: Mapped[datetime] = mapped_column(UTCDateTime)
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    noted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))  # None: by us

    __table_args__ = (
        sa.Index(
            "uq_announcement_ours",
            "event_id",
            "place",
            unique=True,
            postgresql_where=sa.text("noted_by_id IS NULL"),
            sqlite_where=sa.text("noted_by_id IS NULL"),
        ),
    )
