"""Words without the names of people: what somebody wrote about food may name a colleague."""

import re
from collections.abc import Collection

_ADDRESS = re.compile(r"\S+@\S+")
_NUMBER = re.compile(r"\+?\d[\d \-]{5,}\d")
_GONE = "…"


def without_names(text: str, names: Collection[str]) -> str:
    """The text with names, addresses and telephone numbers taken out; parts of names too."""
    bare = _NUMBER.sub(_GONE, _ADDRESS.sub(_GONE, text))
    parts = {part for name in names for part in (name, *name.split()) if len(part) > 2}
    if not parts:
        return bare
    longest_first = sorted(parts, key=len, reverse=True)
    known = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})s?\b", re.IGNORECASE)
    return known.sub(_GONE, bare)
