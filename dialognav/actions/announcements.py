"""Where and when an event was announced: what we did ourselves, and what staff did elsewhere."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotFound
from dialognav.domain.terms import AnnouncedAt
from dialognav.models import Announcement, Event
from dialognav.tokens import new_public_id

BY_HAND = (AnnouncedAt.TED, AnnouncedAt.MERCELL, AnnouncedAt.OTHER)
"""The others we know ourselves."""


@dataclass(frozen=True, slots=True)
class Note:
    """`name` is that of another place, which `place` has no code for."""

    place: str
    announced_at: datetime
    name: str = ""
    reference: str = ""
    url: str = ""


def note_ours(
    session: Session, event_id: int, place: AnnouncedAt, *, now: datetime, reached: int = 0
) -> None:
    """On our own page, or by mail to `reached` more followers; the first time is the one noted."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "public_id": new_public_id(),
        "event_id": event_id,
        "place": place,
        "name": "",
        "reference": "",
        "url": "",
        "reached": reached,
        "announced_at": now,
        "noted_at": now,
    }
    session.execute(
        insert(Announcement)
        .values(row)
        .on_conflict_do_update(
            index_elements=[Announcement.event_id, Announcement.place],
            index_where=Announcement.noted_by_id.is_(None),
            set_={"reached": Announcement.reached + reached},
        )
    )


def add(
    session: Session, event_id: int, note: Note, *, user_id: int, now: datetime
) -> Announcement:
    row = Announcement(event_id=event_id, noted_at=now, noted_by_id=user_id)
    _write(row, note)
    session.add(row)
    session.flush()
    _record(session, row, "announcement.added", user_id, now)
    return row


def update(
    session: Session,
    announcement_id: int,
    note: Note,
    *,
    expected: str,
    user_id: int,
    now: datetime,
) -> None:
    """NotAllowedNow for what we noted ourselves. EditedMeanwhile when its version_of() is not the
    `expected` one any more (decisions.md 23)."""
    row = _by_hand(session, announcement_id)
    if version_of(row) != expected:
        raise EditedMeanwhile
    _write(row, note)
    row.noted_at, row.noted_by_id = now, user_id
    session.flush()
    _record(session, row, "announcement.changed", user_id, now)


def version_of(row: Announcement) -> str:
    return row.noted_at.isoformat()


def remove(session: Session, announcement_id: int, *, user_id: int, now: datetime) -> None:
    row = _by_hand(session, announcement_id)
    _record(session, row, "announcement.removed", user_id, now)
    session.delete(row)


def delete_announcements(session: Session, event_id: int) -> None:
    """With the draft that they were noted on."""
    session.execute(
        sa.delete(Announcement)
        .where(Announcement.event_id == event_id)
        .execution_options(synchronize_session=False)
    )


def _by_hand(session: Session, announcement_id: int) -> Announcement:
    """NotFound when it has been removed since."""
    row = session.get(Announcement, announcement_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    if row.noted_by_id is None:
        raise NotAllowedNow
    return row


def _write(row: Announcement, note: Note) -> None:
    row.place, row.announced_at = AnnouncedAt(note.place), note.announced_at
    row.name = note.name if note.place == AnnouncedAt.OTHER else ""
    row.reference, row.url = note.reference, note.url


def _record(session: Session, row: Announcement, verb: str, user_id: int, now: datetime) -> None:
    organisation_id = session.get_one(Event, row.event_id).organisation_id
    audit.record(
        session,
        organisation_id,
        f"user:{user_id}",
        verb,
        f"announcement:{row.id}",
        now=now,
        event_id=row.event_id,
        facts={"place": str(row.place), "at": row.announced_at.isoformat()},
    )
