"""Letters that may leave at once say so, and whoever runs the workers hears of it.

A hint alone: a worker that does not hear it looks for letters by itself.
"""

from sqlalchemy.orm import Session

_KEY = "letters are due"


def letters_are_due(session: Session) -> None:
    """To be called in the transaction that writes them, or makes them due."""
    session.info[_KEY] = True


def were_due(session: Session) -> bool:
    """Once its transaction has ended; and then no more."""
    return bool(session.info.pop(_KEY, False))
