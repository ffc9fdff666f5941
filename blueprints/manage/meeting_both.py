"""Two who write the same part of a plan of meetings: what each of them says, side by side.

The rows have no revision: a form carries a mark of what it began with (decisions.md 23).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from dialognav.i18n import gettext as _


def mark_of(draft: Any) -> str:
    """Of a dataclass: 16 hex digits of SHA-256. What a form carries as its version."""
    said = repr(sorted(_flat("", asdict(draft))))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [pair for key in value for pair in _flat(f"{name}.{key}", value[key])]
    return [(name, str(value))]


def both_of(
    theirs: Any, mine: Any, names: Mapping[str, Any], say: Callable[[str, Any], str]
) -> dict[str, Any]:
    """For templates/manage/events/_both.html: the parts of two drafts that differ."""
    pairs = [
        (each.name, getattr(theirs, each.name), getattr(mine, each.name)) for each in fields(mine)
    ]
    return {
        "who": _("A colleague"),
        "taken": [],
        "conflicts": [
            (str(names[name]), say(name, was), say(name, is_mine))
            for name, was, is_mine in pairs
            if was != is_mine
        ],
    }
