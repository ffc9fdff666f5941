"""The app on two databases, for the tests that need it.

A test that takes `app`, or anything built on it, runs twice: on SQLite and on PostgreSQL, each time
on a database with the migrated schema and no rows. The conftest.py of a directory imports these.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

import config
from app import create_app
from dialognav.db import db, unit_of_work
from tests.databases import PostgresDatabase, SqliteDatabase

MakeApp = Callable[..., Flask]
Work = Callable[[], AbstractContextManager[Session]]


class _SharedTemplates(BytecodeCache):
    """Keeps compiled templates between the apps of one run: each test has an app of its own."""

    def __init__(self) -> None:
        self.kept: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self.kept[bucket.key] = bucket.code


_templates = _SharedTemplates()
_compile_route = Rule.compile
_routes: dict[tuple[object, ...], Rule] = {}


def _compile_route_once(rule: Rule) -> None:
    """Werkzeug parses each route of each app and generates code for it: always the same, and most
    of what a new app costs us.
    """
    key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, repr(rule.defaults))
    known = _routes.get(key)
    if known is None:
        _compile_route(rule)
        _routes[key] = rule
        return
    rule._parts, rule._trace, rule._converters = known._parts, known._trace, known._converters
    rule.arguments = known.arguments
    for name in ("_build", "_build_unknown"):
        setattr(rule, name, getattr(known, name).__func__.__get__(rule, None))


Rule.compile = _compile_route_once  # type: ignore[method-assign]

_statements: dict[type[sa.Dialect], tuple[sa.Dialect, Any]] = {}


def _share_statements(engine: sa.Engine) -> None:
    """Compiled SQL is kept by engine and dialect; ours are all alike, one for each test."""
    kind = type(engine.dialect)
    if kind not in _statements:
        engine.connect().close()  # at the first connection a dialect asks what the server can do
        _statements[kind] = engine.dialect, engine._compiled_cache
    engine.dialect, engine._compiled_cache = _statements[kind]


_pools: dict[sa.URL, sa.Pool] = {}


def _share_connections(engine: sa.Engine) -> None:
    """A new connection to PostgreSQL has to learn all of our tables first: a third of its work."""
    if engine.dialect.name == "postgresql":
        engine.pool = _pools.setdefault(engine.url, engine.pool)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database with the schema of the migrations."""
    if request.param == "sqlite":
        sqlite: SqliteDatabase = request.getfixturevalue("sqlite_database")
        yield sqlite.copy_to(tmp_path / "test.sqlite")
        return
    postgres: PostgresDatabase = request.getfixturevalue("postgres_database")
    postgres.empty()
    yield postgres.url


@pytest.fixture
def make_app(database_url: str, tmp_path: Path) -> Iterator[MakeApp]:
    """Builds the app with settings of the test's own: `make_app(JOBS="external")`."""
    made: list[Flask] = []

    def make(**environment: str) -> Flask:
        app = create_app(config.load(environment_of_tests(database_url, tmp_path) | environment))
        app.jinja_env.bytecode_cache = _templates
        with app.app_context():
            for engine in db.engines.values():
                _share_statements(engine)
                _share_connections(engine)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                if engine.pool not in _pools.values():
                    engine.dispose()


def environment_of_tests(database_url: str, data_dir: Path) -> dict[str, str]:
    """Settings that make answers immediate and repeatable; limits are tested by setting them."""
    return {
        "TESTING": "1",
        "SECRET_KEY": "not-a-secret-" * 4,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(data_dir),
        "BASE_URL": "http://localhost",
        "MAIL_URL": "sink://",
        "MAIL_DOMAIN": "dialog.example",
        "JOBS": "external",
        "QUIET_WINDOW": "0",
        "SIGNUP_MINIMUM_SECONDS": "0",
    }


@pytest.fixture
def app(clock: time_machine.Traveller, make_app: MakeApp) -> Flask:
    """The app on an empty database, at NOW."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor. Never hold an app context across its calls: they would share one session."""
    return app.test_client()


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    """`cli.invoke(args=["worker", "--once"])`"""
    return app.test_cli_runner()


@pytest.fixture
def work(app: Flask) -> Work:
    """`with work() as session:` changes rows and commits, as a view would."""

    @contextmanager
    def working() -> Iterator[Session]:
        with app.app_context(), unit_of_work() as session:
            yield session

    return working


@pytest.fixture
def look(app: Flask) -> Work:
    """`with look() as session:` reads rows as they stand now."""

    @contextmanager
    def looking() -> Iterator[Session]:
        with app.app_context():
            yield db.session()
            db.session.rollback()

    return looking


class Statements(list[str]):
    """The SQL that ran, without BEGIN and COMMIT."""


@pytest.fixture
def statements(app: Flask) -> Callable[[], AbstractContextManager[Statements]]:
    """`with statements() as ran: client.get(..)` then `assert len(ran) <= 6`."""

    @contextmanager
    def counting() -> Iterator[Statements]:
        ran = Statements()

        def note(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
            if not sql.startswith(("BEGIN", "PRAGMA")):
                ran.append(sql)

        with app.app_context():
            engine = db.engine
        app.extensions.pop(
            "dialognav.mail_flow", None
        )  # kept for seconds: asked for each time here
        sa.event.listen(engine, "before_cursor_execute", note)
        yield ran
        sa.event.remove(engine, "before_cursor_execute", note)

    return counting
