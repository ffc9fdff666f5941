"""Public answers kept in memory by the version of the rows they show, and conditional GET.

A view asks for a version first (one light statement); while that and the time fit, the kept body is
sent, or 304. So numbers are never old, and nothing has to be told to forget. Per process, bounded.
"""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import Flask, current_app, request
from werkzeug.http import http_date
from werkzeug.wrappers import Response

MOST_ENTRIES = 512
MOST_BYTES = 32 * 1024 * 1024
_LARGEST = 4 * 1024 * 1024  # one entry; more is sent but not kept
_SMALLEST_PACKED = 600  # below that gzip saves nothing worth its time

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh body. `changes` are the instants at which it says something else all by itself:
    sign-up opens or closes, the event begins or ends. `stamp` goes out as Last-Modified."""

    body: str
    changes: tuple[datetime, ...] = ()
    stamp: datetime | None = None


@dataclass(slots=True)
class _Kept:
    version: Hashable
    since: datetime | None
    until: datetime | None
    etag: str
    plain: bytes
    stamp: datetime | None
    packed: bytes | None = field(default=None)

    def fits(self, version: Hashable, now: datetime) -> bool:
        if self.version != version or (self.since is not None and now < self.since):
            return False
        return self.until is None or now < self.until

    def size(self) -> int:
        return len(self.plain) + len(self.packed or b"")


class PageCache:
    """The least recently used leave first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, name: Hashable, version: Hashable, now: datetime) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or not kept.fits(version, now):
                return None
            self._kept.move_to_end(name)
            return kept

    def make(self, name: Hashable, version: Hashable, now: datetime, made: Made) -> _Kept:
        since = max((at for at in made.changes if at <= now), default=None)
        until = min((at for at in made.changes if at > now), default=None)
        plain = made.body.encode()
        etag = hashlib.sha256(plain).hexdigest()[:32]
        return _Kept(version, since, until, etag, plain, made.stamp)

    def keep(self, name: Hashable, kept: _Kept) -> None:
        if kept.size() > _LARGEST:
            return
        with self._lock:
            self._forget(name)
            self._kept[name] = kept
            self._bytes += kept.size()
            while len(self._kept) > MOST_ENTRIES or self._bytes > MOST_BYTES:
                self._forget(next(iter(self._kept)))

    def pack(self, name: Hashable, kept: _Kept) -> bytes:
        """The body as gzip; made once, the same bytes each time."""
        if kept.packed is None:
            packed = gzip.compress(kept.plain, 6, mtime=0)
            with self._lock:
                if self._kept.get(name) is kept and kept.packed is None:
                    self._bytes += len(packed)
                kept.packed = packed
        return kept.packed

    def _forget(self, name: Hashable) -> None:
        gone = self._kept.pop(name, None)
        if gone is not None:
            self._bytes -= gone.size()


def register(app: Flask) -> None:
    app.extensions["page_cache"] = PageCache()


def answer(
    name: Hashable,
    version: Hashable,
    now: datetime,
    make: Callable[[], Made],
    *,
    media_type: str = HTML,
    cache_control: str = "no-cache",
    vary: str = "Cookie, Accept-Encoding",
    keep: bool = True,
    extra: tuple[tuple[str, str], ...] = (),
) -> Response:
    """The kept body of that name and version, else a new one; 304 when the visitor has it.

    `name` holds everything of the request that the body depends on: address, filters, language,
    theme. `keep=False` for what a stranger could ask in endless variants. `extra` are headers.
    """
    cache = cast(PageCache, current_app.extensions["page_cache"])
    kept = cache.find(name, version, now)
    if kept is None:
        kept = cache.make(name, version, now, make())
        if keep and not current_app.debug:
            cache.keep(name, kept)
    environ = request.environ
    packs = "HTTP_ACCEPT_ENCODING" in environ and len(kept.plain) >= _SMALLEST_PACKED
    packs = packs and request.accept_encodings["gzip"] > 0
    tag = f"{kept.etag}-gzip" if packs else kept.etag
    headers = [("ETag", f'"{tag}"'), ("Cache-Control", cache_control), ("Vary", vary), *extra]
    if kept.stamp is not None:
        headers.append(("Last-Modified", http_date(kept.stamp)))
    if _has_it(kept):
        return Response(None, 304, headers)
    body = kept.plain
    if packs:
        body = cache.pack(name, kept)
        headers.append(("Content-Encoding", "gzip"))
    return Response(body, 200, headers, content_type=media_type)


def _has_it(kept: _Kept) -> bool:
    """If-None-Match decides; If-Modified-Since only when it is absent (RFC 9110 13.2.2)."""
    environ = request.environ
    if "HTTP_IF_NONE_MATCH" in environ:
        return _matches(request.if_none_match.contains_weak, (kept.etag, f"{kept.etag}-gzip"))
    if kept.stamp is None or "HTTP_IF_MODIFIED_SINCE" not in environ:
        return False
    since = request.if_modified_since
    return since is not None and kept.stamp.replace(microsecond=0) <= since


def _matches(contains: Callable[[str], bool], tags: Iterable[str]) -> bool:
    return any(contains(tag) for tag in tags)
