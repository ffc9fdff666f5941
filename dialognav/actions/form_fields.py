"""The extra questions of an event, and the organisation's library of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import audit
from dialognav.domain.errors import NotAllowedNow, NotFound
from dialognav.domain.form_fields import (
    MOST_FIELDS,
    Option,
    Question,
    Text,
    dependents,
    may_depend_on,
    may_swap,
    with_options,
)
from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.models import Answer, Event, FormField, lock_event
from dialognav.models.questions import fields_of, library_of, options_of, question_of


@dataclass(frozen=True, slots=True)
class FieldDraft:
    """A question as its editor leaves it. `options` are (key, or "" for a new one, text).

    `condition` is (public id of the question it depends on, value), or None.
    """

    label: Text
    help: Text = field(default_factory=dict)
    required: bool = False
    options: tuple[tuple[str, Text], ...] = ()
    condition: tuple[str, str] | None = None


def add_field(
    session: Session,
    event_id: int,
    kind: FieldKind,
    scope: FieldScope,
    draft: FieldDraft,
    *,
    now: datetime,
    actor: str,
) -> FormField:
    """Put a question last in the event's form. NotAllowedNow when it has as many as it may."""
    event, there = lock_event(session, event_id), fields_of(session, event_id)
    if len(there) >= MOST_FIELDS:
        raise NotAllowedNow
    made = FormField(
        organisation_id=event.organisation_id,
        event_id=event_id,
        position=_next(there),
        kind=kind,
        scope=scope,
        label=draft.label,
        options=[],
    )
    _write(made, draft, there)
    event.has_fields = True
    session.add(made)
    session.flush()
    _note(session, event, "form.added", made, now=now, actor=actor)
    return made


def change_field(
    session: Session, field_id: int, draft: FieldDraft, *, now: datetime, actor: str
) -> None:
    """Other words, choices or conditions; kind and scope are for good, as answers hang on them.

    NotAllowedNow when a choice would go on which another question depends.
    """
    changed = _locked(session, field_id)
    if changed.event_id is None:
        _write(changed, draft, [])
        _note_library(session, changed, "library.changed", now=now, actor=actor)
        return
    event = session.get_one(Event, changed.event_id)
    there = fields_of(session, event.id)
    kept = {key for key, _text in draft.options}
    needed = {
        other.condition.value
        for other in dependents(question_of(changed), map(question_of, there))
        if other.condition is not None
    }
    if changed.kind != FieldKind.YES_NO and needed - kept:
        raise NotAllowedNow
    before = [one for one in there if one.position < changed.position]
    _write(changed, draft, [*before, *_of_registration(changed, there)])
    _note(session, event, "form.changed", changed, now=now, actor=actor)


def move_field(session: Session, field_id: int, *, up: bool, now: datetime, actor: str) -> None:
    """One step among the questions of its scope; nothing when it is outermost there.

    NotAllowedNow when it would pass what it depends on.
    """
    moved = _locked(session, field_id)
    if moved.event_id is None:
        return
    there = [one for one in fields_of(session, moved.event_id) if one.scope == moved.scope]
    at = there.index(moved)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(there):
        return
    upper, lower = there[min(at, other)], there[max(at, other)]
    if not may_swap(question_of(upper), question_of(lower)):
        raise NotAllowedNow
    upper.position, lower.position = lower.position, upper.position
    event = session.get_one(Event, moved.event_id)
    _note(session, event, "form.reordered", moved, now=now, actor=actor)


def remove_field(session: Session, field_id: int, *, now: datetime, actor: str) -> None:
    """Ask it no more; answers given stay. NotAllowedNow when another question depends on it."""
    gone = _locked(session, field_id)
    gone.removed_at = now
    if gone.event_id is None:
        _note_library(session, gone, "library.removed", now=now, actor=actor)
        return
    there = fields_of(session, gone.event_id)  # flushed: without it
    if dependents(question_of(gone), map(question_of, there)):
        raise NotAllowedNow
    event = session.get_one(Event, gone.event_id)
    event.has_fields = bool(there) or _is_answered(session, event.id)
    _note(session, event, "form.removed", gone, now=now, actor=actor)


def save_to_library(session: Session, field_id: int, *, now: datetime, actor: str) -> FormField:
    """A copy for other events. What it depends on stays behind."""
    original = _locked(session, field_id)
    made = _copy(original, None, _next(library_of(session, original.organisation_id)))
    session.add(made)
    session.flush()
    _note_library(session, made, "library.added", now=now, actor=actor)
    return made


def add_to_library(
    session: Session,
    organisation_id: int,
    kind: FieldKind,
    scope: FieldScope,
    draft: FieldDraft,
    *,
    now: datetime,
    actor: str,
) -> FormField:
    made = FormField(
        organisation_id=organisation_id,
        position=_next(library_of(session, organisation_id)),
        kind=kind,
        scope=scope,
        label=draft.label,
        options=[],
    )
    _write(made, draft, [])
    session.add(made)
    session.flush()
    _note_library(session, made, "library.added", now=now, actor=actor)
    return made


def take_from_library(
    session: Session, event_id: int, public_ids: Collection[str], *, now: datetime, actor: str
) -> list[FormField]:
    """Copies of these last in the event's form, in the library's order."""
    event = lock_event(session, event_id)
    there = fields_of(session, event_id)
    chosen = [
        one for one in library_of(session, event.organisation_id) if one.public_id in public_ids
    ]
    if len(there) + len(chosen) > MOST_FIELDS:
        raise NotAllowedNow
    made = [_copy(one, event_id, n) for n, one in enumerate(chosen, _next(there))]
    session.add_all(made)
    event.has_fields = bool(there or made)
    session.flush()
    for one in made:
        _note(session, event, "form.added", one, now=now, actor=actor)
    return made


def copy_fields(session: Session, source: Event, target: Event) -> None:
    """A copied event asks the same, conditions included; two statements."""
    if not source.has_fields:
        return
    asked = fields_of(session, source.id)
    copies = {one.id: _copy(one, target.id, one.position) for one in asked}
    session.add_all(copies.values())
    session.flush()
    for one in asked:
        if one.condition_field_id in copies:
            copies[one.id].condition_field_id = copies[one.condition_field_id].id
            copies[one.id].condition_value = one.condition_value
    target.has_fields = bool(copies)


def delete_fields(session: Session, event_id: int) -> None:
    """With a draft that is deleted: nobody can have answered."""
    mine = FormField.event_id == event_id
    session.execute(sa.update(FormField).where(mine).values(condition_field_id=None))
    session.execute(sa.delete(FormField).where(mine))


def _is_answered(session: Session, event_id: int) -> bool:
    """Whether there is an answer to show, to a question that may be asked no more."""
    found = sa.exists().where(Answer.field_id == FormField.id, FormField.event_id == event_id)
    return bool(session.scalar(sa.select(found)))


def _locked(session: Session, field_id: int) -> FormField:
    """The question under its event's lock; one of the library has none."""
    found = session.get(FormField, field_id)
    if found is None:
        raise NotFound
    if found.event_id is not None:
        lock_event(session, found.event_id)
    session.refresh(found)
    if found.removed_at is not None:
        raise NotFound
    return found


def _write(row: FormField, draft: FieldDraft, before: Sequence[FormField]) -> None:
    """The draft into the row; `before` are those it may depend on."""
    row.label, row.help, row.required = draft.label, draft.help, draft.required
    if row.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        row.options = [_as_row(one) for one in with_options(options_of(row), draft.options)]
    row.condition_field_id, row.condition_value = None, ""
    if draft.condition is not None:
        public_id, value = draft.condition
        for one in before:
            if one.public_id == public_id and _fits(question_of(one), row.scope, value):
                row.condition_field_id, row.condition_value = one.id, value
                return
        raise NotAllowedNow


def _fits(question: Question, scope: str, value: str) -> bool:
    keys = {option.key for option in question.offered}
    if question.kind == FieldKind.YES_NO:
        keys = {"yes", "no"}
    return may_depend_on(question, scope) and value in keys


def _as_row(option: Option) -> dict[str, object]:
    row: dict[str, object] = {"key": option.key, "text": option.text}
    return {**row, "removed": True} if option.removed else row


def _of_registration(one: FormField, there: Sequence[FormField]) -> list[FormField]:
    """A person's question stands after all of the registration's."""
    if one.scope != FieldScope.PERSON:
        return []
    return [other for other in there if other.scope == FieldScope.REGISTRATION]


def _copy(one: FormField, event_id: int | None, position: int) -> FormField:
    return FormField(
        organisation_id=one.organisation_id,
        event_id=event_id,
        position=position,
        kind=one.kind,
        scope=one.scope,
        label=one.label,
        help=one.help,
        options=[_as_row(option) for option in options_of(one) if not option.removed],
        required=one.required,
    )


def _next(there: Sequence[FormField]) -> int:
    return max((one.position for one in there), default=-1) + 1


def _note(
    session: Session, event: Event, verb: str, one: FormField, *, now: datetime, actor: str
) -> None:
    audit.record(
        session,
        event.organisation_id,
        actor,
        verb,
        f"field:{one.id}",
        now=now,
        event_id=event.id,
    )


def _note_library(
    session: Session, one: FormField, verb: str, *, now: datetime, actor: str
) -> None:
    audit.record(session, one.organisation_id, actor, verb, f"field:{one.id}", now=now)
