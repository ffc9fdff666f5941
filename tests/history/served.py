"""The app as a rush runs it: `tests.history.served:create_app()` for gunicorn and the worker.

Its clock can be moved from outside, its transactions have names in the ledger, and it may be given
one of the faults of faults.py. The product knows nothing of all this.
"""

import logging
import mmap
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from dialognav import clock

CLOCK = "HISTORY_CLOCK"  # a file with the seconds by which the app's clock is ahead
FAULT = "HISTORY_FAULT"
_SHIFT = struct.Struct("d")


def set_clock(path: Path, ahead: timedelta) -> None:
    """Every process that serves from now on believes in that time."""
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(_SHIFT.pack(ahead.total_seconds()))


def _move_clock(path: str) -> None:
    """Before anything of the app is imported: its modules take utcnow() by name."""
    with open(path, "rb") as file:
        shared = mmap.mmap(file.fileno(), _SHIFT.size, prot=mmap.PROT_READ)

    def utcnow() -> datetime:
        [ahead] = _SHIFT.unpack(shared[: _SHIFT.size])
        return datetime.now(UTC) + timedelta(seconds=ahead)

    clock.utcnow = utcnow


def create_app() -> Flask:
    """What gunicorn and `flask --app tests.history.served worker` find."""
    _move_clock(os.environ[CLOCK])
    from tests.history import faults

    faults.let_in(os.environ.get(FAULT, ""), setattr)
    import app as product
    from dialognav.db import db
    from dialognav.mail import claims
    from tests.history.ledger import name_transactions

    # No worker dies here, but the clock leaps over days while one has a letter in hand.
    claims.LEASE = claims.IN_HAND = timedelta(days=365)
    made = product.create_app()
    logging.disable(logging.INFO)  # a line for each of so many requests helps nobody
    with made.app_context():
        name_transactions(db.engine)
    return made
