"""Mail to attendees: messages, plans, templates, own words, followers, and how mail flows

Columns are added as in 0002: by ALTER TABLE with their constraints beside them.
"""

import base64
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_pace",
        sa.Column("domain", sa.String(length=254), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_mail_pace")),
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    op.create_table(
        "mail_refusal",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_mail_refusal_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "address", name=op.f("pk_mail_refusal")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("kinds", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("phases", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("cpv", sa.String(length=8), nullable=False),
        sa.Column("region", sa.String(length=5), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column(
            "frequency",
            sa.Enum(
                "at_once",
                "weekly",
                name="frequency",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_subscription_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("public_id", name=op.f("uq_subscription_public_id")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_email"), ["email"], unique=False)
        batch_op.create_index(
            "uq_subscription_live",
            ["email", "key"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "place",
            sa.Enum(
                "own_page",
                "followers",
                "ted",
                "mercell",
                "other",
                name="place",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_announcement_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["staff_user.id"], name=op.f("fk_announcement_noted_by_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_announcement_public_id")),
    )
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_announcement_event_id"), ["event_id"], unique=False)
        batch_op.create_index(
            "uq_announcement_ours",
            ["event_id", "place"],
            unique=True,
            postgresql_where=sa.text("noted_by_id IS NULL"),
            sqlite_where=sa.text("noted_by_id IS NULL"),
        )

    op.create_table(
        "followed_event",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_followed_event_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_followed_event_subscription_id_subscription"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "event_id", name=op.f("pk_followed_event")),
    )
    with op.batch_alter_table("followed_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_followed_event_told_at"), ["told_at"], unique=False)

    op.create_table(
        "letter_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("opening", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("closing", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"],
            ["staff_user.id"],
            name=op.f("fk_letter_text_changed_by_id_staff_user"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_letter_text_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_letter_text_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_text")),
    )
    with op.batch_alter_table("letter_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_text_event_id"), ["event_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_letter_text_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(
            "uq_letter_text_event",
            ["event_id", "kind"],
            unique=True,
            postgresql_where=sa.text("event_id IS NOT NULL"),
            sqlite_where=sa.text("event_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_letter_text_organisation",
            ["organisation_id", "kind"],
            unique=True,
            postgresql_where=sa.text("event_id IS NULL"),
            sqlite_where=sa.text("event_id IS NULL"),
        )

    op.create_table(
        "message_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reminder",
                "link",
                "thanks",
                "next",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at_wall", sa.String(length=5), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("evaluation_url", sa.String(length=1000), nullable=False),
        sa.Column("writer_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_message_plan_event_id_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_plan")),
        sa.UniqueConstraint(
            "event_id", "kind", "days", name=op.f("uq_message_plan_event_id_kind_days")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_plan_public_id")),
    )
    with op.batch_alter_table("message_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_plan_event_id"), ["event_id"], unique=False)

    op.create_table(
        "message_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "registration",
                "news",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_message_template_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_message_template_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_template_public_id")),
    )
    with op.batch_alter_table("message_template", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_template_event_id"), ["event_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_message_template_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "scheduled",
                "sending",
                "paused",
                "sent",
                "stopped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "purpose",
            sa.Enum(
                "registration",
                "news",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("primary_language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("audience", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approval_note", sa.String(length=500), nullable=False),
        sa.Column("writer_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("approved_recipients", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff_user.id"], name=op.f("fk_message_approved_by_id_staff_user")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff_user.id"], name=op.f("fk_message_author_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_message_event_id_event")),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["message.id"], name=op.f("fk_message_follows_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_message_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["message_plan.id"], name=op.f("fk_message_plan_id_message_plan")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"],
            ["staff_user.id"],
            name=op.f("fk_message_submitted_by_id_staff_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_due", ["state", "send_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_follows_id"), ["follows_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_message_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "message_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_attachment_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_attachment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_attachment_public_id")),
    )
    with op.batch_alter_table("message_attachment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_attachment_message_id"), ["message_id"], unique=False
        )

    op.create_table(
        "plan_run",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("occasion_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_plan_run_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["occasion_id"], ["occasion.id"], name=op.f("fk_plan_run_occasion_id_occasion")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["message_plan.id"], name=op.f("fk_plan_run_plan_id_message_plan")
        ),
        sa.PrimaryKeyConstraint("plan_id", "occasion_id", "starts_at", name=op.f("pk_plan_run")),
    )

    _widen_letter()
    _widen_instance()
    _widen_membership()
    op.add_column("calendar_object", sa.Column("mailed_sequence", sa.Integer()))
    op.add_column("calendar_object", sa.Column("mailed_dtstamp", sa.DateTime(timezone=True)))
    op.add_column("event", sa.Column("followers_found_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE event SET followers_found_at = published_at")  # nobody followed them
    _note_own_pages()
    op.add_column(
        "organisation",
        sa.Column("message_approval", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def _widen_letter() -> None:
    op.execute(
        "ALTER TABLE letter ADD COLUMN message_id INTEGER "
        "CONSTRAINT fk_letter_message_id_message REFERENCES message (id)"
    )
    domain = sa.Column("domain", sa.String(254), nullable=False, server_default="")
    op.add_column("letter", domain)
    to_somebody = sa.text("recipient <> 'erased@removed.invalid'")
    op.create_index(
        "uq_letter_message",
        "letter",
        ["message_id", "recipient"],
        unique=True,
        postgresql_where=to_somebody,
        sqlite_where=to_somebody,
    )
    op.create_index("ix_letter_message", "letter", ["message_id", "status"])
    op.create_index("ix_letter_participant", "letter", ["participant_id", "message_id"])
    op.create_index("ix_letter_sent_at", "letter", ["sent_at"])
    letter = sa.table("letter", *map(sa.column, ("domain", "recipient", "status")))
    if op.get_bind().dialect.name == "sqlite":
        name = sa.func.substr(letter.c.recipient, sa.func.instr(letter.c.recipient, "@") + 1)
    else:
        name = sa.func.split_part(letter.c.recipient, "@", 2)
    waits = letter.c.status == "pending"
    op.execute(letter.update().where(waits).values(domain=sa.func.lower(name)))


def _widen_instance() -> None:
    for column in (
        sa.Column("outage_since", sa.DateTime(timezone=True)),
        sa.Column("outage_until", sa.DateTime(timezone=True)),
        sa.Column("outage_reason", sa.String(300), nullable=False, server_default=""),
        sa.Column("outages", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("instance", column)


def _widen_membership() -> None:
    wants = sa.Column("wants_digest", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("membership", wants)
    op.execute(
        "ALTER TABLE membership ADD COLUMN stand_in_id INTEGER "
        "CONSTRAINT fk_membership_stand_in_id_membership REFERENCES membership (id)"
    )
    for name in ("digested_on", "away_from", "away_until"):
        op.add_column("membership", sa.Column(name, sa.Date()))


def _note_own_pages() -> None:
    """What everybody can see was announced on its own page when it was published."""
    seen = "SELECT id FROM event WHERE published_at IS NOT NULL AND visibility = 'public'"
    note = sa.text(
        "INSERT INTO announcement (public_id, event_id, place, name, reference, url, reached,"
        " announced_at, noted_at) SELECT :public_id, id, 'own_page', '', '', '', 0, published_at,"
        " published_at FROM event WHERE id = :id"
    )
    connection = op.get_bind()
    for event_id in connection.scalars(sa.text(seen)).all():
        public_id = base64.b32encode(secrets.token_bytes(8)).decode().lower()[:12]
        connection.execute(note, {"public_id": public_id, "id": event_id})


def downgrade() -> None:
    op.drop_column("organisation", "message_approval")
    op.drop_column("event", "followers_found_at")
    op.drop_column("calendar_object", "mailed_dtstamp")
    op.drop_column("calendar_object", "mailed_sequence")
    with op.batch_alter_table("membership") as batch_op:
        for name in ("away_until", "away_from", "digested_on", "stand_in_id", "wants_digest"):
            batch_op.drop_column(name)
    for name in ("outages", "outage_reason", "outage_until", "outage_since"):
        op.drop_column("instance", name)
    op.drop_index("ix_letter_sent_at", "letter")
    op.drop_index("ix_letter_participant", "letter")
    op.drop_index("ix_letter_message", "letter")
    op.drop_index("uq_letter_message", "letter")
    with op.batch_alter_table("letter") as batch_op:
        batch_op.drop_column("domain")
        batch_op.drop_column("message_id")
    for name in (
        "plan_run",
        "message_attachment",
        "message",
        "message_template",
        "message_plan",
        "letter_text",
        "followed_event",
        "announcement",
        "subscription",
        "mail_refusal",
        "mail_pace",
        "worker",
    ):
        op.drop_table(name)
