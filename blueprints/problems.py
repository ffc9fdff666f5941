"""What is wrong with a form, flattened for the error summary on top of the page."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from wtforms import Field, FieldList, FormField, RadioField, SelectMultipleField
from wtforms.csrf.core import CSRFTokenField
from wtforms.widgets import CheckboxInput

from dialognav.i18n import lazy as _

STALE = _("The page had been open for too long. Everything you wrote is still here: send it again.")


class Problem(NamedTuple):
    """One sentence and the id of the control to go to ("" when it concerns the whole form)."""

    target: str
    text: str


def problem_list(form: Any) -> list[Problem]:
    """Problems in the order of the page, whole-form ones first. Nested forms and lists included."""
    whole = [Problem("", str(text)) for text in getattr(form, "form_errors", [])]
    return whole + [problem for field in form for problem in _field_problems(field)]


def problem_count(form: Any) -> int:
    """Number of problems the summary will list."""
    return len(problem_list(form))


def _field_problems(field: Field) -> Iterator[Problem]:
    if isinstance(field, CSRFTokenField):
        if field.errors:
            yield Problem("", str(STALE))
        return
    if isinstance(field, FormField):
        yield from problem_list(field.form)
        return
    if isinstance(field, FieldList):
        for entry in field:
            yield from _field_problems(entry)
    # The errors of nested fields come along as lists and dicts; a sentence may be lazy text.
    errors: list[Any] = list(field.errors)
    sentences = [error for error in errors if not isinstance(error, list | tuple | dict)]
    if sentences:
        yield Problem(_target(field), str(sentences[0]))


def _target(field: Field) -> str:
    """Id of a control that can take focus: a group of choices has none of its own."""
    boxes = isinstance(getattr(field, "option_widget", None), CheckboxInput)
    if isinstance(field, RadioField) or (isinstance(field, SelectMultipleField) and boxes):
        return f"{field.id}-0"
    return str(field.id)
