"""Alembic under Flask-Migrate: `flask --app app db upgrade`. The same steps on both databases."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from dialognav.db import Base, UTCDateTime


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Migrations name plain SQLAlchemy types: they must run after our own have changed."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def set_foreign_keys(connection: sa.Connection, *, on: bool) -> None:
    """SQLite changes some tables by making them anew, and cannot drop the old one while rows refer
    to it. Past SQLAlchemy, which would begin a transaction: inside one the pragma does nothing."""
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.cursor().execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def check_foreign_keys(connection: sa.Connection) -> None:
    """Nothing is committed that refers to a row that is not there."""
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        raise RuntimeError(f"rows that refer to nothing: {lost[:5]}")


with current_app.extensions["migrate"].db.engine.connect() as connection:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        set_foreign_keys(connection, on=False)
    try:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite:
                check_foreign_keys(connection)
        connection.commit()
    finally:
        if is_sqlite:
            connection.rollback()
            set_foreign_keys(connection, on=True)
