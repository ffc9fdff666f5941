"""What the organiser's workspace asks about events, letters and the trail, in one organisation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from dialognav.domain.terms import (
    HOLDING,
    PUBLIC_STATES,
    EventState,
    LetterStatus,
)
from dialognav.models import (
    Attendance,
    AuditEntry,
    Document,
    Event,
    Letter,
    Occasion,
    Registration,
    User,
)
from dialognav.models.meeting_ends import has_meetings_ahead

PAGE = 50  # rows of a list
VIEWS = ("coming", "drafts", "past", "all")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A part of a list: `rows` from `offset` on, of `total` in all."""

    rows: list[Row]
    total: int
    offset: int = 0

    @property
    def has_more(self) -> bool:
        return self.offset + len(self.rows) < self.total


def fetch_page(
    session: Session, query: sa.Select[Row], offset: int, *order: Any, size: int = PAGE
) -> Page[Row]:
    """The rows from `offset` on and how many there are, in two statements."""
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(*order).limit(size).offset(offset)).unique().all()
    return Page(list(rows), total, offset)


# --- events ----------------------------------------------------------------------------------


def _in_view(view: str, now: datetime) -> sa.ColumnElement[bool]:
    is_draft = Event.state == EventState.DRAFT
    is_over = sa.or_(
        Event.state == EventState.CANCELLED,
        sa.and_(
            Event.ends_at <= now,
            Event.state != EventState.POSTPONED,
            ~has_meetings_ahead(now),
        ),
    )
    return {
        "drafts": is_draft,
        "past": sa.and_(~is_draft, is_over),
        "coming": sa.and_(~is_draft, ~is_over),
        "all": sa.true(),
    }[view]


def events_in(
    session: Session, organisation_id: int, view: str, search: str, offset: int, *, now: datetime
) -> Page[Event]:
    """The organisation's events with their occasions; what is over comes newest first."""
    query = sa.select(Event).where(
        Event.organisation_id == organisation_id, _in_view(view, now), *_matching(search)
    )
    query = query.options(selectinload(Event.occasions))
    order = Event.starts_at.desc() if view in ("past", "all") else Event.starts_at.asc()
    return fetch_page(session, query, offset, order, Event.id)


def _matching(search: str) -> list[sa.ColumnElement[bool]]:
    """Each word somewhere in the event's text, whatever its case."""
    words = search.casefold().split()[:8]
    return [Event.search_text.contains(word, autoescape=True) for word in words]


def view_counts(session: Session, organisation_id: int, *, now: datetime) -> dict[str, int]:
    """{view: number of events}, in one statement."""
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((_in_view(view, now), 1), else_=0)), 0)
        for view in VIEWS
    ]
    query = sa.select(*columns).where(Event.organisation_id == organisation_id)
    return dict(zip(VIEWS, map(int, session.execute(query).one()), strict=True))


def current_events(session: Session, organisation_id: int, *, now: datetime) -> list[Event]:
    """Drafts and everything that is not over, earliest first, with occasions; at most 100."""
    query = (
        sa.select(Event)
        .where(
            Event.organisation_id == organisation_id,
            sa.or_(_in_view("drafts", now), _in_view("coming", now)),
        )
        .options(selectinload(Event.occasions))
        .order_by(Event.starts_at, Event.id)
        .limit(100)
    )
    return list(session.scalars(query))


def seated_people(session: Session, event_id: int) -> int:
    """How many people hold a seat, each once however many sessions they come to."""
    found = session.scalar(
        sa.select(sa.func.count(Attendance.participant_id.distinct()))
        .join(Occasion)
        .where(Occasion.event_id == event_id, Attendance.state.in_(HOLDING))
    )
    return found or 0


def party_count(session: Session, event_id: int) -> int:
    """How many different parties have a live registration."""
    query = sa.select(sa.func.count(Registration.party_key.distinct())).where(
        Registration.event_id == event_id, Registration.withdrawn_at.is_(None)
    )
    return session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class YearSoFar:
    events: int  # published, and not called off
    parties: int  # different ones that registered


def year_so_far(session: Session, organisation_id: int, since: datetime) -> YearSoFar:
    """What the organisation has reached since an instant, in one statement."""
    events = sa.select(sa.func.count()).where(
        Event.organisation_id == organisation_id,
        Event.state == EventState.PUBLISHED,
        Event.published_at >= since,
    )
    parties = (
        sa.select(sa.func.count(Registration.party_key.distinct()))
        .join(Event)
        .where(
            Event.organisation_id == organisation_id,
            Event.state.in_(PUBLIC_STATES),
            Registration.created_at >= since,
            Registration.withdrawn_at.is_(None),
        )
    )
    row = session.execute(sa.select(events.scalar_subquery(), parties.scalar_subquery())).one()
    return YearSoFar(*map(int, row))


def documents_of(session: Session, event_id: int) -> list[Document]:
    """The event's files in order, with their versions but not their bytes."""
    query = (
        sa.select(Document)
        .where(Document.event_id == event_id, Document.removed_at.is_(None))
        .options(selectinload(Document.versions))
        .order_by(Document.position, Document.id)
    )
    return list(session.scalars(query))


# --- letters ---------------------------------------------------------------------------------


def letters_of(
    session: Session, organisation_id: int, event_id: int | None, status: str, offset: int
) -> Page[Letter]:
    """Newest first; of one event, or of the whole organisation. Status "" is all."""
    query = sa.select(Letter).where(Letter.organisation_id == organisation_id)
    if event_id is not None:
        query = query.where(Letter.event_id == event_id)
    if status:
        query = query.where(Letter.status == status)
    return fetch_page(session, query, offset, Letter.created_at.desc(), Letter.id.desc())


def letter_counts(
    session: Session, organisation_id: int, event_id: int | None = None
) -> dict[str, int]:
    """{status: number}, in one statement."""
    query = (
        sa.select(Letter.status, sa.func.count())
        .where(Letter.organisation_id == organisation_id)
        .group_by(Letter.status)
    )
    if event_id is not None:
        query = query.where(Letter.event_id == event_id)
    return dict(session.execute(query).all())


def given_up_by_event(session: Session, organisation_id: int) -> dict[int | None, int]:
    """{event id: letters given up}; None for letters of no event."""
    query = (
        sa.select(Letter.event_id, sa.func.count())
        .where(Letter.organisation_id == organisation_id, Letter.status == LetterStatus.GIVEN_UP)
        .group_by(Letter.event_id)
    )
    return dict(session.execute(query).all())


def event_titles(
    session: Session, organisation_id: int, event_ids: Iterable[int | None]
) -> dict[int, Event]:
    """{id: event} of the organisation's own among these."""
    wanted = {event_id for event_id in event_ids if event_id is not None}
    if not wanted:
        return {}
    query = sa.select(Event).where(Event.organisation_id == organisation_id, Event.id.in_(wanted))
    return {event.id: event for event in session.scalars(query)}


# --- the trail -------------------------------------------------------------------------------


def trail_of(
    session: Session, organisation_id: int, event_id: int | None, offset: int, size: int = PAGE
) -> Page[AuditEntry]:
    """Audit entries, newest first; of one event, or all of the organisation's."""
    query = sa.select(AuditEntry).where(AuditEntry.organisation_id == organisation_id)
    if event_id is not None:
        query = query.where(AuditEntry.event_id == event_id)
    return fetch_page(session, query, offset, AuditEntry.number.desc(), size=size)


def names_of_actors(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """{"user:7": name} of the staff among these."""
    ids = {int(actor[5:]) for actor in actors if actor.startswith("user:") and actor[5:].isdigit()}
    if not ids:
        return {}
    query = sa.select(User.id, User.name).where(User.id.in_(ids))
    return {f"user:{user_id}": name for user_id, name in session.execute(query).all()}
