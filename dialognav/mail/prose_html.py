"""Read Markdown -> HTML, with inline styles for a mail or without any for a page."""

from collections.abc import Iterable, Iterator, Mapping

from markupsafe import escape

from dialognav.domain.placeholders import ADDRESSES
from dialognav.mail.prose import Node, Piece, Slot, is_hidden, joined, slot_of, target

Look = Mapping[str, str]
"""Tag -> its attributes, each after a space; "button": an address that stands alone, and its name.
"""

_FONT = "font-family:'Segoe UI',Roboto,Arial,sans-serif"
_INK = f"{_FONT};font-size:17px;line-height:26px;color:#13201B"
_LINE = "border-bottom:1px solid #D3DAD5"

MAIL: Look = {
    "p": f' class="ink" style="margin:0 0 16px;{_INK}"',
    "h2": f' class="ink" style="margin:8px 0;{_FONT};font-size:19px;line-height:24px;'
    'font-weight:700;color:#13201B"',
    "h3": f' class="ink" style="margin:8px 0;{_FONT};font-size:17px;line-height:24px;'
    'font-weight:700;color:#13201B"',
    "ul": f' class="ink" style="margin:0 0 16px;padding:0 0 0 26px;{_INK}"',
    "ol": f' class="ink" style="margin:0 0 16px;padding:0 0 0 26px;{_INK}"',
    "li": ' class="ink" style="margin:0 0 6px"',
    "blockquote": ' class="line" style="margin:0 0 16px;padding:0 0 0 14px;'
    'border-left:3px solid #D3DAD5"',
    "hr": ' class="line" style="border:0;border-top:1px solid #D3DAD5;margin:8px 0 24px"',
    "table": ' role="table" width="100%" cellpadding="0" cellspacing="0" border="0"'
    ' style="margin:0 0 16px;border-collapse:collapse"',
    "th": f' class="ink line" align="left" valign="top" style="{_LINE};padding:8px 12px 8px 0;'
    f'{_INK};font-weight:700"',
    "td": f' class="ink line" valign="top" style="{_LINE};padding:8px 12px 8px 0;{_INK}"',
    "code": ' style="font-family:Consolas,Menlo,monospace;font-size:15px"',
    "pre": ' class="ink" style="margin:0 0 16px;white-space:pre-wrap;font-size:15px;'
    'line-height:22px;color:#13201B"',
    "a": ' class="lnk" style="color:#0E5241"',
    "button": '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'
    ' style="margin:4px 0 20px"><tr><td class="btn" bgcolor="#0E5241" style="background-color:'
    '#0E5241;border-radius:10px 3px 10px 3px;mso-padding-alt:14px 26px"><a href="{}" class="btn-a"'
    f' style="display:inline-block;padding:14px 26px;{_FONT};font-size:17px;line-height:22px;'
    'font-weight:600;color:#FFFFFF;text-decoration:none;mso-padding-alt:0">{}</a></td></tr></table>',
}
PAGE: Look = {
    "a": ' rel="nofollow noopener"',
    "button": '<p><a href="{}" rel="nofollow noopener">{}</a></p>',
}

_TAGS = {
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "blockquote": "blockquote",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
    "th": "th",
    "td": "td",
    "em": "em",
    "strong": "strong",
    "s": "s",
}
_IN_MAIL = {"h1": "h2", "h2": "h2"}
_ON_PAGE = {"h1": "h3", "h2": "h3"}


def compiled(tree: Node, look: Look) -> tuple[Piece, ...]:
    return joined(list(_all(tree.children, look)))


def _all(nodes: Iterable[Node], look: Look) -> Iterator[Piece]:
    for node in nodes:
        yield from _one(node, look)


def _one(node: Node, look: Look) -> Iterator[Piece]:
    kind = node.type
    if kind == "inline" or is_hidden(node):
        yield from _all(node.children, look)
    elif (alone := _only_address(node)) is not None:
        yield Slot(alone, "button")
    elif (leaf := _leaf(node, look)) is not None:
        yield leaf
    elif kind == "link":
        yield from _link(node, look)
    elif kind == "heading":
        yield from _within(node, _heading(node.tag, look), look)
    elif kind in _TAGS:
        yield from _within(node, _TAGS[kind], look)


def _only_address(node: Node) -> str | None:
    """The placeholder that is all of a paragraph and stands for an address."""
    if node.type != "paragraph":
        return None
    inside = [one for inline in node.children for one in inline.children]
    is_alone = len(inside) == 1 and inside[0].type == "placeholder"
    name: str | None = inside[0].meta["name"] if is_alone else None
    return name if name in ADDRESSES else None


def _within(node: Node, tag: str, look: Look) -> Iterator[Piece]:
    start = node.attrs.get("start")
    number = f' start="{int(start)}"' if tag == "ol" and start is not None else ""
    yield f"<{tag}{number}{look.get(tag, '')}>"
    yield from _all(node.children, look)
    yield f"</{tag}>"


def _heading(tag: str, look: Look) -> str:
    """A page's sections are h2, a mail's subject is h1."""
    return _IN_MAIL.get(tag, "h3") if look is MAIL else _ON_PAGE.get(tag, "h4")


def _link(node: Node, look: Look) -> Iterator[Piece]:
    to = target(node)
    if isinstance(to, Slot):
        yield to
    elif to:
        yield f'<a href="{escape(to)}"{look["a"]}>'
    for piece in _all(node.children, look):
        yield Slot(piece.name, "label") if isinstance(piece, Slot) else piece
    if isinstance(to, Slot):
        yield Slot(to.name, "close")
    elif to:
        yield "</a>"


def _leaf(node: Node, look: Look) -> Piece | None:
    """What has nothing inside; None for everything else."""
    if node.type == "placeholder":
        piece = slot_of(node)
        return piece if isinstance(piece, Slot) else str(escape(piece))
    if node.type == "text":
        return str(escape(node.content))
    if node.type in ("softbreak", "hardbreak"):
        return "<br>\n"
    if node.type == "hr":
        return f"<hr{look.get('hr', '')}>"
    if tag := {"code_inline": "code", "fence": "pre"}.get(node.type):
        return f"<{tag}{look.get(tag, '')}>{escape(node.content)}</{tag}>"
    return None
