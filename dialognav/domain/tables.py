"""A table that somebody brings along: rows of text with the numbers a spreadsheet shows."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dialognav.domain.errors import RuleBroken

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000  # empty ones included: beyond that nobody reads a preview
MOST_COLUMNS = 100
LONGEST_CELL = 5_000  # characters; what is longer is cut, and too long for every column
_DELIMITERS = (";", ",", "\t", "|")
_OUR_BREAKS = str.maketrans({"\x0b": " ", "\x0c": " ", "\x1c": " ", "\x1d": " ", "\x1e": " "})


class TableRefused(RuleBroken):
    """A file that cannot be read as a table.

    `reason`: empty, too_large, too_many_rows, too_many_columns, not_text, binary, quote, html,
    password, damaged, unknown or no_such_sheet; `row` is where it shows, 0 for the whole file.
    """

    code = "table_refused"

    def __init__(self, reason: str, row: int = 0) -> None:
        super().__init__(reason, row)
        self.reason = reason
        self.row = row


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` is 1 for the first one of the file, as a spreadsheet counts."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are not empty. `sheets` are the visible sheets of a workbook, `sheet` the one read.

    `merged` are the numbers of rows that merged cells take part in.
    """

    rows: tuple[Row, ...]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    merged: frozenset[int] = frozenset()


def table_of(rows: Iterable[tuple[int, Sequence[str]]]) -> tuple[Row, ...]:
    """The rows in which anything is written. TableRefused for none, too many, or too wide ones."""
    found = []
    for number, cells in rows:
        if number > MOST_ROWS:
            raise TableRefused("too_many_rows", number)
        kept = [cell[: LONGEST_CELL + 1] for cell in cells]
        while kept and not kept[-1].strip():
            kept.pop()
        if len(kept) > MOST_COLUMNS:
            raise TableRefused("too_many_columns", number)
        if kept:
            found.append(Row(number, tuple(kept)))
    if not found:
        raise TableRefused("empty")
    return tuple(found)


def read_csv(content: bytes) -> Table:
    """Text with a delimiter: UTF-8, UTF-16 or Windows-1252; ; , tab or |.

    A quotation mark that is never closed is refused at the row where it stands, instead of
    swallowing the rows behind it (RFC 4180, 2.5 to 2.7).
    """
    if not content.strip():
        raise TableRefused("empty")
    text = text_of(content)
    _check_text(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_OUR_BREAKS)
    delimiter, first = _delimiter(lines)
    return Table(table_of(_records(lines, delimiter, first)))


def _records(text: str, delimiter: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """(line at which the record begins, its fields); `first` lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for fields in reader:
            if begins > first:
                yield begins, fields
            begins = reader.line_num + 1
    except csv.Error as error:
        reason = "too_large" if "limit" in str(error) else "quote"
        raise TableRefused(reason, begins) from error


def text_of(content: bytes) -> str:
    """UTF-8, UTF-16 or, when it is neither, Windows-1252. TableRefused for what is no text."""
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            return _decoded(content, name)
    if content[:200].count(0) * 3 > len(content[:200]):  # text in UTF-16 without its mark
        return _decoded(content, "utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _decoded(content, "cp1252")


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        raise TableRefused("not_text") from error


def _check_text(text: str) -> None:
    """No NUL and no page of the web that only says it is a spreadsheet."""
    if "\0" in text:
        raise TableRefused("binary", text.count("\n", 0, text.index("\0")) + 1)
    if text.lstrip().startswith("<"):
        raise TableRefused("html")


def _delimiter(text: str) -> tuple[str, int]:
    """(the delimiter, how many lines come before the head).

    Excel's own hint "sep=;" counts; otherwise what divides the first line most often.
    """
    lines = text.split("\n", 50)
    for number, line in enumerate(lines[:50]):
        if not line.strip():
            continue
        hint = line.strip().strip('"').casefold()
        if hint.startswith("sep=") and len(line.rstrip("\n")) >= 5 and number == 0:
            divider = line.strip().strip('"')[4:5] or "\t"
            return (divider if divider in _DELIMITERS else ";"), 1
        outside = "".join(line.split('"')[::2])
        return max(_DELIMITERS, key=lambda one: (outside.count(one), one == ";")), 0
    return ";", 0
