"""Files of an event: put there, replaced by a new version, renamed, reordered, taken away."""

import hashlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.domain.drafts import Text
from dialognav.domain.errors import NotFound
from dialognav.domain.terms import EventState
from dialognav.domain.uploads import Upload
from dialognav.models import Document, DocumentVersion, Event, lock_event


def add_document(
    session: Session, event_id: int, name: Text, upload: Upload, *, now: datetime, actor: str
) -> Document:
    """Put a file last among the event's documents."""
    event = lock_event(session, event_id)
    last = session.scalar(
        sa.select(sa.func.max(Document.position)).where(Document.event_id == event_id)
    )
    document = Document(event=event, name=name, position=0 if last is None else last + 1)
    document.versions = [_version(1, upload, now)]
    session.add(document)
    session.flush()
    _note(session, event, document, "document.added", now=now, actor=actor)
    return document


def _version(number: int, upload: Upload, now: datetime) -> DocumentVersion:
    return DocumentVersion(
        number=number,
        filename=upload.filename,
        media_type=upload.media_type,
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        content=upload.content,
        created_at=now,
    )


def add_version(
    session: Session, document_id: int, upload: Upload, *, now: datetime, actor: str
) -> bool:
    """Replace what visitors get, keeping the earlier version; False when the bytes are the same."""
    event, document = _locked(session, document_id)
    newest = document.versions[-1]
    version = _version(newest.number + 1, upload, now)
    if (version.sha256, version.filename) == (newest.sha256, newest.filename):
        return False
    document.versions.append(version)
    _note(
        session,
        event,
        document,
        "document.replaced",
        now=now,
        actor=actor,
        number=version.number,
    )
    return True


def rename_document(
    session: Session, document_id: int, name: Text, *, now: datetime, actor: str
) -> None:
    event, document = _locked(session, document_id)
    if document.name == name:
        return
    document.name = name
    _note(session, event, document, "document.renamed", now=now, actor=actor)


def move_document(
    session: Session, document_id: int, *, up: bool, now: datetime, actor: str
) -> None:
    """Trade places with the neighbour; the first stays first, the last stays last."""
    event, document = _locked(session, document_id)
    rows = list(
        session.scalars(
            sa.select(Document)
            .where(Document.event_id == event.id, Document.removed_at.is_(None))
            .order_by(Document.position, Document.id)
        )
    )
    at = rows.index(document)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for position, row in enumerate(rows):
        row.position = position
    _note(session, event, document, "document.reordered", now=now, actor=actor)


def remove_document(session: Session, document_id: int, *, now: datetime, actor: str) -> None:
    """Take the file off the page. Its versions stay: they are public records (domain.md 2.4)."""
    event, document = _locked(session, document_id)
    document.removed_at = now
    _note(session, event, document, "document.removed", now=now, actor=actor)


def _locked(session: Session, document_id: int) -> tuple[Event, Document]:
    """The event under lock and its document; NotFound when that has been removed."""
    event_id = session.scalar(sa.select(Document.event_id).where(Document.id == document_id))
    if event_id is None:
        raise NotFound
    event = lock_event(session, event_id)
    document = session.get_one(Document, document_id, populate_existing=True)
    if document.removed_at is not None:
        raise NotFound
    return event, document


def _note(
    session: Session,
    event: Event,
    document: Document,
    verb: str,
    *,
    now: datetime,
    actor: str,
    **facts: Any,
) -> None:
    if event.state != EventState.DRAFT:
        event.changed_at = now
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"document:{document.id}",
        now=now,
        event_id=event.id,
        facts=facts,
    )
