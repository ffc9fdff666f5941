"""Exports are read back by another program's reader, not by ours."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from dialognav.exports import csv_bytes, xlsx_bytes

HEAD = ["Organisation", "Telefon", "Plats i kön"]
HOSTILE = ["=1+1", "+46 70", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|'/C calc'!A0", "\n=1"]


def rows_of(csv_file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_file.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_cell_of_the_csv_begins_a_formula(cell):
    [_head, [written]] = rows_of(csv_bytes(["x"], [[cell]]))
    assert written == f"'{cell}"


def test_csv_opens_in_a_nordic_excel():
    made = csv_bytes(HEAD, [['Åkeri; Ö "AB"\nrad', "070-123 45 67", 3]])
    assert made.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in made
    assert rows_of(made)[1] == ['Åkeri; Ö "AB"\nrad', "070-123 45 67", "3"]


def test_ordinary_cells_are_left_alone():
    cells = ["a=b", "Bo-Lennart", "1+1", "", "x@y.example", "070 - 12"]
    assert rows_of(csv_bytes(["x"] * 6, [cells]))[1] == cells


def test_xlsx_holds_text_and_numbers_never_formulas():
    made = xlsx_bytes("Lista [1]: a/b*?", HEAD, [[cell, "0701234567", 3] for cell in HOSTILE])
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    sheet = book.get_sheet_by_index(0).to_python()
    assert sheet[0] == HEAD
    assert [row[0] for row in sheet[1:]] == [cell.replace("\r", "\n") for cell in HOSTILE] or [
        row[0] for row in sheet[1:]
    ] == HOSTILE
    assert sheet[1][1:] == ["0701234567", 3]
    assert b"<f>" not in _sheet_xml(made)


def _sheet_xml(made: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(made)) as book:
        return book.read("xl/worksheets/sheet1.xml")


def test_an_empty_sheet_name_is_replaced():
    book = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_bytes("[]:*", ["a"], [])))
    assert book.sheet_names == ["1"]
