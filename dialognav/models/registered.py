from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.participant_import import Registered, folded_name
from dialognav.domain.terms import LIVE
from dialognav.models.registration import Attendance, Participant, Registration

_HAS_SEAT = sa.exists().where(
    Attendance.participant_id == Participant.id, Attendance.state.in_(LIVE)
)


def registered_at(session: Session, event_id: int) -> Registered:
    """Who is registered to an event and has not left, to compare a list with; two statements.

    Under lock_event() the answer holds until commit.
    """
    contacts = session.scalars(
        sa.select(Registration.contact_email).where(
            Registration.event_id == event_id, Registration.withdrawn_at.is_(None)
        )
    )
    people = session.execute(
        sa.select(
            Participant.email,
            Participant.name,
            Registration.party_key,
            Registration.party_name_key,
            _HAS_SEAT.label("has_seat"),
        )
        .join(Participant.registration)
        .where(Registration.event_id == event_id, Participant.withdrawn_at.is_(None))
    ).all()
    return Registered(
        contacts=frozenset(contacts),
        people=frozenset((one.email, folded_name(one.name)) for one in people),
        emails=frozenset(one.email for one in people),
        parties=Counter(one.party_key for one in people if one.has_seat),
        names=Counter(one.party_name_key for one in people if one.party_name_key),
    )
