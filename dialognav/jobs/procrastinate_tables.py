"""Procrastinate's tables, in a schema of their own that the worker makes when it starts.

Not by a migration: they belong to the package and change with it. Nothing in them is of worth, so
another version's are thrown away instead of brought up to date.
"""

from importlib.metadata import version

import sqlalchemy as sa
from packaging.version import Version
from procrastinate.schema import SchemaManager

from dialognav.jobs.wake_ups import SCHEMA

_LOCK = 4_730_119  # ours among the advisory locks of the database

_MADE_BY = sa.text(f"SELECT obj_description(to_regnamespace('{SCHEMA}'), 'pg_namespace')")


class NewerTables(Exception):
    """Workers of a newer version run on this database."""


def make_tables(engine: sa.Engine) -> None:
    """Make them where they are missing or of an older version; of workers that start at once, one.

    Raises NewerTables; sqlalchemy.exc.ProgrammingError when the database's user may make no schema.
    """
    ours = version("procrastinate")
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        made_by = connection.scalar(_MADE_BY)
        if made_by == ours:
            return
        if made_by and Version(made_by) > Version(ours):
            raise NewerTables(made_by)
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
        connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{ours}'")
        connection.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
        connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
