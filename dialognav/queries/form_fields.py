"""The extra questions of an event, the organisation's library of them, and what was answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from dialognav.domain.errors import NotFound
from dialognav.domain.form_fields import File, Option, Question, Text, Value
from dialognav.domain.permissions import may
from dialognav.domain.terms import FieldKind
from dialognav.i18n import current_language, list_text, number_text, pick
from dialognav.i18n import gettext as _
from dialognav.models import (
    Answer,
    AnswerFile,
    Event,
    FormField,
    Membership,
    Registration,
    StagedFile,
)
from dialognav.models.questions import fields_of, question_of

Key = tuple[int, int | None]
"""(registration id, participant id; None for what was asked of the registration)"""


def questions_of(session: Session, event: Event) -> list[Question]:
    """What the event's form asks beside the usual; no statement when it asks nothing."""
    if not event.has_fields:
        return []
    return [question_of(field) for field in fields_of(session, event.id)]


def all_questions(session: Session, event_id: int) -> list[Question]:
    """Also those taken away, which may have answers: for lists and exports. One statement."""
    found = session.scalars(
        sa.select(FormField)
        .where(FormField.event_id == event_id)
        .order_by(FormField.removed_at.is_not(None), FormField.position, FormField.id)
    )
    return [question_of(field) for field in found]


def number_of_answers(session: Session, event_id: int) -> dict[int, int]:
    """{field id: how many have answered}"""
    rows = session.execute(
        sa.select(Answer.field_id, sa.func.count())
        .join(FormField)
        .where(FormField.event_id == event_id)
        .group_by(Answer.field_id)
    )
    return {row[0]: row[1] for row in rows}


def staged_files(
    session: Session, event_id: int, public_ids: Collection[str], *, since: datetime
) -> dict[str, File]:
    """Visitors' files that wait for their form to be sent again."""
    rows = session.execute(
        sa.select(StagedFile.public_id, StagedFile.filename, StagedFile.content).where(
            StagedFile.public_id.in_(public_ids),
            StagedFile.event_id == event_id,
            StagedFile.purpose == "answer",
            StagedFile.created_at >= since,
        )
    )
    return {row.public_id: File(row.filename, row.content) for row in rows}


# --- what was answered --------------------------------------------------------------------------


def answers_of(session: Session, registration_ids: Collection[int]) -> dict[Key, dict[int, Value]]:
    """{(registration, participant or None): {field id: value}} in one statement.

    For an export, some hundred registrations at a time: memory then grows with none of them.
    """
    rows = session.execute(
        sa.select(
            Answer.registration_id, Answer.participant_id, Answer.field_id, Answer.value
        ).where(Answer.registration_id.in_(registration_ids))
    )
    found: dict[Key, dict[int, Value]] = {}
    for registration_id, participant_id, field_id, value in rows:
        found.setdefault((registration_id, participant_id), {})[field_id] = value
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """One question with what was answered; `file_id` is public, "" when it is no file."""

    question: Question
    value: Value
    file_id: str
    file_name: str


def said_in(session: Session, registration: Registration) -> dict[int | None, list[Said]]:
    """{participant id, or None for the registration's own: what was answered, in order}"""
    rows = session.scalars(
        sa.select(Answer)
        .join(Answer.field)
        .options(contains_eager(Answer.field), joinedload(Answer.file))
        .where(Answer.registration_id == registration.id)
        .order_by(FormField.removed_at.is_not(None), FormField.position, FormField.id)
    )
    found: dict[int | None, list[Said]] = {}
    for answer in rows:
        file = answer.file
        said = Said(
            question_of(answer.field),
            answer.value,
            file.public_id if file else "",
            file.filename if file else "",
        )
        found.setdefault(answer.participant_id, []).append(said)
    return found


def value_text(question: Question, value: Value | None, primary: str) -> str:
    """An answer in words, in the language spoken now; what has no words in it, in `primary`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dict):
        return str(value.get("filename", ""))
    if isinstance(value, int | float):
        return number_text(value)
    if question.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        keys = [value] if isinstance(value, str) else value
        return list_text([_option_text(question.options, key, primary) for key in keys])
    return str(value)


def _option_text(options: Sequence[Option], key: str, primary: str) -> str:
    texts: dict[str, Text] = {option.key: option.text for option in options}
    return pick(texts.get(key, {}), current_language(), primary)[0] or key


# --- on behalf of staff -------------------------------------------------------------------------


def access_field(session: Session, membership: Membership, public_id: str, verb: str) -> FormField:
    """A question in use of the organisation, in one of its events or in its library."""
    if not may(membership.role, verb):
        raise NotFound
    found = session.scalars(
        sa.select(FormField).where(
            FormField.public_id == public_id,
            FormField.organisation_id == membership.organisation_id,
            FormField.removed_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def access_answer_file(session: Session, membership: Membership, public_id: str) -> AnswerFile:
    """A file sent to one of the organisation's events, its content loaded."""
    if not may(membership.role, "registrations"):
        raise NotFound
    found = session.scalars(
        sa.select(AnswerFile)
        .join(Answer, Answer.id == AnswerFile.answer_id)
        .join(Answer.field)
        .where(
            AnswerFile.public_id == public_id,
            FormField.organisation_id == membership.organisation_id,
        )
        .options(sa.orm.undefer(AnswerFile.content))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
