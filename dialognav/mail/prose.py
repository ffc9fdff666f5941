"""Markdown of staff, read once: words, marks, and slots for what is each reader's own.

A slot is cut out while the text is read, so that no value is ever read as Markdown or HTML.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode

from dialognav.domain import placeholders
from dialognav.domain.placeholders import ADDRESSES
from dialognav.domain.typed_text import clean_line, clean_text

Node = SyntaxTreeNode
_SCHEME_BEFORE = re.compile(r"(?:^|[^A-Za-z0-9])(https?)$", re.IGNORECASE)
_LONGEST_BEFORE = len(" https")
_ADDRESS = re.compile(r"""://[^\s<>"'`{}|\\^\[\]]{1,2000}""")
_HOST = re.compile(r"[^%@]+$")  # the parser has put everything odd into percents
_BARE_HOST = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}(?:[/?#].*)?")
_TURNS = re.compile("[\u061c\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of everything after it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value goes. `part`: the value as "words", or as a "label" in a link; "open" and
    "close" of a link to it, which is none without a value; an address alone as a "button"; in plain
    text the "address" after the words of a link."""

    name: str
    part: str = "words"


Piece = str | Slot


def read(markdown: str) -> Node:
    """The text as a tree; pictures are links, so that reading a mail tells no other site of it."""
    return Node(_parser.parse(_named(_TURNS.sub("", clean_text(markdown)))))


def _named(markdown: str) -> str:
    """Placeholders by their own names: where a link leads there may be no space."""
    parts, at = [], 0
    for found in placeholders.find(markdown):
        if found.name is not None:
            parts += [markdown[at : found.start], "{", found.name, "}"]
            at = found.end
    return "".join([*parts, markdown[at:]])


def one_line(value: str) -> str:
    """A value as it may stand among words: somebody else has typed it."""
    return _TURNS.sub("", clean_line(value))


def target(node: Node) -> Slot | str:
    """Where a link goes: a slot, an address, or "" where nobody could follow it."""
    href = str(node.attrs.get("href", ""))
    braces = placeholders.find(unquote(href))
    if braces and len(unquote(href)) == braces[0].end - braces[0].start:
        name = braces[0].name
        return Slot(name, "open") if name in ADDRESSES and name is not None else ""
    if _BARE_HOST.fullmatch(href):
        return f"https://{href}"
    return href if _can_be_followed(href) else ""


def _can_be_followed(href: str) -> bool:
    try:
        there = urlsplit(href)
    except ValueError:
        return False
    if there.scheme in ("mailto", "tel"):
        return bool(there.path)
    return there.scheme in ("http", "https") and bool(_HOST.match(there.netloc))


def is_hidden(node: Node) -> bool:
    """A paragraph in a list without blank lines is no paragraph of its own."""
    return node.nester_tokens is not None and node.nester_tokens.opening.hidden


def slot_of(node: Node) -> Piece:
    """Of a "placeholder" node; an unknown one stays as it was written."""
    return Slot(node.meta["name"]) if node.meta["name"] else node.content


def joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The same in as few pieces as there are slots between."""
    kept: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and kept and isinstance(kept[-1], str):
            kept[-1] += piece
        else:
            kept.append(piece)
    return tuple(kept)


def _placeholder(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    found = placeholders.at(state.src, state.pos)
    if found is None or found.end > state.posMax:
        return False
    if not silent:
        token = state.push("placeholder", "", 0)
        token.content = state.src[found.start : found.end]
        token.meta = {"name": found.name}
    state.pos = found.end
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """A bare web address is a link, whatever underscores it has."""
    if state.src[state.pos] != ":" or state.linkLevel > 0:
        return False
    # All that is pending would be read again at each colon.
    before = _SCHEME_BEFORE.search(state.pending[-_LONGEST_BEFORE:])
    after = _ADDRESS.match(state.src, state.pos, state.posMax) if before else None
    if before is None or after is None:
        return False
    rest = after[0].rstrip(".,;:!?*_)")
    href = state.md.normalizeLink(before[1] + rest)
    if len(rest) < len("://x") or not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(before[1])]
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.push("text", "", 0).content = before[1] + rest
        state.push("link_close", "a", -1)
    state.pos += len(rest)
    return True


def _make_parser() -> MarkdownIt:
    """A line stays a line. Spaces before it, or dashes below, mean nothing: in mail they are only
    how somebody writes."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["table", "strikethrough"]).disable(["image", "code", "lheading"])
    parser.inline.ruler.after("escape", "placeholder", _placeholder)
    parser.inline.ruler.after("text", "address", _address)
    return parser


_parser = _make_parser()
