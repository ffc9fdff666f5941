"""Between the tables of an event and the draft its editor works on."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dialognav.domain.drafts import (
    EventDraft,
    MilestoneLine,
    ProgrammeLine,
    QuestionLine,
    SpeakerLine,
)
from dialognav.domain.occasions import OF_OCCASION, OccasionLine
from dialognav.domain.publishing import search_text, slug_of
from dialognav.models import (
    Event,
    MarketQuestion,
    Milestone,
    Occasion,
    ProgrammeItem,
    Speaker,
)
from dialognav.tokens import new_public_id

_OF_EVENT = (
    "primary_language",
    "title",
    "kind",
    "phase",
    "format",
    "attending",
    "sessions_most",
    "recurrence",
    "summary",
    "need",
    "effect",
    "zone",
    "registration_opens_at",
    "registration_closes_at",
    "serves_food",
    "accessibility_note",
    "language_note",
    "cost_note",
    "contact_name",
    "contact_title",
    "contact_email",
    "contact_phone",
    "contact_hours",
    "diary_number",
    "region",
    "after_text",
)


_ROWS = ("questions", "programme", "milestones")


def draft_of(event: Event, *, rows: bool = True) -> EventDraft:
    """The event as its editor sees it. Without `rows` the lists stay empty and are not read.

    What is cancelled is not written any more, so its draft has only the live occasions.
    """
    plain = {name: getattr(event, name) for name in _OF_EVENT}
    return EventDraft(
        **plain,
        occasions=tuple(map(line_of, event.live_occasions)),
        cpv=tuple(event.cpv),
        **(_lists_of(event) if rows else {}),
    )


def line_of(occasion: Occasion) -> OccasionLine:
    return OccasionLine(id=occasion.id, **{n: getattr(occasion, n) for n in OF_OCCASION})


def _lists_of(event: Event) -> dict[str, Any]:
    return {
        "questions": tuple(QuestionLine(row.text, row.help) for row in event.questions),
        "programme": tuple(_programme_line(item) for item in event.programme),
        "milestones": tuple(MilestoneLine(m.phase, m.when, m.text) for m in event.milestones),
    }


def _programme_line(item: ProgrammeItem) -> ProgrammeLine:
    speakers = tuple(SpeakerLine(s.name, s.title, s.organisation) for s in item.speakers)
    return ProgrammeLine(
        item.starts_at, item.ends_at, item.title, item.text, item.is_break, speakers
    )


def write_draft(event: Event, draft: EventDraft, *, old: EventDraft | None = None) -> None:
    """Put the draft into the event's rows. Lists are replaced whole, and only when they changed."""
    for name in _OF_EVENT:
        setattr(event, name, getattr(draft, name))
    event.cpv = list(draft.cpv)
    _write_occasions(event, draft)
    for name in _ROWS:
        if old is None or getattr(old, name) != getattr(draft, name):
            setattr(event, name, list(_rows(name, draft)))
    event.search_text = search_text(draft, event.organisation.name.values())


def _write_occasions(event: Event, draft: EventDraft) -> None:
    """Rows that no line has any more are deleted; a new one has as many places as the first."""
    live = event.live_occasions
    rows = {occasion.id: occasion for occasion in live}
    for line in draft.occasions:
        row = rows.pop(line.id, None) if line.id is not None else None
        if row is None:
            row = Occasion()
            if live:
                row.capacity_on_site = live[0].capacity_on_site
                row.capacity_online = live[0].capacity_online
            event.occasions.append(row)
        for name in OF_OCCASION:
            setattr(row, name, getattr(line, name))
    for row in rows.values():
        event.occasions.remove(row)
    fit_to_occasions(event)


def fit_to_occasions(event: Event) -> None:
    """Put the occasions in order, and the event's envelope around those that are live."""
    event.occasions.sort(key=lambda each: (each.starts_at, each.ends_at))
    for position, occasion in enumerate(event.occasions):
        occasion.position = position
    event.starts_at = min(each.starts_at for each in event.live_occasions)
    event.ends_at = max(each.ends_at for each in event.live_occasions)


def _rows(name: str, draft: EventDraft) -> Iterable[MarketQuestion | ProgrammeItem | Milestone]:
    if name == "questions":
        for n, question in enumerate(draft.questions):
            yield MarketQuestion(position=n, text=question.text, help=question.help)
    elif name == "milestones":
        for n, step in enumerate(draft.milestones):
            yield Milestone(position=n, phase=step.phase, when=step.when, text=step.text)
    else:
        for n, line in enumerate(draft.programme):
            yield _programme_item(n, line)


def _programme_item(position: int, line: ProgrammeLine) -> ProgrammeItem:
    return ProgrammeItem(
        position=position,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        title=line.title,
        text=line.text,
        is_break=line.is_break,
        speakers=[
            Speaker(position=n, name=s.name, title=s.title, organisation=s.organisation)
            for n, s in enumerate(line.speakers)
        ],
    )


def free_slug(session: Session, title: str, *, keep: Event | None = None) -> str:
    """A slug for the title that no other event has: "hemmets-moten", "hemmets-moten-2", ..."""
    wanted = slug_of(title)
    others = sa.select(Event.slug).where(Event.slug.startswith(wanted, autoescape=True))
    if keep is not None:
        others = others.where(Event.id != keep.id)
    taken = set(session.scalars(others))
    numbered = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)


def add_with_free_slug(session: Session, event: Event, title: str) -> None:
    """Insert the event. When somebody takes the slug in the same instant, choose the next one."""
    for _attempt in range(3):
        event.slug = free_slug(session, title)
        try:
            with session.begin_nested():
                session.add(event)
                session.flush()
        except IntegrityError:
            continue
        return
    event.slug = f"{slug_of(title)[:60]}-{new_public_id()}"
    session.add(event)
    session.flush()
