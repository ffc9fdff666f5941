"""For those who run the installation: health, and the demo mailbox."""

from datetime import timedelta
from functools import lru_cache

import sqlalchemy as sa
from flask import Blueprint, Flask, current_app
from flask.typing import ResponseReturnValue

from blueprints import mailbox
from blueprints.context import settings
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.mail.health import mail_health
from dialognav.mail.instance import is_held

bp = Blueprint("operation", __name__)

LATE = timedelta(minutes=10).total_seconds()
_UNCACHED = {"Cache-Control": "no-store"}


def register_mailbox(app: Flask) -> None:
    """Only when mail is kept in the database."""
    if app.config["SETTINGS"].mail_is_kept:
        app.register_blueprint(mailbox.bp)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Whether the process answers; asks nothing of the database."""
    return {"status": "ok"}, 200, _UNCACHED


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether visitors can be served: 200 or 503.

    Late or held mail is told but is no reason to turn visitors away.
    """
    try:
        schema = "ok" if _revision() == _newest() else "migrations are missing"
        mail = _mail() if schema == "ok" else "unknown"
        database = "ok"
    except sa.exc.SQLAlchemyError:
        current_app.logger.exception("readyz: the database does not answer")
        database, schema, mail = "unreachable", "unknown", "unknown"
    ready = database == schema == "ok"
    said = {"status": "ok" if ready else "unavailable"}
    said |= {"database": database, "schema": schema, "mail": mail}
    return said, 200 if ready else 503, _UNCACHED


def _mail() -> str:
    """'late' when a letter should have left ten minutes ago: is the worker running?"""
    session = db.session()
    if is_held(session, settings()):
        return "held"
    return "late" if mail_health(session, utcnow()).oldest_due > LATE else "ok"


def _revision() -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(db.session().connection()).get_current_revision()


@lru_cache(maxsize=1)
def _newest() -> str | None:
    """The head of migrations/, which a running process cannot outgrow."""
    from alembic.script import ScriptDirectory

    folder = current_app.extensions["migrate"].directory
    return ScriptDirectory(str(folder)).get_current_head()
