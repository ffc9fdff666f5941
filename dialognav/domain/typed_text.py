"""What somebody typed, as it is stored: one form of each letter, no control characters."""

import unicodedata


def clean_line(value: str | None) -> str:
    """One line of text: NFC, no control characters, no runs of white space."""
    text = unicodedata.normalize("NFC", value or "")
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) != "Cs").split())


def clean_text(value: str | None) -> str:
    """Several lines: NFC, LF, no other control characters, no blank ends."""
    text = unicodedata.normalize("NFC", value or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept).strip()
