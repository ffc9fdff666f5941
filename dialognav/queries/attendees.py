"""Who is registered to one event, as the organiser's list and its exports ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from dialognav.domain.terms import LIVE, Mode, Seat
from dialognav.models import Attendance, Participant, Registration
from dialognav.queries.manage import Page, fetch_page

VIEWS: dict[str, tuple[str, ...]] = {
    "all": tuple(LIVE),
    "confirmed": (Seat.CONFIRMED, Seat.ATTENDED, Seat.NO_SHOW),
    "waiting": (Seat.WAITING, Seat.OFFERED, Seat.PENDING),
    "withdrawn": (),
}
"""{view: states of the live seats in it}; who is withdrawn has none."""

_ORDERS: dict[str, tuple[Any, ...]] = {
    "name": (sa.func.lower(Participant.name),),
    "party": (sa.func.lower(Registration.party_name), sa.func.lower(Participant.name)),
    "registered": (Participant.created_at,),
}
SORTS = tuple(_ORDERS)


@dataclass(frozen=True, slots=True)
class Filter:
    """`sort` is one of SORTS; `view` one of VIEWS; `mode` "" is both; `search` any words.

    `session` is the id of one occasion, to which view and mode then refer; 0 for all of them.
    """

    view: str = "all"
    mode: str = ""
    search: str = ""
    session: int = 0
    sort: str = "registered"
    descending: bool = False


def _people(event_id: int, chosen: Filter) -> sa.Select[Participant]:
    query = (
        sa.select(Participant)
        .join(Participant.registration)
        .where(Registration.event_id == event_id)
        .options(
            contains_eager(Participant.registration).selectinload(Registration.created_by),
            selectinload(Participant.attendances),
            joinedload(Participant.access_need),
        )
    )
    return query.where(*matching(chosen))


def matching(chosen: Filter) -> list[sa.ColumnElement[bool]]:
    """What a person and the registration have to be to fit the filter."""
    conditions = [_in_view(chosen.view, chosen.session)]
    if chosen.mode in tuple(Mode):
        conditions.append(_has_seat(LIVE, chosen.session, chosen.mode))
    return [*conditions, *(_has_word(word) for word in chosen.search.split()[:8])]


def _has_seat(states: Sequence[str], session: int, mode: str = "") -> sa.ColumnElement[bool]:
    """At one occasion, or (0) at any; without states, also one that is given up."""
    seat = sa.exists().where(Attendance.participant_id == Participant.id)
    if states:
        seat = seat.where(Attendance.state.in_(states))
    if session:
        seat = seat.where(Attendance.occasion_id == session)
    return seat.where(Attendance.mode == mode) if mode else seat


def _in_view(view: str, session: int) -> sa.ColumnElement[bool]:
    if view != "withdrawn":
        return _has_seat(VIEWS[view], session)
    had = [_has_seat((), session)] if session else []
    is_gone = ~_has_seat(tuple(LIVE), session)
    return sa.and_(is_gone, Participant.replaced_by_id.is_(None), *had)


def _has_word(word: str) -> sa.ColumnElement[bool]:
    """Somewhere in a name or an address. SQLite folds the case of a-z only, so both are tried."""
    columns = (
        Participant.name,
        Participant.email,
        Registration.party_name,
        Registration.party_identifier,
        Registration.contact_name,
        Registration.contact_email,
    )
    forms = {word, word.lower(), word.upper(), word.capitalize()}
    return sa.or_(
        *(column.icontains(form, autoescape=True) for column in columns for form in forms)
    )


def people_page(session: Session, event_id: int, chosen: Filter, offset: int) -> Page[Participant]:
    """One page of people with registration and seats; a fixed number of statements."""
    return fetch_page(session, _people(event_id, chosen), offset, *order_of(chosen))


def order_of(chosen: Filter) -> tuple[Any, ...]:
    columns = _ORDERS[chosen.sort]
    ordered = tuple(column.desc() if chosen.descending else column.asc() for column in columns)
    return (*ordered, Registration.id, Participant.position, Participant.id)


def people_counts(session: Session, event_id: int, occasion_id: int = 0) -> dict[str, int]:
    """{view: number of people}, in one statement; of those at one occasion, or (0) at any."""
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((_in_view(view, occasion_id), 1), else_=0)), 0)
        for view in VIEWS
    ]
    query = sa.select(*columns).select_from(
        sa.join(Participant, Registration, Participant.registration_id == Registration.id)
    )
    row = session.execute(query.where(Registration.event_id == event_id)).one()
    return dict(zip(VIEWS, map(int, row), strict=True))


def shared_addresses(session: Session, event_id: int, emails: Sequence[str]) -> set[str]:
    """Those of the addresses that are live in more than one registration to the event."""
    query = (
        sa.select(Participant.email)
        .join(Participant.registration)
        .where(
            Registration.event_id == event_id,
            Participant.email.in_(emails),
            Participant.withdrawn_at.is_(None),
        )
        .group_by(Participant.email)
        .having(sa.func.count(Registration.id.distinct()) > 1)
    )
    return set(session.scalars(query))


def repeated_parties(session: Session, event_id: int, keys: Sequence[str]) -> dict[str, int]:
    """{party_key: live registrations} of those parties that have more than one."""
    query = (
        sa.select(Registration.party_key, sa.func.count())
        .where(
            Registration.event_id == event_id,
            Registration.party_key.in_(keys),
            Registration.withdrawn_at.is_(None),
        )
        .group_by(Registration.party_key)
        .having(sa.func.count() > 1)
    )
    return dict(session.execute(query).all())
