"""Tables that open right in a Nordic Excel and run nothing, written row by row.

CSV has a byte order mark, semicolons and CRLF. A cell that a spreadsheet would read as a formula
begins with an apostrophe instead (OWASP, CSV injection). In XLSX every cell is text or a number,
never a formula, so nothing is changed there.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

Cell = str | int
Rows = Iterable[Sequence[Cell]]
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_AT_ONCE = 100  # rows of CSV in one piece
_PIECE = 64 * 1024  # bytes of a workbook
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_pieces(head: Sequence[str], rows: Rows = ()) -> Iterator[bytes]:
    """The table as CSV, UTF-8: the head at once, then a piece for each hundred rows."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    yield out.getvalue().encode("utf-8-sig")
    out.seek(0)
    out.truncate()
    for number, row in enumerate(rows, start=1):
        writer.writerow([_harmless(cell) for cell in row])
        if number % _AT_ONCE == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    if out.tell():
        yield out.getvalue().encode()


def csv_bytes(head: Sequence[str], rows: Rows = ()) -> bytes:
    """The whole of a short table."""
    return b"".join(csv_pieces(head, rows))


def _harmless(cell: Cell) -> Cell:
    """Also behind white space, which Excel skips before it looks for a formula."""
    if isinstance(cell, int):
        return cell
    starts = cell.startswith(_STARTS_FORMULA) or cell.lstrip().startswith(_STARTS_FORMULA)
    return f"'{cell}" if starts else cell


def xlsx_pieces(title: str, head: Sequence[str], rows: Rows = ()) -> Iterator[bytes]:
    """The table as a workbook of one sheet, made in a temporary file and read from there.

    A telephone number stays text, with its zeros.
    """
    with tempfile.TemporaryFile() as file:
        _write_workbook(file, title, head, rows)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def xlsx_bytes(title: str, head: Sequence[str], rows: Rows = ()) -> bytes:
    """The whole of a short table."""
    return b"".join(xlsx_pieces(title, head, rows))


def _write_workbook(file: IO[bytes], title: str, head: Sequence[str], rows: Rows) -> None:
    import xlsxwriter  # 40 ms, only where needed

    options = {
        "constant_memory": True,  # rows go to a temporary file one after the other
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold = book.add_format({"bold": True})
        text = book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, head, bold)
        widths = [len(word) for word in head]
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                else:
                    sheet.write_string(number, column, cell, text)
                widths[column] = max(widths[column], len(str(cell)))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, 60))


def _sheet_name(title: str) -> str:
    """At most 31 characters, without those Excel refuses in a sheet's name."""
    name = "".join(c for c in title if c not in "[]:*?/\\").strip("' ")[:31].strip("' ")
    return name or "1"
