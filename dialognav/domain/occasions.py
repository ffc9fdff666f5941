"""The dated parts of an event as its editor writes them, and what two editors did to them.

Instants are aware and in UTC. What is cancelled is not among them: it is no longer written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from dialognav.domain.terms import LANGUAGES

Text = dict[str, str]
MOST_OCCASIONS = 60


@dataclass(frozen=True, slots=True)
class OccasionLine:
    """`id` is that of its row, None before it has one. An all-day one ends at a midnight.

    `recurs_at`: see models.Occasion.
    """

    starts_at: datetime
    ends_at: datetime
    all_day: bool = False
    title: Text = field(default_factory=dict)
    venue: Text = field(default_factory=dict)
    address: str = ""
    directions: Text = field(default_factory=dict)
    online_url: str = ""
    online_service: str = ""
    recurs_at: datetime | None = None
    id: int | None = None


OF_OCCASION = tuple(f.name for f in fields(OccasionLine) if f.name != "id")
TEXTS = ("title", "venue", "directions")
PLACE = ("venue", "address", "directions")
LINK = ("online_url", "online_service")
_WRITTEN = tuple(name for name in OF_OCCASION if name != "recurs_at")


def in_order(lines: Sequence[OccasionLine]) -> tuple[OccasionLine, ...]:
    """By their start; what begins together, by its end."""
    return tuple(sorted(lines, key=lambda line: (line.starts_at, line.ends_at)))


def changed_in(old: Sequence[OccasionLine], new: Sequence[OccasionLine]) -> tuple[str, ...]:
    """The fields that differ in lines both have; "occasions" too when one came or went."""
    before = {line.id: line for line in old}
    after = {line.id: line for line in new}
    both = [(before[each], after[each]) for each in before if each in after]
    found = [n for n in _WRITTEN if any(getattr(a, n) != getattr(b, n) for a, b in both)]
    if before.keys() != after.keys() or len(old) != len(new):
        found.append("occasions")
    return tuple(found)


def flatten_line(line: OccasionLine) -> dict[str, str]:
    """{key: canonical text} of a line with a row: "occasions.12.venue.sv"."""
    flat: dict[str, str] = {}
    for name in _WRITTEN:
        value, key = getattr(line, name), f"occasions.{line.id}.{name}"
        if name in TEXTS:
            flat |= {f"{key}.{code}": value.get(code, "") for code in LANGUAGES}
        else:
            flat[key] = str(value)
    return flat


def marks_of(line: OccasionLine) -> dict[str, str]:
    """{key: 10 hex digits of SHA-256}."""
    return {key: sha256(text.encode()).hexdigest()[:10] for key, text in flatten_line(line).items()}


@dataclass(frozen=True, slots=True)
class MergedLines:
    """A key of `conflicts` or `taken` is one of flatten_line(), or "occasions.12" for all of it."""

    lines: tuple[OccasionLine, ...]
    conflicts: tuple[str, ...]
    taken: tuple[str, ...]


def merge_lines(
    mine: Sequence[OccasionLine], theirs: Sequence[OccasionLine], base: Mapping[str, str]
) -> MergedLines:
    """Three ways, as drafts.merge(). What they took away and I rewrote comes back as a new one."""
    stored = {line.id: line for line in theirs}
    kept: list[OccasionLine] = []
    conflicts: list[str] = []
    taken: list[str] = []
    for line in mine:
        if line.id is None:
            kept.append(line)
        elif (other := stored.get(line.id)) is not None:
            kept.append(_merge_line(line, other, base, conflicts, taken))
        elif _is_as(line, base):
            taken.append(f"occasions.{line.id}")
        else:
            conflicts.append(f"occasions.{line.id}")
            kept.append(replace(line, id=None, recurs_at=None))
    for other in _only_in(theirs, mine):
        if not any(key in base for key in marks_of(other)):
            kept.append(other)
            taken.append(f"occasions.{other.id}")
        elif not _is_as(other, base):
            conflicts.append(f"occasions.{other.id}")
    return MergedLines(in_order(kept or theirs), tuple(conflicts), tuple(taken))


def _only_in(
    theirs: Sequence[OccasionLine], mine: Sequence[OccasionLine]
) -> Iterator[OccasionLine]:
    known = {line.id for line in mine}
    return (line for line in theirs if line.id not in known)


def _is_as(line: OccasionLine, base: Mapping[str, str]) -> bool:
    return all(base.get(key) == mark for key, mark in marks_of(line).items())


def _merge_line(
    mine: OccasionLine,
    theirs: OccasionLine,
    base: Mapping[str, str],
    conflicts: list[str],
    taken: list[str],
) -> OccasionLine:
    ours, stored = flatten_line(mine), flatten_line(theirs)
    marks, now = marks_of(mine), marks_of(theirs)
    merged: dict[str, Any] = {"recurs_at": theirs.recurs_at}
    for key in (key for key in ours if ours[key] != stored[key]):
        if marks[key] == base.get(key):
            taken.append(key)
            merged |= _taken(mine, theirs, key, merged)
        elif now[key] != base.get(key):
            conflicts.append(key)
    return replace(mine, **merged)


def _taken(
    mine: OccasionLine, theirs: OccasionLine, key: str, merged: Mapping[str, Any]
) -> dict[str, Any]:
    _occasions, _id, name, *language = key.split(".")
    value = getattr(theirs, name)
    if not language:
        return {name: value}
    words = {k: v for k, v in merged.get(name, getattr(mine, name)).items() if k != language[0]}
    return {name: words | {k: v for k, v in value.items() if k == language[0]}}


def as_facts(line: OccasionLine) -> dict[str, Any]:
    """What can be compared or said of a line, without its row."""
    return {name: value for name, value in asdict(line).items() if name in _WRITTEN}
