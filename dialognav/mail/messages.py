"""The words of a message, and its attachments, for letters that are about to leave.

They are kept once, with the message, whose text is frozen while it is being sent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.db import Text
from dialognav.mail.attachments import Attachment
from dialognav.mail.claims import Claimed
from dialognav.models import Message, MessageAttachment

_Files = tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A message in one reader's hand; `language` is that of its words, if need be another."""

    subject: str
    body: str
    language: str


def said_in(subject: Text, body: Text, language: str, primary: str) -> Said:
    """The words for a reader: subject and body in one language, the reader's where both are."""
    known = list(dict.fromkeys((language, primary, "en", *body, *subject)))
    for texts in ((subject, body), (body,), (subject,)):
        for code in known:
            if all(text.get(code) for text in texts):
                return Said(subject.get(code, ""), body.get(code, ""), code)
    return Said("", "", language)


def fill(session: Session, letters: Sequence[Claimed]) -> list[Claimed]:
    """The same letters; those of a message with its words in the facts, and its attachments.

    A test of a message that is still being written (`test_of`) has the words of its moment. Two
    statements, whatever the number; none where no letter is of a message.
    """
    ids = {number for one in letters if (number := _whose(one)) is not None}
    if not ids:
        return list(letters)
    texts = _texts(session, ids)
    files = _attachments(session, ids)
    return [_filled(one, texts, files) for one in letters]


def _whose(one: Claimed) -> int | None:
    """The id of the message that a letter is of, or tries out."""
    return one.message_id if one.message_id is not None else one.facts.get("test_of")


def _filled(one: Claimed, texts: Mapping[int, Any], files: Mapping[int, _Files]) -> Claimed:
    number = _whose(one)
    if number is None:
        return one
    facts = one.facts
    if one.message_id is not None:
        facts = {**facts, "words": words(texts[number], one.language)}
    return replace(one, facts=facts, attachments=files.get(number, ()))


def words(message: Any, language: str) -> dict[str, str]:
    """The fact that holds what a message (or a row with its texts) says to a reader."""
    said = said_in(message.subject, message.body, language, message.primary_language)
    return {"subject": said.subject, "body": said.body, "language": said.language}


def _texts(session: Session, ids: Collection[int]) -> dict[int, Any]:
    rows = session.execute(
        sa.select(Message.id, Message.subject, Message.body, Message.primary_language).where(
            Message.id.in_(ids)
        )
    )
    return {row.id: row for row in rows}


def _attachments(session: Session, ids: Collection[int]) -> dict[int, _Files]:
    rows = session.execute(
        sa.select(
            MessageAttachment.message_id,
            MessageAttachment.filename,
            MessageAttachment.media_type,
            MessageAttachment.content,
        )
        .where(MessageAttachment.message_id.in_(ids))
        .order_by(MessageAttachment.message_id, MessageAttachment.position, MessageAttachment.id)
    )
    found: dict[int, _Files] = {}
    for row in rows:
        file = Attachment(row.filename, row.media_type, row.content)
        found[row.message_id] = (*found.get(row.message_id, ()), file)
    return found
