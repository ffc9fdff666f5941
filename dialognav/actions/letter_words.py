"""An organiser's own words in the standard letters: written, and taken back to the standard."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.actions.organisations import lock_organisation
from dialognav.domain.errors import EditedMeanwhile
from dialognav.domain.standard_letters import PARTS, OwnWords
from dialognav.models import LetterText


def words_of(text: LetterText | None) -> OwnWords:
    return OwnWords(*(dict(getattr(text, part)) if text else {} for part in PARTS))


def save_words(
    session: Session,
    organisation_id: int,
    event_id: int | None,
    kind: str,
    words: OwnWords,
    *,
    expected_revision: int,
    user_id: int,
    now: datetime,
    actor: str,
) -> None:
    """Say this in letters of that kind from now on: in one event's, or (None) the organisation's.

    EditedMeanwhile when somebody saved since; 0 expects none. Nothing at all in the organisation's
    is the standard, and the same as none; in an event's it is the standard in spite of hers.
    """
    organisation = lock_organisation(session, organisation_id)
    text = _find(session, organisation_id, event_id, kind)
    if (text.revision if text else 0) != expected_revision:
        raise EditedMeanwhile
    if words == words_of(text) and (text or not event_id):
        return
    if not words and not event_id:
        if text is not None:
            _remove(session, text, now=now, actor=actor)
        return
    if text is None:
        text = LetterText(organisation_id=organisation_id, event_id=event_id, kind=kind)
        session.add(text)
    for part in PARTS:
        setattr(text, part, {code: said for code, said in getattr(words, part).items() if said})
    # The number of the row below: one that never comes back, also when the words go meanwhile.
    text.revision = organisation.audit_number + 1
    text.changed_at, text.changed_by_id = now, user_id
    session.flush()
    _note(session, text, "letter.words_changed", now=now, actor=actor)


def reset_words(
    session: Session,
    organisation_id: int,
    event_id: int | None,
    kind: str,
    *,
    now: datetime,
    actor: str,
) -> bool:
    """Back to the organisation's words, or hers to the standard; False when there are none."""
    lock_organisation(session, organisation_id)
    text = _find(session, organisation_id, event_id, kind)
    if text is None:
        return False
    _remove(session, text, now=now, actor=actor)
    return True


def _find(
    session: Session, organisation_id: int, event_id: int | None, kind: str
) -> LetterText | None:
    return session.scalars(
        sa.select(LetterText).where(
            LetterText.organisation_id == organisation_id,
            LetterText.event_id == event_id if event_id else LetterText.event_id.is_(None),
            LetterText.kind == kind,
        )
    ).one_or_none()


def _remove(session: Session, text: LetterText, *, now: datetime, actor: str) -> None:
    _note(session, text, "letter.words_reset", now=now, actor=actor)
    session.delete(text)
    session.flush()


def _note(session: Session, text: LetterText, verb: str, *, now: datetime, actor: str) -> None:
    audit.record(
        session,
        text.organisation_id,
        actor,
        verb,
        f"letter_text:{text.id}",
        now=now,
        event_id=text.event_id,
        facts={"letter": text.kind},
    )
