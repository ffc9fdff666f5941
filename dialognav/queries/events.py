"""What visitors may ask about events: versions (cheap), lists, and one page's rows.

A version names everything that a kept page shows. `lock_event()` raises `write_count` at every
change, sign-ups included, so that the numbers on a kept page are always true (decisions.md 20).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only, raiseload

from dialognav.domain.terms import PUBLIC_STATES, EventState, Visibility
from dialognav.domain.timing import to_instant, to_wall
from dialognav.models import Event, Occasion, Organisation

LIST_ZONE = "Europe/Stockholm"
"""Whose months the month filter means; an event's own zone decides what its page says."""

PAGE_SIZE = 50
MONTH_LIMIT = 300

Version = tuple[Any, ...]
Conditions = Sequence[sa.ColumnElement[bool]]

# What was cancelled before anyone saw it stays unseen.
_PUBLIC = sa.and_(Event.state.in_(PUBLIC_STATES), Event.published_at.is_not(None))
SHOWN = sa.and_(_PUBLIC, Event.visibility.in_((Visibility.PUBLIC, Visibility.UNLISTED)))
LISTED = sa.and_(_PUBLIC, Event.visibility == Visibility.PUBLIC)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What a visitor asked for, already checked. Empty means all.

    `cpv` is the beginning of a code in digits, `region` of a NUTS code; `month` is (year, month);
    `words` are casefolded NFC; `organisation` is a slug.
    """

    kinds: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    region: str = ""
    cpv: str = ""
    month: tuple[int, int] | None = None
    words: tuple[str, ...] = ()
    organisation: str = ""


def month_bounds(year: int, month: int) -> tuple[datetime, datetime]:
    """The first instant of a month and of the next one."""
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    first, end = (datetime(y, m, 1) for y, m in ((year, month), after))  # noqa: DTZ001 - wall time
    return to_instant(first, LIST_ZONE), to_instant(end, LIST_ZONE)


def in_list_zone(instant: datetime) -> datetime:
    return to_wall(instant, LIST_ZONE)


def matching(chosen: EventFilter) -> list[sa.ColumnElement[bool]]:
    """The filter as conditions on Event."""
    wanted: list[sa.ColumnElement[bool]] = []
    for column, values in (
        (Event.kind, chosen.kinds),
        (Event.phase, chosen.phases),
        (Event.format, chosen.formats),
    ):
        if values:
            wanted.append(column.in_(values))
    if chosen.region:
        wanted.append(Event.region.startswith(chosen.region, autoescape=True))
    if chosen.cpv:
        # A JSON list of strings that begin with the code; its text is the same on both databases.
        wanted.append(sa.cast(Event.cpv, sa.Text).contains(f'"{chosen.cpv}', autoescape=True))
    if chosen.month:
        start, end = month_bounds(*chosen.month)
        wanted.append(sa.and_(Event.starts_at < end, Event.ends_at > start))
    wanted += [Event.search_text.contains(word, autoescape=True) for word in chosen.words]
    if chosen.organisation:
        owner = sa.select(Organisation.id).where(Organisation.slug == chosen.organisation)
        wanted.append(Event.organisation_id == owner.scalar_subquery())
    return wanted


def coming(now: datetime) -> sa.ColumnElement[bool]:
    """Not over yet. A postponed event waits for its new date, however long ago the old one was."""
    return sa.and_(LISTED, sa.or_(Event.ends_at > now, Event.state == EventState.POSTPONED))


def held(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(LISTED, Event.state == EventState.PUBLISHED, Event.ends_at <= now)


# --- versions -----------------------------------------------------------------------------------

_OF_EVENT = (
    sa.select(Event.id, Event.write_count, Organisation.version)
    .join(Organisation, Organisation.id == Event.organisation_id)
    .where(Event.slug == sa.bindparam("slug"), SHOWN)
)

# Sums over the set: whichever row changes, enters or leaves, one of the numbers is another.
_OF_SET = (
    sa.func.count(Event.id),
    sa.func.sum(Event.id),
    sa.func.sum(Event.write_count),
    sa.func.sum(Event.id * Event.write_count),
    sa.select(sa.func.count(Organisation.id)).scalar_subquery(),
    sa.select(sa.func.sum(Organisation.version)).scalar_subquery(),
)


def event_version(session: Session, slug: str) -> Version | None:
    """(id, write count, organisation's version), or None when no visitor may see such an event."""
    row = session.connection().execute(_OF_EVENT, {"slug": slug}).first()
    return None if row is None else tuple(row)


def set_version(session: Session, *conditions: sa.ColumnElement[bool]) -> Version:
    """A version of all events that meet the conditions; its first number counts them."""
    row = session.connection().execute(sa.select(*_OF_SET).where(*conditions)).one()
    return tuple(int(number or 0) for number in row)


def organisation_version(session: Session, slug: str) -> Version | None:
    row = session.execute(
        sa.select(Organisation.id, Organisation.version).where(Organisation.slug == slug)
    ).first()
    return None if row is None else tuple(row)


# --- lists --------------------------------------------------------------------------------------

_IN_A_LIST = (
    Event.slug,
    Event.kind,
    Event.phase,
    Event.format,
    Event.state,
    Event.primary_language,
    Event.title,
    Event.summary,
    Event.cpv,
    Event.zone,
    Event.starts_at,
    Event.ends_at,
    Event.registration_opens_at,
    Event.registration_closes_at,
    Event.waiting_list,
)


def list_events(
    session: Session,
    *conditions: sa.ColumnElement[bool],
    newest_first: bool = False,
    limit: int = PAGE_SIZE,
    offset: int = 0,
) -> list[Event]:
    """Rows of a list with organisation and occasions, in one statement. Postponed ones last."""
    by_time = (Event.starts_at.desc(), Event.id.desc())
    if not newest_first:
        by_time = (Event.starts_at.asc(), Event.id.asc())
    undated = sa.case((Event.state == EventState.POSTPONED, 1), else_=0)
    return list(
        session.scalars(
            sa.select(Event)
            .where(*conditions)
            .order_by(undated, *by_time)
            .limit(limit)
            .offset(offset)
            .options(
                load_only(*_IN_A_LIST),
                joinedload(Event.organisation),
                joinedload(Event.occasions),
                raiseload("*"),
            )
        ).unique()
    )


@dataclass(frozen=True, slots=True)
class Facet:
    """What one event offers to choose by."""

    starts_at: datetime
    zone: str
    region: str
    cpv: tuple[str, ...]


def facets(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Facet]:
    """The choices worth offering: those some event has. At most 2 000 events are asked."""
    rows = session.execute(
        sa.select(Event.starts_at, Event.zone, Event.region, Event.cpv)
        .where(*conditions, Event.starts_at.is_not(None))
        .order_by(Event.starts_at)
        .limit(2000)
    )
    return [
        Facet(start, zone, region, tuple(cpv or ())) for start, zone, region, cpv in rows if start
    ]


def only_organisation(session: Session) -> Organisation | None:
    """The organisation of an installation that has just one."""
    found = session.scalars(sa.select(Organisation).limit(2)).all()
    return found[0] if len(found) == 1 else None


def organisation(session: Session, slug: str) -> Organisation | None:
    return session.scalar(sa.select(Organisation).where(Organisation.slug == slug))


def public_event(session: Session, slug: str) -> Event | None:
    """An event any visitor may see, with organisation and occasions; one statement."""
    return (
        session.scalars(
            sa.select(Event)
            .join(Event.organisation)
            .where(Event.slug == slug, SHOWN)
            .options(contains_eager(Event.organisation), joinedload(Event.occasions))
        )
        .unique()
        .one_or_none()
    )


def address_of(session: Session, slug: str) -> bool:
    """Whether a visitor may see that event at all; for the redirect to a language."""
    return session.scalar(sa.select(Event.id).where(Event.slug == slug, SHOWN)) is not None


def occasions_of(events: Sequence[Event]) -> list[Occasion]:
    return [occasion for event in events for occasion in event.occasions]
