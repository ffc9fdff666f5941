"""Makes any text safe for a content line; the `icalendar` package escapes and folds, no more."""

import re
import unicodedata
from urllib.parse import quote

_LINE_ENDS = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
# C0 (RFC 5545 section 3.1), DEL, C1, the byte order mark, lone surrogates, noncharacters.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")
_NOT_IN_A_URI = re.compile(r"\s+")
_URI_CHARACTERS = ":/?#[]@!$&'()*+,;=%"
_MAILTO_CHARACTERS = "!$'*+@"


def clean_text(text: str) -> str:
    """NFC, line ends as LF, no control characters: for TEXT values."""
    unix = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", unix))


def clean_line(text: str) -> str:
    """The same on one line, with single spaces: for titles, places, names of calendars."""
    return " ".join(clean_text(text).split())


def clean_parameter(text: str) -> str:
    """One line without double quotes: for parameter values.

    A quote would have to be written as `^'` (RFC 6868), which most clients show as it stands.
    """
    return clean_line(text).replace('"', "'")


def clean_uri(uri: str) -> str:
    """The web address in URI characters, or "" for what is not http(s)."""
    cleaned = quote(_NOT_IN_A_URI.sub("", clean_text(uri)), safe=_URI_CHARACTERS)
    return cleaned if cleaned.lower().startswith(("https://", "http://")) else ""


def mailto(address: str) -> str:
    """The mail address as a bare `mailto:` URI (RFC 6068): no name, no header fields."""
    return "mailto:" + quote(_NOT_IN_A_URI.sub("", clean_text(address)), safe=_MAILTO_CHARACTERS)
