"""Which registrations may be one organisation's."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav.models import Participant, Registration


def alike(session: Session, registration: Registration) -> list[Registration]:
    """Other live registrations to the event of the same party, or one that may be the same.

    People and seats are loaded; the same number or name comes first.
    """
    same = Registration.party_key == registration.party_key
    named = sa.and_(
        Registration.party_name_key == registration.party_name_key,
        Registration.party_name_key != "",
    )
    found = session.scalars(
        sa.select(Registration)
        .where(
            Registration.event_id == registration.event_id,
            Registration.id != registration.id,
            Registration.withdrawn_at.is_(None),
            sa.or_(same, named),
        )
        .options(selectinload(Registration.participants).selectinload(Participant.attendances))
        .order_by(sa.not_(same), Registration.id)
    )
    return list(found)
