"""Files as people make them, and as nobody should: what is read, and how the rest is refused."""

import zipfile
from datetime import date
from io import BytesIO

import pytest

from dialognav.domain.tables import TableRefused, read_csv
from dialognav.sheets import read_table
from tests.sheets import (
    HEAD,
    ROW,
    compound_of,
    csv_of,
    locked_workbook,
    ods_of,
    xls_of,
    xlsx_of,
)

READS = [HEAD, ROW, ("Fjällvakt AS", "", "Ingrid Haugen", "ingrid@fjellvakt.example")]


def cells(content, sheet=""):
    return [row.cells for row in read_table(content, sheet).rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_text_in_every_encoding_and_with_every_delimiter(encoding, delimiter):
    assert cells(csv_of(*READS, delimiter=delimiter, encoding=encoding)) == READS


@pytest.mark.parametrize("make", [xlsx_of, ods_of, xls_of])
def test_a_workbook_whatever_it_is_called(make):
    assert cells(make(*READS)) == READS


def test_excels_own_hint_about_the_delimiter():
    assert cells(b"sep=|\r\na;b|c\r\nd|e\r\n") == [("a;b", "c"), ("d", "e")]


def test_rows_are_counted_as_a_spreadsheet_counts_them():
    table = read_csv(b'a;b\r\n\r\n"two\r\nlines";x\r\n;;\r\nc;d\r\n')
    assert [row.number for row in table.rows] == [1, 3, 6]
    book = read_table(xlsx_of(("a",), (), (), ("b",)))
    assert [row.number for row in book.rows] == [1, 4]


def test_numbers_and_dates_as_somebody_would_type_them():
    def dated(book, sheet):
        sheet.write_datetime(1, 1, date(2027, 2, 10), book.add_format({"num_format": "yyyy-mm-dd"}))

    made = xlsx_of(("nummer", "dag"), (5594012345.0, ""), (1.5, True), change=dated)
    assert cells(made)[1:] == [("5594012345", "2027-02-10"), ("1.5", "1")]


def test_the_first_sheet_that_can_be_seen_and_has_something_in_it():
    def more(book, sheet):
        sheet.hide()
        book.add_worksheet("Tom")
        book.add_worksheet("Lista").write(0, 0, "x")
        book.add_worksheet("Till").write(0, 0, "y")
        book.worksheets()[1].activate()
        book.worksheets()[1].set_first_sheet()

    made = xlsx_of(HEAD, change=more)
    table = read_table(made)
    assert (table.sheet, table.sheets) == ("Lista", ("Tom", "Lista", "Till"))
    assert cells(made, "Till") == [("y",)]
    with pytest.raises(TableRefused, match="no_such_sheet"):
        read_table(made, "Deltagare")


def test_merged_cells_are_noticed():
    def merged(book, sheet):
        sheet.merge_range(1, 0, 3, 0, "Trygghem Teknik AB")

    assert read_table(xlsx_of(HEAD, change=merged)).merged == {2, 3, 4}


def bomb():
    """A workbook whose sheet unpacks to 200 MB."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("xl/workbook.xml", "<workbook/>")
        container.writestr("xl/worksheets/sheet1.xml", b"\0" * 200_000_000)
    return out.getvalue()


def far_corner(book, sheet):
    sheet.write(1_048_575, 16_383, "x")


def other_zip():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        container.writestr("word/document.xml", "<x/>")
    return out.getvalue()


REFUSED = {
    "nothing": (b"", "empty", 0),
    "only white space": (b" \r\n \r\n", "empty", 0),
    "only delimiters": (b";;;\r\n;;;\r\n", "empty", 0),
    "an empty workbook": (xlsx_of(), "empty", 0),
    "NUL in the third row": (b"a;b\nc;d\ne\0;f\n" + b"x" * 400, "binary", 3),
    "bytes of no encoding": (b"a;b\n\x81\x8d;\x9d\n", "not_text", 0),
    "half a character of UTF-16": (b"\xff\xfea\0;", "not_text", 0),
    "a quotation mark never closed": (b'a;b\nc;d\n"e;f\ng;h\n', "quote", 3),
    "a quotation mark closed too soon": (b'a;b\n"c"d;e\n', "quote", 2),
    "a cell of a megabyte": (b"a;b\n" + b"x" * 1_000_000 + b";c\n", "too_large", 2),
    "a web page saved as .xls": (b"<html><table><tr><td>Namn", "html", 0),
    "XML of Excel 2003": (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "html", 0),
    "a password": (locked_workbook(), "password", 0),
    "a container without a workbook": (compound_of({"WordDocument": b"x"}), "damaged", 0),
    "a workbook cut off": (xlsx_of(HEAD, ROW)[:-400], "damaged", 0),
    "a workbook with a hole": (
        xlsx_of(HEAD, ROW).replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml"),
        "damaged",
        0,
    ),
    "another ZIP": (other_zip(), "unknown", 0),
    "a PDF": (b"%PDF-1.7\n\x81\x8d\x9d", "not_text", 0),
    "300 columns": (csv_of([f"k{n}" for n in range(300)]), "too_many_columns", 1),
    "300 columns in a workbook": (xlsx_of([f"k{n}" for n in range(300)]), "too_many_columns", 1),
    "100 000 rows": (b"a;b\n" * 100_000, "too_many_rows", 20_001),
    "a cell in the last corner": (xlsx_of(HEAD, change=far_corner), "too_", 0),
    "a row repeated a million times": (ods_of(HEAD, ROW, repeated=1_048_575), "too_many_rows", 0),
    "a bomb": (bomb(), "too_large", 0),
    "more than 5 MB": (b"a;b\n" * 1_400_000, "too_large", 0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_says_why_and_where(name):
    content, reason, row = REFUSED[name]
    with pytest.raises(TableRefused) as told:
        read_table(content)
    assert told.value.reason.startswith(reason)
    assert told.value.row == row


@pytest.mark.slow
def test_a_workbook_of_100_000_rows_costs_the_server_no_memory():
    """The reader's own process pays for it; see dialognav/sheet_reader.py."""
    import tracemalloc

    content = xlsx_of(HEAD, *[ROW for _ in range(100_000)])
    assert len(content) < 5 * 1024 * 1024
    tracemalloc.start()
    with pytest.raises(TableRefused, match="too_many_rows"):
        read_table(content)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 2 * 1024 * 1024


def test_the_readers_process_has_a_limit_that_ends_only_itself():
    """One cell in the corner asks for 500 GB; without the limit the server would be ended."""
    with pytest.raises(TableRefused):
        read_table(xlsx_of(HEAD, change=far_corner))
    assert cells(xlsx_of(HEAD)) == [HEAD]
