"""Markdown -> HTML that is safe to show, or blocks for paper. HTML is made safe twice over: the
parser writes no raw HTML, nh3 lets only a short list through."""

import re
from collections.abc import Iterator
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

_TAGS = {
    "p", "br", "strong", "em", "s", "ul", "ol", "li", "a", "h3", "h4", "h5", "h6",
    "blockquote", "code", "pre", "hr", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto", "tel"}

_parser = MarkdownIt("commonmark", {"html": False, "breaks": False}).enable(
    ["table", "strikethrough"]
)
_parser.disable(["image"])
_HEADING = re.compile(r"<(/?)h([1-6])>")


def html_from_markdown(text: str) -> Markup:
    """Headings begin at h3: the page's own sections are h2. Images become links: reading a page
    tells no other site about it."""
    html = _HEADING.sub(lambda m: f"<{m[1]}h{min(6, int(m[2]) + 2)}>", _parser.render(text))
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
    )
    return Markup(safe)  # noqa: S704 - cleaned on the line above


# --- for paper -----------------------------------------------------------------------------------

_MARKS = {"strong": "strong", "em": "em", "s": "strike"}


def blocks_from_markdown(text: str) -> list[dict[str, Any]]:
    """What dialognav/pdf sets: {"kind": heading|para|list|quote|code|rule|table} with its parts.

    `runs` are [{"text", "strong", "em", "strike"}]; "\\n" alone begins a new line. Headings are
    levels 3 to 6, none skipped (PDF/UA-1, 7.4.2). After the words of a link stands its address.
    """
    deepest = 2
    blocks = _blocks(SyntaxTreeNode(_parser.parse(text)))
    for block in blocks:
        if block["kind"] == "heading":
            block["level"] = deepest = min(block["level"] + 2, deepest + 1, 6)
    return blocks


def _blocks(node: SyntaxTreeNode) -> list[dict[str, Any]]:
    return [_block(child) for child in node.children]


def _block(node: SyntaxTreeNode) -> dict[str, Any]:
    if node.type in ("bullet_list", "ordered_list"):
        start = int(node.attrGet("start") or 1) if node.type == "ordered_list" else None
        return {"kind": "list", "start": start, "items": [_blocks(item) for item in node.children]}
    if node.type == "blockquote":
        return {"kind": "quote", "blocks": _blocks(node)}
    if node.type in ("fence", "code_block"):
        return {"kind": "code", "text": node.content}
    if node.type == "hr":
        return {"kind": "rule"}
    if node.type == "table":
        rows = [row.children for part in node.children for row in part.children]
        return {"kind": "table", "rows": [[list(_runs(cell)) for cell in row] for row in rows]}
    if node.type == "heading":
        return {"kind": "heading", "level": int(node.tag[1:]), "runs": list(_runs(node))}
    return {"kind": "para", "runs": list(_runs(node))}


def _runs(node: SyntaxTreeNode, **marks: bool) -> Iterator[dict[str, Any]]:
    if node.type in ("text", "code_inline"):
        yield {"text": node.content, **marks}
    elif node.type == "softbreak":
        yield {"text": " ", **marks}
    elif node.type == "hardbreak":
        yield {"text": "\n", **marks}
    else:
        inside = marks | ({_MARKS[node.type]: True} if node.type in _MARKS else {})
        runs = [run for child in node.children for run in _runs(child, **inside)]
        yield from runs
        if node.type == "link" and (address := str(node.attrGet("href"))) not in (
            run["text"] for run in runs
        ):
            yield {"text": f" ({address})", **marks}
