"""The lines of calendar entries kept in memory by the version of what they show.

A feed is joined from them (calendar.md 1.8): whatever changes, only its own entries are written
anew. Per process, bounded by their size.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app

from dialognav.domain.calendar import Entry, vevent_bytes

MOST_BYTES = 12 * 1024 * 1024
_OF_ITS_OWN = 300
"""What a block takes beside its lines, about."""


@dataclass(frozen=True, slots=True)
class Block:
    """An entry's lines, and what a feed has to know of them. Left out from `until` on."""

    starts_at: datetime
    uid: str
    dtstamp: datetime
    zone: str
    lines: bytes
    until: datetime | None = None


def block_of(entry: Entry, until: datetime | None = None) -> Block:
    lines = vevent_bytes(entry)
    return Block(entry.starts_at, entry.uid, entry.dtstamp, entry.zone, lines, until)


class BlockCache:
    """The blocks of one version of an event under one name; least recently used leave first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[Block, ...]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, names: Iterable[Hashable]) -> dict[Hashable, tuple[Block, ...]]:
        with self._lock:
            found = {name: self._kept[name] for name in names if name in self._kept}
            for name in found:
                self._kept.move_to_end(name)
            return found

    def keep(self, name: Hashable, blocks: Sequence[Block]) -> None:
        with self._lock:
            if name in self._kept:
                return
            self._kept[name] = tuple(blocks)
            self._bytes += _size(blocks)
            while self._bytes > MOST_BYTES:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= _size(gone)


def _size(blocks: Sequence[Block]) -> int:
    return _OF_ITS_OWN + sum(_OF_ITS_OWN + len(block.lines) for block in blocks)


def register(app: Flask) -> None:
    app.extensions["block_cache"] = BlockCache()


def block_cache() -> BlockCache:
    return cast(BlockCache, current_app.extensions["block_cache"])
