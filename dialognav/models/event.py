from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from dialognav.db import Base, Text, UTCDateTime, one_of
from dialognav.domain.terms import (
    Attending,
    Audience,
    Declining,
    EventState,
    Format,
    Kind,
    Phase,
    Promotion,
    Visibility,
)
from dialognav.models.organisation import Organisation
from dialognav.tokens import new_public_id


class Event(Base):
    """What an organisation arranges. Dates and places are its occasions' (decisions.md 2).

    `starts_at` and `ends_at` are the envelope of the occasions, written with them, so that lists
    sort and filter without a join. `write_count` rises at every locked change and names a version
    of everything public about the event; `revision` rises when its own text or settings change
    and tells two editors apart.
    """

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    organisation: Mapped[Organisation] = relationship()
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"))

    kind: Mapped[str] = mapped_column(one_of("kind", Kind), default=Kind.MARKET_DIALOGUE)
    phase: Mapped[str | None] = mapped_column(one_of("phase", Phase))
    audience: Mapped[str] = mapped_column(one_of("audience", Audience), default=Audience.SUPPLIERS)
    format: Mapped[str] = mapped_column(one_of("format", Format), default=Format.ON_SITE)
    state: Mapped[str] = mapped_column(one_of("state", EventState), default=EventState.DRAFT)
    visibility: Mapped[str] = mapped_column(
        one_of("visibility", Visibility), default=Visibility.PUBLIC
    )

    primary_language: Mapped[str] = mapped_column(sa.String(2), default="sv")
    stale_languages: Mapped[list[str]] = mapped_column(default=list)
    stale_texts: Mapped[list[str]] = mapped_column(default=list)  # ["en:need", ...]
    title: Mapped[Text] = mapped_column(default=dict)
    summary: Mapped[Text] = mapped_column(default=dict)
    need: Mapped[Text] = mapped_column(default=dict)  # Markdown
    effect: Mapped[Text] = mapped_column(default=dict)  # for citizens and users
    accessibility_note: Mapped[Text] = mapped_column(default=dict)
    language_note: Mapped[Text] = mapped_column(default=dict)
    cost_note: Mapped[Text] = mapped_column(default=dict)
    after_text: Mapped[Text] = mapped_column(default=dict)  # what we heard, once held; Markdown
    reason: Mapped[Text] = mapped_column(default=dict)  # why postponed or cancelled
    search_text: Mapped[str] = mapped_column(sa.Text, default="")

    diary_number: Mapped[str] = mapped_column(sa.String(60), default="")
    cpv: Mapped[list[str]] = mapped_column(default=list)  # ["85312000 Services ...", ...]
    region: Mapped[str] = mapped_column(sa.String(5), default="")  # NUTS

    zone: Mapped[str] = mapped_column(sa.String(64), default="Europe/Stockholm")
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    registration_opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    registration_closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    waiting_list: Mapped[bool] = mapped_column(default=True)
    promotion: Mapped[str] = mapped_column(
        one_of("promotion", Promotion), default=Promotion.CONFIRM
    )
    registration_review: Mapped[bool] = mapped_column(default=False)
    limit_per_party: Mapped[int | None]
    offer_hours: Mapped[int] = mapped_column(default=24)
    offer_together: Mapped[bool] = mapped_column(default=False)  # all of a registration, or none
    queue_ends_hours: Mapped[int] = mapped_column(default=12)  # before the start
    queue_closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # at every occasion
    answers_until: Mapped[datetime | None] = mapped_column(UTCDateTime)  # None: until the start
    asks_mandate: Mapped[bool] = mapped_column(default=False)
    has_fields: Mapped[bool] = mapped_column(default=False)  # a FormField in use, or an answer
    attending: Mapped[str] = mapped_column(one_of("attending", Attending), default=Attending.ALL)
    sessions_most: Mapped[int | None]  # that one person may choose; None: as many as there are
    recurrence: Mapped[str] = mapped_column(sa.String(120), default="")  # RRULE of a series
    declining: Mapped[str] = mapped_column(one_of("declining", Declining), default=Declining.ASK)
    redated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # everybody is asked again
    rules_changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    retention_months: Mapped[int | None]  # None: as the organisation's
    disposed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # names went by a run
    serves_food: Mapped[bool] = mapped_column(default=False)

    contact_name: Mapped[str] = mapped_column(sa.String(120), default="")
    contact_title: Mapped[str] = mapped_column(sa.String(120), default="")
    contact_email: Mapped[str] = mapped_column(sa.String(254), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(60), default="")
    contact_hours: Mapped[Text] = mapped_column(default=dict)

    publish_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    followers_found_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)  # last change worth telling readers
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    write_count: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)

    occasions: Mapped[list["Occasion"]] = relationship(
        order_by="Occasion.position", back_populates="event", cascade="all, delete-orphan"
    )
    programme: Mapped[list["ProgrammeItem"]] = relationship(
        order_by="ProgrammeItem.position", cascade="all, delete-orphan"
    )
    questions: Mapped[list["MarketQuestion"]] = relationship(
        order_by="MarketQuestion.position", cascade="all, delete-orphan"
    )
    milestones: Mapped[list["Milestone"]] = relationship(
        order_by="Milestone.position", cascade="all, delete-orphan"
    )

    __table_args__ = (
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("limit_per_party IS NULL OR limit_per_party > 0", name="party_limit"),
        sa.CheckConstraint("offer_hours > 0", name="offer_hours"),
        sa.CheckConstraint("queue_ends_hours >= 0", name="queue_ends_hours"),
        sa.CheckConstraint("sessions_most > 0", name="sessions_most"),
        # All that the version of a list reads (queries/event_sets.py), so that it reads no rows.
        sa.Index(
            "ix_event_public",
            "visibility",
            "state",
            "ends_at",
            "starts_at",
            "published_at",
            "changed_at",
            "write_count",
        ),
    )

    @property
    def live_occasions(self) -> list["Occasion"]:
        """The occasions that are not cancelled, in their order."""
        return [occasion for occasion in self.occasions if occasion.cancelled_at is None]

    @property
    def last_start(self) -> datetime | None:
        """When the last of them begins: until then there is something left to come to."""
        return max((each.starts_at for each in self.live_occasions), default=self.starts_at)


class Occasion(Base):
    """A dated part of an event. A capacity of None means no limit in that mode.

    `title` names one of several. `recurs_at` is its place in a series (RECURRENCE-ID, RFC 5545
    section 3.8.4.4), which stays when the occasion moves. The offsets are the zone's, in seconds
    east of UTC, when the times were written: with newer zone data they may no longer fit.
    """

    __tablename__ = "occasion"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event: Mapped[Event] = relationship(back_populates="occasions")
    position: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    all_day: Mapped[bool] = mapped_column(default=False)
    venue: Mapped[Text] = mapped_column(default=dict)
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    directions: Mapped[Text] = mapped_column(default=dict)  # "Hitta hit"
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    online_url: Mapped[str] = mapped_column(sa.String(1000), default="")  # the confirmed only
    online_service: Mapped[str] = mapped_column(sa.String(60), default="")  # "Teams"
    capacity_on_site: Mapped[int | None]
    capacity_online: Mapped[int | None]
    title: Mapped[Text] = mapped_column(default=dict)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    queue_closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the last letter went
    reason: Mapped[Text] = mapped_column(default=dict)  # why it is cancelled
    recurs_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    start_offset: Mapped[int | None]
    end_offset: Mapped[int | None]

    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("capacity_on_site IS NULL OR capacity_on_site >= 0", name="on_site"),
        sa.CheckConstraint("capacity_online IS NULL OR capacity_online >= 0", name="online"),
    )


class ProgrammeItem(Base):
    __tablename__ = "programme_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    position: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    title: Mapped[Text]
    text: Mapped[Text] = mapped_column(default=dict)
    is_break: Mapped[bool] = mapped_column(default=False)
    speakers: Mapped[list["Speaker"]] = relationship(
        order_by="Speaker.position", cascade="all, delete-orphan", lazy="selectin"
    )


class Speaker(Base):
    __tablename__ = "speaker"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_item_id: Mapped[int] = mapped_column(sa.ForeignKey("programme_item.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(120))
    title: Mapped[str] = mapped_column(sa.String(160), default="")
    organisation: Mapped[str] = mapped_column(sa.String(160), default="")


class MarketQuestion(Base):
    """A question the buyer asks the market; the same for all."""

    __tablename__ = "market_question"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    position: Mapped[int]
    text: Mapped[Text]
    help: Mapped[Text] = mapped_column(default=dict)


class Milestone(Base):
    """A step of the time plan that the phase stepper shows ("Sep 2027: notice in TED")."""

    __tablename__ = "milestone"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    position: Mapped[int]
    phase: Mapped[str] = mapped_column(one_of("phase", Phase))
    when: Mapped[Text]
    text: Mapped[Text]


class Document(Base):
    """A file of an event; what visitors get is its highest version."""

    __tablename__ = "document"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event: Mapped[Event] = relationship()
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[Text]
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    versions: Mapped[list["DocumentVersion"]] = relationship(
        order_by="DocumentVersion.number", cascade="all, delete-orphan"
    )


class DocumentVersion(Base):
    __tablename__ = "document_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    number: Mapped[int]
    filename: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True, deferred_raiseload=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.UniqueConstraint("document_id", "number"),)


def lock_event(session: Session, event_id: int) -> Event:
    """Make the writers of one event queue up until commit, and name a new version of it.

    An UPDATE, not SELECT FOR UPDATE: SQLite ignores the latter.
    """
    session.execute(
        sa.update(Event)
        .where(Event.id == event_id)
        .values(write_count=Event.write_count + 1)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(_LOCKED, {"event_id": event_id}).unique().one()


# Whoever locks an event goes on to its days, and mails in the organisation's name.
_LOCKED = (
    sa.select(Event)
    .where(Event.id == sa.bindparam("event_id"))
    .options(joinedload(Event.organisation, innerjoin=True), joinedload(Event.occasions))
    .execution_options(populate_existing=True)
)
