from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, Text, UTCDateTime, one_of
from dialognav.domain.terms import (
    LIVE,
    AnswerSource,
    Mode,
    NeedState,
    Origin,
    PartyKind,
    QueueReason,
    Review,
    Seat,
)
from dialognav.models.account import User
from dialognav.models.event import Event, Occasion
from dialognav.models.labels import Name
from dialognav.tokens import new_check_in_code, new_public_id

_LIVE = sa.text("state IN ({})".format(", ".join(f"'{state}'" for state in LIVE)))
_OFFERED = sa.text("state = 'offered'")
_NOT_WITHDRAWN = sa.text("withdrawn_at IS NULL")


class Registration(Base):
    """One party's sign-up to one event (decisions.md 1 and 3).

    A sole trader's identifier is a personal number: only its masked form is stored, and
    `party_key` holds its keyed hash (domain.md 5). `party_name_key` is the normalised name and mail
    domain, given also where there is a number: two parties that share it may be one.

    `approved` is what the reviewer saw: party, people and answers; an edit is compared with it.
    """

    __tablename__ = "registration"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    generation: Mapped[int] = mapped_column(default=0)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    event: Mapped[Event] = relationship()
    party_name: Mapped[str] = mapped_column(Name(200))
    party_identifier: Mapped[str] = mapped_column(sa.String(40), default="")
    party_country: Mapped[str] = mapped_column(sa.String(2), default="")
    party_kind: Mapped[str] = mapped_column(one_of("party_kind", PartyKind))
    party_key: Mapped[str] = mapped_column(sa.String(300))
    party_name_key: Mapped[str] = mapped_column(sa.String(300), default="")
    contact_name: Mapped[str] = mapped_column(Name(120))
    contact_email: Mapped[str] = mapped_column(sa.String(254))  # lower case
    contact_phone: Mapped[str] = mapped_column(sa.String(60), default="")
    language: Mapped[str] = mapped_column(sa.String(2))
    later_invitations: Mapped[bool] = mapped_column(default=False)
    message: Mapped[str] = mapped_column(sa.Text, default="")  # to the organiser
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    created_by: Mapped[User | None] = relationship(foreign_keys=created_by_id)
    origin: Mapped[str] = mapped_column(one_of("origin", Origin), default=Origin.OWN)
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_invitation.id"))
    invitation: Mapped["EventInvitation | None"] = relationship()
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registration.id"))
    merge_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # by the contact
    meetings_nudged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # to choose a time
    own_zone: Mapped[str] = mapped_column(sa.String(64), default="")  # chosen for digital meetings
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    review: Mapped[str] = mapped_column(one_of("review", Review), default=Review.NONE)
    review_reasons: Mapped[list[str]] = mapped_column(default=list)  # review, limit, changed
    review_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)
    decision_reason: Mapped[str] = mapped_column(sa.String(40), default="")  # a code
    decision_text: Mapped[Text] = mapped_column(default=dict)  # in addition, per language

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
        sa.Index("ix_registration_party_name", "event_id", "party_name_key"),
        sa.Index("ix_registration_review", "event_id", "review"),
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
    name: Mapped[str] = mapped_column(Name(120))
    email: Mapped[str] = mapped_column(sa.String(254), index=True)  # lower case
    title: Mapped[str] = mapped_column(sa.String(120), default="")
    mandate: Mapped[str] = mapped_column(sa.String(500), default="")
    check_in_code: Mapped[str] = mapped_column(sa.String(8), default=new_check_in_code)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant.id"))
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attendances: Mapped[list["Attendance"]] = relationship(
        order_by="Attendance.id", back_populates="participant"
    )
    diet: Mapped["Diet | None"] = relationship(cascade="all, delete-orphan")
    access_need: Mapped["AccessNeed | None"] = relationship(cascade="all, delete-orphan")

    __table_args__ = (sa.Index("uq_participant_check_in_code", "check_in_code", unique=True),)


class Diet(Base):
    """Health data (GDPR art. 9) in its own table: deleted after the event, in no export."""

    __tablename__ = "diet"
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id"), primary_key=True)
    need: Mapped[str] = mapped_column(sa.String(300))


class AccessNeed(Base):
    """A wish for an interpreter or other help, and what became of it; treated as health data."""

    __tablename__ = "access_need"
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id"), primary_key=True)
    need: Mapped[str] = mapped_column(sa.String(500))
    state: Mapped[str] = mapped_column(one_of("state", NeedState), default=NeedState.ASKED)
    answer_by: Mapped[date | None]
    answer: Mapped[str] = mapped_column(sa.String(500), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Attendance(Base):
    """A person's seat at an occasion, or place in its queue (decisions.md 4).

    `queue_number` is given per occasion and mode on entering the queue; no two have the
    same at one time. Changing mode keeps the old seat until the new one is confirmed, so two live
    rows may differ in mode.

    Pending holds no seat, except (`keeps_seat`) that of somebody who had one when an edit made a
    second review necessary; a queue number is kept in the same way. `declined` is a reviewer's no;
    whoever does without a place, also one that was only offered, has withdrawn.

    `partstat` is whether the participant says they come (RFC 5545 section 3.2.12), given by the
    calendar or on the web page; with SEQUENCE and DTSTAMP of the calendar's answer, of which the
    newest counts. A no from the calendar frees the seat at `declined_until`, unless revoked.
    """

    __tablename__ = "attendance"
    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    participant: Mapped[Participant] = relationship(back_populates="attendances")
    occasion_id: Mapped[int] = mapped_column(sa.ForeignKey("occasion.id"))
    occasion: Mapped[Occasion] = relationship()
    mode: Mapped[str] = mapped_column(one_of("mode", Mode))
    state: Mapped[str] = mapped_column(one_of("state", Seat))
    queue_number: Mapped[int | None]
    queue_reason: Mapped[str] = mapped_column(
        one_of("queue_reason", ("", *QueueReason)), default=""
    )
    keeps_seat: Mapped[bool] = mapped_column(default=False)
    offer_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state_at: Mapped[datetime] = mapped_column(UTCDateTime)
    partstat: Mapped[str] = mapped_column(sa.String(20), default="")  # "" until answered
    partstat_source: Mapped[str] = mapped_column(
        one_of("partstat_source", AnswerSource), default=AnswerSource.NONE
    )
    partstat_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    partstat_comment: Mapped[str] = mapped_column(sa.String(500), default="")
    partstat_sequence: Mapped[int | None]
    partstat_dtstamp: Mapped[datetime | None] = mapped_column(UTCDateTime)
    declined_until: Mapped[datetime | None] = mapped_column(UTCDateTime)

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
        sa.CheckConstraint("state <> 'offered' OR offer_ends_at IS NOT NULL", name="offer_end"),
        sa.CheckConstraint("state = 'pending' OR NOT keeps_seat", name="kept_seat"),
        sa.Index(
            "ix_attendance_declined",
            "declined_until",
            postgresql_where=sa.text("declined_until IS NOT NULL"),
            sqlite_where=sa.text("declined_until IS NOT NULL"),
        ),
        sa.Index(
            "ix_attendance_offer",
            "offer_ends_at",
            postgresql_where=_OFFERED,
            sqlite_where=_OFFERED,
        ),
    )


class PresenceMark(Base):
    """Somebody was there, or was not, as seen at one instant; the latest says the seat's state.

    `uid` is made where the mark is made, so that a mark sent twice over a bad line counts once.
    """

    __tablename__ = "presence_mark"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(sa.String(36), unique=True)
    attendance_id: Mapped[int] = mapped_column(sa.ForeignKey("attendance.id"), index=True)
    attendance: Mapped[Attendance] = relationship()
    state: Mapped[str] = mapped_column(
        one_of("state", (Seat.ATTENDED, Seat.NO_SHOW, Seat.CONFIRMED))
    )
    source: Mapped[str] = mapped_column(one_of("source", ("door", "code", "report", "after")))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))


class EventInvitation(Base):
    """A personal link to sign up for an event, in the name of the invited organisation."""

    __tablename__ = "event_invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    generation: Mapped[int] = mapped_column(default=0)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event: Mapped[Event] = relationship()
    party_name: Mapped[str] = mapped_column(Name(200))
    party_identifier: Mapped[str] = mapped_column(sa.String(40), default="")
    party_country: Mapped[str] = mapped_column(sa.String(2), default="")
    name: Mapped[str] = mapped_column(Name(120), default="")
    email: Mapped[str] = mapped_column(sa.String(254))  # lower case
    language: Mapped[str] = mapped_column(sa.String(2))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # promised to the outbox
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        sa.Index(
            "uq_event_invitation_email",
            "event_id",
            "email",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
            sqlite_where=sa.text("revoked_at IS NULL"),
        ),
    )


class StagedFile(Base):
    """A file between its upload and the word to go on, gone in a day; a visitor's has no user.

    Staff's is read anew for preview and for import; a visitor's stands in for the file field of a
    form that came back.
    """

    __tablename__ = "staged_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    purpose: Mapped[str] = mapped_column(one_of("purpose", ("answer", "participants", "presence")))
    filename: Mapped[str] = mapped_column(sa.String(200))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
