"""The extra questions as rows: of an event, of a library, and as the rules see them."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.domain.form_fields import Condition, Option, Question
from dialognav.domain.terms import FieldScope
from dialognav.models.form import FormField


def question_of(field: FormField) -> Question:
    """A row as the rules of domain/form_fields.py see it."""
    condition = None
    if field.condition_field_id is not None:
        condition = Condition(field.condition_field_id, field.condition_value)
    return Question(
        id=field.id,
        key=field.public_id,
        kind=field.kind,
        scope=field.scope,
        label=field.label,
        help=field.help,
        options=tuple(options_of(field)),
        required=field.required,
        condition=condition,
        removed=field.removed_at is not None,
    )


def options_of(field: FormField) -> list[Option]:
    return [
        Option(each["key"], each["text"], bool(each.get("removed", False)))
        for each in field.options
    ]


def fields_of(session: Session, event_id: int) -> list[FormField]:
    """Those in use, the registration's before each person's, in their order."""
    found = session.scalars(_IN_USE, {"event_id": event_id}).all()
    return sorted(found, key=lambda field: (field.scope == FieldScope.PERSON, field.position))


_IN_USE = (
    sa.select(FormField)
    .where(FormField.event_id == sa.bindparam("event_id"), FormField.removed_at.is_(None))
    .order_by(FormField.position, FormField.id)
)


def library_of(session: Session, organisation_id: int) -> list[FormField]:
    """The organisation's own questions, to take into its events."""
    return list(
        session.scalars(
            sa.select(FormField)
            .where(
                FormField.organisation_id == organisation_id,
                FormField.event_id.is_(None),
                FormField.removed_at.is_(None),
            )
            .order_by(FormField.position, FormField.id)
        )
    )
