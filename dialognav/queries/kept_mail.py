"""The demo mailbox: mail that was kept instead of sent."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from dialognav.domain.errors import NotFound
from dialognav.models import KeptMail

PAGE = 50


def kept_mails(session: Session, recipient: str, before: int | None) -> list[KeptMail]:
    """The newest first, PAGE + 1 at most, so that the last one tells whether there are more."""
    wanted = sa.select(KeptMail).order_by(KeptMail.id.desc()).limit(PAGE + 1)
    if recipient:
        wanted = wanted.where(KeptMail.recipient.icontains(recipient, autoescape=True))
    if before is not None:
        wanted = wanted.where(KeptMail.id < before)
    return list(session.scalars(wanted))


def kept_mail(session: Session, mail_id: int) -> KeptMail:
    """One mail with its bytes; NotFound without it."""
    mail = session.get(KeptMail, mail_id, options=[undefer(KeptMail.raw)])
    if mail is None:
        raise NotFound
    return mail
