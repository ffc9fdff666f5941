"""What an organiser writes about an event, as plain data: between form and tables, and to compare.

Instants are aware and in UTC. A text is {language: words}; a language without words is left out.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from dialognav.domain.occasions import (
    OccasionLine,
    changed_in,
    in_order,
    marks_of,
    merge_lines,
)
from dialognav.domain.terms import LANGUAGES, Attending, Format, Kind

Text = dict[str, str]


@dataclass(frozen=True, slots=True)
class SpeakerLine:
    name: str
    title: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    starts_at: datetime
    ends_at: datetime | None
    title: Text
    text: Text = field(default_factory=dict)
    is_break: bool = False
    speakers: tuple[SpeakerLine, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionLine:
    text: Text
    help: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    phase: str
    when: Text
    text: Text


@dataclass(frozen=True, slots=True)
class EventDraft:
    """Everything about an event but its rules of admission, which domain/rules.py has.

    The window of sign-up is among those; it is here too because it moves with the dates. The
    editor leaves it alone. `occasions` are those that are not cancelled, at least one, kept in the
    order of their start. `sessions_most` is how many of them one person may choose.
    """

    primary_language: str
    title: Text
    occasions: tuple[OccasionLine, ...]
    attending: str = Attending.ALL
    sessions_most: int | None = None
    recurrence: str = ""
    kind: str = Kind.MARKET_DIALOGUE
    phase: str | None = None
    format: str = Format.ON_SITE
    summary: Text = field(default_factory=dict)
    need: Text = field(default_factory=dict)
    effect: Text = field(default_factory=dict)
    questions: tuple[QuestionLine, ...] = ()
    programme: tuple[ProgrammeLine, ...] = ()
    milestones: tuple[MilestoneLine, ...] = ()
    zone: str = "Europe/Stockholm"
    registration_opens_at: datetime | None = None
    registration_closes_at: datetime | None = None
    serves_food: bool = False
    accessibility_note: Text = field(default_factory=dict)
    language_note: Text = field(default_factory=dict)
    cost_note: Text = field(default_factory=dict)
    contact_name: str = ""
    contact_title: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    contact_hours: Text = field(default_factory=dict)
    diary_number: str = ""
    cpv: tuple[str, ...] = ()
    region: str = ""
    after_text: Text = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "occasions", in_order(self.occasions))

    @property
    def starts_at(self) -> datetime:
        return self.occasions[0].starts_at

    @property
    def ends_at(self) -> datetime:
        return max(line.ends_at for line in self.occasions)

    @property
    def last_start(self) -> datetime:
        """Until then somebody can still come to something."""
        return self.occasions[-1].starts_at

    @property
    def has_several(self) -> bool:
        return len(self.occasions) > 1

    @property
    def times(self) -> tuple[tuple[int | None, datetime, datetime], ...]:
        """(id, start, end) of each occasion."""
        return tuple((line.id, line.starts_at, line.ends_at) for line in self.occasions)


TEXTS = tuple(f.name for f in fields(EventDraft) if f.type in (Text, "Text"))
"""The fields that are written once per language."""

ROWS = ("occasions", "questions", "programme", "milestones")
_PLAIN = tuple(f.name for f in fields(EventDraft) if f.name != "occasions")


def changed_fields(old: EventDraft, new: EventDraft) -> tuple[str, ...]:
    """The names of what differs; of occasions, the fields that do (occasions.changed_in())."""
    plain = tuple(name for name in _PLAIN if getattr(old, name) != getattr(new, name))
    return plain + changed_in(old.occasions, new.occasions)


def said_in(draft: EventDraft, language: str) -> dict[str, str]:
    """{field: words} in one language; the rows of a list count as one field, in one JSON text."""
    said = {name: getattr(draft, name).get(language, "") for name in TEXTS}
    for name in ROWS:
        said[name] = json.dumps([list(_words(row, language)) for row in getattr(draft, name)])
    return said


def _words(row: Any, language: str) -> Iterator[str]:
    return (
        value.get(language, "")
        for f in fields(row)
        if isinstance(value := getattr(row, f.name), dict)
    )


def flatten(draft: EventDraft) -> dict[str, str]:
    """{key: canonical text}; a text has one key per language ("title.sv"), a list one for all.

    Occasions are compared one by one: occasions.flatten_line().
    """
    flat: dict[str, str] = {}
    for name in _PLAIN:
        value = getattr(draft, name)
        if name in TEXTS:
            flat |= {f"{name}.{code}": value.get(code, "") for code in LANGUAGES}
        else:
            flat[name] = json.dumps(_plain(value), sort_keys=True, default=str)
    return flat


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [asdict(row) if not isinstance(row, str) else row for row in value]
    return value


def fingerprints(draft: EventDraft) -> dict[str, str]:
    """{key: 10 hex digits of SHA-256}: what a form carries to know later what it began with."""
    marks = {
        key: hashlib.sha256(text.encode()).hexdigest()[:10] for key, text in flatten(draft).items()
    }
    for line in draft.occasions:
        marks |= marks_of(line) if line.id is not None else {}
    return marks


@dataclass(frozen=True, slots=True)
class Merged:
    """`conflicts`: keys both have changed, where `draft` has mine. `taken`: keys only they did."""

    draft: EventDraft
    conflicts: tuple[str, ...]
    taken: tuple[str, ...]


def merge(mine: EventDraft, theirs: EventDraft, base: Mapping[str, str]) -> Merged:
    """Three ways: what only they changed is theirs, everything else stays as I wrote it.

    `base` are the fingerprints of what I began with; a key that lacks there counts as changed.
    """
    ours, stored = flatten(mine), flatten(theirs)
    marks, began = fingerprints(mine), fingerprints(theirs)
    differ = [key for key in ours if ours[key] != stored[key]]
    taken = tuple(key for key in differ if marks[key] == base.get(key))
    conflicts = tuple(key for key in differ if key not in taken and began[key] != base.get(key))
    occasions = merge_lines(mine.occasions, theirs.occasions, base)
    merged = replace(mine, occasions=occasions.lines)
    for key in taken:
        merged = _take(merged, theirs, key)
    return Merged(merged, conflicts + occasions.conflicts, taken + occasions.taken)


def _take(mine: EventDraft, theirs: EventDraft, key: str) -> EventDraft:
    name, _, language = key.partition(".")
    value = getattr(theirs, name)
    if language:
        kept = {code: said for code, said in getattr(mine, name).items() if code != language}
        value = kept | {code: said for code, said in value.items() if code == language}
    return replace(mine, **{name: value})
