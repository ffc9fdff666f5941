"""Text of somebody else's calendar as plain words: no mark-up, nothing unseen, no longer than said.

What is too long is cut before it is looked at, so that no text takes more time than its share.
"""

import html
import re
import unicodedata
from urllib.parse import quote

from dialognav.domain.typed_text import normal
from dialognav.domain.web_targets import read_target

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
_LINE_MARKUP = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_JOINER = "\u200d"  # holds an emoji of several together


def plain_text(value: str, most: int) -> str:
    """Paragraphs of at most `most` characters; HTML, which some write, becomes its words."""
    text = _unescaped(value[: most * 4])
    if _MARKUP.search(text):
        text = html.unescape(_MARKUP.sub("", _LINE_MARKUP.sub("\n", text)))
    lines = [_seen(line) for line in text[: most * 2].splitlines()]
    return _cut(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), most)


def plain_line(value: str, most: int) -> str:
    """The same on one line."""
    return _cut(" ".join(plain_text(value, most * 2).split()), most)


def web_address(value: str, most: int = 1000) -> str:
    """An http or https address to link to, or "": never javascript:, never with a password."""
    try:
        found = read_target(value).url
    except ValueError:
        return ""
    if fragment := value.strip().partition("#")[2]:
        found += f"#{quote(fragment, safe='/?%:@!$&()*+,;=~-._')}"
    return found if len(found) <= most else ""


def _unescaped(value: str) -> str:
    """RFC 5545 3.3.11: \\n, \\, and \\; ; a backslash before anything else stands for that."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _seen(line: str) -> str:
    """NFC, single spaces; no control characters, none that turn the direction of writing."""
    if line.isascii() and line.isprintable():
        return " ".join(line.split())
    kept = (
        " " if c in "\t\N{NO-BREAK SPACE}" else c
        for c in normal(line)
        if c == "\t" or c == _JOINER or unicodedata.category(c) not in _UNSEEN
    )
    return " ".join("".join(kept).split())


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    short = text[: most - 1]
    return (short.rpartition(" ")[0] or short).rstrip(" ,.;:") + "…"
