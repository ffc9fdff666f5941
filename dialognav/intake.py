"""A mail that came in, by whichever way: read outside a transaction, then taken in inside one."""

from dataclasses import dataclass

from config import Settings
from dialognav.actions.replies import receive
from dialognav.clock import utcnow
from dialognav.db import db, unit_of_work
from dialognav.domain.replies import read_mail
from dialognav.mail.instance import is_held
from dialognav.mail.post import Post


@dataclass(frozen=True, slots=True)
class Intake:
    """Where every mail passes. The same mail twice counts once."""

    settings: Settings

    def take(self, raw: bytes, recipient: str) -> None:
        """In an app context; `recipient` is "" where only the mail tells.

        Raises nothing for anything a mail may hold; of the database what it raises, and then
        nothing has been taken in.
        """
        ours = self.settings
        received = read_mail(raw, recipient=recipient, domain=ours.mail_domain)
        keys = (ours.secret_key, *ours.secret_key_fallbacks)
        with unit_of_work() as session:
            receive(session, received, raw, now=utcnow(), post=Post.of(ours), keys=keys)

    def is_open(self) -> bool:
        """Not in a copy of an installation, which would take the mail of the original
        (decisions.md 17)."""
        session = db.session()
        held = is_held(session, self.settings)
        session.rollback()
        return not held
