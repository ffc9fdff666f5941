"""That a worker runs, said every so often, so that its silence is noticed (mail/flow.py)."""

import os
import socket
from datetime import timedelta
from threading import Event

from sqlalchemy.dialects import postgresql, sqlite

from dialognav.clock import utcnow
from dialognav.db import unit_of_work
from dialognav.models import Worker

EVERY = timedelta(seconds=20)


def beat(_stopping: Event) -> bool:
    now = utcnow()
    with unit_of_work() as session:
        is_postgresql = session.get_bind().dialect.name == "postgresql"
        insert = (postgresql.insert if is_postgresql else sqlite.insert)(Worker)
        session.execute(
            insert.values(name=_name(), started_at=now, seen_at=now).on_conflict_do_update(
                index_elements=[Worker.name], set_={"seen_at": now}
            )
        )
    return False


def _name() -> str:
    """Of this process; asked for each time, since gunicorn forks."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"
