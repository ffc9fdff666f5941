"""A mailing as a letter to the one who writes it, before anybody else gets it."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from dialognav.actions.message_states import note, reached_by, require
from dialognav.domain.errors import NotReady
from dialognav.domain.message_rules import EDIT
from dialognav.i18n import gettext as _
from dialognav.i18n import speaking
from dialognav.mail.letters import URGENT
from dialognav.mail.message_letters import message_letters
from dialognav.mail.messages import words
from dialognav.mail.outbox import promise
from dialognav.mail.post import Post
from dialognav.models import lock_message
from dialognav.tokens import PARTICIPANT, new_public_id


@dataclass(frozen=True, slots=True)
class Reader:
    email: str
    name: str


def send_test(
    session: Session,
    message_id: int,
    to: Reader,
    as_reader: str,
    *,
    now: datetime,
    actor: str,
    post: Post,
) -> None:
    """The letter that one of its readers would get, to somebody else; NotReady without a reader.

    `as_reader`: the number of the reader, else it is the first. It counts as no letter of the
    message, its own link opens nothing, and it says that it is a test.
    """
    message = lock_message(session, message_id)
    require(EDIT, message)
    session.flush()
    reached = reached_by(session, message, now=now)
    if not reached:
        raise NotReady("audience")
    chosen = [one for one in reached if str(one.number) == as_reader]
    [letter] = message_letters(session, message, [*chosen, reached[0]][:1], post=post)
    said = words(message, letter.language)
    with speaking(letter.language):
        said["subject"] = _("Test: %(subject)s", subject=said["subject"])
    no_page = {"purpose": PARTICIPANT, "public_id": new_public_id(), "generation": 0}
    test = replace(
        letter,
        stream=f"message-test:{secrets.token_hex(8)}",
        recipient=to.email,
        recipient_name=to.name,
        facts={**letter.facts, "words": said, "link": no_page, "test_of": message.id},
        participant_id=None,
        message_id=None,
        priority=URGENT,
    )
    promise(session, [test], now=now, are_new=True)
    note(session, message, "message.tested", now=now, actor=actor)
