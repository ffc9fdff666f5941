"""What a received mail says to a person: plain text, whatever it was sent as."""

import html
import re
from collections.abc import Sequence

from dialognav.domain.mime import Part
from dialognav.domain.typed_text import clean_text

LONGEST = 20_000
"""Characters."""

_MOST_READ = 400_000  # bytes of a part: markup is wordy
_TAG = re.compile(r"<[^<>]*>")
_BREAKS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|/blockquote)\b[^<>]*>", re.IGNORECASE)
_UNSEEN = ("style", "script", "head", "title")
_SPACES = re.compile(r"[ \t\u00a0\u200b-\u200d\ufeff]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def readable(leaves: Sequence[Part]) -> str:
    """The plain text; where there is none, the words of the HTML. At most LONGEST characters."""
    for kind, words_of in (("text/plain", str), ("text/html", _words)):
        for part in leaves:
            if part.content_type == kind and not _is_attached(part):
                text = clean_text(words_of(part.text(_MOST_READ))[: 4 * LONGEST])
                if text:
                    return text[:LONGEST].rstrip()
    return ""


def _is_attached(part: Part) -> bool:
    return part.field("content-disposition").strip().lower().startswith("attachment")


def _words(page: str) -> str:
    """HTML without its markup. Each step reads the page once, whatever is left open in it."""
    for name in _UNSEEN:
        page = _without(page, name)
    lines = _BREAKS.sub("\n", page.replace("\r", "").replace("\n", " "))
    text = html.unescape(_TAG.sub("", lines))
    trimmed = "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", trimmed).strip()


def _without(page: str, name: str) -> str:
    """Without the elements of that name; one that is never closed goes to the end."""
    kept, at, lower = [], 0, page.lower()
    if len(lower) != len(page):  # a letter whose small form is two: positions would not fit
        lower = page
    while (begin := _opening(lower, name, at)) >= 0:
        kept.append(page[at:begin])
        end = lower.find(f"</{name}", begin)
        if end < 0:
            return "".join(kept)
        at = end
    return "".join(kept) + page[at:]


def _opening(lower: str, name: str, at: int) -> int:
    """Where `<head` begins, and not `<header`."""
    found = re.compile(rf"<{name}(?=[\s>/])").search(lower, at)
    return found.start() if found else -1
