"""What somebody typed, as it is stored: one form of each letter, no control characters."""

import unicodedata
from collections.abc import Iterator

_MOST_MARKS = 4
_TWO_MARKS = "\u0f73\u0f75\u0f81"
"""No marks by their class (0), and two each once they are taken apart."""


def clean_line(value: str | None) -> str:
    """One line of text: NFC, no control characters, no runs of white space."""
    text = normal(value or "")
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) != "Cs").split())


def clean_text(value: str | None) -> str:
    """Several lines: NFC, LF, no other control characters, no blank ends."""
    text = normal(value or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def normal(text: str) -> str:
    """NFC, in time that grows with the text: no letter keeps more marks than any language has."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", "".join(_with_few_marks(text)))


def _with_few_marks(text: str) -> Iterator[str]:
    """To sort n marks of one letter takes n² steps."""
    marks = 0
    for c in text:
        marks = marks + 1 if unicodedata.combining(c) or c in _TWO_MARKS else 0
        if marks <= _MOST_MARKS:
            yield c
