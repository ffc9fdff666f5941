"""The editor of one extra question: its words in each language, its choices, when it is asked."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from flask import request
from wtforms import BooleanField, Field, Form, HiddenField, SelectField

from blueprints.forms import AtMost, BaseForm, LineField, Required, TextField, options
from blueprints.manage.typed import complain
from dialognav.actions.form_fields import FieldDraft
from dialognav.domain.form_fields import (
    MOST_OPTIONS,
    NO,
    YES,
    Question,
    Text,
    dependents,
    may_depend_on,
)
from dialognav.domain.terms import FieldKind
from dialognav.i18n import NAMES, lazy, pick
from dialognav.i18n import gettext as _

WITH_OPTIONS = (FieldKind.CHOICE, FieldKind.CHOICES)
_ROW = re.compile(r"option-([0-9]{1,3})-")
_SPARE = 3  # empty rows after those that are filled
Texts = list[tuple[str, str, Any]]  # (code, the language's own name, field)


class RowBase(Form):
    """A choice in each language; its key stays the same for good."""

    class Meta:
        locales = False

    key = HiddenField()
    languages: tuple[str, ...] = ()

    @property
    def texts(self) -> Texts:
        return [(code, NAMES[code][0], self[code]) for code in self.languages]

    def text(self) -> Text:
        return {code: field.data for code, _own, field in self.texts if field.data}


class FieldBase(BaseForm):
    required = BooleanField(lazy("Has to be answered"))
    condition = SelectField(lazy("Asked"), validate_choice=False)
    languages: tuple[str, ...] = ()
    row: type[RowBase]

    def prepare(
        self, kind: str, earlier: Sequence[Question], existing: Question | None = None
    ) -> None:
        """What this kind of question has; `earlier` are those it may hang on."""
        self.kind, self.existing = kind, existing
        self.conditions = _conditions(earlier, self.languages[0])
        self.condition.choices = options(self.conditions)
        if existing is not None and existing.condition and not self.is_submitted():
            wanted = existing.condition
            key = next((each.key for each in earlier if each.id == wanted.field_id), "")
            self.condition.data = f"{key}:{wanted.value}"
        self.rows = list(self._rows()) if kind in WITH_OPTIONS else []

    def __iter__(self) -> Iterator[Field]:
        yield from super().__iter__()
        for row in getattr(self, "rows", ()):
            yield from row

    def texts(self, name: str) -> Texts:
        return [(code, NAMES[code][0], self[f"{name}_{code}"]) for code in self.languages]

    def _rows(self) -> Iterator[RowBase]:
        if self.is_submitted():
            found = {int(match[1]) for name in request.form if (match := _ROW.match(name))}
            for number in sorted(found)[:MOST_OPTIONS]:
                yield self.row(request.form, prefix=f"option-{number}-")
            extra = 4 if request.form.get("action") == "more" else 0
            first = max(found, default=-1) + 1
        else:
            there = self.existing.offered if self.existing else ()
            for number, option in enumerate(there):
                yield self.row(prefix=f"option-{number}-", data={"key": option.key, **option.text})
            extra, first = max(_SPARE, 4 - len(there)), len(there)
        for number in range(first, min(first + extra, MOST_OPTIONS)):
            yield self.row(prefix=f"option-{number}-")

    def check(self, every: Sequence[Question] = ()) -> bool:
        """`every` are the event's questions, some of which may hang on a choice of this one."""
        return all([self.validate(), self._check_rows(every), self._check_condition()])

    def _check_rows(self, every: Sequence[Question]) -> bool:
        if self.kind not in WITH_OPTIONS:
            return True
        primary, used = self.languages[0], set()
        for row in self.rows:
            row.validate()
            said = row[primary].data
            if row.text() and not said:
                complain(row[primary], _("Write the choice in the first language too"))
            elif said and said.casefold() in used:
                complain(row[primary], _("This choice is there already"))
            used.add((said or "").casefold())
        if len(used - {""}) < 2:
            complain(self.rows[0][primary], _("Write at least two choices"))
        self._check_needed(every)
        return not any(row.errors or any(f.errors for f in row) for row in self.rows)

    def _check_needed(self, every: Sequence[Question]) -> None:
        """A choice on which another question hangs may be reworded, not taken away."""
        if self.existing is None:
            return
        primary = self.languages[0]
        kept = {row.key.data for row in self.rows if row[primary].data}
        for other in dependents(self.existing, every):
            if other.condition is not None and other.condition.value not in kept:
                row = next(
                    (r for r in self.rows if r.key.data == other.condition.value), self.rows[0]
                )
                name = pick(other.label, primary, primary)[0]
                complain(row[primary], _("“%(question)s” hangs on this choice", question=name))

    def _check_condition(self) -> bool:
        if str(self.condition.data or "") not in dict(self.conditions):
            complain(self.condition, _("Choose when it is asked"))
            return False
        return True

    def draft(self) -> FieldDraft:
        key, _colon, value = str(self.condition.data or "").partition(":")
        rows = [(str(row.key.data or ""), row.text()) for row in self.rows]
        return FieldDraft(
            label={code: field.data for code, _own, field in self.texts("label") if field.data},
            help={code: field.data for code, _own, field in self.texts("help") if field.data},
            required=bool(self.required.data),
            options=tuple((one, text) for one, text in rows if text),
            condition=(key, value) if key else None,
        )


@lru_cache(maxsize=16)
def field_form(languages: tuple[str, ...]) -> type[FieldBase]:
    """An editor in these languages, the primary first, in which a question has to be written."""
    fields: dict[str, Any] = {}
    for code in languages:
        needed = [Required(lazy("Write the question"))] if code == languages[0] else []
        fields[f"label_{code}"] = LineField(lazy("Question"), [*needed, AtMost(300)])
        fields[f"help_{code}"] = TextField(lazy("Help"), [AtMost(500)])
    texts = {code: LineField(lazy("Choice"), [AtMost(200)]) for code in languages}
    row = type("OptionRow", (RowBase,), {**texts, "languages": languages})
    return type("FieldForm", (FieldBase,), {**fields, "languages": languages, "row": row})


def filled(question: Question) -> dict[str, Any]:
    """A question as the data of its form."""
    labels = {f"label_{code}": words for code, words in question.label.items()}
    helps = {f"help_{code}": words for code, words in question.help.items()}
    return {**labels, **helps, "required": question.required}


def earlier_than(
    question: Question | None, scope: str, every: Sequence[Question]
) -> list[Question]:
    """Those of the event a question of this scope, new or old, may hang on, in their order."""
    found = []
    for each in every:
        if question is not None and each.id == question.id:
            break
        if may_depend_on(each, scope):
            found.append(each)
    return found


def condition_words(question: Question, every: Sequence[Question], primary: str) -> str:
    """'“Maturity of your solution”: Planned' — what has to be answered for it to be asked."""
    for each in every:
        if question.condition is not None and each.id == question.condition.field_id:
            pairs = dict(_conditions([each], primary))
            return str(pairs.get(f"{each.key}:{question.condition.value}", ""))
    return ""


def _conditions(earlier: Sequence[Question], primary: str) -> list[tuple[str, str]]:
    """[("", always), (public id:choice, words)]"""
    pairs = [("", _("Always"))]
    for question in earlier:
        name = pick(question.label, primary, primary)[0]
        choices = [(o.key, pick(o.text, primary, primary)[0]) for o in question.offered]
        if question.kind == FieldKind.YES_NO:
            choices = [(YES, _("Yes")), (NO, _("No"))]
        pairs += [
            (f"{question.key}:{key}", _("“%(question)s”: %(answer)s", question=name, answer=words))
            for key, words in choices
        ]
    return pairs
