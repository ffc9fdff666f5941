"""One-to-one meetings over events: who is elsewhere is found at once; times note their zone's offset"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_DATED = ("slot", "meeting_break")


def upgrade() -> None:
    links = sa.Column("told_links", sa.JSON(none_as_null=True), nullable=False, server_default="[]")
    op.add_column("booking", links)
    nudged = sa.Column("meetings_nudged_at", sa.DateTime(timezone=True))
    op.add_column("registration", nudged)
    zone = sa.Column("own_zone", sa.String(64), nullable=False, server_default="")
    op.add_column("registration", zone)
    for column in ("email", "user_id"):
        op.create_index(op.f(f"ix_team_member_{column}"), "team_member", [column])
    for table in _DATED:
        op.add_column(table, sa.Column("start_offset", sa.Integer()))
        op.add_column(table, sa.Column("end_offset", sa.Integer()))
        _note_offsets(op.get_bind(), table)
    _add_proposals()
    op.create_table(
        "audit_reason",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["audit_entry.id"],
            name=op.f("fk_audit_reason_entry_id_audit_entry"),
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_reason")),
    )


def _note_offsets(connection: sa.Connection, table: str) -> None:
    """Seconds east of UTC in the event's zone, by the zone data of today (as 0003 for the days)."""
    dated = sa.table(
        table,
        *map(sa.column, ("id", "event_id", "start_offset", "end_offset")),
        sa.column("starts_at", sa.DateTime(timezone=True)),
        sa.column("ends_at", sa.DateTime(timezone=True)),
    )
    event = sa.table("event", sa.column("id"), sa.column("zone"))
    rows = connection.execute(
        sa.select(dated.c.id, dated.c.starts_at, dated.c.ends_at, event.c.zone).join(
            event, event.c.id == dated.c.event_id
        )
    ).all()
    noted = [
        {
            "of": id_,
            "start_offset": _offset(starts_at, zone),
            "end_offset": _offset(ends_at, zone),
        }
        for id_, starts_at, ends_at, zone in rows
    ]
    if noted:
        connection.execute(sa.update(dated).where(dated.c.id == sa.bindparam("of")), noted)


def _add_proposals() -> None:
    """What staff mean to answer by hand, when all were answered, and for whom the list ended."""
    op.execute(
        "ALTER TABLE meeting_request ADD COLUMN proposed_slot_id INTEGER "
        "CONSTRAINT fk_meeting_request_proposed_slot_id_slot REFERENCES slot (id)"
    )
    reason = sa.Column("proposed_reason", sa.String(500), nullable=False, server_default="")
    op.add_column("meeting_request", reason)
    op.add_column("meeting_request", sa.Column("closed_at", sa.DateTime(timezone=True)))
    op.add_column("meeting_rules", sa.Column("answered_at", sa.DateTime(timezone=True)))


def _offset(at: datetime, zone: str) -> int:
    instant = at if at.tzinfo else at.replace(tzinfo=UTC)  # SQLite gives it back without
    offset = instant.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def downgrade() -> None:
    op.drop_column("registration", "own_zone")
    op.drop_column("registration", "meetings_nudged_at")
    op.drop_column("booking", "told_links")
    op.drop_table("audit_reason")
    op.drop_column("meeting_rules", "answered_at")
    with op.batch_alter_table("meeting_request") as batch:  # SQLite drops no column that refers
        for column in ("closed_at", "proposed_reason", "proposed_slot_id"):
            batch.drop_column(column)
    for table in _DATED:
        op.drop_column(table, "end_offset")
        op.drop_column(table, "start_offset")
    for column in ("user_id", "email"):
        op.drop_index(op.f(f"ix_team_member_{column}"), "team_member")
