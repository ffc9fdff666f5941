"""Which files may be uploaded, told by their content, and what a file may be called.

Nothing is unpacked: of a ZIP container only the list of names at its end is read (APPNOTE 4.3.12),
so a bomb costs nothing. Files are served as attachments with nosniff; the list keeps out what a
browser could run if somebody forgot, and what a mail gateway would stop.
"""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from dialognav.domain.errors import RuleBroken

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": f"{_OPEN}text",
    "ods": f"{_OPEN}spreadsheet",
    "odp": f"{_OPEN}presentation",
    "png": "image/png",
    "jpg": "image/jpeg",
    "txt": "text/plain",
    "csv": "text/csv",
}
"""{extension: media type} of everything that is let in."""

_SAME = {"jpeg": "jpg", "jpe": "jpg"}
_TEXT = ("txt", "csv")
_MAIN_PART = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}
_MOST_NAMES = 10_000  # parts of a container; a large presentation has some hundreds
_LONGEST_NAME = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # on Windows


class UploadRefused(RuleBroken):
    """`reason`: empty, unknown_type, wrong_name, macros or not_utf8."""

    code = "upload_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was let in; `filename` is safe to show and to serve."""

    filename: str
    media_type: str
    content: bytes


def recognise(filename: str, content: bytes) -> Upload:
    """The file under a safe name and its true type. UploadRefused when it is not let in."""
    name = safe_filename(filename)
    stem, dot, ending = name.rpartition(".")
    claimed = _SAME.get(ending.lower(), ending.lower()) if dot else ""
    found = kind_of(content, claimed)
    if claimed and claimed != found:
        raise UploadRefused("wrong_name" if claimed in MEDIA_TYPES else "unknown_type")
    if not claimed:
        name = f"{name}.{found}"
    elif not stem:
        name = f"document.{found}"
    return Upload(name, MEDIA_TYPES[found], content)


def kind_of(content: bytes, claimed: str = "") -> str:
    """The extension that fits the content. Text has no mark of its own: the name tells csv."""
    if not content:
        raise UploadRefused("empty")
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"PK\x03\x04"):
        return _container(content)
    if claimed in (*_TEXT, "") and _is_text(content):
        return claimed or "txt"
    raise UploadRefused("unknown_type" if claimed not in MEDIA_TYPES else "wrong_name")


def _container(content: bytes) -> str:
    for ending in ("odt", "ods", "odp"):
        # OpenDocument 1.3 part 2, 3.3: the first member is "mimetype", stored, without extras.
        if content[30:38] == b"mimetype" and content[38:].startswith(
            MEDIA_TYPES[ending].encode() + b"PK"
        ):
            return ending
    try:
        names = {member.filename for member in members_of(content)}
    except ValueError as error:
        raise UploadRefused("unknown_type") from error
    if len(names) > _MOST_NAMES or "[Content_Types].xml" not in names:
        raise UploadRefused("unknown_type")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise UploadRefused("macros")
    for part, ending in _MAIN_PART.items():
        if part in names:
            return ending
    raise UploadRefused("unknown_type")


def members_of(content: bytes) -> list[zipfile.ZipInfo]:
    """What a ZIP says it holds; nothing is unpacked. ValueError when it cannot be read as one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            return container.infolist()
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise ValueError("no readable ZIP") from error


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UploadRefused("not_utf8") from None
    if any(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f" for c in set(text)):
        raise UploadRefused("unknown_type")
    return not text.lstrip().startswith("<")  # HTML, SVG, XML


def safe_filename(filename: str) -> str:
    """One name without folders, control or direction marks, and not longer than 120 characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", filename))[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    plain = re.sub(r'[<>:"|?*;%]', "_", " ".join(plain.split())).strip(". ")
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    stem, dot, ending = plain.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: _LONGEST_NAME - 1 - len(ending)].rstrip()}.{ending}"
    return plain[:_LONGEST_NAME] or "document"
