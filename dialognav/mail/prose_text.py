"""Read Markdown -> plain text, line by line; the words stay, the marks that only look go."""

from collections.abc import Iterable, Iterator

from dialognav.mail.prose import Node, Piece, Slot, is_hidden, joined, slot_of, target

Line = list[Piece]


def compiled(tree: Node) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for line in _blocks(tree.children):
        pieces += [*line, "\n"]
    return joined(pieces)


def _blocks(nodes: Iterable[Node]) -> list[Line]:
    """A blank line between blocks."""
    lines: list[Line] = []
    for node in nodes:
        block = _block(node)
        if lines and block and not is_hidden(node):
            lines.append([])
        lines += block
    return lines


def _block(node: Node) -> list[Line]:
    kind = node.type
    if kind in ("bullet_list", "ordered_list"):
        return _list(node)
    if kind == "blockquote":
        return [["> ", *line] for line in _blocks(node.children)]
    if kind == "table":
        return [_row(row) for part in node.children for row in part.children]
    if kind == "fence":
        return [["    ", line] for line in node.content.splitlines()]
    if kind == "hr":
        return [["-" * 40]]
    return _lines(node)


def _list(node: Node) -> list[Line]:
    """Each line of an item below the first letter of its first."""
    start = int(node.attrs.get("start", 1) or 0)
    lines: list[Line] = []
    for number, item in enumerate(node.children, start):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        inside = _item(item)
        if lines and _is_loose(item):
            lines.append([])
        for place, line in enumerate(inside or [[]]):
            lines.append([mark if place == 0 else " " * len(mark), *line])
    return lines


def _item(item: Node) -> list[Line]:
    lines: list[Line] = []
    for node in item.children:
        if lines and not is_hidden(node) and node.type == "paragraph":
            lines.append([])
        lines += _block(node)
    return lines


def _is_loose(item: Node) -> bool:
    return any(node.type == "paragraph" and not is_hidden(node) for node in item.children)


def _row(row: Node) -> Line:
    line: Line = []
    for cell in row.children:
        line += [" | "] if line else []
        line += [piece for part in _lines(cell) for piece in part]
    return line


def _lines(node: Node) -> list[Line]:
    """Of a paragraph, a heading or a cell."""
    lines: list[Line] = [[]]
    for piece in _inline(node):
        if piece == "\n":
            lines.append([])
        else:
            lines[-1].append(piece)
    return lines


def _inline(node: Node) -> Iterator[Piece]:
    for one in node.children:
        if one.type in ("text", "code_inline"):
            yield one.content
        elif one.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif one.type == "placeholder":
            yield slot_of(one)
        elif one.type == "link":
            yield from _link(one)
        else:
            yield from _inline(one)


def _link(node: Node) -> Iterator[Piece]:
    """The words, and where they lead; an address that is its own words stands once."""
    to, words = target(node), list(_inline(node))
    for piece in words:
        yield Slot(piece.name, "label") if isinstance(piece, Slot) else piece
    if isinstance(to, Slot):
        yield Slot(to.name, "address")
    elif to and to.removeprefix("mailto:") != "".join(map(str, words)):
        yield f" <{to}>"
