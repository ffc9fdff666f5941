"""The fixtures of these tests."""

from tests.databases import postgres_database, postgres_server, sqlite_database
from tests.fixtures import database_url

__all__ = ["database_url", "postgres_database", "postgres_server", "sqlite_database"]
