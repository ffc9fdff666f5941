"""One extra question as a field: its control, its choices, its words, and what it reveals."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wtforms import FileField, RadioField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.forms import AtMost, LineField, Required, TextField, options
from blueprints.public.said import Said, say
from dialognav.domain.form_fields import LONGEST, NO, YES, Condition, Problem, Question, Value
from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.i18n import gettext as _
from dialognav.i18n import lazy

MOST_SWITCHES = 24  # as many as core.css knows; what comes after them is always shown


class _WithClasses:
    """Choices whose controls carry a class that says what they reveal."""

    classes: Mapping[str, str]

    def __iter__(self) -> Iterator[Any]:
        for choice in super().__iter__():  # type: ignore[misc]
            if switch := self.classes.get(str(choice.data)):
                choice.render_kw = {"class_": switch}
            yield choice


class OneOf(_WithClasses, RadioField):
    pass


class SomeOf(_WithClasses, SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def choice_words(question: Question, key: str, primary: str) -> Said:
    """A choice, or yes or no, in words."""
    if question.kind == FieldKind.YES_NO:
        return Said(_("Yes") if key == YES else _("No"))
    texts = {option.key: option.text for option in question.options}
    return say(texts.get(key, {}), primary)


def name_of(question: Question) -> str:
    return f"answer-{question.key}"


def as_typed(value: Value) -> Any:
    if isinstance(value, bool):
        return YES if value else NO
    return str(value) if isinstance(value, int | float) else value


def field_of(question: Question, primary: str) -> Any:
    label: Any = say(question.label, primary)
    needed = [Required("")] if question.required else []
    if question.kind == FieldKind.FILE:
        return FileField(label, needed)
    if question.kind == FieldKind.LONG_TEXT:
        return TextField(label, [*needed, AtMost(LONGEST[FieldKind.LONG_TEXT])])
    if question.kind == FieldKind.TEXT:
        return LineField(label, [*needed, AtMost(LONGEST[FieldKind.TEXT])])
    if question.kind == FieldKind.NUMBER:
        return LineField(label, needed)
    kind = SomeOf if question.kind == FieldKind.CHOICES else OneOf
    return kind(label, needed, choices=options(_choices(question, primary)), validate_choice=False)


def _choices(question: Question, primary: str) -> list[tuple[str, Any]]:
    if question.kind == FieldKind.YES_NO:
        pairs: list[tuple[str, Any]] = [(YES, _("Yes")), (NO, _("No"))]
    else:
        pairs = [(option.key, say(option.text, primary)) for option in question.offered]
    is_one = question.kind != FieldKind.CHOICES
    return [*pairs, ("", _("No answer"))] if is_one and not question.required else pairs


def switches_of(every: Sequence[Question]) -> dict[Condition, int]:
    """{condition: the number of its class}, the registration's and the people's apart."""
    scopes = {question.id: question.scope for question in every}
    found: dict[Condition, int] = {}
    used = dict.fromkeys(FieldScope, 0)
    for question in every:
        wanted = question.condition
        if wanted is None or wanted in found or wanted.field_id not in scopes:
            continue
        scope = FieldScope(scopes[wanted.field_id])
        used[scope] += 1
        if used[scope] <= MOST_SWITCHES:
            found[wanted] = used[scope]
    return found


def letter_of(question: Question) -> str:
    return "p" if question.scope == FieldScope.PERSON else ""


def classes_of(question: Question, switches: Mapping[Condition, int]) -> dict[str, str]:
    """{choice: the class of its control}"""
    return {
        wanted.value: f"{letter_of(question)}sw-{number}"
        for wanted, number in switches.items()
        if wanted.field_id == question.id
    }


_SENTENCES: dict[str, Any] = {
    "missing": lazy("Answer the question “%(question)s”"),
    "too_long": lazy("Write at most %(limit)s characters. This is %(length)s."),
    "not_a_number": lazy("Write a number, like 12 or 1,5"),
    "ambiguous": lazy("Write the number without marks between thousands, like 1000 or 1,5"),
    "too_large": lazy("The number is too large"),
    "not_offered": lazy("Choose one of the answers"),
    "file_large": lazy("The file is larger than %(limit)s MB"),
    "file_empty": lazy("The file is empty"),
    "file_unknown_type": lazy("This kind of file is not accepted"),
    "file_wrong_name": lazy("The content is not what the file's name says"),
    "file_macros": lazy("Files with macros are not accepted"),
    "file_not_utf8": lazy("Save the text as UTF-8 and choose it again"),
}


def sentence_of(problem: Problem, question: Question, primary: str) -> str:
    values = {
        "question": say(question.label, primary).words,
        "limit": problem.limit,
        "length": problem.length,
    }
    return str(_SENTENCES[problem.code]) % values
