"""Secrets of own pages: made from a row, and what one opens."""

from sqlalchemy.orm import Session

from blueprints.context import settings
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.models import Participant, Registration
from dialognav.queries.registrations import Own, access_own
from dialognav.rates import count_use, rate_key
from dialognav.tokens import PARTICIPANT, REGISTRATION, make_link

MAILS, HOUR = 20, 3600  # mails to typed addresses by one registration, in seconds


def own_secret(row: Registration | Participant) -> str:
    purpose = REGISTRATION if isinstance(row, Registration) else PARTICIPANT
    return make_link(settings().secret_key, purpose, row.public_id, row.generation)


def open_link(secret: str) -> Own:
    """NotFound for a wrong or revoked secret."""
    given = settings()
    return access_own(db.session(), (given.secret_key, *given.secret_key_fallbacks), secret)


def mail_key(own: Own) -> str:
    return rate_key("own", settings().secret_key, own.registration.public_id)


def count_mail(session: Session, key: str) -> None:
    """Each of these mails goes where a form says: TooMany when one registration causes too many."""
    count_use(session, key, limit=MAILS, window_seconds=HOUR, now=utcnow())
