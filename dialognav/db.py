"""The database handle, the one place that commits, and column types that refuse loose values."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

IDLE = 1.0  # seconds after which a connection is asked whether it still stands
Text = dict[str, str]  # {language: words}, see decisions.md 7


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


_JSON = sa.JSON(none_as_null=True)
Base.registry.update_type_annotation_map(
    {dict[str, Any]: _JSON, Text: _JSON, list[str]: _JSON, list[int]: _JSON, list[list[str]]: _JSON}
)

db = SQLAlchemy(model_class=Base)


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An instant. Refuses a naive datetime, always returns one in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(name: str, values: Iterable[str]) -> sa.Enum:
    """A text column whose values the database checks; `name` is the constraint's."""
    return sa.Enum(
        *[str(value) for value in values],
        native_enum=False,
        create_constraint=True,
        name=name,
        length=30,
        validate_strings=True,
    )


def tune_sqlite(engine: sa.Engine) -> None:
    """WAL, foreign keys, durable commits, and BEGIN IMMEDIATE for writers only.

    Writers that begin deferred fail with "database is locked" when they upgrade; readers that
    begin immediate would queue behind each other (architecture.md 5, tried).
    """

    @sa.event.listens_for(engine, "connect")
    def connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we write BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "synchronous=FULL",
            "busy_timeout=30000",
            "cache_size=-8000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def ping_idle(engine: sa.Engine) -> None:
    """Ask a connection that was left alone whether its server is still there.

    Not at every use of it, as `pool_pre_ping` does: that is one question in five, and a server
    that ends is noticed by whoever is speaking with it.
    """

    @sa.event.listens_for(engine, "checkin")
    def checkin(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info["left_at"] = monotonic()

    @sa.event.listens_for(engine, "checkout")
    def checkout(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if monotonic() - entry.info.get("left_at", monotonic()) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """A request's changes, and the mails they promise, land together or not at all.

    Ends the read transaction the view began, so that what is read inside is read under the lock.
    """
    session = db.session()
    if session.info.get("working"):
        raise RuntimeError("units of work do not nest")
    session.rollback()
    session.info["working"] = True
    try:
        session.connection(execution_options={"writes": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["working"] = False


@sa.event.listens_for(Session, "before_flush")
def _refuse_stray_writes(session: Session, _context: object, _instances: object) -> None:
    """No GET changes anything: a flush outside a unit of work is a bug, not a write."""
    if not session.info.get("working"):
        raise RuntimeError("a change outside unit_of_work()")
