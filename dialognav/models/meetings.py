"""One-to-one meetings as the organiser plans them. Writers hold `lock_event` of the event."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, Text, UTCDateTime, one_of
from dialognav.domain.meeting_terms import HandOut, SlotState, TableRole
from dialognav.domain.terms import Mode
from dialognav.models.event import Event
from dialognav.models.labels import Name
from dialognav.tokens import new_public_id

_STANDS = sa.text("state <> 'removed'")
_IN_FORCE = sa.text("removed_at IS NULL")


class MeetingRules(Base):
    """How an event's one-to-one meetings are handed out and held; without a row it has none.

    From `published_at` on visitors read them, and a change is a change of rules: told to all, with
    its reason in the audit trail. `opens_at` is when booking or wishing begins, `closes_at` when
    wishing, booking and moving end (withdrawing never does before the meeting). `gap_minutes`, the
    team's own time after each meeting, belongs to no slot.
    """

    __tablename__ = "meeting_rules"
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    event: Mapped[Event] = relationship()
    hand_out: Mapped[str] = mapped_column(one_of("hand_out", HandOut), default=HandOut.FIRST_COME)
    slot_minutes: Mapped[int] = mapped_column(default=45)
    gap_minutes: Mapped[int] = mapped_column(default=15)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    most_per_party: Mapped[int] = mapped_column(default=1)  # meetings
    most_people: Mapped[int] = mapped_column(default=3)  # of a supplier in one meeting
    most_wishes: Mapped[int] = mapped_column(default=3)
    languages: Mapped[list[str]] = mapped_column(default=list)  # to be spoken, ISO 639-1
    text: Mapped[Text] = mapped_column(default=dict)  # how a meeting goes; Markdown
    fact_check_days: Mapped[int] = mapped_column(default=5)  # working days for the supplier
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    nudged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the last who had not chosen
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # by hand, all at once
    revision: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        sa.CheckConstraint("slot_minutes > 0 AND gap_minutes >= 0", name="minutes"),
        sa.CheckConstraint(
            "most_per_party > 0 AND most_people > 0 AND most_wishes > 0", name="limits"
        ),
        sa.CheckConstraint("closes_at IS NULL OR closes_at > opens_at", name="closes_after"),
    )


class TeamMember(Base):
    """One of the event's own people in the meetings: of the staff, or from outside (a user of what
    is bought, a consultant). `cleared_at`: when they declared to have no conflict of interest."""

    __tablename__ = "team_member"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"), index=True)
    name: Mapped[str] = mapped_column(Name(120))
    email: Mapped[str] = mapped_column(sa.String(254), index=True)  # lower case
    title: Mapped[str] = mapped_column(sa.String(120), default="")
    language: Mapped[str] = mapped_column(sa.String(2), default="sv")  # of letters
    cleared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    away: Mapped[list[list[str]]] = mapped_column(default=list)  # [[from, until], ...] instants
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        sa.Index(
            "uq_team_member_in_force",
            "event_id",
            "email",
            unique=True,
            postgresql_where=_IN_FORCE,
            sqlite_where=_IN_FORCE,
        ),
    )


class InterestConflict(Base):
    """A member of the team who may not meet a supplier, and why (never shown to a supplier)."""

    __tablename__ = "interest_conflict"
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("team_member.id"), primary_key=True)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.String(500))
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    noted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))


class MeetingTable(Base):
    """Where meetings are held one after the other: a room, or a digital link.

    A link of the table's own is every slot's, which is safe behind a lobby alone, where nobody
    walks in on a competitor: `lobby_by_id` confirmed that there is one.
    """

    __tablename__ = "meeting_table"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event: Mapped[Event] = relationship()
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[Text]  # {"sv": "Bord A"}
    topic: Mapped[Text] = mapped_column(default=dict)
    mode: Mapped[str] = mapped_column(one_of("mode", Mode), default=Mode.ON_SITE)
    room: Mapped[Text] = mapped_column(default=dict)
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    online_service: Mapped[str] = mapped_column(sa.String(60), default="")
    online_url: Mapped[str] = mapped_column(sa.String(1000), default="")
    lobby_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lobby_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    languages: Mapped[list[str]] = mapped_column(default=list)  # spoken here; [] = the rules'
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    staff: Mapped[list["TableStaff"]] = relationship(cascade="all, delete-orphan")


class TableStaff(Base):
    """Who is usually at a table. New slots begin with it; a slot's own people are SlotStaff."""

    __tablename__ = "table_staff"
    table_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_table.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("team_member.id"), primary_key=True)
    role: Mapped[str] = mapped_column(one_of("role", TableRole))
    member: Mapped[TeamMember] = relationship()


class MeetingBreak(Base):
    """A time without meetings, at one table or (None) at all of them: lunch, gathering thoughts."""

    __tablename__ = "meeting_break"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    table_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting_table.id"))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    start_offset: Mapped[int | None]  # as of a Slot
    end_offset: Mapped[int | None]
    title: Mapped[Text] = mapped_column(default=dict)

    __table_args__ = (sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),)


class Slot(Base):
    """A time at a table. Only an `open` one that is published can be taken.

    Slots that are added later become public together, at `published_at`, and can be booked from
    `opens_at` (None: as the rules say). `deviation` is why this one differs from the others.
    """

    __tablename__ = "slot"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    table_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_table.id"))
    table: Mapped[MeetingTable] = relationship()
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    start_offset: Mapped[int | None]  # seconds east of UTC when it was written (models/offsets.py)
    end_offset: Mapped[int | None]
    state: Mapped[str] = mapped_column(one_of("state", SlotState), default=SlotState.OPEN)
    block_reason: Mapped[str] = mapped_column(sa.String(300), default="")  # staff's own
    online_url: Mapped[str] = mapped_column(sa.String(1000), default="")  # who meets here alone
    deviation: Mapped[str] = mapped_column(sa.String(500), default="")
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    staff: Mapped[list["SlotStaff"]] = relationship(cascade="all, delete-orphan")

    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_slot_stands",
            "table_id",
            "starts_at",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
        sa.Index("ix_slot_event", "event_id", "starts_at"),
    )


class SlotStaff(Base):
    """Who is in this meeting, in which role. Nobody is at two tables at once."""

    __tablename__ = "slot_staff"
    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("slot.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(
        sa.ForeignKey("team_member.id"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(one_of("role", TableRole))
    member: Mapped[TeamMember] = relationship()
