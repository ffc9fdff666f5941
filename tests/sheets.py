"""Spreadsheets for tests, whole ones and broken ones, made by other means than those that read."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

HEAD = ("Organisation", "Organisationsnummer", "Namn", "E-post")
ROW = ("Trygghem Teknik AB", "559401-2345", "Karin Falk", "karin@trygghem.example")
SECOND = ("Fjällvakt AS", "", "Ingrid Haugen", "ingrid@fjellvakt.example")


def csv_of(*rows: Sequence[object], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    lines = [
        delimiter.join(f'"{cell}"' if delimiter in str(cell) else str(cell) for cell in row)
        for row in rows
    ]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def xlsx_of(*rows: Sequence[Any], change: Callable[[Any, Any], None] | None = None) -> bytes:
    """A workbook; `change(book, sheet)` adds what makes it odd."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Deltagare")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                else:
                    sheet.write(number, column, cell)
        if change is not None:
            change(book, sheet)
    return out.getvalue()


def ods_of(*rows: Sequence[str], repeated: int = 1) -> bytes:
    """OpenDocument: the first member is "mimetype", stored; `repeated` is of the last row."""
    cells = [
        "".join(
            '<table:table-cell office:value-type="string" calcext:value-type="string">'
            f"<text:p>{cell}</text:p></table:table-cell>"
            for cell in row
        )
        for row in rows
    ]
    last = f'<table:table-row table:number-rows-repeated="{repeated}">{cells[-1]}</table:table-row>'
    body = "".join(f"<table:table-row>{each}</table:table-row>" for each in cells[:-1]) + last
    spaces = "".join(
        f' xmlns:{name}="{address}"'
        for name, address in {
            "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
            "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
            "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
            "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        }.items()
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces}>'
        f'<office:body><office:spreadsheet><table:table table:name="Blad1">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        container.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        container.writestr("content.xml", content)
        container.writestr(
            "META-INF/manifest.xml",
            "<manifest:manifest"
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" manifest:media-type="x"/>'
            "</manifest:manifest>",
        )
    return out.getvalue()


def xls_of(*rows: Sequence[str]) -> bytes:
    """Excel 97: one sheet of labels ([MS-XLS] BOF, BOUNDSHEET8, LABEL, EOF) in a container."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def bof(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    end, name = record(0x000A, b""), b"Blad1"
    sheet = bof(0x0010)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
            sheet += record(0x0204, struct.pack("<HHH", number, column, 0) + text)
    sheet += end
    codepage = record(0x0042, struct.pack("<H", 1200))
    begin = bof(0x0005) + codepage
    length = len(begin) + 4 + 8 + len(name) + len(end)
    bound = struct.pack("<IBBBB", length, 0, 0, len(name), 0) + name
    return compound_of({"Workbook": begin + record(0x0085, bound) + end + sheet})


def locked_workbook() -> bytes:
    """What Excel writes when a workbook has a password ([MS-OFFCRYPTO] 2.3.1)."""
    return compound_of({"EncryptedPackage": b"\1" * 5000, "EncryptionInfo": b"\4\0\4\0" * 300})


def compound_of(streams: dict[str, bytes]) -> bytes:
    """A compound file ([MS-CFB]) with sectors of 512 bytes and streams of 4096 or more."""
    free, last, fat_sector = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    padded = {name: body.ljust(4096, b"\0") for name, body in streams.items()}
    sectors: list[bytes] = []
    chain: list[int] = []
    starts = {}
    for name, body in padded.items():
        starts[name] = len(sectors)
        pieces = [body[at : at + 512].ljust(512, b"\0") for at in range(0, len(body), 512)]
        chain += [len(sectors) + n + 1 for n in range(len(pieces) - 1)] + [last]
        sectors += pieces

    def entry(name: str, kind: int, start: int, size: int, child: int, right: int) -> bytes:
        written = name.encode("utf-16-le") + b"\0\0"
        head = written.ljust(64, b"\0") + struct.pack("<HBB", len(written), kind, 1)
        links = struct.pack("<III", free, right, child) + b"\0" * 36
        return head + links + struct.pack("<IQ", start, size)

    names = list(padded)
    entries = entry("Root Entry", 5, last, 0, 1, free)
    for number, name in enumerate(names, start=1):
        right = number + 1 if number < len(names) else free
        entries += entry(name, 2, starts[name], len(padded[name]), free, right)
    directory = len(sectors)
    entries = entries.ljust(-(-len(entries) // 512) * 512, b"\0")
    count = len(entries) // 512
    chain += [directory + n + 1 for n in range(count - 1)] + [last]
    sectors += [entries[at : at + 512] for at in range(0, len(entries), 512)]
    fats = -(-(len(sectors) + 4) // 128)
    chain += [fat_sector] * fats
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(fats * 512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, fats, directory, 0, 4096, last, 0, last, 0)
    header += struct.pack(
        "<109I", *range(len(sectors), len(sectors) + fats), *[free] * (109 - fats)
    )
    return header + b"".join(sectors) + fat
