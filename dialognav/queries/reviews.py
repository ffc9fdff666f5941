"""Registrations that somebody has to look at, or has looked at."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from dialognav.domain.errors import NotFound
from dialognav.domain.terms import PUBLIC_STATES, Review
from dialognav.models import Attendance, Event, Participant, Registration
from dialognav.queries.manage import Page, fetch_page

VIEWS: dict[str, tuple[str, ...]] = {
    "open": (Review.PENDING, Review.CHANGED),
    "approved": (Review.APPROVED,),
    "declined": (Review.DECLINED,),
}
_ALIVE = Registration.withdrawn_at.is_(None)


def reviews_page(session: Session, event_id: int, view: str, offset: int) -> Page[Registration]:
    """With people and seats. To be decided: who waits longest first; decided: the latest first."""
    query = (
        sa.select(Registration)
        .where(Registration.event_id == event_id, _ALIVE, Registration.review.in_(VIEWS[view]))
        .options(*_WITH_PEOPLE)
    )
    order = (
        (Registration.review_since, Registration.id)
        if view == "open"
        else (Registration.decided_at.desc(), Registration.id.desc())
    )
    return fetch_page(session, query, offset, *order)


_WITH_PEOPLE = (
    selectinload(Registration.participants)
    .selectinload(Participant.attendances)
    .joinedload(Attendance.occasion),
    joinedload(Registration.decided_by),
)


def review_counts(session: Session, event_id: int) -> dict[str, int]:
    """{view: registrations}, in one statement."""
    rows = session.execute(
        sa.select(Registration.review, sa.func.count())
        .where(Registration.event_id == event_id, _ALIVE)
        .group_by(Registration.review)
    )
    found: dict[str, int] = dict(rows.all())
    return {view: sum(found.get(state, 0) for state in states) for view, states in VIEWS.items()}


def waiting_by_event(session: Session, organisation_id: int) -> dict[int, int]:
    """{event id: registrations that nobody has decided on}, of events that are not over."""
    rows = session.execute(
        sa.select(Registration.event_id, sa.func.count())
        .join(Registration.event)
        .where(
            Event.organisation_id == organisation_id,
            Event.state.in_(PUBLIC_STATES),
            _ALIVE,
            Registration.review.in_(VIEWS["open"]),
        )
        .group_by(Registration.event_id)
    )
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class Chosen:
    """Registrations picked out in the list; of some, only the people named (none: everybody)."""

    registrations: list[Registration]
    people: dict[int, frozenset[int]]


def chosen(
    session: Session, event_id: int, registrations: Iterable[str], people: Collection[str]
) -> Chosen:
    """By public ids: who of a registration is named narrows it. NotFound for an id that is not of
    this event."""
    named = session.scalars(
        sa.select(Participant)
        .join(Participant.registration)
        .where(Participant.public_id.in_(people), Registration.event_id == event_id)
    ).all()
    by_registration: dict[int, set[int]] = {}
    for person in named:
        by_registration.setdefault(person.registration_id, set()).add(person.id)
    wanted = set(registrations)
    rows = session.scalars(
        sa.select(Registration)
        .where(
            Registration.event_id == event_id,
            sa.or_(Registration.public_id.in_(wanted), Registration.id.in_(by_registration)),
        )
        .options(*_WITH_PEOPLE)
        .order_by(Registration.review_since, Registration.id)
    ).all()
    if len(named) != len(set(people)) or wanted - {row.public_id for row in rows}:
        raise NotFound
    return Chosen(list(rows), {key: frozenset(ids) for key, ids in by_registration.items()})
