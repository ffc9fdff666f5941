"""Registration to the full: review, offers, extra fields, the day itself, privacy

Columns are added by ALTER TABLE with their constraints beside them, which SQLite and PostgreSQL
both take. Alembic's batch mode would copy the tables on SQLite, and lose their CHECKs.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disposal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("diary_number", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["staff_user.id"],
            name=op.f("fk_disposal_hold_created_by_id_staff_user"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_disposal_hold_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"],
            ["staff_user.id"],
            name=op.f("fk_disposal_hold_released_by_id_staff_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal_hold")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disposal_hold_public_id")),
    )
    with op.batch_alter_table("disposal_hold", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_disposal_hold_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "disposal_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposal", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("authority", sa.String(length=300), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["staff_user.id"],
            name=op.f("fk_disposal_run_approved_by_id_staff_user"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_disposal_run_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["staff_user.id"],
            name=op.f("fk_disposal_run_proposed_by_id_staff_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disposal_run_public_id")),
    )
    with op.batch_alter_table("disposal_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_disposal_run_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "event_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("party_name", sa.String(length=200), nullable=False),
        sa.Column("party_identifier", sa.String(length=40), nullable=False),
        sa.Column("party_country", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["staff_user.id"],
            name=op.f("fk_event_invitation_created_by_id_staff_user"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_invitation_event_id_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_invitation_public_id")),
    )
    with op.batch_alter_table("event_invitation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_event_invitation_event_id"), ["event_id"], unique=False
        )
        batch_op.create_index(
            "uq_event_invitation_email",
            ["event_id", "email"],
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
            sqlite_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "form_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "text",
                "long_text",
                "number",
                "choice",
                "choices",
                "yes_no",
                "file",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "scope",
            sa.Enum(
                "registration",
                "person",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("label", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("help", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("condition_field_id", sa.Integer(), nullable=True),
        sa.Column("condition_value", sa.String(length=40), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["condition_field_id"],
            ["form_field.id"],
            name=op.f("fk_form_field_condition_field_id_form_field"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_form_field_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_form_field_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_field")),
        sa.UniqueConstraint("public_id", name=op.f("uq_form_field_public_id")),
    )
    with op.batch_alter_table("form_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_field_event_id"), ["event_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_form_field_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "staged_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "purpose",
            sa.Enum(
                "answer",
                "participants",
                "presence",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("options", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_staged_file_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_staged_file_user_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_staged_file_public_id")),
    )
    with op.batch_alter_table("staged_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staged_file_event_id"), ["event_id"], unique=False)

    op.create_table(
        "access_need",
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("need", sa.String(length=500), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "arranged",
                "not_possible",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_access_need_participant_id_participant"),
        ),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_access_need")),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("field_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["field_id"], ["form_field.id"], name=op.f("fk_answer_field_id_form_field")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_answer_participant_id_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_answer_registration_id_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "field_id", "participant_id", name=op.f("uq_answer_field_id_participant_id")
        ),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_field_id"), ["field_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_answer_participant_id"), ["participant_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_answer_registration_id"), ["registration_id"], unique=False
        )
        batch_op.create_index(
            "uq_answer_registration",
            ["field_id", "registration_id"],
            unique=True,
            postgresql_where=sa.text("participant_id IS NULL"),
            sqlite_where=sa.text("participant_id IS NULL"),
        )

    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column(
            "wish",
            sa.Enum(
                "rectify",
                "erase",
                name="wish",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "",
                "done",
                "partly",
                "refused",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handled_by_id"],
            ["staff_user.id"],
            name=op.f("fk_privacy_request_handled_by_id_staff_user"),
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_privacy_request_participant_id_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_privacy_request_registration_id_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_privacy_request_public_id")),
    )
    with op.batch_alter_table("privacy_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_privacy_request_registration_id"), ["registration_id"], unique=False
        )

    op.create_table(
        "answer_file",
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_answer_file_answer_id_answer")
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_answer_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_answer_file_public_id")),
    )
    op.create_table(
        "presence_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("attendance_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "attended",
                "no_show",
                "confirmed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "door",
                "code",
                "report",
                "after",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attendance_id"],
            ["attendance.id"],
            name=op.f("fk_presence_mark_attendance_id_attendance"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["staff_user.id"], name=op.f("fk_presence_mark_by_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_mark")),
        sa.UniqueConstraint("uid", name=op.f("uq_presence_mark_uid")),
    )
    with op.batch_alter_table("presence_mark", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_presence_mark_attendance_id"), ["attendance_id"], unique=False
        )

    _widen_attendance()
    _widen_event_and_organisation()
    _widen_registration()
    _widen_participant()


def _widen_attendance() -> None:
    op.execute(
        "ALTER TABLE attendance ADD COLUMN queue_reason VARCHAR(30) DEFAULT '' NOT NULL "
        "CONSTRAINT ck_attendance_queue_reason "
        "CHECK (queue_reason IN ('', 'full', 'behind', 'approved', 'mode', 'moved'))"
    )
    op.execute(
        "ALTER TABLE attendance ADD COLUMN keeps_seat BOOLEAN DEFAULT false NOT NULL "
        "CONSTRAINT ck_attendance_kept_seat CHECK (state = 'pending' OR NOT keeps_seat)"
    )
    op.execute(
        f"ALTER TABLE attendance ADD COLUMN offer_ends_at {_instant()} "
        "CONSTRAINT ck_attendance_offer_end "
        "CHECK (state <> 'offered' OR offer_ends_at IS NOT NULL)"
    )
    op.execute("UPDATE attendance SET queue_reason = 'full' WHERE state = 'waiting'")
    op.create_index("ix_attendance_participant_id", "attendance", ["participant_id"])
    op.create_index(
        "ix_attendance_offer",
        "attendance",
        ["offer_ends_at"],
        postgresql_where=sa.text("state = 'offered'"),
        sqlite_where=sa.text("state = 'offered'"),
    )


def _instant() -> str:
    return "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"


def _widen_event_and_organisation() -> None:
    op.execute(
        "ALTER TABLE event ADD COLUMN offer_hours INTEGER DEFAULT 24 NOT NULL "
        "CONSTRAINT ck_event_offer_hours CHECK (offer_hours > 0)"
    )
    op.execute(
        "ALTER TABLE event ADD COLUMN queue_ends_hours INTEGER DEFAULT 12 NOT NULL "
        "CONSTRAINT ck_event_queue_ends_hours CHECK (queue_ends_hours >= 0)"
    )
    no = sa.false()
    instant = sa.DateTime(timezone=True)
    for column in (
        sa.Column("offer_together", sa.Boolean(), nullable=False, server_default=no),
        sa.Column("queue_closed_at", instant),
        sa.Column("answers_until", instant),
        sa.Column("asks_mandate", sa.Boolean(), nullable=False, server_default=no),
        sa.Column("has_fields", sa.Boolean(), nullable=False, server_default=no),
        sa.Column("rules_changed_at", instant),
        sa.Column("retention_months", sa.Integer()),
        sa.Column("disposed_at", instant),
    ):
        op.add_column("event", column)
    months = sa.Column("retention_months", sa.Integer(), nullable=False, server_default="24")
    op.add_column("organisation", months)
    authority = sa.Column("disposal_authority", sa.String(300), nullable=False, server_default="")
    op.add_column("organisation", authority)
    two = sa.Column("disposal_needs_two", sa.Boolean(), nullable=False, server_default=no)
    op.add_column("organisation", two)


def _widen_registration() -> None:
    op.execute(
        "ALTER TABLE registration ADD COLUMN origin VARCHAR(30) DEFAULT 'own' NOT NULL "
        "CONSTRAINT ck_registration_origin "
        "CHECK (origin IN ('own', 'staff', 'import', 'walk_in'))"
    )
    op.execute(
        "ALTER TABLE registration ADD COLUMN review VARCHAR(30) DEFAULT '' NOT NULL "
        "CONSTRAINT ck_registration_review "
        "CHECK (review IN ('', 'pending', 'approved', 'declined', 'changed'))"
    )
    for name, table in (
        ("invitation_id", "event_invitation"),
        ("merged_into_id", "registration"),
        ("decided_by_id", "staff_user"),
    ):
        op.execute(
            f"ALTER TABLE registration ADD COLUMN {name} INTEGER "
            f"CONSTRAINT fk_registration_{name}_{table} REFERENCES {table} (id)"
        )
    text = {"nullable": False, "server_default": ""}
    instant = sa.DateTime(timezone=True)
    for column in (
        sa.Column("party_name_key", sa.String(300), **text),
        sa.Column("erased_at", instant),
        sa.Column("merge_asked_at", instant),
        sa.Column("review_reasons", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("review_since", instant),
        sa.Column("approved", sa.JSON()),
        sa.Column("decided_at", instant),
        sa.Column("decision_reason", sa.String(40), **text),
        sa.Column("decision_text", sa.JSON(), nullable=False, server_default="{}"),
    ):
        op.add_column("registration", column)
    op.execute("UPDATE registration SET origin = 'staff' WHERE created_by_id IS NOT NULL")
    op.execute("UPDATE registration SET party_name_key = party_key WHERE party_key LIKE 'name:%'")
    op.create_index("ix_registration_party_name", "registration", ["event_id", "party_name_key"])
    op.create_index("ix_registration_review", "registration", ["event_id", "review"])


def _widen_participant() -> None:
    text = {"nullable": False, "server_default": ""}
    op.add_column("participant", sa.Column("mandate", sa.String(500), **text))
    op.add_column("participant", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.add_column("participant", sa.Column("check_in_code", sa.String(8), **text))
    people = sa.table("participant", sa.column("id"), sa.column("check_in_code"))
    bind = op.get_bind()
    for person_id in bind.scalars(sa.select(people.c.id)).all():
        code = "".join(secrets.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(8))
        bind.execute(sa.update(people).where(people.c.id == person_id).values(check_in_code=code))
    op.create_index("uq_participant_check_in_code", "participant", ["check_in_code"], unique=True)
    op.execute(
        "INSERT INTO access_need (participant_id, need, state, answer) "
        "SELECT id, accessibility_need, 'asked', '' FROM participant "
        "WHERE accessibility_need <> ''"
    )
    op.drop_column("participant", "accessibility_need")


def downgrade() -> None:
    need = sa.Column("accessibility_need", sa.String(500), nullable=False, server_default="")
    op.add_column("participant", need)
    op.execute(
        "UPDATE participant SET accessibility_need = coalesce((SELECT need FROM access_need "
        "WHERE access_need.participant_id = participant.id), '')"
    )
    op.drop_index("uq_participant_check_in_code", "participant")
    op.drop_column("participant", "check_in_code")
    op.drop_column("participant", "erased_at")
    op.drop_column("participant", "mandate")
    op.drop_index("ix_registration_review", "registration")
    op.drop_index("ix_registration_party_name", "registration")
    for name in [
        "decision_text",
        "decision_reason",
        "decided_at",
        "approved",
        "review_since",
        "review_reasons",
        "merge_asked_at",
        "erased_at",
        "party_name_key",
        "review",
        "origin",
    ]:
        op.drop_column("registration", name)
    with op.batch_alter_table("registration") as batch:  # SQLite drops no column that refers
        for name in ("decided_by_id", "merged_into_id", "invitation_id"):
            batch.drop_column(name)
    for name in ("disposal_needs_two", "disposal_authority", "retention_months"):
        op.drop_column("organisation", name)
    for name in [
        "disposed_at",
        "retention_months",
        "rules_changed_at",
        "has_fields",
        "asks_mandate",
        "answers_until",
        "queue_closed_at",
        "offer_together",
        "queue_ends_hours",
        "offer_hours",
    ]:
        op.drop_column("event", name)
    op.drop_index("ix_attendance_participant_id", "attendance")
    op.drop_index("ix_attendance_offer", "attendance")
    for name in ("offer_ends_at", "keeps_seat", "queue_reason"):
        op.drop_column("attendance", name)
    for name in [
        "presence_mark",
        "answer_file",
        "privacy_request",
        "answer",
        "access_need",
        "staged_file",
        "form_field",
        "event_invitation",
        "disposal_run",
        "disposal_hold",
    ]:
        op.drop_table(name)
