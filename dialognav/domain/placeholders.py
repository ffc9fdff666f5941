"""Words in braces that stand for each reader's own: {name}, in Swedish {namn}.

A brace after a backslash is a brace. Names are read in any of our languages, whatever the text is
written in, with spaces, underscores or hyphens between words: {min sida}, {min_sida}.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dialognav.domain.typed_text import normal

PLACEHOLDERS: dict[str, dict[str, str]] = {
    "name": {"sv": "namn", "en": "name", "nb": "navn"},
    "first_name": {"sv": "förnamn", "en": "first_name", "nb": "fornavn"},
    "organisation": {"sv": "organisation", "en": "organisation", "nb": "organisasjon"},
    "event": {"sv": "händelse", "en": "event", "nb": "arrangement"},
    "date": {"sv": "datum", "en": "date", "nb": "dato"},
    "time": {"sv": "tid", "en": "time", "nb": "tid"},
    "place": {"sv": "plats", "en": "place", "nb": "sted"},
    "link": {"sv": "länk", "en": "link", "nb": "lenke"},
    "my_page": {"sv": "min_sida", "en": "my_page", "nb": "min_side"},
    "event_page": {"sv": "händelsesida", "en": "event_page", "nb": "arrangementsside"},
    "organiser": {"sv": "arrangör", "en": "organiser", "nb": "arrangør"},
}
"""Canonical name -> how it is written in each language. `link` is the digital one, and only the
confirmed who attend online have it (decisions.md 13)."""

ADDRESSES = frozenset({"link", "my_page", "event_page"})
"""Those that stand for a web address."""

_BRACES = re.compile(r"\{\{?([^{}\n]{1,60})\}\}?")
_ESCAPED = re.compile(r"\\([{}])")


def _key(written: str) -> str:
    return re.sub(r"[\s_-]+", "_", normal(written).casefold().strip())


_KNOWN = {
    _key(said): name
    for name, spellings in PLACEHOLDERS.items()
    for said in (name, *spellings.values())
} | {"min_länk": "my_page", "min_lank": "my_page", "lank": "link", "handelse": "event"}
"""As it may be typed -> canonical name."""


@dataclass(frozen=True, slots=True)
class Found:
    """A pair of braces in a text, from `start` to `end`. `name` is None for an unknown one."""

    start: int
    end: int
    written: str
    name: str | None


def spelling(name: str, language: str) -> str:
    """With its braces, as it is offered to somebody who writes in that language."""
    return "{" + PLACEHOLDERS[name].get(language, name) + "}"


def at(text: str, position: int) -> Found | None:
    """The one that begins exactly here. Whether a backslash stands before it, the caller knows."""
    match = _BRACES.match(text, position)
    return _found(match) if match else None


def find(text: str) -> list[Found]:
    """Every placeholder of a text in its order, known or not."""
    return list(_find(text))


def unknown(text: str, *, in_subject: bool = False) -> list[str]:
    """What stands in braces and means nothing to us, as it was written, each once.

    Nor does an address in a subject: it would be too long, and an own link is a secret, which the
    logs of every server on the way would keep.
    """
    out = ADDRESSES if in_subject else frozenset[str]()
    found = [one for one in _find(text) if one.name is None or one.name in out]
    return list(dict.fromkeys(one.written for one in found))


def used(text: str) -> set[str]:
    """Canonical names of the placeholders of a text."""
    return {one.name for one in _find(text) if one.name is not None}


def empty(text: str, values: Mapping[str, str]) -> list[str]:
    """Canonical names of those in the text that stand for nothing among these values."""
    return sorted(name for name in used(text) if not values.get(name))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Plain text, a subject for instance, with the values; unknown placeholders stay as written."""

    def said(found: Found) -> str:
        return values.get(found.name, "") if found.name else text[found.start : found.end]

    return replace(text, said)


def replace(text: str, said: Callable[[Found], str]) -> str:
    """The text with `said` in the place of each placeholder, and escaped braces as braces."""
    parts, at = [], 0
    for found in _find(text):
        parts += [_ESCAPED.sub(r"\1", text[at : found.start]), said(found)]
        at = found.end
    return "".join([*parts, _ESCAPED.sub(r"\1", text[at:])])


def _find(text: str) -> Iterator[Found]:
    for match in _BRACES.finditer(text):
        if not _is_escaped(text, match.start()):
            yield _found(match)


def _found(match: re.Match[str]) -> Found:
    return Found(match.start(), match.end(), match[1].strip(), _KNOWN.get(_key(match[1])))


def _is_escaped(text: str, position: int) -> bool:
    """After an odd number of backslashes: two of them are one that escapes nothing."""
    before = text[max(0, position - 20) : position]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
