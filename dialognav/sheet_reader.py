"""Reads one workbook from standard input and writes its rows as JSON: a process of its own.

A hostile workbook can make any reader ask for more memory than there is (a cell in the last corner
of a sheet is enough), and that ends the process. So it is not the one that serves pages.
"""

import datetime
import io
import json
import resource
import sys
from typing import Any

MEMORY = 600 * 1024 * 1024  # bytes of address space
SECONDS = 10  # of processor


def read(content: bytes, wanted: str, most_rows: int, most_columns: int, longest: int) -> Any:
    """{"sheets": visible ones, "sheet": the one read, "rows": [[number, cells]], "merged": [..]}

    {"refused": reason} for what cannot be read.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = [
            each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible
        ]
        if not visible:
            return {"refused": "empty"}
        if wanted and wanted not in visible:
            return {"refused": "no_such_sheet"}
        named = [wanted] if wanted else visible
        sheets = (book.get_sheet_by_name(name) for name in named)
        sheet = next((each for each in sheets if each.end), None)
        if sheet is None or sheet.end is None:
            return {"refused": "empty"}
        last_row, last_column = sheet.end
        if last_row >= most_rows:
            return {"refused": "too_many_rows"}
        if last_column >= most_columns * 10:  # some of them may be empty
            return {"refused": "too_many_columns"}
        rows = sheet.to_python(skip_empty_area=False)
        return {
            "sheets": visible,
            "sheet": sheet.name,
            "rows": [
                [number, [said(cell)[: longest + 1] for cell in cells]]
                for number, cells in enumerate(rows, start=1)
            ],
            "merged": sorted(
                {
                    row + 1
                    for (first, _), (last, _) in sheet.merged_cell_ranges or ()
                    for row in range(first, min(last, most_rows) + 1)
                }
            ),
        }
    except PasswordError:
        return {"refused": "password"}
    except CalamineError:
        return {"refused": "damaged"}


def said(cell: Any) -> str:
    """A cell as somebody would have typed it: 5594012345.0 is a number without a point."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return str(cell)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    wanted, *limits = json.loads(sys.argv[1])
    made = read(sys.stdin.buffer.read(), wanted, *limits)
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main()
