"""All live meetings of an event at once, for domain/standings.py."""

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.bookings import Person
from dialognav.domain.participant_import import folded_name
from dialognav.domain.standings import Standing
from dialognav.models.booking import Booking, BookingPerson
from dialognav.models.meeting_facts import is_live, party_conflicts
from dialognav.models.registration import Participant, Registration


def standings_of(session: Session, event_id: int, *, now: datetime) -> list[Standing]:
    """In three statements; holds that ran out are none."""
    session.flush()
    rows = session.execute(
        sa.select(Booking.id, Booking.registration_id, Registration.party_key, Booking.slot_id)
        .join(Registration, Registration.id == Booking.registration_id)
        .where(Booking.event_id == event_id, is_live(now))
        .order_by(Booking.id)
    ).all()
    people: dict[int, set[Person]] = defaultdict(set)
    for booking_id, email, name in session.execute(
        sa.select(Booking.id, Participant.email, Participant.name)
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .join(Participant, Participant.id == BookingPerson.participant_id)
        .where(Booking.event_id == event_id, is_live(now))
    ):
        people[booking_id].add((email, folded_name(name)))
    conflicts = party_conflicts(session, event_id)
    return [
        Standing(
            booking_id=booking_id,
            registration_id=registration_id,
            party_key=key,
            slot_id=slot_id,
            people=frozenset(people[booking_id]),
            conflicts=frozenset(conflicts[key]),
        )
        for booking_id, registration_id, key, slot_id in rows
    ]
