"""Alembic under Flask-Migrate: `flask --app app db upgrade`. The same steps on both databases."""

from typing import Any

from alembic import context
from flask import current_app

from dialognav.db import Base, UTCDateTime


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Migrations name plain SQLAlchemy types: they must run after our own have changed."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


with current_app.extensions["migrate"].db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
