"""Which letters are the holder's of a link, and what of them is data about the holder."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import PrivacyWish
from dialognav.mail.letters import contact_stream
from dialognav.mail.message_streams import contact_of, is_to_contact
from dialognav.mail.messages import words
from dialognav.mail.privacy_letters import privacy_stream
from dialognav.models import Letter, Message, Participant
from dialognav.queries.registrations import Own


def letters_of(session: Session, own: Own, me: Participant | None) -> list[Letter]:
    """Letters to the holder of the link about this registration: never by address alone, which
    the contact may have changed to somebody else's."""
    mine = Letter.participant_id == (me.id if me is not None else -1)
    if own.is_contact:
        row_id = own.registration.id
        streams = [contact_stream(row_id), *(privacy_stream(row_id, wish) for wish in PrivacyWish)]
        mine = sa.or_(mine, Letter.stream.in_(streams), is_to_contact & (contact_of == row_id))
    return list(session.scalars(sa.select(Letter).where(mine).order_by(Letter.id)))


def letters_data(session: Session, letters: Sequence[Letter]) -> list[dict[str, Any]]:
    """That they were sent; of a message also what it said, as the organiser wrote it."""
    ids = {one.message_id for one in letters if one.message_id is not None}
    rows = session.scalars(sa.select(Message).where(Message.id.in_(ids))) if ids else ()
    messages: dict[int | None, Message] = {row.id: row for row in rows}
    return [_letter(one, messages.get(one.message_id)) for one in letters]


def _letter(one: Letter, message: Message | None) -> dict[str, Any]:
    sent_at = one.sent_at.isoformat() if one.sent_at else None
    data = {"kind": one.kind, "sent_at": sent_at, "status": str(one.status)}
    if message is None:
        return data
    said = words(message, one.language)
    return data | {"subject": said["subject"], "text": said["body"]}
