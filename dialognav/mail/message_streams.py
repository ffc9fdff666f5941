"""The stream of each letter of a message: one for every message and reader."""

import sqlalchemy as sa

from dialognav.models import Letter, Participant, Registration


def message_stream(message_id: int, reader: int) -> str:
    """`reader` is the number that mail/recipients.py gives: below zero for a contact."""
    return f"message:{message_id}:{reader}"


_TO_A_CONTACT = sa.literal("message:") + sa.cast(Letter.message_id, sa.String) + sa.literal(":-")

contact_of: sa.ColumnElement[int | None] = sa.case(
    (
        Letter.participant_id.is_(None) & Letter.stream.startswith(_TO_A_CONTACT),
        sa.cast(sa.func.replace(Letter.stream, _TO_A_CONTACT, ""), sa.Integer),
    )
)
"""The id of the registration to whose contact a message's letter went; null for any other."""

is_to_contact = Letter.message_id.is_not(None) & Letter.participant_id.is_(None)
"""The same cheaply, by an index, as long as the reader is not erased: ask both."""


def has_moved() -> sa.ColumnElement[bool]:
    """Whether the reader has another address than the letter is to."""
    person = sa.exists().where(
        Participant.id == Letter.participant_id, Participant.email != Letter.recipient
    )
    contact = sa.exists().where(
        Registration.id == contact_of, Registration.contact_email != Letter.recipient
    )
    return person | (is_to_contact & contact)
