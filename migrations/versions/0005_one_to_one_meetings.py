"""One-to-one meetings: rules, tables, slots, bookings, wishes and draws, minutes, what all were told"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "hand_out",
            sa.Enum(
                "first_come",
                "wishes",
                "lot",
                "by_hand",
                name="hand_out",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after_asking", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("given", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("runs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_draw_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("public_id", name=op.f("uq_draw_public_id")),
    )
    op.create_index(op.f("ix_draw_event_id"), "draw", ["event_id"], unique=False)
    op.create_index(
        "uq_draw_in_force",
        "draw",
        ["event_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "meeting_rules",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "hand_out",
            sa.Enum(
                "first_come",
                "wishes",
                "lot",
                "by_hand",
                name="hand_out",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("gap_minutes", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("most_per_party", sa.Integer(), nullable=False),
        sa.Column("most_people", sa.Integer(), nullable=False),
        sa.Column("most_wishes", sa.Integer(), nullable=False),
        sa.Column("languages", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("text", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("fact_check_days", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "closes_at IS NULL OR closes_at > opens_at", name=op.f("ck_meeting_rules_closes_after")
        ),
        sa.CheckConstraint(
            "most_per_party > 0 AND most_people > 0 AND most_wishes > 0",
            name=op.f("ck_meeting_rules_limits"),
        ),
        sa.CheckConstraint(
            "slot_minutes > 0 AND gap_minutes >= 0", name=op.f("ck_meeting_rules_minutes")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_meeting_rules_event_id_event")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_meeting_rules")),
    )
    op.create_table(
        "meeting_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("topic", sa.JSON(none_as_null=True), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "on_site",
                "online",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("room", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("online_service", sa.String(length=60), nullable=False),
        sa.Column("online_url", sa.String(length=1000), nullable=False),
        sa.Column("lobby_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lobby_by_id", sa.Integer(), nullable=True),
        sa.Column("languages", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_meeting_table_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["lobby_by_id"], ["staff_user.id"], name=op.f("fk_meeting_table_lobby_by_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_table")),
        sa.UniqueConstraint("public_id", name=op.f("uq_meeting_table_public_id")),
    )
    op.create_index(op.f("ix_meeting_table_event_id"), "meeting_table", ["event_id"], unique=False)

    op.create_table(
        "team_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("away", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_team_member_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_team_member_user_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
        sa.UniqueConstraint("public_id", name=op.f("uq_team_member_public_id")),
    )
    op.create_index(op.f("ix_team_member_event_id"), "team_member", ["event_id"], unique=False)
    op.create_index(
        "uq_team_member_in_force",
        "team_member",
        ["event_id", "email"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
        sqlite_where=sa.text("removed_at IS NULL"),
    )

    op.create_table(
        "meeting_break",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.JSON(none_as_null=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meeting_break_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_meeting_break_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["meeting_table.id"], name=op.f("fk_meeting_break_table_id_meeting_table")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_break")),
    )
    op.create_index(op.f("ix_meeting_break_event_id"), "meeting_break", ["event_id"], unique=False)

    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "blocked",
                "removed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("block_reason", sa.String(length=300), nullable=False),
        sa.Column("online_url", sa.String(length=1000), nullable=False),
        sa.Column("deviation", sa.String(length=500), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_slot_ends_after_start")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_slot_event_id_event")),
        sa.ForeignKeyConstraint(
            ["table_id"], ["meeting_table.id"], name=op.f("fk_slot_table_id_meeting_table")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("public_id", name=op.f("uq_slot_public_id")),
    )
    op.create_index("ix_slot_event", "slot", ["event_id", "starts_at"], unique=False)
    op.create_index(
        "uq_slot_stands",
        "slot",
        ["table_id", "starts_at"],
        unique=True,
        postgresql_where=sa.text("state <> 'removed'"),
        sqlite_where=sa.text("state <> 'removed'"),
    )

    op.create_table(
        "table_staff",
        sa.Column("table_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "asks",
                "notes",
                "observes",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["team_member.id"], name=op.f("fk_table_staff_member_id_team_member")
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["meeting_table.id"], name=op.f("fk_table_staff_table_id_meeting_table")
        ),
        sa.PrimaryKeyConstraint("table_id", "member_id", name=op.f("pk_table_staff")),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "held",
                "offered",
                "booked",
                "attended",
                "no_show",
                "lapsed",
                "declined",
                "withdrawn",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("secret_marks", sa.Text(), nullable=False),
        sa.Column("secret_reason", sa.Text(), nullable=False),
        sa.Column("assigned_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_by_id"], ["staff_user.id"], name=op.f("fk_booking_assigned_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_booking_draw_id_draw")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_booking_event_id_event")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_booking_registration_id_registration"),
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["booking.id"], name=op.f("fk_booking_replaces_id_booking")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_booking_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("public_id", name=op.f("uq_booking_public_id")),
    )
    op.create_index("ix_booking_event", "booking", ["event_id", "state"], unique=False)
    op.create_index(
        op.f("ix_booking_registration_id"), "booking", ["registration_id"], unique=False
    )
    op.create_index("ix_booking_until", "booking", ["state", "until"], unique=False)
    op.create_index(
        "uq_booking_live_slot",
        "booking",
        ["slot_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('held', 'offered', 'booked', 'attended', 'no_show')"),
        sqlite_where=sa.text("state IN ('held', 'offered', 'booked', 'attended', 'no_show')"),
    )

    op.create_table(
        "interest_conflict",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["team_member.id"],
            name=op.f("fk_interest_conflict_member_id_team_member"),
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"],
            ["staff_user.id"],
            name=op.f("fk_interest_conflict_noted_by_id_staff_user"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_interest_conflict_registration_id_registration"),
        ),
        sa.PrimaryKeyConstraint("member_id", "registration_id", name=op.f("pk_interest_conflict")),
    )
    op.create_table(
        "meeting_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "offered",
                "served",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("queue_number", sa.Integer(), nullable=True),
        sa.Column("modes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("languages", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("away", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("people", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("secret_marks", sa.Text(), nullable=False),
        sa.Column("secret_reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_meeting_request_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_meeting_request_registration_id_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_meeting_request_public_id")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_meeting_request_registration_id")),
    )
    op.create_index(
        "ix_meeting_request_queue",
        "meeting_request",
        ["event_id", "state", "queue_number"],
        unique=False,
    )

    op.create_table(
        "slot_staff",
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "asks",
                "notes",
                "observes",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["team_member.id"], name=op.f("fk_slot_staff_member_id_team_member")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_staff_slot_id_slot")),
        sa.PrimaryKeyConstraint("slot_id", "member_id", name=op.f("pk_slot_staff")),
    )
    op.create_index(op.f("ix_slot_staff_member_id"), "slot_staff", ["member_id"], unique=False)

    op.create_table(
        "booking_person",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_person_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_booking_person_participant_id_participant"),
        ),
        sa.PrimaryKeyConstraint("booking_id", "participant_id", name=op.f("pk_booking_person")),
    )
    op.create_index(
        op.f("ix_booking_person_participant_id"), "booking_person", ["participant_id"], unique=False
    )

    op.create_table(
        "meeting_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("writer_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_meeting_note_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["writer_id"], ["staff_user.id"], name=op.f("fk_meeting_note_writer_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_note")),
        sa.UniqueConstraint(
            "booking_id", "writer_id", name=op.f("uq_meeting_note_booking_id_writer_id")
        ),
    )
    op.create_index(
        op.f("ix_meeting_note_booking_id"), "meeting_note", ["booking_id"], unique=False
    )

    op.create_table(
        "minutes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "fact_check",
                "checked",
                "approved",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("writer_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.String(length=40), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("correction_answer", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff_user.id"], name=op.f("fk_minutes_approved_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_minutes_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_minutes_booking_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_minutes_public_id")),
    )
    op.create_table(
        "shared_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_shared_item_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["staff_user.id"],
            name=op.f("fk_shared_item_created_by_id_staff_user"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_shared_item_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["staff_user.id"],
            name=op.f("fk_shared_item_published_by_id_staff_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_item")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_shared_item_event_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_shared_item_public_id")),
    )
    op.create_index(op.f("ix_shared_item_event_id"), "shared_item", ["event_id"], unique=False)

    op.create_table(
        "wish",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["meeting_request.id"], name=op.f("fk_wish_request_id_meeting_request")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_wish_slot_id_slot")),
        sa.PrimaryKeyConstraint("request_id", "rank", name=op.f("pk_wish")),
    )
    op.create_table(
        "minutes_version",
        sa.Column("minutes_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.String(length=40), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("correction_answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["staff_user.id"], name=op.f("fk_minutes_version_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_version_minutes_id_minutes")
        ),
        sa.PrimaryKeyConstraint("minutes_id", "number", name=op.f("pk_minutes_version")),
    )
    op.create_table(
        "secrecy_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("minutes_id", sa.Integer(), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_secrecy_mark_minutes_id_minutes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrecy_mark")),
    )
    op.create_index(
        op.f("ix_secrecy_mark_minutes_id"), "secrecy_mark", ["minutes_id"], unique=False
    )

    two = sa.Column("minutes_need_two", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("organisation", two)
    with op.batch_alter_table("inbound_mail") as batch_op:
        batch_op.add_column(sa.Column("booking_id", sa.Integer()))
        name = op.f("fk_inbound_mail_booking_id_booking")
        batch_op.create_foreign_key(name, "booking", ["booking_id"], ["id"])
    with op.batch_alter_table("calendar_object") as batch_op:
        for column, table in (("member_id", "team_member"), ("booking_id", "booking")):
            batch_op.add_column(sa.Column(column, sa.Integer()))
            name = op.f(f"fk_calendar_object_{column}_{table}")
            batch_op.create_foreign_key(name, table, [column], ["id"])
        batch_op.add_column(sa.Column("answer_sequence", sa.Integer()))
        batch_op.add_column(sa.Column("answer_stamp", sa.DateTime(timezone=True)))
        batch_op.alter_column("occasion_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_check_constraint(
            op.f("ck_calendar_object_about_one"), "(occasion_id IS NULL) <> (booking_id IS NULL)"
        )
    for name, person in (("guest", "participant_id"), ("host", "member_id")):
        op.create_index(
            f"uq_calendar_object_{name}",
            "calendar_object",
            ["booking_id", person],
            unique=True,
            postgresql_where=sa.text("cancelled_at IS NULL"),
            sqlite_where=sa.text("cancelled_at IS NULL"),
        )


def downgrade() -> None:
    op.execute("DELETE FROM calendar_object WHERE occasion_id IS NULL")
    op.drop_column("organisation", "minutes_need_two")
    with op.batch_alter_table("inbound_mail") as batch_op:
        name = op.f("fk_inbound_mail_booking_id_booking")
        batch_op.drop_constraint(name, type_="foreignkey")
        batch_op.drop_column("booking_id")
    for name in ("uq_calendar_object_host", "uq_calendar_object_guest"):
        op.drop_index(name, "calendar_object")
    with op.batch_alter_table("calendar_object") as batch_op:
        batch_op.drop_constraint(op.f("ck_calendar_object_about_one"), type_="check")
        for column, table in (("booking_id", "booking"), ("member_id", "team_member")):
            batch_op.drop_constraint(
                op.f(f"fk_calendar_object_{column}_{table}"), type_="foreignkey"
            )
            batch_op.drop_column(column)
        batch_op.drop_column("answer_sequence")
        batch_op.drop_column("answer_stamp")
        batch_op.alter_column("occasion_id", existing_type=sa.Integer(), nullable=False)
    for name in (
        "secrecy_mark",
        "minutes_version",
        "wish",
        "shared_item",
        "minutes",
        "meeting_note",
        "booking_person",
        "slot_staff",
        "meeting_request",
        "interest_conflict",
        "booking",
        "table_staff",
        "slot",
        "meeting_break",
        "team_member",
        "meeting_table",
        "meeting_rules",
        "draw",
    ):
        op.drop_table(name)
