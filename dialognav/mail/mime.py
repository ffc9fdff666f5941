"""Finished parts -> the bytes of a mail (RFC 5322, 2045, 2047, 2231): 7-bit lines that end in CRLF.

Written by hand: the objects of `email` cost more than everything else about a letter together, and
its folding loses spaces between encoded words. The tests read what is written here with `email`.
"""

import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

_LINE = 78  # octets, without the line end
_WORD = 75  # an encoded word, all of it (RFC 2047 section 2)
_PIECE = 58  # of a parameter in a line
_BASE64_LINE = 76
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_SAFE_IN_WORDS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")
"""What an encoded word may hold as it stands, also within a name (RFC 2047 section 5)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A finished leaf: its header lines and its encoded body."""

    head: tuple[str, ...]
    body: bytes

    def lines(self) -> bytes:
        return "".join(f"{line}\r\n" for line in self.head).encode("ascii") + b"\r\n" + self.body


def text_part(text: str, subtype: str) -> Part:
    """Lines end in CRLF, whatever they ended in, since servers refuse a CR on its own. Half a
    character, which cannot be sent, is left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    raw = lines.encode("utf-8", "ignore").replace(b"\n", b"\r\n")
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
    )
    return Part(head, b2a_qp(raw))


def binary_part(content_type: str, content: bytes, filename: str = "") -> Part:
    """`content_type` with its parameters; with a filename it is an attachment."""
    head = [f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64"]
    if filename:
        head.append(";".join(["Content-Disposition: attachment", *_filename(filename)]))
    return Part(tuple(head), _base64(content))


def multipart(head: Sequence[str], subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """A container with header lines of its own; `parts` as Part.lines() or this gives them."""
    lines = [*head, f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"']
    top = "".join(f"{line}\r\n" for line in lines).encode("ascii")
    start = f"\r\n--{boundary}\r\n".encode("ascii")
    end = f"\r\n--{boundary}--\r\n".encode("ascii")
    return b"".join([top, *(start + part for part in parts), end])


def text_field(name: str, text: str) -> str:
    """A header field of any one line of text: as it stands where it is short and plain."""
    if text.isascii() and "=?" not in text and len(name) + 2 + len(text) <= _LINE:
        return f"{name}: {text}"
    return f"{name}: " + "\r\n ".join(_encoded_words(text, len(name) + 2))


def address_field(name: str, display: str, address: str) -> str:
    """A header field of one address. `display` is one line, `address` ASCII."""
    if not display:
        return f"{name}: {address}"
    if not display.isascii() or "=?" in display:
        words = list(_encoded_words(display, len(name) + 2))
    elif _PLAIN_WORDS.fullmatch(display):
        words = [display]
    else:
        words = ['"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"']
    field = f"{name}: " + "\r\n ".join(words)
    tail = field.rpartition("\r\n")[2]
    fold = "\r\n" if len(tail) + len(address) + 3 > _LINE else ""
    return f"{field}{fold} <{address}>"


def _encoded_words(text: str, taken: int) -> Iterator[str]:
    """Words of at most 75 characters, each a whole number of letters. Spaces between two of them do
    not count, so that what is split nowhere loses nothing. `taken`: of the first line."""
    word, room = "", _WORD - taken
    for letter in text:
        said = _q(letter)
        if len(word) + len(said) > room - 12:  # =?utf-8?q? and ?=
            yield f"=?utf-8?q?{word}?="
            word, room = "", _WORD
        word += said
    yield f"=?utf-8?q?{word}?="


def _q(letter: str) -> str:
    if letter == " ":
        return "_"
    raw = letter.encode("utf-8", "ignore")
    return "".join(chr(octet) if octet in _SAFE_IN_WORDS else f"={octet:02X}" for octet in raw)


def _filename(name: str) -> list[str]:
    """The parameter in one piece, or in several where it is long (RFC 2231 section 4.1)."""
    if re.fullmatch(r"[A-Za-z0-9 ._()+-]{1,60}", name):
        return [f' filename="{name}"']
    pieces = ["utf-8''"]
    for letter in name:  # none is cut in two: there are readers who decode each piece by itself
        coded = quote(letter.encode("utf-8", "ignore"), safe="")
        if len(pieces[-1]) + len(coded) > _PIECE:
            pieces.append("")
        pieces[-1] += coded
    if len(pieces) == 1:
        return [f"\r\n filename*={pieces[0]}"]
    return [f"\r\n filename*{n}*={piece}" for n, piece in enumerate(pieces)]


def _base64(content: bytes) -> bytes:
    said = b2a_base64(content, newline=False)
    lines = [said[at : at + _BASE64_LINE] for at in range(0, len(said), _BASE64_LINE)]
    return b"\r\n".join([*lines, b""])
