"""Which events a visitor means, and cheap versions of what they show.

A version names everything that a kept page shows. `lock_event()` raises `write_count` at every
change, sign-ups included, so that the numbers on a kept page are always true (decisions.md 20).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.db import UTCDateTime
from dialognav.domain.terms import PUBLIC_STATES, EventState, Visibility
from dialognav.domain.timing import to_instant, to_wall
from dialognav.models import Event, ExternalCalendar, ExternalEvent, Organisation

LIST_ZONE = "Europe/Stockholm"
"""Whose months the month filter means; an event's own zone decides what its page says."""

BEHIND = timedelta(days=60)
"""How long a feed remembers what is over, or was called off (calendar.md 1.6, 2.7)."""
AHEAD = timedelta(days=548)
"""How far ahead the calendar feed looks."""

Version = tuple[Any, ...]
Conditions = Sequence[sa.ColumnElement[bool]]

# What was cancelled before anyone saw it stays unseen.
_PUBLIC = sa.and_(Event.state.in_(PUBLIC_STATES), Event.published_at.is_not(None))
SHOWN = _PUBLIC  # to whoever has the address
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


ALL = EventFilter()


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


class Instants(NamedTuple):
    """What "now" means to a set of events: datetimes, or parameters of a kept statement."""

    now: Any
    behind: Any
    ahead: Any


def instants(now: datetime) -> Instants:
    return Instants(now, now - BEHIND, now + AHEAD)


_BOUND = Instants(*(sa.bindparam(name, type_=UTCDateTime()) for name in Instants._fields))


def _coming(at: Instants) -> sa.ColumnElement[bool]:
    """Not over yet. A postponed event waits for its new date, however long ago the old one was."""
    return sa.and_(LISTED, sa.or_(Event.ends_at > at.now, Event.state == EventState.POSTPONED))


def _held(at: Instants) -> sa.ColumnElement[bool]:
    return sa.and_(LISTED, Event.state == EventState.PUBLISHED, Event.ends_at <= at.now)


def _listed(_at: Instants) -> sa.ColumnElement[bool]:
    return LISTED


def _window(at: Instants) -> sa.ColumnElement[bool]:
    """What the calendar feed holds."""
    return sa.and_(
        LISTED,
        Event.ends_at > at.behind,
        Event.starts_at < at.ahead,
        sa.or_(Event.state == EventState.PUBLISHED, Event.changed_at > at.behind),
    )


def _news(at: Instants) -> sa.ColumnElement[bool]:
    """What the Atom feed picks its newest from."""
    return sa.and_(LISTED, sa.or_(Event.ends_at > at.behind, Event.changed_at > at.behind))


_SETS: dict[str, Callable[[Instants], sa.ColumnElement[bool]]] = {
    "coming": _coming,
    "held": _held,
    "listed": _listed,
    "window": _window,
    "news": _news,
}


def members(which: str, now: datetime, chosen: EventFilter = ALL) -> Conditions:
    """The events of a set that match a filter, as conditions."""
    return (_SETS[which](instants(now)), *matching(chosen))


def members_elsewhere(which: str, now: datetime, chosen: EventFilter = ALL) -> Conditions:
    """The same of other authorities' calendars, as conditions on ExternalEvent.

    Only "coming" and "listed" have any. Nobody knows their kind, phase, form, place or subject as
    we know our own: who asks for one of those is not shown them.
    """
    return (_elsewhere(which, instants(now)), *_matching_elsewhere(chosen))


def _elsewhere(which: str, at: Instants) -> sa.ColumnElement[bool]:
    read = sa.select(ExternalCalendar.id).where(ExternalCalendar.paused_at.is_(None))
    listed = ExternalEvent.calendar_id.in_(read)
    return sa.and_(listed, ExternalEvent.ends_at > at.now) if which == "coming" else listed


def _matching_elsewhere(chosen: EventFilter) -> list[sa.ColumnElement[bool]]:
    if chosen.kinds or chosen.phases or chosen.formats or chosen.region or chosen.cpv:
        return [sa.false()]
    wanted = [ExternalEvent.search_text.contains(w, autoescape=True) for w in chosen.words]
    if chosen.month:
        start, end = month_bounds(*chosen.month)
        wanted.append(sa.and_(ExternalEvent.starts_at < end, ExternalEvent.ends_at > start))
    if chosen.organisation:
        listed_by = (
            sa.select(ExternalCalendar.id)
            .join(ExternalCalendar.organisation)
            .where(Organisation.slug == chosen.organisation)
        )
        wanted.append(ExternalEvent.calendar_id.in_(listed_by))
    return wanted


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

_ELSEWHERE = tuple(
    sa.select(number).scalar_subquery()
    for number in (
        sa.func.count(ExternalCalendar.id),
        sa.func.sum(ExternalCalendar.id),
        sa.func.sum(ExternalCalendar.version),
    )
)


def event_version(session: Session, slug: str) -> Version | None:
    """(id, write count, organisation's version), or None when no visitor may see such an event."""
    row = session.connection().execute(_OF_EVENT, {"slug": slug}).first()
    return None if row is None else tuple(row)


def set_version(session: Session, which: str, now: datetime, chosen: EventFilter) -> Version:
    """A version of the events that `members` gives; its first number counts them.

    That of a set with others' events too counts these in its last.
    """
    statement = _version_statement(which, chosen)
    row = session.connection().execute(statement, instants(now)._asdict()).one()
    return tuple(int(number or 0) for number in row)


@lru_cache(maxsize=256)
def _version_statement(which: str, chosen: EventFilter) -> sa.Select[Any]:
    """Kept, because to put it together takes longer than to run it."""
    ours = sa.select(*_OF_SET).where(_SETS[which](_BOUND), *matching(chosen))
    if which not in ("coming", "listed"):
        return ours
    theirs = sa.select(sa.func.count(ExternalEvent.id)).where(
        _elsewhere(which, _BOUND), *_matching_elsewhere(chosen)
    )
    return ours.add_columns(*_ELSEWHERE, theirs.scalar_subquery())


def organisation_version(session: Session, slug: str) -> Version | None:
    row = session.execute(
        sa.select(Organisation.id, Organisation.version).where(Organisation.slug == slug)
    ).first()
    return None if row is None else tuple(row)
