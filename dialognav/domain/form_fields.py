"""The extra questions of a sign-up form: what is asked of whom, and what an answer has to be.

A question may depend on another above it: it is asked when that one's answer is, or among several
holds, a certain choice. What is not asked is neither required nor stored.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dialognav.domain.terms import FieldKind, FieldScope
from dialognav.domain.typed_text import clean_line, clean_text
from dialognav.domain.uploads import Upload, UploadRefused, recognise

Text = dict[str, str]  # {language: words}
Value = str | int | float | bool | list[str] | dict[str, Any]
"""Text, a number, a yes/no, a key, a list of keys, or {"filename": .., "size": bytes} of a file."""

YES, NO = "yes", "no"
CONDITIONAL_ON = (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.YES_NO)
LONGEST = {FieldKind.TEXT: 300, FieldKind.LONG_TEXT: 4000}  # characters
LARGEST_FILE = 5 * 1024 * 1024  # bytes
LARGEST_NUMBER = 10**12
MOST_FIELDS = 40
MOST_OPTIONS = 60

_NUMBER = re.compile(r"-?(?:[0-9]{1,20}(?:[.,][0-9]{1,20})?|[.,][0-9]{1,20})")
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")  # 1.000 is one, or a thousand
_SPACES = str.maketrans("", "", " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}")


@dataclass(frozen=True, slots=True)
class Option:
    """A choice. One that was taken away stays, for the words of answers already given."""

    key: str
    text: Text
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """`value` is an option's key, or "yes" or "no"."""

    field_id: int
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """A field as the form asks it; `key` is its public id, which names it in a page."""

    id: int
    key: str
    kind: str
    scope: str
    label: Text
    help: Text = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    required: bool = False
    condition: Condition | None = None
    removed: bool = False

    @property
    def offered(self) -> tuple[Option, ...]:
        return tuple(option for option in self.options if not option.removed)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was sent; at most LARGEST_FILE + 1 bytes of it are read."""

    filename: str
    content: bytes


Raw = Sequence[str | File]


@dataclass(frozen=True, slots=True)
class Problem:
    """`code`: missing, too_long, not_a_number, ambiguous, too_large, not_offered, file_large, or
    file_ and the reason of an UploadRefused. `limit` and `length` for the sentences that say them.
    """

    code: str
    limit: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """What was read: {field id: value}, the files among them, and {field id: what is wrong}."""

    values: dict[int, Value] = field(default_factory=dict)
    files: dict[int, Upload] = field(default_factory=dict)
    problems: dict[int, Problem] = field(default_factory=dict)


NOTHING = Given()


class _Refused(Exception):
    def __init__(self, code: str, limit: int = 0, length: int = 0) -> None:
        super().__init__(code)
        self.problem = Problem(code, limit, length)


def read_answers(
    questions: Iterable[Question],
    raw: Mapping[int, Raw],
    *,
    above: Mapping[int, Value] | None = None,
    kept: Mapping[int, Value] | None = None,
) -> Given:
    """Read what was typed to questions of one scope, in the order they stand.

    `above` are the registration's answers, on which those of a person may depend; `kept` the files
    that are there already, which an empty file field leaves as they are.
    """
    given = Given({}, {}, {})
    for question in questions:
        if question.removed or not is_asked(question, {**(above or {}), **given.values}):
            continue
        try:
            value = _read(question, raw.get(question.id, ()), given.files)
        except _Refused as refused:
            given.problems[question.id] = refused.problem
            continue
        if value is None and question.kind == FieldKind.FILE:
            value = (kept or {}).get(question.id)
        if value is not None:
            given.values[question.id] = value
        elif question.required:
            given.problems[question.id] = Problem("missing")
    return given


def is_asked(question: Question, answers: Mapping[int, Value]) -> bool:
    """Whether what it depends on was answered in the way that calls for it."""
    wanted = question.condition
    if wanted is None:
        return True
    return wanted.value in keys_of(answers.get(wanted.field_id))


def keys_of(value: Value | None) -> tuple[str, ...]:
    """An answer as the keys a condition may name."""
    if isinstance(value, bool):
        return (YES,) if value else (NO,)
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else ()


def still_asked(questions: Iterable[Question], answers: Mapping[int, Value]) -> set[int]:
    """Which questions, in order, these answers leave open to be answered."""
    counted: dict[int, Value] = {}
    found = set()
    known = list(questions)
    of_others = answers.keys() - {question.id for question in known}
    counted.update({field_id: answers[field_id] for field_id in of_others})
    for question in known:
        if is_asked(question, counted):
            found.add(question.id)
            if question.id in answers:
                counted[question.id] = answers[question.id]
    return found


def may_answer(until: datetime | None, starts_at: datetime | None, now: datetime) -> bool:
    """Whether answers may still be changed: until a set time, and otherwise until the start."""
    end = until or starts_at
    return end is None or now < end


def _read(question: Question, raw: Raw, files: dict[int, Upload]) -> Value | None:
    """The value, or None for nothing. _Refused when it is not what the question asks for."""
    if question.kind == FieldKind.FILE:
        sent = next((each for each in raw if isinstance(each, File)), None)
        if sent is None:
            return None
        upload = _read_file(sent)
        files[question.id] = upload
        return file_value(upload)
    typed = [each for each in raw if isinstance(each, str)]
    if question.kind == FieldKind.CHOICES:
        return _read_choices(question, typed)
    return _read_one(question, typed[0] if typed else "")


def _read_one(question: Question, typed: str) -> Value | None:
    if question.kind == FieldKind.NUMBER:
        return read_number(typed)
    if question.kind == FieldKind.YES_NO:
        return _read_yes_no(typed)
    if question.kind == FieldKind.CHOICE:
        return _read_choice(question, typed)
    return _read_text(FieldKind(question.kind), typed)


def file_value(upload: Upload) -> dict[str, Any]:
    return {"filename": upload.filename, "size": len(upload.content)}


def _read_text(kind: FieldKind, typed: str) -> str | None:
    text = clean_line(typed) if kind == FieldKind.TEXT else clean_text(typed)
    if len(text) > LONGEST[kind]:
        raise _Refused("too_long", LONGEST[kind], len(text))
    return text or None


def read_number(typed: str) -> int | float | None:
    """Written with a comma or a point, spaces between thousands; at most four decimals are kept."""
    text = clean_line(typed).translate(_SPACES).replace("\N{MINUS SIGN}", "-")
    if not text:
        return None
    if _GROUPED.fullmatch(text):
        raise _Refused("ambiguous")
    if not _NUMBER.fullmatch(text):
        raise _Refused("not_a_number")
    number = round(float(text.replace(",", ".")), 4)
    if abs(number) >= LARGEST_NUMBER:
        raise _Refused("too_large")
    return int(number) if number.is_integer() else number


def _read_yes_no(typed: str) -> bool | None:
    if typed in (YES, NO):
        return typed == YES
    if typed:
        raise _Refused("not_offered")
    return None


def _read_choice(question: Question, typed: str) -> str | None:
    if typed and typed not in {option.key for option in question.offered}:
        raise _Refused("not_offered")
    return typed or None


def _read_choices(question: Question, typed: Sequence[str]) -> list[str] | None:
    """In the order of the form, each once; what is not among them only a forgery holds."""
    chosen = set(typed)
    return [option.key for option in question.offered if option.key in chosen] or None


def _read_file(sent: File) -> Upload:
    if len(sent.content) > LARGEST_FILE:
        raise _Refused("file_large", LARGEST_FILE // 1024 // 1024)
    try:
        return recognise(sent.filename, sent.content)
    except UploadRefused as refused:
        raise _Refused(f"file_{refused.reason}") from refused


# --- the form as its editor sees it -------------------------------------------------------------


def may_depend_on(question: Question, scope: str) -> bool:
    """Whether a question of this scope may hang on an answer to `question`."""
    return question.kind in CONDITIONAL_ON and question.scope in (FieldScope.REGISTRATION, scope)


def dependents(question: Question, questions: Iterable[Question]) -> list[Question]:
    """Those that are asked only after an answer to this one."""
    return [
        other
        for other in questions
        if other.condition is not None and other.condition.field_id == question.id
    ]


def may_swap(upper: Question, lower: Question) -> bool:
    """Whether neighbours may change places: what a question depends on stands above it."""
    return lower.condition is None or lower.condition.field_id != upper.id


def next_key(options: Iterable[Option]) -> str:
    """A key that no option has, had it ever so short a life: "a1", "a2", ..."""
    used = [int(option.key[1:]) for option in options if re.fullmatch(r"a[0-9]{1,6}", option.key)]
    return f"a{max(used, default=0) + 1}"


def with_options(old: Sequence[Option], wanted: Iterable[tuple[str, Text]]) -> tuple[Option, ...]:
    """Options in the order wanted, as (key or "", text); those left out stay as removed."""
    kept = {option.key: option for option in old}
    made: list[Option] = []
    for key, text in wanted:
        taken = {option.key for option in made}
        known = key if key in kept and key not in taken else ""
        made.append(Option(known or next_key((*old, *made)), text))
    present = {option.key for option in made}
    gone = [Option(o.key, o.text, removed=True) for o in old if o.key not in present]
    return (*made, *gone)
