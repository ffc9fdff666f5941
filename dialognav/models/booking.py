"""One-to-one meetings as suppliers ask for and get them. Writers hold `lock_event` of the event."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialognav.db import Base, UTCDateTime, one_of
from dialognav.domain.meeting_terms import LIVE_BOOKING, BookingState, HandOut, RequestState
from dialognav.models.meetings import Slot
from dialognav.models.registration import Participant, Registration
from dialognav.tokens import new_public_id

_LIVE = sa.text("state IN ({})".format(", ".join(f"'{state}'" for state in LIVE_BOOKING)))
_IN_FORCE = sa.text("ended_at IS NULL")


class Booking(Base):
    """One supplier's hold on a slot: held while a form is filled in, offered, or booked.

    A move changes `slot_id`: the booking, and what stands in the calendars, stays the same one.
    What was offered or held and came to nothing stays as a row: it is the record of who was
    offered what, when. `until` ends a hold or an offer; `offered_at` stays with what began as one.
    """

    __tablename__ = "booking"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("slot.id"))
    slot: Mapped[Slot] = relationship()
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id"), index=True)
    registration: Mapped[Registration] = relationship()
    state: Mapped[str] = mapped_column(one_of("state", BookingState))
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    extensions: Mapped[int] = mapped_column(default=0)  # of the hold
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id"))  # held to move
    language: Mapped[str] = mapped_column(sa.String(2), default="")  # to be spoken
    topics: Mapped[str] = mapped_column(sa.Text, default="")  # what the supplier wants to raise
    secret_marks: Mapped[str] = mapped_column(sa.Text, default="")  # possible trade secrets in it
    secret_reason: Mapped[str] = mapped_column(sa.Text, default="")  # and why (OSL 31:16)
    assigned_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_user.id"))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")  # why it was given, or offered
    draw_id: Mapped[int | None] = mapped_column(sa.ForeignKey("draw.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    offered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    booked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    told_links: Mapped[list[str]] = mapped_column(default=list)  # of slots it has left
    people: Mapped[list["BookingPerson"]] = relationship(cascade="all, delete-orphan")

    __table_args__ = (
        sa.Index(
            "uq_booking_live_slot",
            "slot_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        sa.Index("ix_booking_event", "event_id", "state"),
        sa.Index("ix_booking_until", "state", "until"),
    )


class BookingPerson(Base):
    """Who comes to a meeting from the supplier, with a calendar entry of their own."""

    __tablename__ = "booking_person"
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("participant.id"), primary_key=True, index=True
    )
    participant: Mapped[Participant] = relationship()
    came: Mapped[bool | None]  # None: nobody has said


class MeetingRequest(Base):
    """A supplier's wish for a meeting: what a draw works on, and the waiting list of the event.

    `modes` and `languages` are what the supplier can take part in ([]: any); `away` when not. In
    the queue by `queue_number`, in the order in which they came or, after a draw, were drawn.
    By hand: staff propose a slot, or none, and why; nobody else knows before all are answered
    (actions/by_hand.py). `closed_at`: no more times were handed out, and it waits no more.
    """

    __tablename__ = "meeting_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registration.id"), unique=True)
    registration: Mapped[Registration] = relationship()
    state: Mapped[str] = mapped_column(one_of("state", RequestState), default=RequestState.WAITING)
    queue_number: Mapped[int | None]
    modes: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    away: Mapped[list[list[str]]] = mapped_column(default=list)  # [[from, until], ...] instants
    people: Mapped[list[int]] = mapped_column(default=list)  # participants who would come
    topics: Mapped[str] = mapped_column(sa.Text, default="")
    secret_marks: Mapped[str] = mapped_column(sa.Text, default="")
    secret_reason: Mapped[str] = mapped_column(sa.Text, default="")
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proposed_slot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("slot.id"))
    proposed_slot: Mapped[Slot | None] = relationship()
    proposed_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    wishes: Mapped[list["Wish"]] = relationship(order_by="Wish.rank", cascade="all, delete-orphan")

    __table_args__ = (sa.Index("ix_meeting_request_queue", "event_id", "state", "queue_number"),)


class Wish(Base):
    """A slot that a supplier wants; rank 1 most of all."""

    __tablename__ = "wish"
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_request.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("slot.id"))
    slot: Mapped[Slot] = relationship()


class Draw(Base):
    """One handing out by wishes or lot, which anybody can run again (domain/allocation.py).

    `commitment` is the SHA-256 of the seed, public before the deadline; the seed is shown when the
    result is. `given` is all that the calculation read, with suppliers by their public ids, and
    `result` what came of it: a preview until `published_at`. `runs` are all calculations, also
    those that others followed (domain/draw_runs.py). An event has one in force.
    """

    __tablename__ = "draw"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(12), unique=True, default=new_public_id)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    hand_out: Mapped[str] = mapped_column(one_of("hand_out", HandOut))
    commitment: Mapped[str] = mapped_column(sa.String(64))
    seed: Mapped[str] = mapped_column(sa.String(64))
    committed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    after_asking: Mapped[bool] = mapped_column(default=False)  # somebody had asked by then
    method: Mapped[str] = mapped_column(sa.String(40), default="")  # name and version
    given: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    result: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    runs: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON(none_as_null=True), default=list)
    drawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # given up before it was public
    end_reason: Mapped[str] = mapped_column(sa.String(500), default="")  # public, as the draw is

    __table_args__ = (
        sa.Index(
            "uq_draw_in_force",
            "event_id",
            unique=True,
            postgresql_where=_IN_FORCE,
            sqlite_where=_IN_FORCE,
        ),
    )
