"""Takes out of an event's messages whom they were meant for, by name. What they said stays, and
that it was said: it is the same for everybody."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.audience import Audience, audience_from_json, audience_to_json
from dialognav.domain.terms import MessageState
from dialognav.models import Event, Message

_OVER = (MessageState.SENT, MessageState.STOPPED)


def forget_audiences(session: Session, event: Event) -> int:
    """Chosen people of the event's messages. How many messages had any.

    One that never left is meant for nobody from now on: without the people its criteria would
    count.
    """
    session.flush()
    number = 0
    for message in session.scalars(sa.select(Message).where(Message.event_id == event.id)):
        audience = audience_from_json(message.audience)
        number += bool(audience.people or message.approved_recipients)
        message.approved_recipients = None
        if message.state not in _OVER:
            audience = Audience(audience.events)
        message.audience = audience_to_json(audience) | {"people": []}
    return number
