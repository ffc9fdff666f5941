"""Mail that was passed on to the organiser and did not arrive: it waits in the inbox again."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import InboundState
from dialognav.models import InboundMail

KIND = "mail_forwarded"
_STREAM = "inbox:"


def forwarded_stream(public_id: str) -> str:
    """The stream of the letter about one mail that came in."""
    return f"{_STREAM}{public_id}"


def open_again(session: Session, stream: str) -> None:
    """Nobody has read it, unless somebody has dealt with it in the inbox meanwhile."""
    session.execute(
        sa.update(InboundMail)
        .where(
            InboundMail.public_id == stream.removeprefix(_STREAM),
            InboundMail.state == InboundState.FORWARDED,
        )
        .values(state=InboundState.OPEN, reason="bounced")
        .execution_options(synchronize_session="fetch")
    )
