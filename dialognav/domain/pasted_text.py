"""Text pasted from a word processor, as Markdown that keeps its lists.

On the clipboard as plain text, a list of Word's is lines that begin with a bullet or number and a
tab: "·", "o" and "§" are its three levels, "1." and "a)" its numbers. A line break inside a
paragraph is a vertical tab. Markdown that somebody wrote is left alone.
"""

import re
from dataclasses import dataclass

_BULLETS = {
    "1": "·•●∙‣⁃➢➤\uf0b7\uf0d8\uf0fc",
    "2": "◦○",
    "3": "▪■□\uf0a7",
}
_LEVEL_OF = {bullet: level for level, bullets in _BULLETS.items() for bullet in bullets}
# Signs that mean other things, too.
_ONLY_WITH_TAB = {"o": "2", "§": "3", "-": "-", "–": "-", "—": "-", "✓": "1"}
_BLANK = " \t\N{NO-BREAK SPACE}"
_ANY = "".join(_LEVEL_OF)
_SIGN = rf"([{_ANY}])[{_BLANK}]*|([o§✓–—-])[{_BLANK}]*\t[{_BLANK}]*"
_BULLET = re.compile(rf"[{_BLANK}]*(?:{_SIGN})(.+)")
_NUMBER = re.compile(rf"[{_BLANK}]*([0-9]{{1,3}})([.)])[{_BLANK}]*\t[{_BLANK}]*(.+)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LETTER = re.compile(rf"[{_BLANK}]*([A-Za-z]|[ivx]{{2,5}})([.)])[{_BLANK}]*\t[{_BLANK}]*(.+)")


@dataclass(frozen=True, slots=True)
class _Item:
    kind: str  # what a level of the list is told apart by
    sign: str  # as Markdown
    text: str


def tidy(text: str) -> str:
    """The same text with lists of a word processor written as Markdown lists.

    What is tidy stays as it is: tidy(tidy(x)) == tidy(x).
    """
    lines: list[str] = []
    levels: list[tuple[str, int]] = []  # (kind, width of the sign) from the outermost in
    fence = ""
    for line in text.replace("\v", "\n").replace("\N{LINE SEPARATOR}", "\n").split("\n"):
        fence, is_verbatim = _within(fence, line)
        item = None if is_verbatim else _item(line)
        if item is None:
            # Without an empty line between, Markdown takes it for more of the last item.
            if levels and line.strip(_BLANK):
                lines.append("")
            levels = []
            lines.append(line)
            continue
        if not levels and lines and lines[-1].strip(_BLANK):
            lines.append("")
        indent = _enter(levels, item)
        lines.append(f"{' ' * indent}{item.sign} {item.text.strip(_BLANK)}")
    return "\n".join(lines)


def _within(fence: str, line: str) -> tuple[str, bool]:
    """The open fence of code after a line, and whether the line stands as it was written."""
    found = _FENCE.match(line)
    if not fence:
        return (found[1], True) if found else ("", False)
    closes = found is not None and found[1].startswith(fence) and not line[found.end() :].strip()
    return ("" if closes else fence), True


def _item(line: str) -> _Item | None:
    if found := _BULLET.fullmatch(line):
        bullet, rare, text = found.groups()
        kind = _LEVEL_OF[bullet] if bullet else _ONLY_WITH_TAB[rare]
        return _Item(kind, "-", text)
    if found := _NUMBER.fullmatch(line):
        return _Item(f"0{found[2]}", f"{int(found[1])}{found[2]}", found[3])
    if found := _LETTER.fullmatch(line):  # Markdown numbers with digits only: the letter is text
        return _Item(f"a{found[2]}", "-", f"{found[1]}{found[2]} {found[3]}")
    return None


def _enter(levels: list[tuple[str, int]], item: _Item) -> int:
    """Go in or back out to the item's level; the number of blanks before its sign."""
    kinds = [kind for kind, _width in levels]
    if item.kind in kinds:
        del levels[kinds.index(item.kind) :]
    indent = sum(width for _kind, width in levels)
    levels.append((item.kind, len(item.sign) + 1))
    return indent
