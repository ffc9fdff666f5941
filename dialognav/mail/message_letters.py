"""The letters of a message: each reader's own facts, not the text, which the message keeps."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from dialognav.mail.letters import Letter
from dialognav.mail.post import Post
from dialognav.mail.recipients import Recipient
from dialognav.mail.stationery import Stationery
from dialognav.models import Message

KIND = "message"


def message_letters(
    session: Session, message: Message, recipients: Sequence[Recipient], *, post: Post
) -> list[Letter]:
    """One for each of these recipients, in their order; at most two statements."""
    return []


def message_stream(message_id: int, participant_id: int) -> str:
    return f"message:{message_id}:{participant_id}"


def values_of(
    facts: Mapping[str, Any], language: str, recipient_name: str, stationery: Stationery
) -> dict[str, str]:
    """What the placeholders stand for in a letter with these facts, said in `language`."""
    return {}
