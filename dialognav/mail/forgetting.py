"""Letters whose reader is erased: that one was sent stays, to whom and what it said goes."""

import re
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from dialognav.domain.terms import LetterStatus, PrivacyWish
from dialognav.mail.bounce_addresses import DIGITS
from dialognav.mail.letters import contact_stream
from dialognav.mail.message_streams import contact_of, is_to_contact
from dialognav.mail.privacy_letters import privacy_stream
from dialognav.models import KeptMail, Letter
from dialognav.models.labels import NOBODY

_MESSAGE_ID = re.compile(rb"^Message-ID: <([0-9a-f]{32})@", re.MULTILINE)
_AT_ONCE = 5_000


def to_people(
    participant_ids: Collection[int], registration_ids: Collection[int]
) -> sa.ColumnElement[bool]:
    """Letters to these people, and to the contacts of these registrations."""
    streams = [
        stream
        for each in registration_ids
        for stream in (contact_stream(each), *(privacy_stream(each, w) for w in PrivacyWish))
    ]
    return sa.or_(
        Letter.participant_id.in_(participant_ids),
        Letter.stream.in_(streams),
        is_to_contact & contact_of.in_(registration_ids),
    )


def erase_letters(session: Session, which: sa.ColumnElement[bool], *, mailbox: bool = True) -> int:
    """Those that have left, or never will, and what the demo's mailbox kept of them. How many.

    One that waits keeps its address until it has left: jobs/housekeeping.py comes back for it,
    and leaves it in the `mailbox`, where somebody is to read it.
    """
    rows = session.execute(
        sa.select(Letter.id, Letter.public_id, Letter.recipient).where(
            which, Letter.status != LetterStatus.PENDING, Letter.recipient != NOBODY
        )
    ).all()
    for start in range(0, len(rows), _AT_ONCE):
        _blank(session, [row.id for row in rows[start : start + _AT_ONCE]])
    if mailbox:
        _empty_mailbox(session, {row.public_id for row in rows}, {row.recipient for row in rows})
    return len(rows)


def _blank(session: Session, ids: Collection[int]) -> None:
    """The stream of letters about links is made of the address."""
    session.execute(
        sa.update(Letter)
        .where(Letter.id.in_(ids))
        .values(
            recipient=NOBODY,
            recipient_name="",
            domain="",
            facts=None,
            last_error="",
            stream=sa.literal("erased:") + sa.cast(Letter.id, sa.String),
        )
        .execution_options(synchronize_session=False)
    )


def _empty_mailbox(session: Session, public_ids: Collection[str], recipients: set[str]) -> None:
    letters = {public_id[:DIGITS] for public_id in public_ids}
    for each in sorted(recipients):
        kept = sa.select(KeptMail).where(KeptMail.recipient == each)
        for mail in session.scalars(kept.options(undefer(KeptMail.raw))):
            found = _MESSAGE_ID.search(mail.raw.replace(b"\r\n", b"\n"))
            if found and found[1].decode()[:DIGITS] in letters:
                session.delete(mail)


def drop_unsent(session: Session, which: sa.ColumnElement[bool]) -> None:
    """There is nothing more to be told, unless the letter is in a worker's hand."""
    session.execute(
        sa.update(Letter)
        .where(which, Letter.status == LetterStatus.PENDING, Letter.leased_until.is_(None))
        .values(status=LetterStatus.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )
