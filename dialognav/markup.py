"""Markdown -> HTML that is safe to show. Twice over: the parser writes no raw HTML, nh3 lets only a
short list through."""

import re

import nh3
from markdown_it import MarkdownIt
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
