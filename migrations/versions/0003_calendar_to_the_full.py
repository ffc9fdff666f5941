"""Calendar to the full: sessions and series, answers that come back, feeds, other calendars

Columns are added as in 0002: by ALTER TABLE with their constraints beside them.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dead_address",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("diagnostic", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_dead_address")),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(address = '') = (user_id IS NOT NULL)", name=op.f("ck_calendar_feed_whose")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_calendar_feed_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_calendar_feed_user_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_calendar_feed_fingerprint")),
        sa.UniqueConstraint("public_id", name=op.f("uq_calendar_feed_public_id")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_feed_address"), ["address"], unique=False)
        batch_op.create_index(batch_op.f("ix_calendar_feed_user_id"), ["user_id"], unique=False)

    op.create_table(
        "external_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("last_modified", sa.String(length=60), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["staff_user.id"],
            name=op.f("fk_external_calendar_created_by_id_staff_user"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_external_calendar_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_calendar")),
        sa.UniqueConstraint("public_id", name=op.f("uq_external_calendar_public_id")),
    )
    with op.batch_alter_table("external_calendar", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_external_calendar_due_at"), ["due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_external_calendar_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "event_host",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_host_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_event_host_user_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("event_id", "user_id", name=op.f("pk_event_host")),
    )
    op.create_table(
        "external_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=300), nullable=False),
        sa.Column("recurs_at", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_external_event_ends_in_time")),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["external_calendar.id"],
            name=op.f("fk_external_event_calendar_id_external_calendar"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_event")),
        sa.UniqueConstraint(
            "calendar_id",
            "uid",
            "recurs_at",
            name=op.f("uq_external_event_calendar_id_uid_recurs_at"),
        ),
    )
    with op.batch_alter_table("external_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_external_event_calendar_id"), ["calendar_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_external_event_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_external_event_starts_at"), ["starts_at"], unique=False
        )

    op.create_table(
        "staged_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("last_modified", sa.String(length=60), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_staged_calendar_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_staged_calendar_user_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_calendar")),
        sa.UniqueConstraint("public_id", name=op.f("uq_staged_calendar_public_id")),
    )
    with op.batch_alter_table("staged_calendar", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_staged_calendar_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "unsent_change",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_unsent_change_event_id_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_unsent_change")),
    )
    op.create_table(
        "inbound_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("attendance_id", sa.Integer(), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("sender_name", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reply",
                "counter",
                "refresh",
                "bounce",
                "automatic",
                "person",
                "unreadable",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "applied",
                "stale",
                "forwarded",
                "ignored",
                "done",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("partstat", sa.String(length=20), nullable=False),
        sa.Column("proposed_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by_id", sa.Integer(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attendance_id"],
            ["attendance.id"],
            name=op.f("fk_inbound_mail_attendance_id_attendance"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_inbound_mail_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["handled_by_id"],
            ["staff_user.id"],
            name=op.f("fk_inbound_mail_handled_by_id_staff_user"),
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_inbound_mail_letter_id_letter")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_inbound_mail_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_inbound_mail_participant_id_participant"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_mail")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_inbound_mail_fingerprint")),
        sa.UniqueConstraint("public_id", name=op.f("uq_inbound_mail_public_id")),
    )
    with op.batch_alter_table("inbound_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbound_mail_event_id"), ["event_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_inbound_mail_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inbound_mail_participant_id"), ["participant_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inbound_mail_received_at"), ["received_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_inbound_mail_state"), ["state"], unique=False)

    _widen_attendance()
    _widen_event()
    _widen_occasion()
    op.add_column(
        "calendar_object",
        sa.Column("is_series", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "calendar_object",
        sa.Column("in_feed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("calendar_object", sa.Column("refreshed_at", sa.DateTime(timezone=True)))
    op.add_column("letter", sa.Column("bounced_at", sa.DateTime(timezone=True)))


def _widen_attendance() -> None:
    op.execute(
        "ALTER TABLE attendance ADD COLUMN partstat_source VARCHAR(30) DEFAULT '' NOT NULL "
        "CONSTRAINT ck_attendance_partstat_source "
        "CHECK (partstat_source IN ('', 'calendar', 'web'))"
    )
    for column in (
        sa.Column("partstat", sa.String(20), nullable=False, server_default=""),
        sa.Column("partstat_at", sa.DateTime(timezone=True)),
        sa.Column("partstat_comment", sa.String(500), nullable=False, server_default=""),
        sa.Column("partstat_sequence", sa.Integer()),
        sa.Column("partstat_dtstamp", sa.DateTime(timezone=True)),
        sa.Column("declined_until", sa.DateTime(timezone=True)),
    ):
        op.add_column("attendance", column)
    given = sa.text("declined_until IS NOT NULL")
    op.create_index(
        "ix_attendance_declined",
        "attendance",
        ["declined_until"],
        postgresql_where=given,
        sqlite_where=given,
    )


def _widen_event() -> None:
    op.execute(
        "ALTER TABLE event ADD COLUMN attending VARCHAR(30) DEFAULT 'all' NOT NULL "
        "CONSTRAINT ck_event_attending CHECK (attending IN ('all', 'choose', 'series'))"
    )
    op.execute(
        "ALTER TABLE event ADD COLUMN sessions_most INTEGER "
        "CONSTRAINT ck_event_sessions_most CHECK (sessions_most > 0)"
    )
    op.execute(
        "ALTER TABLE event ADD COLUMN declining VARCHAR(30) DEFAULT 'ask' NOT NULL "
        "CONSTRAINT ck_event_declining CHECK (declining IN ('ask', 'keep', 'at_once'))"
    )
    recurrence = sa.Column("recurrence", sa.String(120), nullable=False, server_default="")
    op.add_column("event", recurrence)
    op.add_column("event", sa.Column("redated_at", sa.DateTime(timezone=True)))


def _widen_occasion() -> None:
    title = sa.Column("title", sa.JSON(none_as_null=True), nullable=False, server_default="{}")
    op.add_column("occasion", title)
    op.add_column("occasion", sa.Column("cancelled_at", sa.DateTime(timezone=True)))
    op.add_column("occasion", sa.Column("queue_closed_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE occasion SET queue_closed_at ="
        " (SELECT queue_closed_at FROM event WHERE event.id = occasion.event_id)"
    )
    reason = sa.Column("reason", sa.JSON(none_as_null=True), nullable=False, server_default="{}")
    op.add_column("occasion", reason)
    op.add_column("occasion", sa.Column("recurs_at", sa.DateTime(timezone=True)))
    op.add_column("occasion", sa.Column("start_offset", sa.Integer()))
    op.add_column("occasion", sa.Column("end_offset", sa.Integer()))
    _note_offsets(op.get_bind())


def _note_offsets(connection: sa.Connection) -> None:
    """Seconds east of UTC in the event's zone, by the zone data of today."""
    occasion = sa.table(
        "occasion",
        *map(sa.column, ("id", "event_id", "start_offset", "end_offset")),
        sa.column("starts_at", sa.DateTime(timezone=True)),
        sa.column("ends_at", sa.DateTime(timezone=True)),
    )
    event = sa.table("event", sa.column("id"), sa.column("zone"))
    rows = connection.execute(
        sa.select(occasion.c.id, occasion.c.starts_at, occasion.c.ends_at, event.c.zone).join(
            event, event.c.id == occasion.c.event_id
        )
    ).all()
    for id_, starts_at, ends_at, zone in rows:
        offsets = {
            "start_offset": _offset(starts_at, zone),
            "end_offset": _offset(ends_at, zone),
        }
        connection.execute(sa.update(occasion).where(occasion.c.id == id_).values(offsets))


def _offset(at: datetime, zone: str) -> int:
    instant = at if at.tzinfo else at.replace(tzinfo=UTC)  # SQLite gives it back without
    offset = instant.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def downgrade() -> None:
    op.drop_column("letter", "bounced_at")
    op.drop_column("calendar_object", "refreshed_at")
    op.drop_column("calendar_object", "in_feed")
    op.drop_column("calendar_object", "is_series")
    op.drop_column("occasion", "queue_closed_at")
    for name in ("end_offset", "start_offset", "recurs_at", "reason", "cancelled_at", "title"):
        op.drop_column("occasion", name)
    for name in ("redated_at", "recurrence", "declining", "sessions_most", "attending"):
        op.drop_column("event", name)
    op.drop_index("ix_attendance_declined", "attendance")
    for name in (
        "declined_until",
        "partstat_dtstamp",
        "partstat_sequence",
        "partstat_comment",
        "partstat_at",
        "partstat",
        "partstat_source",
    ):
        op.drop_column("attendance", name)
    for name in (
        "inbound_mail",
        "unsent_change",
        "staged_calendar",
        "external_event",
        "external_calendar",
        "event_host",
        "dead_address",
        "calendar_feed",
    ):
        op.drop_table(name)
