"""Tables that people bring along: CSV, and Excel and LibreOffice workbooks, told by content."""

import json
import subprocess
import sys
from pathlib import Path

from dialognav.domain.tables import (
    LONGEST_CELL,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Table,
    TableRefused,
    read_csv,
    table_of,
)
from dialognav.domain.uploads import members_of

_UNPACKED = 100 * 1024 * 1024  # bytes a workbook may say it unpacks to
_SECONDS = 30
_ROOT = Path(__file__).parents[1]
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 1.3.2
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_table(content: bytes, sheet: str = "") -> Table:
    """The rows of a file, or of one sheet of a workbook, by default the first that is visible.

    What the file is called does not matter: .csv may be a workbook. TableRefused when it cannot
    be read, with the reason.
    """
    if len(content) > MOST_BYTES:
        raise TableRefused("too_large")
    if content.startswith(_ZIP):
        _check_container(content)
        return _read_workbook(content, sheet)
    if content.startswith(_OLE):
        if _LOCKED in content:
            raise TableRefused("password")
        return _read_workbook(content, sheet)
    return read_csv(content)


def _check_container(content: bytes) -> None:
    """A ZIP that says it unpacks to more than a sheet of people is a bomb, or no such sheet."""
    try:
        parts = members_of(content)
    except ValueError as error:
        raise TableRefused("damaged") from error
    if sum(part.file_size for part in parts) > _UNPACKED:
        raise TableRefused("too_large")
    names = {part.filename for part in parts}
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise TableRefused("unknown")


def _read_workbook(content: bytes, sheet: str) -> Table:
    """By the reader's own process, which may run out of memory or time without harm."""
    asked = json.dumps([sheet, MOST_ROWS, MOST_COLUMNS, LONGEST_CELL])
    try:
        ended = subprocess.run(  # noqa: S603 (our own module; the file comes by standard input)
            [sys.executable, "-m", "dialognav.sheet_reader", asked],
            input=content,
            capture_output=True,
            cwd=_ROOT,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TableRefused("too_large") from error
    if ended.returncode:
        ran_out = b"memory" in ended.stderr or ended.returncode < 0
        raise TableRefused("too_large" if ran_out else "damaged")
    made = json.loads(ended.stdout)
    if "refused" in made:
        raise TableRefused(made["refused"])
    rows = table_of((number, cells) for number, cells in made["rows"])
    return Table(rows, made["sheet"], tuple(made["sheets"]), frozenset(made["merged"]))
