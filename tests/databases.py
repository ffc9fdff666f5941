"""The two databases tests run on: schema made once per run by the migrations, then only emptied."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa

import config
from app import create_app
from dialognav.db import db
from tests.postgres import running_postgres

_RESTART_IDS = """
    SELECT setval(oid::regclass, 1, false) FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class SqliteDatabase:
    """A migrated file that tests copy."""

    template: Path

    def copy_to(self, path: Path) -> str:
        """Copy the empty database; returns its URL."""
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"


@dataclass(frozen=True)
class PostgresDatabase:
    """One migrated database of this test process, emptied before each test."""

    url: str
    engine: sa.Engine
    tables: tuple[str, ...]

    def empty(self) -> None:
        """Delete every row that a test left; ids begin at 1 again, as in a new SQLite file."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql("; ".join(f'DELETE FROM "{name}"' for name in self.tables))
            connection.exec_driver_sql(_RESTART_IDS)


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabase:
    """The migrated SQLite file of this run."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    migrate(f"sqlite:///{path}")
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return SqliteDatabase(path)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL whose user may create databases: TEST_DATABASE_URL, or one of our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield config.load({"DATABASE_URL": given, "SECRET_KEY": "x" * 32}).database_url
        return
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str, worker_id: str) -> Iterator[PostgresDatabase]:
    """The migrated PostgreSQL database of this test process."""
    with new_database(postgres_server, f"dialognav_test_{worker_id}") as url:
        migrate(url)
        engine = sa.create_engine(url)
        names = sa.inspect(engine).get_table_names()
        tables = tuple(sorted(name for name in names if name != "alembic_version"))
        yield PostgresDatabase(url, engine, tables)
        engine.dispose()


@contextmanager
def new_database(server: str, name: str) -> Iterator[str]:
    """Create an empty database on that server; yields its URL and drops it at the end."""
    administrator = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with administrator.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        url = sa.make_url(server).set(database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        with administrator.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def migrate(url: str) -> None:
    """Bring a database to the newest schema the way an installation does."""
    app = create_app(config.load({"DATABASE_URL": url, "SECRET_KEY": "x" * 32, "TESTING": "1"}))
    with app.app_context():
        flask_migrate.upgrade()
        for engine in db.engines.values():
            engine.dispose()
