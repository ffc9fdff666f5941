"""The fixtures of this directory's tests: the app on SQLite and on PostgreSQL."""

from tests.databases import postgres_database, postgres_server, sqlite_database
from tests.fixtures import app, cli, client, database_url, look, make_app, statements, work
from tests.integration.staff import sign_in, staff, staff_client

__all__ = [
    "app",
    "cli",
    "client",
    "database_url",
    "look",
    "make_app",
    "postgres_database",
    "postgres_server",
    "sign_in",
    "sqlite_database",
    "staff",
    "staff_client",
    "statements",
    "work",
]
