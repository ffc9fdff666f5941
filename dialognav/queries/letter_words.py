"""Which standard letters say something of an organiser's own."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.models import LetterText


@dataclass(frozen=True, slots=True)
class Levels:
    """A letter's own words where they are written: the event's go before the organisation's."""

    event: LetterText | None = None
    organisation: LetterText | None = None

    @property
    def in_force(self) -> LetterText | None:
        return self.event or self.organisation


def own_words(
    session: Session, organisation_id: int, event_id: int | None, kind: str | None = None
) -> dict[str, Levels]:
    """{kind: Levels} of the letters that have any; without an event the organisation's alone."""
    event = LetterText.event_id == event_id if event_id else sa.false()
    query = (
        sa.select(LetterText)
        .where(LetterText.organisation_id == organisation_id)
        .where(sa.or_(LetterText.event_id.is_(None), event))
    )
    if kind is not None:
        query = query.where(LetterText.kind == kind)
    found: dict[str, Levels] = {}
    for text in session.scalars(query):
        one = found.get(text.kind, Levels())
        found[text.kind] = (
            Levels(text, one.organisation) if text.event_id else Levels(one.event, text)
        )
    return found
