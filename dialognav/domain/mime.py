"""Takes a received mail apart (RFC 5322, 2045-2047) in time that grows with its size, no faster.

Own code, because the standard library's parser takes quadratic time over some headers and deep
nestings, and follows a nesting as deep as it goes. Here every number is bounded; what lies beyond
a bound is not read. Nothing raises for any bytes.
"""

import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dialognav.domain.typed_text import clean_line

_HEAD = 256 * 1024  # bytes
_FIELDS = 1000
_VALUE = 4000  # characters of one header field
_DEPTH = 10
_PARTS = 100

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_UNFOLD = re.compile(rb"\r?\n[ \t]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9*_-]{1,40})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))')
_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{1,20})?\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
_SAFE_CHARSETS = re.compile(
    r"utf-8|utf-8-sig|utf-16(-[bl]e)?|cp\d+|iso8859-\d+|mac-\w+|koi8-\w"
    r"|gb2312|gbk|gb18030|big5|big5hkscs|shift_jis|euc_jp|iso2022_jp|euc_kr|tis-620"
)
"""The names of Python's codecs for text in mail. Others are slow (punycode) or no charsets."""


@dataclass(frozen=True)
class Part:
    """A mail, or a part of one: names of fields in lower case with their unfolded values."""

    fields: tuple[tuple[str, str], ...]
    body: bytes

    def field(self, name: str) -> str:
        """The first field of that name as it was sent, "" without one."""
        return next((value for known, value in self.fields if known == name), "")

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.fields if known == name]

    def line(self, name: str, most: int) -> str:
        """A field for people: encoded words decoded, one clean line of at most `most` characters"""
        return clean_line(decoded_words(self.field(name)[:1000]))[:most].strip()

    @cached_property
    def content_type(self) -> str:
        """`text/plain`; what is missing or broken is that too (RFC 2045 section 5.2)."""
        kind = self.field("content-type").partition(";")[0].strip().lower()
        return kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "text/plain"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Of Content-Type and Content-Disposition, the former first."""
        found: dict[str, str] = {}
        for field in ("content-type", "content-disposition"):
            for name, quoted, bare in _PARAMETER.findall(self.field(field)):
                found.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or bare)
        return found

    @property
    def file_name(self) -> str:
        return self.parameters.get("name") or self.parameters.get("filename") or ""

    @cached_property
    def content(self) -> bytes:
        """The body without its transfer encoding."""
        encoding = self.field("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            return _from_base64(self.body)
        return binascii.a2b_qp(self.body) if encoding == "quoted-printable" else self.body

    def text(self, most: int) -> str:
        """The first `most` bytes as text; undecodable ones are replaced."""
        return as_text(cut(self.content, most), self.parameters.get("charset", ""))


def read_part(raw: bytes) -> Part:
    """Head and body. A head without an end is all there is."""
    end = _END_OF_HEAD.search(raw, 0, _HEAD)
    head = raw[: end.start()] if end else cut(raw, _HEAD)
    body = raw[end.end() :] if end else b""
    if raw[:1] in (b"\n", b"\r"):  # no head at all: a part of a multipart
        return Part((), raw.lstrip(b"\r\n"))
    return Part(tuple(_fields(head)), body)


def leaves(mail: Part) -> list[Part]:
    """The parts that hold content, in order. A mail inside the mail is one: it is not opened."""
    found: list[Part] = []
    waiting = [(mail, 0)]
    while waiting and len(found) < _PARTS:
        part, depth = waiting.pop()
        boundary = part.parameters.get("boundary", "")
        if part.content_type.startswith("multipart/") and boundary and depth < _DEPTH:
            inner = [(read_part(piece), depth + 1) for piece in _pieces(part.body, boundary)]
            waiting.extend(reversed(inner))
        else:
            found.append(part)
    return found


def decoded_words(value: str) -> str:
    """`=?utf-8?q?=C3=85sa?=` -> `Åsa` (RFC 2047). Letters cut in two by neighbours are joined."""
    text, run, charset, at = "", b"", "", 0
    joined = _BETWEEN_WORDS.sub("", value)
    for word in _WORD.finditer(joined):
        if word.start() != at or word[1].lower() != charset:
            text += as_text(run, charset) + joined[at : word.start()]
            run, charset = b"", word[1].lower()
        run += _from_base64(word[3].encode()) if word[2] in "bB" else _from_q(word[3].encode())
        at = word.end()
    return text + as_text(run, charset) + joined[at:]


def cut(data: bytes, most: int) -> bytes:
    """The first `most` bytes, without the beginning of a letter that UTF-8 would go on with: by it
    all that comes before would be taken for another charset."""
    end = min(most, len(data))
    for _byte in range(3):  # the most that follow the first of a letter
        if end == len(data) or end == 0 or data[end] & 0xC0 != 0x80:
            break
        end -= 1
    return data[:end]


def as_text(data: bytes, charset: str) -> str:
    """UTF-8 where the charset is unknown, and Latin-1 where it is not UTF-8 either."""
    try:
        name = codecs.lookup(charset[:40]).name if charset else "utf-8"
    except (LookupError, ValueError):
        name = "utf-8"
    if name == "ascii" or not _SAFE_CHARSETS.fullmatch(name):
        name = "utf-8"  # also where only the label is wrong
    try:
        return data.decode(name)
    except ValueError:
        return data.decode("latin-1" if name == "utf-8" else name, "replace")


def _fields(head: bytes) -> Iterator[tuple[str, str]]:
    lines = _UNFOLD.sub(b" ", head).split(b"\n", _FIELDS)[:_FIELDS]
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon and 0 < len(name) < 80 and b" " not in name.strip():
            known = name.strip().decode("ascii", "replace").lower()
            yield known, _CONTROLS.sub(" ", as_text(cut(value, _VALUE * 4), "")).strip()[:_VALUE]


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    """What lies between the delimiters of a multipart (RFC 2046 section 5.1)."""
    line = rb"(?:\A|\n)--" + re.escape(boundary[:200].encode()) + rb"(--)?[ \t]*\r?(?=\n|\Z)"
    begin: int | None = None
    for number, delimiter in enumerate(re.finditer(line, body)):
        if begin is not None:
            yield body[begin : delimiter.start()].removesuffix(b"\r")
        begin = delimiter.end() + 1
        if delimiter[1] or number >= _PARTS:
            return
    if begin is not None:
        yield body[begin:]  # cut off before the closing one


def _from_base64(body: bytes) -> bytes:
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:  # cut off, or padded wrongly: what there is of whole groups
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4])


def _from_q(word: bytes) -> bytes:
    return binascii.a2b_qp(word, header=True)
