"""A person is never at two tables, over events too: claimed under a lock that all events share."""

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.errors import EngagedElsewhere
from dialognav.domain.slots import Span
from dialognav.models import Event, Organisation
from dialognav.models.meeting_elsewhere import (
    Engagements,
    clashes_elsewhere,
    engaged_elsewhere,
)

Wanted = Iterable[tuple[Span, Collection[int]]]
"""When, and the members of the team who are to be there."""


def engagements_of(
    session: Session, event: Event, members: Collection[int], *, now: datetime
) -> Engagements:
    """When these are in meetings of the organisation's other events; true until commit.

    Under lock_event(). Takes the organisation's row as its audit chain does at the end of every
    such action (decisions.md 26): the event first, then the organisation, in all of them, so that
    no two wait for each other. NO KEY: whoever only refers to the organisation does not wait.
    """
    if not members:
        return {}
    session.flush()
    session.execute(
        sa.select(Organisation.id)
        .where(Organisation.id == event.organisation_id)
        .with_for_update(key_share=True)
    )
    return engaged_elsewhere(session, event.id, now=now, members=members)


def claim(session: Session, event: Event, wanted: Wanted, *, now: datetime) -> None:
    """These people at these times, from now on until commit: EngagedElsewhere names who is in a
    meeting of another event then. Two statements, none without people."""
    wanted = list(wanted)
    people = {member for _span, there in wanted for member in there}
    found = engagements_of(session, event, people, now=now)
    if clashes := clashes_elsewhere(found, wanted):
        raise EngagedElsewhere(*clashes)
