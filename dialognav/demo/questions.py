"""The demo's extra questions, and what those who have registered answered."""

import tomllib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.actions.answers import write_answers
from dialognav.actions.form_fields import FieldDraft, add_field, save_to_library
from dialognav.domain.form_fields import Given, Value, is_asked
from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.models import Event, FormField, Participant, Registration
from dialognav.models.questions import fields_of, question_of

CONTENT = Path(__file__).with_name("questions.toml")
Asked = Sequence[tuple[FormField, list[Value]]]
"""Each question of an event, with the answers to give to it in turn."""


def add_questions(session: Session, event: Event, *, now: datetime, actor: str) -> None:
    """What the event asks, in the order of questions.toml."""
    named: dict[str, str] = {}
    for given in _rows(event):
        kind = FieldKind(given["kind"])
        scope = FieldScope(given.get("scope", FieldScope.REGISTRATION))
        draft = _draft(given, named)
        field = add_field(session, event.id, kind, scope, draft, now=now, actor=actor)
        named[given.get("name", "")] = field.public_id
        if given.get("library"):
            save_to_library(session, field.id, now=now, actor=actor)


def _rows(event: Event) -> list[dict[str, Any]]:
    rows = tomllib.loads(CONTENT.read_text(encoding="utf-8"))["question"]
    return [given for given in rows if given["event"] == event.slug]


def _draft(given: dict[str, Any], named: dict[str, str]) -> FieldDraft:
    after = given.get("after")
    return FieldDraft(
        label=given["label"],
        help=given.get("help", {}),
        required=given.get("required", False),
        options=tuple(("", text) for text in given.get("option", ())),
        condition=(named[after[0]], after[1]) if after else None,
    )


def answer_questions(session: Session, event: Event) -> None:
    """Everybody registered so far answers what is asked of them."""
    if not event.has_fields:
        return
    answers = {given["label"]["sv"]: given.get("answers", []) for given in _rows(event)}
    asked = [(field, answers[field.label["sv"]]) for field in fields_of(session, event.id)]
    registrations = session.scalars(
        sa.select(Registration).where(Registration.event_id == event.id).order_by(Registration.id)
    ).all()
    for number, registration in enumerate(registrations):
        own = _answers(asked, FieldScope.REGISTRATION, number, {})
        people: list[tuple[Participant | None, Given]] = [
            (person, _answers(asked, FieldScope.PERSON, number + person.position, own.values))
            for person in registration.participants
        ]
        write_answers(session, registration, [(None, own), *people], now=registration.created_at)
    session.flush()


def _answers(asked: Asked, scope: FieldScope, number: int, above: dict[int, Value]) -> Given:
    given = Given({}, {}, {})
    for field, answers in asked:
        question = question_of(field)
        if field.scope == scope and answers and is_asked(question, {**above, **given.values}):
            given.values[field.id] = answers[number % len(answers)]
    return given
