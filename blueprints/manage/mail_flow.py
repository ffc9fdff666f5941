"""On every page of the organiser's: that mail does not flow, when it does not."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from blueprints.context import settings
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.mail import flow

_KEPT = timedelta(seconds=5)
_EXTENSION = "dialognav.mail_flow"


def in_context() -> dict[str, Any]:
    """For the layout; what was seen is believed for some seconds."""
    now = utcnow()
    looked_at, trouble = current_app.extensions.get(_EXTENSION, (None, None))
    if not _is_fresh(looked_at, now):
        trouble = flow.look(db.session(), settings(), now=now).trouble(now)
        current_app.extensions[_EXTENSION] = now, trouble
    return {"mail_trouble": trouble}


def _is_fresh(looked_at: datetime | None, now: datetime) -> bool:
    return looked_at is not None and timedelta() <= now - looked_at < _KEPT
