"""Tables that open right in a Nordic Excel and run nothing.

CSV has a byte order mark, semicolons and CRLF. A cell that a spreadsheet would read as a formula
begins with an apostrophe instead (OWASP, CSV injection). In XLSX every cell is text or a number,
never a formula, so nothing is changed there.
"""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

Cell = str | int
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table as CSV, UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: Cell) -> Cell:
    """Also behind white space, which Excel skips before it looks for a formula."""
    if isinstance(cell, int):
        return cell
    starts = cell.startswith(_STARTS_FORMULA) or cell.lstrip().startswith(_STARTS_FORMULA)
    return f"'{cell}" if starts else cell


def xlsx_bytes(title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table as a workbook of one sheet; a telephone number stays text, with its zeros."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold = book.add_format({"bold": True})
        text = book.add_format({"num_format": "@"})
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
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _sheet_name(title: str) -> str:
    """At most 31 characters, without those Excel refuses in a sheet's name."""
    name = "".join(c for c in title if c not in "[]:*?/\\").strip("' ")[:31].strip("' ")
    return name or "1"
