"""What the page of an event's rules asks: who already is beyond what the rules now say."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.terms import Review
from dialognav.models import Event, Participant, Registration


def parties_over_limit(session: Session, event: Event) -> list[tuple[str, int]]:
    """[(a party's name, its people)] of those with more people than the limit, by name."""
    if event.limit_per_party is None:
        return []
    people = sa.func.count(Participant.id)
    rows = session.execute(
        sa.select(sa.func.min(Registration.party_name), people)
        .join(Participant, Participant.registration_id == Registration.id)
        .where(
            Registration.event_id == event.id,
            Registration.withdrawn_at.is_(None),
            Registration.review != Review.DECLINED,
            Participant.withdrawn_at.is_(None),
        )
        .group_by(Registration.party_key)
        .having(people > event.limit_per_party)
        .order_by(sa.func.min(Registration.party_name))
    )
    return [(name, number) for name, number in rows]


def undecided(session: Session, event_id: int) -> int:
    """How many registrations wait to be looked at."""
    found = session.scalar(
        sa.select(sa.func.count())
        .select_from(Registration)
        .where(
            Registration.event_id == event_id,
            Registration.withdrawn_at.is_(None),
            Registration.review.in_((Review.PENDING, Review.CHANGED)),
        )
    )
    return found or 0
