"""Calls workers by Procrastinate's own tables (JOBS=procrastinate).

A call is no promise: what is to be done stands in the letters and events, and the worker looks for
it every few seconds in any case. So a call may be lost, or find nothing to do, and nothing is
written into the transaction that it follows.
"""

import logging
from collections.abc import Iterable

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session, SessionTransaction

from dialognav.db import db
from dialognav.jobs.lanes import Lane, lanes
from dialognav.mail.due import were_due

log = logging.getLogger(__name__)

SCHEMA = "procrastinate"
"""Of the database; apart from our tables, so that it can be made anew (procrastinate_tables.py)."""

_EXTENSION = "dialognav.woken"

_HERE = sa.text(f"SET LOCAL search_path TO {SCHEMA}")  # for its triggers, which tell the workers

# Not by its defer(): that fails where one waits already, and the server logs each such failure.
# One that a worker is just taking is waited for: what it may not have seen gets a call of its own.
_CALL = sa.text("""
    INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock)
    VALUES (:queue_name, :task_name, :queueing_lock)
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
""")


def register(app: Flask) -> None:
    """From now on, a letter that is due calls the workers once its transaction has ended."""
    if app.config["SETTINGS"].jobs == "procrastinate":
        woken = [lane for lane in lanes(app.extensions["dialognav.jobs"]) if lane.is_woken]
        app.extensions[_EXTENSION] = woken


def call(wanted: Iterable[Lane]) -> None:
    """Have the lanes' jobs run soon, unless each waits to be run already. In an app context, and
    outside any unit of work."""
    called = [
        {"queue_name": lane.name, "task_name": job.name, "queueing_lock": job.name}
        for lane in wanted
        for job in lane.jobs
    ]
    if called:
        with db.engine.begin() as connection:
            connection.execute(_HERE)
            connection.execute(_CALL, called)


@sa.event.listens_for(Session, "after_transaction_end")
def _call_for_letters(session: Session, transaction: SessionTransaction) -> None:
    """After the end, not in it: the letter can be seen, and the session holds no connection."""
    if transaction.parent is not None or not were_due(session):
        return
    woken = current_app.extensions.get(_EXTENSION)
    if not woken:
        return
    try:
        call(woken)
    except sa.exc.SQLAlchemyError as error:  # the letter leaves at the next look
        log.warning("workers could not be called: %s", type(error).__name__)
