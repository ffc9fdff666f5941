"""Only about ten kinds of files come in, told by content; names from outside are made harmless."""

import io
import zipfile

import pytest

from dialognav.domain.uploads import MEDIA_TYPES, UploadRefused, recognise, safe_filename


def office(*parts: str, compress: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as container:
        for part in parts:
            container.writestr(part, "x")
    return out.getvalue()


def open_document(kind: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        container.writestr("mimetype", MEDIA_TYPES[kind])
        container.writestr("content.xml", "<x/>")
    return out.getvalue()


GOOD = {
    "behov.pdf": b"%PDF-1.7\n%...",
    "karta.png": b"\x89PNG\r\n\x1a\n....",
    "foto.JPG": b"\xff\xd8\xff\xe0....",
    "foto.jpeg": b"\xff\xd8\xff\xe0....",
    "brev.docx": office("[Content_Types].xml", "word/document.xml"),
    "lista.xlsx": office("[Content_Types].xml", "xl/workbook.xml"),
    "bilder.pptx": office("[Content_Types].xml", "ppt/presentation.xml"),
    "brev.odt": open_document("odt"),
    "lista.ods": open_document("ods"),
    "bilder.odp": open_document("odp"),
    "text.txt": "Hej på er\r\n".encode(),
    "tabell.csv": "a;b\n1;ö\n".encode("utf-8-sig"),
}


@pytest.mark.parametrize("name", GOOD)
def test_lets_in(name):
    kind = name.rpartition(".")[2].lower().replace("jpeg", "jpg")
    assert recognise(name, GOOD[name]).media_type == MEDIA_TYPES[kind]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.pdf", b"", "empty"),
        ("x.pdf", b"<html><script>alert(1)</script>", "wrong_name"),
        ("x.pdf", b" %PDF-1.7", "wrong_name"),  # the mark has to come first
        ("x.png", b"%PDF-1.7", "wrong_name"),
        ("x.pdf", GOOD["karta.png"], "wrong_name"),
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "unknown_type"),
        ("x.txt", b"<!doctype html><script>", "wrong_name"),
        ("x.txt", "﻿  <svg/>".encode(), "wrong_name"),  # behind a byte order mark and blanks
        ("x.csv", b"a\x00b", "unknown_type"),
        ("x.txt", "Malmö".encode("latin-1"), "not_utf8"),
        ("x.html", b"hej", "unknown_type"),
        ("x.exe", b"MZ\x90\x00", "unknown_type"),
        ("x.zip", office("a.txt"), "unknown_type"),
        ("x.docx", office("a.txt"), "unknown_type"),
        ("x.docx", office("[Content_Types].xml", "xl/workbook.xml"), "wrong_name"),
        (
            "x.docx",
            office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            "macros",
        ),
        ("x.docx", b"PK\x03\x04" + b"\x00" * 200, "unknown_type"),
        ("x.docm", office("[Content_Types].xml", "word/document.xml"), "unknown_type"),
        ("x.pdf.exe", b"%PDF-1.7", "unknown_type"),
    ],
)
def test_keeps_out(name, content, reason):
    with pytest.raises(UploadRefused) as refused:
        recognise(name, content)
    assert refused.value.reason == reason


def test_a_zip_bomb_is_not_unpacked(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("[Content_Types].xml", "x")
        container.writestr("word/document.xml", b"0" * 50_000_000)

    def unpack(*_args: object, **_options: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", unpack)
    monkeypatch.setattr(zipfile.ZipFile, "read", unpack)
    assert len(out.getvalue()) < 100_000
    assert recognise("x.docx", out.getvalue()).filename == "x.docx"


def test_a_container_of_countless_parts_is_refused():
    with pytest.raises(UploadRefused):
        recognise("x.docx", office("[Content_Types].xml", *(f"word/{n}" for n in range(10_001))))


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("behov.pdf", "behov.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\behov.pdf", "behov.pdf"),
        ("..", "document"),
        ("", "document"),
        (".htaccess", "htaccess"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("\u202efdp.exe", "fdp.exe"),  # right-to-left mark
        ("con.pdf", "_con.pdf"),
        ("Behov  och   krav.pdf", "Behov och krav.pdf"),
        ("å" * 300 + ".pdf", "å" * 116 + ".pdf"),
    ],
)
def test_filename(given, safe):
    assert safe_filename(given) == safe


def test_a_name_without_ending_gets_the_right_one():
    assert recognise("behov", b"%PDF-1.7").filename == "behov.pdf"
