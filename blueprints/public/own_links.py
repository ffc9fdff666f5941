"""Secrets of own pages: made from a row, and what one opens."""

from blueprints.context import settings
from dialognav.db import db
from dialognav.models import Participant, Registration
from dialognav.queries.registrations import Own, access_own
from dialognav.tokens import PARTICIPANT, REGISTRATION, make_link


def own_secret(row: Registration | Participant) -> str:
    purpose = REGISTRATION if isinstance(row, Registration) else PARTICIPANT
    return make_link(settings().secret_key, purpose, row.public_id, row.generation)


def open_link(secret: str) -> Own:
    """NotFound for a wrong or revoked secret."""
    given = settings()
    return access_own(db.session(), (given.secret_key, *given.secret_key_fallbacks), secret)
