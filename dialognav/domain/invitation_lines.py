"""A pasted list of whom to invite: one organisation a line, parts apart by semicolons or tabs."""

import re
from collections.abc import Collection
from dataclasses import dataclass

MOST_LINES = 500
_NAME, _PERSON = 200, 120  # characters, as the columns hold


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom to invite. `email` is lower case; `name`, the number and the country may be empty."""

    party_name: str
    email: str
    language: str
    name: str = ""
    party_identifier: str = ""
    party_country: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says, unchecked: the address and the language as they were typed."""

    number: int
    party_name: str
    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """`code`: parts, no_party, long, language, email, twice, invited, too_many."""

    number: int
    code: str
    said: str = ""


def split_lines(text: str) -> tuple[list[Line], list[BadLine]]:
    """organisation; name; e-mail; language. The last may be left out. Blank lines are skipped."""
    lines, bad = [], []
    for number, typed in enumerate(text.splitlines(), start=1):
        if not typed.strip():
            continue
        parts = [" ".join(part.split()) for part in re.split(r"[;\t]", typed)]
        if len(parts) == 3:
            parts.append("")
        if len(parts) != 4:
            bad.append(BadLine(number, "parts"))
        elif code := _fault(*parts[:2]):
            bad.append(BadLine(number, code))
        else:
            lines.append(Line(number, *parts))
    if len(lines) + len(bad) > MOST_LINES:
        return [], [BadLine(MOST_LINES + 1, "too_many")]
    return lines, bad


def _fault(party_name: str, name: str) -> str:
    if not party_name:
        return "no_party"
    return "long" if len(party_name) > _NAME or len(name) > _PERSON else ""


def repeated(lines: Collection[tuple[int, str]], invited: Collection[str]) -> list[BadLine]:
    """Addresses that stand twice, or are invited already. Lines are (number, e-mail)."""
    bad, seen = [], set()
    for number, email in lines:
        if email in seen:
            bad.append(BadLine(number, "twice", email))
        elif email in invited:
            bad.append(BadLine(number, "invited", email))
        seen.add(email)
    return bad
