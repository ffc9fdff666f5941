"""The extra questions of an event as fields of a form: in the sign-up, and later on the own page.

Which of them are asked depends on answers above. A page without script shows a conditional question
under the words that say when it is meant; where the browser knows `:has()`, core.css shows it when
the answer calls for it (classes sw-1 and on-1, psw-1 and pon-1). The server has the last word.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup
from werkzeug.datastructures import CombinedMultiDict, FileStorage, ImmutableMultiDict, MultiDict
from wtforms import Field, FileField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from blueprints.public.answer_controls import (
    as_typed,
    choice_words,
    classes_of,
    field_of,
    letter_of,
    name_of,
    sentence_of,
    switches_of,
)
from blueprints.public.said import say
from dialognav.domain.form_fields import (
    LARGEST_FILE,
    NOTHING,
    Condition,
    File,
    Given,
    Question,
    Raw,
    Value,
    keys_of,
    read_answers,
)
from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.domain.uploads import MEDIA_TYPES
from dialognav.i18n import gettext as _

FormData = MultiDict[str, Any] | ImmutableMultiDict[str, Any] | CombinedMultiDict[str, Any]
ACCEPT = ",".join(f".{ending}" for ending in MEDIA_TYPES)


def submitted() -> FormData | None:
    """What was posted, files among it; None for a page that is only looked at."""
    if request.method != "POST":
        return None
    return CombinedMultiDict([request.form, request.files]) if request.files else request.form


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that waits for the form to be sent again; an `id` of "" is one already an answer."""

    id: str
    filename: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question on a page."""

    question: Question
    field: Any
    hint: Markup
    classes: str
    staged: Staged | None


class AnswerForm:
    """The questions of one scope inside another form; iterating gives their fields.

    `every` are all of the event's. `values` are answers as they are stored; `above` are the
    registration's, on which a person's may hang, where they do not stand on the same page;
    `moved` is the same part of the page under the number it had.
    """

    def __init__(
        self,
        every: Sequence[Question],
        scope: FieldScope,
        primary: str,
        formdata: FormData | None,
        *,
        prefix: str = "",
        values: Mapping[int, Value] | None = None,
        above: Mapping[int, Value] | None = None,
        moved: "AnswerForm | None" = None,
    ) -> None:
        self.questions = questions = of_scope(every, scope)
        self.by_id = {question.id: question for question in every}
        self.primary, self.values = primary, dict(values or {})
        self.given: Given = NOTHING
        self.switches = switches_of(every)
        made = {name_of(each): field_of(each, primary) for each in questions}
        self._form = BaseForm(made, prefix=prefix, meta=DefaultMeta())
        filled = {name_of(q): as_typed(self.values[q.id]) for q in questions if q.id in self.values}
        self._form.process(formdata, data=filled if moved is None else moved.typed)
        for question in questions:
            self._field(question).classes = classes_of(question, self.switches)
        self.above = above
        self.staged: dict[int, Staged] = (
            self._staged_before(formdata) if moved is None else moved.staged
        )
        self.files: dict[int, File] = self._files_sent() if moved is None else moved.files

    def __iter__(self) -> Iterator[Field]:
        return iter(self._form)

    def __bool__(self) -> bool:
        return bool(self.questions)

    @property
    def is_blank(self) -> bool:
        return not self.files and not any(self.typed.values())

    @property
    def typed(self) -> dict[str, Any]:
        """What stands in the fields, right or wrong, under names without a prefix."""
        return {
            name: field.data
            for name, field in self._form._fields.items()
            if not isinstance(field, FileField)
        }

    def items(self) -> Iterator[Item]:
        """The questions to show: of those that hang on the registration, only what is asked."""
        for question in self.questions:
            wanted = question.condition
            if wanted is not None and not self._is_here(wanted):
                if wanted.value not in keys_of((self.above or {}).get(wanted.field_id)):
                    continue
                wanted = None
            yield Item(
                question,
                self._field(question),
                self._hint(question, wanted),
                self._shown_by(question),
                self.staged.get(question.id),
            )

    def validate(self, above: Mapping[int, Value] | None = None) -> bool:
        """Read everything into `given`, with a sentence at each field that is not right."""
        raw = {question.id: self._raw(question) for question in self.questions}
        kept = {
            field_id: self.values[field_id]
            for field_id, staged in self.staged.items()
            if not staged.id and field_id in self.values
        }
        self.given = read_answers(
            self.questions, raw, above=self.above if above is None else above, kept=kept
        )
        for question in self.questions:
            problem = self.given.problems.get(question.id)
            if problem is not None:
                self._field(question).errors = [sentence_of(problem, question, self.primary)]
        return not self.given.problems

    @property
    def has_files(self) -> bool:
        return asks_files(self.questions)

    # --- files ----------------------------------------------------------------------------------

    def _staged_before(self, formdata: FormData | None) -> dict[int, Staged]:
        """Files that wait from an earlier post, and those that are answers already."""
        found = {}
        for question in self.questions:
            if question.kind != FieldKind.FILE:
                continue
            name = self._field(question).name
            there = self.values.get(question.id)
            if formdata is not None and f"{name}-gone" in formdata:
                continue
            if formdata is not None and (waiting := formdata.get(f"{name}-kept", "")):
                found[question.id] = Staged(str(waiting)[:12], "")
            elif isinstance(there, dict):
                found[question.id] = Staged("", str(there["filename"]))
        return found

    @property
    def to_stage(self) -> dict[int, File]:
        """Files that came with this post and have no place to wait yet."""
        return {
            field_id: file
            for field_id, file in self.files.items()
            if field_id not in self.given.problems and not self._waits(field_id)
        }

    def put_back(self, found: Mapping[str, File]) -> None:
        """The files of an earlier post, by the id they waited under; a newer one goes before."""
        for field_id, staged in [*self.staged.items()]:
            if not staged.id:
                continue
            del self.staged[field_id]
            if staged.id in found and field_id not in self.files:
                self.files[field_id] = found[staged.id]
                self.staged[field_id] = Staged(staged.id, found[staged.id].filename)

    def lose_file(self, field_id: int) -> None:
        """It cannot wait here, and a page cannot choose a file for its reader."""
        field = self._form._fields[name_of(self.by_id[field_id])]
        field.errors = [*field.errors, _("Choose the file again: it could not be kept")]

    def _waits(self, field_id: int) -> bool:
        staged = self.staged.get(field_id)
        return staged is not None and bool(staged.id)

    def _files_sent(self) -> dict[int, File]:
        sent = {}
        for question in self.questions:
            if question.kind == FieldKind.FILE:
                for each in self._field(question).raw_data or ():
                    if isinstance(each, FileStorage) and each.filename:
                        content = each.stream.read(LARGEST_FILE + 1)
                        sent[question.id] = File(each.filename, content)
        return sent

    # --- one question ---------------------------------------------------------------------------

    def _field(self, question: Question) -> Any:
        return self._form._fields[name_of(question)]

    def _raw(self, question: Question) -> Raw:
        if question.kind == FieldKind.FILE:
            file = self.files.get(question.id)
            return () if file is None else (file,)
        return [str(each) for each in self._field(question).raw_data or ()]

    def _is_here(self, wanted: Condition) -> bool:
        """Whether the answer it names is given on the same page."""
        question = self.by_id.get(wanted.field_id)
        return question in self.questions or (self.above is None and question is not None)

    def _hint(self, question: Question, wanted: Condition | None) -> Markup:
        """When it is meant, and the organiser's own words of help."""
        parts: list[Any] = []
        if wanted is not None:
            answer = choice_words(self.by_id[wanted.field_id], wanted.value, self.primary)
            parts.append(_("Only if you answered “%(answer)s” above.", answer=answer))
        if help_words := say(question.help, self.primary):
            parts.append(help_words)
        if question.kind == FieldKind.FILE:
            limit = LARGEST_FILE // 1024 // 1024
            parts.append(_("PDF, Office, image or text, at most %(limit)s MB.", limit=limit))
        return Markup(" ").join(parts)

    def _shown_by(self, question: Question) -> str:
        """Classes that hide it until its own condition, and those of all it hangs on, are met."""
        found = []
        wanted = question.condition
        while wanted is not None and self._is_here(wanted):
            if number := self.switches.get(wanted):
                found.append(f"{letter_of(self.by_id[wanted.field_id])}on-{number}")
            wanted = self.by_id[wanted.field_id].condition
        return " ".join(found)


def of_scope(questions: Sequence[Question], scope: FieldScope) -> list[Question]:
    return [question for question in questions if question.scope == scope]


def asks_files(questions: Sequence[Question]) -> bool:
    return any(question.kind == FieldKind.FILE for question in questions)


def hangs_on_registration(questions: Sequence[Question]) -> bool:
    """Whether a person's question depends on an answer for the organisation, which then stands
    before the people."""
    own = {question.id for question in of_scope(questions, FieldScope.REGISTRATION)}
    return any(
        question.condition is not None and question.condition.field_id in own
        for question in of_scope(questions, FieldScope.PERSON)
    )
