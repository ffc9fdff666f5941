"""Somebody else's calendar: looked at first, then listed, read again and again, let go."""

import unicodedata
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.organisations import lock_organisation
from dialognav.domain.errors import RuleBroken
from dialognav.domain.ics_import import CalendarRead, ForeignEvent
from dialognav.models import ExternalCalendar, ExternalEvent, Organisation, StagedCalendar

EVERY = timedelta(hours=4)
MOST_CALENDARS = 20  # of one organisation
MOST_FAILURES = 10  # in a row, some six days; then a person has to look
LONGEST_NAME = 160
_CLAIMED_FOR = timedelta(minutes=10)
_SLOWEST = timedelta(hours=24)
_TAKEN_IN_EVERY = timedelta(days=7)
"""After that a calendar is read whole although it has not changed: the window has moved on, and
more of its series lies within."""

_FACTS = tuple(f.name for f in fields(ForeignEvent))


class AlreadyListed(RuleBroken):
    """The organisation lists that address already."""

    code = "already_listed"


class TooManyCalendars(RuleBroken):
    """An organisation lists so many and no more."""

    code = "too_many_calendars"


@dataclass(frozen=True, slots=True)
class Found:
    """A calendar as it came: from a `url`, or from a file (`filename`, "" for what was pasted)."""

    content: bytes
    filename: str = ""
    url: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A calendar to be read now; `etag` and `last_modified` are "" when it has to come whole."""

    calendar_id: int
    url: str
    zone: str
    etag: str
    last_modified: str


def window(now: datetime) -> tuple[datetime, datetime]:
    """What is kept of a calendar: a month back, for the month's table, and as far as feeds look."""
    return now - timedelta(days=31), now + timedelta(days=548)


def stage(
    session: Session, organisation_id: int, found: Found, *, user_id: int, now: datetime
) -> StagedCalendar:
    """Keep a calendar for its preview; an earlier one of the same person goes."""
    session.execute(
        sa.delete(StagedCalendar).where(
            StagedCalendar.organisation_id == organisation_id, StagedCalendar.user_id == user_id
        )
    )
    given = {f.name: getattr(found, f.name) for f in fields(found)}
    staged = StagedCalendar(
        organisation_id=organisation_id, user_id=user_id, created_at=now, **given
    )
    session.add(staged)
    session.flush()
    return staged


def discard(session: Session, staged_id: int) -> None:
    session.execute(sa.delete(StagedCalendar).where(StagedCalendar.id == staged_id))


def list_calendar(
    session: Session, staged_id: int, name: str, read: CalendarRead, *, now: datetime, actor: str
) -> ExternalCalendar:
    """Show a calendar that was looked at, under a name, beside the organisation's own events."""
    staged = session.get_one(StagedCalendar, staged_id)
    lock_organisation(session, staged.organisation_id)
    there = session.scalars(
        sa.select(ExternalCalendar.url).where(
            ExternalCalendar.organisation_id == staged.organisation_id
        )
    ).all()
    if staged.url in there:
        raise AlreadyListed
    if len(there) >= MOST_CALENDARS:
        raise TooManyCalendars
    calendar = ExternalCalendar(
        organisation_id=staged.organisation_id,
        name=name,
        url=staged.url,
        etag=staged.etag,
        last_modified=staged.last_modified,
        created_at=now,
        created_by_id=staged.user_id,
        due_at=now + EVERY,
        read_at=now,
        taken_in_at=now,
        version=1,
    )
    calendar.events = [_row(event, name) for event in read.events]
    session.add(calendar)
    session.delete(staged)
    session.flush()
    _note(session, calendar, "calendar.added", now=now, actor=actor)
    return calendar


def rename(
    session: Session, calendar_id: int, name: str, *, now: datetime, actor: str
) -> ExternalCalendar:
    calendar = _locked(session, calendar_id)
    if calendar.name != name:
        calendar.name = name
        calendar.version += 1
        for event in calendar.events:
            event.search_text = _search_text(event, name)
        _note(session, calendar, "calendar.renamed", now=now, actor=actor)
    return calendar


def read_again(session: Session, calendar_id: int, *, now: datetime, actor: str) -> None:
    """Have the job read it at once, from the beginning, and list it again if it had stopped."""
    calendar = _locked(session, calendar_id)
    if calendar.paused_at:
        calendar.paused_at = None
        calendar.version += 1
        _note(session, calendar, "calendar.resumed", now=now, actor=actor)
    calendar.etag = calendar.last_modified = ""
    calendar.failures = 0
    calendar.due_at = now


def remove(session: Session, calendar_id: int, *, now: datetime, actor: str) -> None:
    """Its events leave the public pages."""
    calendar = _locked(session, calendar_id)
    _note(session, calendar, "calendar.removed", now=now, actor=actor)
    session.delete(calendar)


# --- what the job does --------------------------------------------------------------------------


def has_due(session: Session, *, now: datetime) -> bool:
    """A cheap look before claim_due(), which takes SQLite's only writer."""
    return session.scalar(sa.select(ExternalCalendar.id).where(*_is_due(now)).limit(1)) is not None


def claim_due(session: Session, *, now: datetime) -> Due | None:
    """One calendar whose time has come; for a while nobody else gets it."""
    row = session.execute(
        sa.update(ExternalCalendar)
        .where(
            ExternalCalendar.id.in_(
                sa.select(ExternalCalendar.id)
                .where(*_is_due(now))
                .order_by(ExternalCalendar.due_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            ),
            *_is_due(now),
        )
        .values(due_at=now + _CLAIMED_FOR)
        .returning(ExternalCalendar.id)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return None
    calendar = session.get_one(ExternalCalendar, row.id)
    zone = session.get_one(Organisation, calendar.organisation_id).zone
    taken_in = calendar.taken_in_at
    known = taken_in is not None and now - taken_in < _TAKEN_IN_EVERY
    etag, last_modified = (calendar.etag, calendar.last_modified) if known else ("", "")
    return Due(calendar.id, calendar.url, zone, etag, last_modified)


def _is_due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return ExternalCalendar.due_at <= now, ExternalCalendar.paused_at.is_(None)


def note_unchanged(session: Session, calendar_id: int, *, now: datetime) -> None:
    """It still says what it said."""
    calendar = _locked_if_there(session, calendar_id)
    if calendar is not None:
        _succeeded(calendar, now)


def note_read(
    session: Session,
    calendar_id: int,
    read: CalendarRead,
    etag: str,
    last_modified: str,
    *,
    now: datetime,
) -> None:
    """Take in what it says now; the version rises only when that is something else."""
    calendar = _locked_if_there(session, calendar_id)
    if calendar is None:
        return
    _succeeded(calendar, now)
    calendar.taken_in_at, calendar.etag, calendar.last_modified = now, etag, last_modified
    if {_facts(row) for row in calendar.events} == {_facts(event) for event in read.events}:
        return
    calendar.version += 1
    calendar.events.clear()
    session.flush()
    calendar.events.extend(_row(event, calendar.name) for event in read.events)


def _succeeded(calendar: ExternalCalendar, now: datetime) -> None:
    calendar.read_at = now
    calendar.failures, calendar.failure = 0, ""
    calendar.due_at = now + EVERY


def note_failure(session: Session, calendar_id: int, code: str, *, now: datetime) -> None:
    """Try again later and later; after many failures in a row, not before somebody has looked.

    What was read last stays listed meanwhile, and leaves when the calendar is paused: nobody knows
    any longer whether it is true.
    """
    calendar = _locked_if_there(session, calendar_id)
    if calendar is None:
        return
    calendar.failures += 1
    calendar.failure = code
    calendar.due_at = now + min(timedelta(hours=2 ** min(calendar.failures - 1, 9)), _SLOWEST)
    if calendar.failures >= MOST_FAILURES and calendar.paused_at is None:
        calendar.paused_at = now
        calendar.version += 1
        _note(session, calendar, "calendar.paused", now=now, actor="job")


def _locked(session: Session, calendar_id: int) -> ExternalCalendar:
    """Its row, for one writer at a time. An UPDATE, because SQLite ignores SELECT FOR UPDATE."""
    session.execute(
        sa.update(ExternalCalendar)
        .where(ExternalCalendar.id == calendar_id)
        .values(version=ExternalCalendar.version)
        .execution_options(synchronize_session=False)
    )
    return session.get_one(ExternalCalendar, calendar_id, populate_existing=True)


def _locked_if_there(session: Session, calendar_id: int) -> ExternalCalendar | None:
    """None when it was removed while its server answered."""
    try:
        return _locked(session, calendar_id)
    except sa.exc.NoResultFound:
        return None


def _facts(event: ExternalEvent | ForeignEvent) -> tuple[object, ...]:
    return tuple(getattr(event, name) for name in _FACTS)


def _row(event: ForeignEvent, calendar_name: str) -> ExternalEvent:
    row = ExternalEvent(**dict(zip(_FACTS, _facts(event), strict=True)))
    row.search_text = _search_text(row, calendar_name)
    return row


def _search_text(event: ExternalEvent, calendar_name: str) -> str:
    said = "\n".join(filter(None, (event.title, event.text, event.place, calendar_name)))
    return unicodedata.normalize("NFC", said).casefold()


def _note(
    session: Session, calendar: ExternalCalendar, verb: str, *, now: datetime, actor: str
) -> None:
    """The address is that of a public calendar: nothing personal."""
    session.flush()
    audit.record(
        session,
        calendar.organisation_id,
        actor,
        verb,
        f"calendar:{calendar.id}",
        now=now,
        facts={"text": f"{calendar.name}, {calendar.url}"},
    )
