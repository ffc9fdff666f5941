from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dialognav.db import Base, UTCDateTime, one_of
from dialognav.domain.terms import LetterStatus
from dialognav.models.labels import NOBODY

_STANDS = sa.text("cancelled_at IS NULL")
_TO_SOMEBODY = sa.text(f"recipient <> '{NOBODY}'")  # those whose readers were erased share one


class CalendarObject(Base):
    """One calendar entry in one person's calendar, or the public entry of an occasion.

    uid and organizer_address are fixed at the first send (calendar.md 2.0); SEQUENCE rises with
    each promised revision (decisions.md 8) and never falls: a feed or a download may have shown one
    that was taken back unsent. `content_hash` is that of the last promised revision, `mailed_*`
    what left last with the same facts, where later numbers were taken back; None, this revision.
    That of a one-to-one meeting has a `booking_id` instead of an occasion: one for each person on
    the supplier's side, and one for each `member_id` of the team.
    That of a series (`is_series`) covers all its occasions and hangs on the first of them. One that
    is `in_feed` was never mailed: the person has too many for a letter each.
    `partstat` is the answer that the entry shows; `refreshed_at`, when it was last sent on request.
    Of a meeting `answer_*` are SEQUENCE and DTSTAMP of that answer; those about a seat are there.
    """

    __tablename__ = "calendar_object"
    id: Mapped[int] = mapped_column(primary_key=True)
    # The sentinel lets SQLite, too, take a thousand new ones in one statement.
    uid: Mapped[str] = mapped_column(sa.String(120), unique=True, insert_sentinel=True)
    participant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant.id"))
    member_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team_member.id"))
    occasion_id: Mapped[int | None] = mapped_column(sa.ForeignKey("occasion.id"), index=True)
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id"))
    organizer_address: Mapped[str] = mapped_column(sa.String(254))
    sequence: Mapped[int] = mapped_column(default=0)
    dtstamp: Mapped[datetime] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    content_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    mailed_sequence: Mapped[int | None]
    mailed_dtstamp: Mapped[datetime | None] = mapped_column(UTCDateTime)
    partstat: Mapped[str] = mapped_column(sa.String(20), default="NEEDS-ACTION")
    partstat_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer_sequence: Mapped[int | None]
    answer_stamp: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_series: Mapped[bool] = mapped_column(default=False)
    in_feed: Mapped[bool] = mapped_column(default=False)
    refreshed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        sa.Index(
            "uq_calendar_object_live",
            "participant_id",
            "occasion_id",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
        sa.Index(
            "uq_calendar_object_guest",
            "booking_id",
            "participant_id",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
        sa.Index(
            "uq_calendar_object_host",
            "booking_id",
            "member_id",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
        sa.CheckConstraint("(occasion_id IS NULL) <> (booking_id IS NULL)", name="about_one"),
    )


class CalendarRevision(Base):
    """The bytes of one mailed revision, kept at first rendering: a repeat is identical."""

    __tablename__ = "calendar_revision"
    uid: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    method: Mapped[str] = mapped_column(sa.String(10))
    ics: Mapped[bytes] = mapped_column(sa.LargeBinary)


class Letter(Base):
    """One mail to one person: a promise written with the change that caused it.

    `lease` is the random name of the worker's claim; a letter is due again when it runs out. It
    stays on the letter until it is known that the letter did not leave.
    `priority`: 0 urgent, 1 ordinary, 2 bulk; the lowest number leaves first.
    """

    __tablename__ = "letter"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(32), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"))
    participant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("participant.id"))
    kind: Mapped[str] = mapped_column(sa.String(40))  # the folder under templates/mail/
    stream: Mapped[str] = mapped_column(sa.String(120))
    recipient: Mapped[str] = mapped_column(sa.String(254))
    recipient_name: Mapped[str] = mapped_column(sa.String(120), default="")
    language: Mapped[str] = mapped_column(sa.String(2))
    facts: Mapped[dict[str, Any] | None]
    status: Mapped[str] = mapped_column(one_of("status", LetterStatus))
    priority: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease: Mapped[str | None] = mapped_column(sa.String(32))
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.String(500), default="")
    bounced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # a report came back
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"))
    domain: Mapped[str] = mapped_column(sa.String(254), default="")  # the recipient's, for pace

    __table_args__ = (
        sa.Index(
            "uq_letter_message",
            "message_id",
            "recipient",
            unique=True,
            postgresql_where=_TO_SOMEBODY,
            sqlite_where=_TO_SOMEBODY,
        ),
        sa.Index("ix_letter_message", "message_id", "status"),
        sa.Index("ix_letter_participant", "participant_id", "message_id"),
        sa.Index("ix_letter_due", "status", "priority", "due_at"),
        sa.Index("ix_letter_sent_at", "sent_at"),
        sa.Index("ix_letter_stream", "stream", "status"),
        sa.Index("ix_letter_event", "event_id", "status"),
        sa.Index("ix_letter_organisation", "organisation_id", "status"),
    )


class UnsentChange(Base):
    """What the registered of an event were told last, while letters about an edit still wait.

    `before` is the event as it was before the first edit that has not left, for "discard".
    """

    __tablename__ = "unsent_change"
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    before: Mapped[dict[str, Any]]
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)


class KeptMail(Base):
    """A mail that MAIL_URL=sink:// kept instead of sending; shown at /dev/mail."""

    __tablename__ = "kept_mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    recipient: Mapped[str] = mapped_column(sa.String(254), index=True)
    subject: Mapped[str] = mapped_column(sa.String(500))
    raw: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)


class Instance(Base):
    """Which installation this database belongs to: a copy holds its mail (decisions.md 17).

    `batches` counts what was taken to be sent. The installation keeps the number beside the key,
    so that a database restored from a backup is seen to be behind.

    While no letter can leave, `outage_since` and `outage_reason` say so, and nobody tries before
    `outage_until`: one circuit breaker for all workers.
    """

    __tablename__ = "instance"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    base_url: Mapped[str] = mapped_column(sa.String(300))
    instance_key: Mapped[str] = mapped_column(sa.String(64))
    batches: Mapped[int] = mapped_column(default=0)
    outage_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outage_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outage_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    outages: Mapped[int] = mapped_column(default=0)  # failures in a row


class MailPace(Base):
    """From when the next letter may leave for a domain, or (`*`) at all (mail/pace.py)."""

    __tablename__ = "mail_pace"
    domain: Mapped[str] = mapped_column(sa.String(254), primary_key=True)
    free_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Worker(Base):
    """Something that runs the jobs, and when it was last heard of."""

    __tablename__ = "worker"
    name: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
