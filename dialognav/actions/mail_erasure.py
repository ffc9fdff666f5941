"""Takes out what came in by mail: what somebody wrote, and that an address is dead."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.models import Attendance, DeadAddress, Event, InboundMail


def erase_mails(session: Session, which: sa.ColumnElement[bool]) -> int:
    """How many mails went. The trail says what they did, with ids."""
    query = sa.delete(InboundMail).where(which).execution_options(synchronize_session=False)
    return int(session.execute(query).rowcount)  # type: ignore[attr-defined]


def erase_person_mails(session: Session, participant_ids: Collection[int]) -> int:
    """What these people answered, and what they said with it; yes and no stay, they are counted."""
    session.execute(
        sa.update(Attendance)
        .where(Attendance.participant_id.in_(participant_ids), Attendance.partstat_comment != "")
        .values(partstat_comment="")
        .execution_options(synchronize_session=False)
    )
    return erase_mails(session, InboundMail.participant_id.in_(participant_ids))


def erase_sender_mails(session: Session, event: Event, address: str) -> int:
    """What a contact who did not take part wrote about one event."""
    return erase_mails(
        session, sa.and_(InboundMail.event_id == event.id, InboundMail.sender == address)
    )


def forget_sender(session: Session, address: str) -> None:
    """Nobody here has the address any more. What it wrote about an event goes with the event."""
    erase_mails(session, sa.and_(InboundMail.event_id.is_(None), InboundMail.sender == address))
    session.execute(sa.delete(DeadAddress).where(DeadAddress.address == address))
