"""What happens to a text with several parts when two write at once (decisions.md 23).

Values are {key: text}. A form carries the fingerprints of what it began with, so that whoever saves
second keeps what they wrote and loses nothing of what the first did.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

_MARK = re.compile(r"([a-z0-9_]{1,20}):([0-9a-f]{10})")
_REVISION = re.compile(r"[0-9]{1,9}")
MOST_MARKS = 4_000
"""Characters of the field that carries them which are read."""


@dataclass(frozen=True, slots=True)
class Merged:
    """`conflicts`: keys both have changed, where `values` have mine. `taken`: only they did."""

    values: dict[str, str]
    conflicts: tuple[str, ...]
    taken: tuple[str, ...]


def fingerprint(text: str) -> str:
    """Ten hexadecimal digits of SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def merge(mine: Mapping[str, str], theirs: Mapping[str, str], base: Mapping[str, str]) -> Merged:
    """Three ways: what only they changed is theirs, everything else stays as I wrote it.

    `base` are the fingerprints of what I began with; a key that lacks there counts as changed by
    both. A key that only one of us has is empty with the other.
    """
    values: dict[str, str] = {}
    conflicts, taken = [], []
    for key in [*mine, *(key for key in theirs if key not in mine)]:
        ours, other = mine.get(key, ""), theirs.get(key, "")
        values[key] = ours
        if ours == other:
            continue
        if fingerprint(ours) == base.get(key):
            values[key] = other
            taken.append(key)
        elif fingerprint(other) != base.get(key):
            conflicts.append(key)
    return Merged(values, tuple(conflicts), tuple(taken))


def version_text(revision: int, values: Mapping[str, str]) -> str:
    """'7 text:0123456789 ...': what a form carries to know later what it began with."""
    return " ".join(
        [str(revision), *(f"{key}:{fingerprint(said)}" for key, said in values.items())]
    )


def read_version(carried: str) -> tuple[int, dict[str, str]]:
    """(revision, fingerprints); a revision of -1, which nothing has, when it cannot be read."""
    number, _space, marks = carried[:MOST_MARKS].partition(" ")
    revision = int(number) if _REVISION.fullmatch(number) else -1
    return revision, dict(_MARK.findall(marks))
