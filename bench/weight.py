"""What a first visit to a page moves over the wire: the page and everything it names."""

import gzip
import re
import urllib.request
from dataclasses import dataclass
from urllib.parse import urljoin

_NAMED = re.compile(
    r"""<(?:link(?=[^>]*rel=["'](?:stylesheet|icon|preload|modulepreload))[^>]*?\shref"""
    r"""|script[^>]*?\ssrc|img[^>]*?\ssrc)=["']([^"']+)"""
)
_IN_CSS = re.compile(r"""url\(["']?([^"')]+)["']?\)""")


@dataclass(frozen=True)
class Part:
    address: str
    sent: int
    """Bytes of head and body as they came, compressed when the server compresses."""
    encoding: str


def parts_of(url: str) -> list[Part]:
    """The page first, then each resource once; what style sheets name is counted as loaded."""
    found: list[Part] = []
    waiting = [url]
    while waiting:
        address = waiting.pop(0)
        if address in [part.address for part in found]:
            continue
        part, body, media_type = _fetch(address)
        found.append(part)
        if "html" in media_type:
            waiting += [urljoin(address, name) for name in _NAMED.findall(body)]
        elif "css" in media_type:
            names = [name for name in _IN_CSS.findall(body) if not name.startswith("data:")]
            waiting += [urljoin(address, name) for name in names]
    return found


def _fetch(address: str) -> tuple[Part, str, str]:
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        raw = answer.read()
        encoding = answer.headers.get("Content-Encoding", "")
        head = len(str(answer.headers)) + 17  # and the status line
        media_type = answer.headers.get_content_type()
    text = ""
    if media_type.startswith("text/"):
        text = (gzip.decompress(raw) if encoding == "gzip" else raw).decode()
    return Part(address, len(raw) + head, encoding or "as it is"), text, media_type
