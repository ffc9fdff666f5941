"""What belongs to an event and is made, copied or deleted with it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.announcements import delete_announcements
from dialognav.actions.event_words import copy_words, delete_words
from dialognav.actions.form_fields import copy_fields, delete_fields
from dialognav.actions.hosts import remove_hosts
from dialognav.actions.invitations import delete_invitations
from dialognav.actions.meeting_copies import copy_meetings
from dialognav.actions.meeting_erasure import delete_meetings
from dialognav.actions.plans import copy_plans, delete_plans
from dialognav.models import Document, Event


def copy_parts(session: Session, source: Event, target: Event, *, now: datetime) -> None:
    """What a copied event has of the other, beside its own text and rules."""
    copy_fields(session, source, target)
    copy_plans(session, source, target, now=now)
    copy_words(session, source, target, now=now)
    copy_meetings(session, source, target)


def delete_parts(session: Session, event_id: int) -> None:
    """With a draft that is deleted. What was copied from it stays."""
    session.execute(
        sa.update(Event).where(Event.copied_from_id == event_id).values(copied_from_id=None)
    )
    for document in session.scalars(sa.select(Document).where(Document.event_id == event_id)):
        session.delete(document)
    delete_fields(session, event_id)
    delete_invitations(session, event_id)
    delete_announcements(session, event_id)
    delete_words(session, event_id)
    delete_meetings(session, event_id)
    delete_plans(session, event_id)
    remove_hosts(session, event_id)
