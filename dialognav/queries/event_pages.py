"""All rows of one event's page in four statements, whatever the number of registrations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from dialognav.db import Text
from dialognav.models import (
    Document,
    DocumentVersion,
    Event,
    MarketQuestion,
    Milestone,
    ProgrammeItem,
)
from dialognav.queries.event_sets import SHOWN


@dataclass(frozen=True, slots=True)
class Asked:
    text: Text
    help: Text


@dataclass(frozen=True, slots=True)
class Step:
    phase: str
    when: Text
    text: Text


@dataclass(frozen=True, slots=True)
class File:
    """The highest version of a document; `size` in bytes."""

    public_id: str
    name: Text
    filename: str
    media_type: str
    size: int
    number: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PageRows:
    programme: list[ProgrammeItem]
    questions: list[Asked]
    milestones: list[Step]
    files: list[File]


def page_rows(session: Session, event: Event) -> PageRows:
    questions, milestones = _asked_and_steps(session, event.id)
    return PageRows(_programme(session, event.id), questions, milestones, files_of(session, event))


def _programme(session: Session, event_id: int) -> list[ProgrammeItem]:
    found = session.scalars(
        sa.select(ProgrammeItem)
        .where(ProgrammeItem.event_id == event_id)
        .order_by(ProgrammeItem.position, ProgrammeItem.id)
        .options(joinedload(ProgrammeItem.speakers))
    )
    return list(found.unique())


def _asked_and_steps(session: Session, event_id: int) -> tuple[list[Asked], list[Step]]:
    """Two small tables in one statement."""
    questions = sa.select(
        sa.literal("question").label("what"),
        MarketQuestion.position.label("position"),
        sa.literal("").label("phase"),
        MarketQuestion.text.label("first"),
        MarketQuestion.help.label("second"),
    ).where(MarketQuestion.event_id == event_id)
    steps = sa.select(
        sa.literal("step"),
        Milestone.position,
        sa.cast(Milestone.phase, sa.String),
        Milestone.when,
        Milestone.text,
    ).where(Milestone.event_id == event_id)
    rows: list[Any] = list(
        session.execute(sa.union_all(questions, steps).order_by("what", "position"))
    )
    return (
        [Asked(row.first or {}, row.second or {}) for row in rows if row.what == "question"],
        [Step(row.phase, row.first, row.second) for row in rows if row.what == "step"],
    )


_each = aliased(DocumentVersion)
_NEWEST = (
    sa.select(sa.func.max(_each.number)).where(_each.document_id == Document.id).scalar_subquery()
)
_FILES = (
    sa.select(
        Document.public_id,
        Document.name,
        DocumentVersion.filename,
        DocumentVersion.media_type,
        DocumentVersion.size,
        DocumentVersion.number,
        DocumentVersion.created_at,
    )
    .join(DocumentVersion, DocumentVersion.document_id == Document.id)
    .where(Document.removed_at.is_(None), DocumentVersion.number == _NEWEST)
)


def files_of(session: Session, event: Event) -> list[File]:
    mine = _FILES.where(Document.event_id == event.id)
    return [File(*row) for row in session.execute(mine.order_by(Document.position, Document.id))]


class Stored(NamedTuple):
    """What a download needs besides its bytes; `sha256` is theirs, in hex."""

    version_id: int
    filename: str
    media_type: str
    sha256: str
    created_at: datetime


def public_file(session: Session, public_id: str) -> Stored | None:
    """The newest version of a document of an event that any visitor may see."""
    row = session.execute(
        sa.select(
            DocumentVersion.id,
            DocumentVersion.filename,
            DocumentVersion.media_type,
            DocumentVersion.sha256,
            DocumentVersion.created_at,
        )
        .join(Document, Document.id == DocumentVersion.document_id)
        .join(Event, Event.id == Document.event_id)
        .where(
            Document.public_id == public_id,
            Document.removed_at.is_(None),
            DocumentVersion.number == _NEWEST,
            SHOWN,
        )
    ).first()
    return None if row is None else Stored(*row)


def content_of(session: Session, version_id: int) -> bytes:
    found = sa.select(DocumentVersion.content).where(DocumentVersion.id == version_id)
    return session.execute(found).scalar_one()
