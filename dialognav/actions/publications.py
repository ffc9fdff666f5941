"""Keeps the numbers of an event's public calendar entries, so that a feed says what changed."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.calendar import Entry, content_hash
from dialognav.domain.terms import LANGUAGES, PUBLIC_STATES
from dialognav.mail.post import Post
from dialognav.mail.publications import public_entry, revision_of
from dialognav.models import CalendarObject, Event, Occasion


def keep_public_objects(session: Session, event: Event, *, now: datetime, post: Post) -> None:
    """Call it in the transaction of whatever changed a locked event that the public sees.

    SEQUENCE rises with a change of time, place, title or status, DTSTAMP with any change a reader
    of the entry would see (calendar.md 2.0(6)); unchanged facts keep both, so that the bytes stay
    the same. Drafts have no public entry.
    """
    if event.state not in PUBLIC_STATES or event.published_at is None:
        return
    session.flush()
    kept = {
        row.occasion_id: row
        for row in session.scalars(
            sa.select(CalendarObject)
            .join(Occasion, Occasion.id == CalendarObject.occasion_id)
            .where(Occasion.event_id == event.id, CalendarObject.participant_id.is_(None))
        )
    }
    for occasion in event.occasions:
        row = kept.get(occasion.id)
        if row is None:
            row = _first(event, occasion, now, post)
            session.add(row)
        _keep(event, occasion, row, now, post)
    session.flush()


def _first(event: Event, occasion: Occasion, now: datetime, post: Post) -> CalendarObject:
    first = revision_of(event, occasion, None, post)
    return CalendarObject(
        uid=first.uid,
        occasion_id=occasion.id,
        organizer_address=first.organizer_address,
        sequence=0,
        dtstamp=now,
        created_at=now,
    )


def _keep(event: Event, occasion: Occasion, row: CalendarObject, now: datetime, post: Post) -> None:
    entries = list(_in_all_languages(event, occasion, row, post))
    weighty = _digest(_weighty(entry) for entry in entries)
    said = weighty + _digest(content_hash(entry) for entry in entries)
    if row.content_hash == said:
        return
    if row.content_hash:
        row.sequence += row.content_hash[:32] != weighty
        row.dtstamp = now
    row.content_hash = said


def _in_all_languages(
    event: Event, occasion: Occasion, row: CalendarObject, post: Post
) -> Iterator[Entry]:
    revision = revision_of(event, occasion, row, post)
    for language in LANGUAGES:
        yield public_entry(event, occasion, revision, language=language, post=post)


def _weighty(entry: Entry) -> str:
    """Time, place, title, status: what a reader has to act upon."""
    facts = (
        entry.starts_at.isoformat(),
        entry.ends_at.isoformat(),
        entry.zone,
        entry.all_day,
        entry.summary,
        entry.location,
        entry.geo,
        entry.status,
    )
    return repr(facts)


def _digest(parts: Iterator[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
