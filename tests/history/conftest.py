"""The fixtures of these tests; the machines run on one app for all their examples."""

from tests.databases import postgres_database, postgres_server, sqlite_database
from tests.fixtures import app, database_url, make_app

__all__ = [
    "app",
    "database_url",
    "make_app",
    "postgres_database",
    "postgres_server",
    "sqlite_database",
]
