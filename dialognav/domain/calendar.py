"""Facts of one appointment -> iCalendar bytes: PUBLISH, REQUEST, CANCEL (RFC 5545, 5546, 7986).

The same facts give the same bytes for ever: nothing here reads a clock or draws a random number.
A calendar is joined from head, zones and entries, so that the bytes of an entry can be kept.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import lru_cache

from icalendar import Calendar, vDuration, vText, vUri

from dialognav.domain.calendar_blocks import Method, Property, entry_block, entry_blocks
from dialognav.domain.calendar_entries import (
    Entry,
    Person,
    content_hash,
    entry_dates,
    entry_from_json,
    entry_to_json,
    new_invitation_uid,
    new_public_uid,
)
from dialognav.domain.calendar_text import clean_line, clean_uri
from dialognav.domain.timezones import vtimezone_bytes

__all__ = [
    "PRODID",
    "Entry",
    "Person",
    "cancellation_ics",
    "content_hash",
    "entry_dates",
    "entry_from_json",
    "entry_to_json",
    "feed_ics",
    "invitation_ics",
    "new_invitation_uid",
    "new_public_uid",
    "publication_ics",
    "refusal_ics",
    "vevent_bytes",
]

PRODID = "-//Dialognav//Dialognav 1.0//EN"

_POLL = timedelta(hours=4)
_END = b"END:VCALENDAR\r\n"


def invitation_ics(entry: Entry) -> bytes:
    """METHOD:REQUEST to the one attendee: an invitation or its update.

    ValueError without attendee, and for a cancelled entry: clients take a REQUEST with
    STATUS:CANCELLED for an update.
    """
    if entry.attendee is None or entry.status == "CANCELLED":
        raise ValueError("an invitation has an attendee and is not cancelled")
    return _calendar(Method.REQUEST, entry_blocks(entry, Method.REQUEST), zones=[entry.zone])


def cancellation_ics(entry: Entry) -> bytes:
    """METHOD:CANCEL: takes the entry out of the attendee's calendar. ValueError without one.

    SEQUENCE is above the last one sent; the caller says in the summary who cancelled. A series is
    cancelled whole, one date of it by its `recurs_at`.
    """
    if entry.attendee is None:
        raise ValueError("a cancellation has an attendee")
    return _calendar(Method.CANCEL, [entry_block(entry, Method.CANCEL)], zones=[entry.zone])


def refusal_ics(entry: Entry) -> bytes:
    """METHOD:DECLINECOUNTER: the time that the attendee proposed is not taken, the entry stays as
    it is. SEQUENCE is that of the proposal (RFC 5546 section 3.2.8). ValueError without attendee.
    """
    if entry.attendee is None:
        raise ValueError("a refusal has an attendee")
    return _calendar(
        Method.DECLINECOUNTER, [entry_block(entry, Method.DECLINECOUNTER)], zones=[entry.zone]
    )


def publication_ics(entries: Sequence[Entry], *, name: str | None) -> bytes:
    """METHOD:PUBLISH for a download: no attendee, no digital link. Several entries need a name."""
    blocks = [vevent_bytes(entry) for entry in entries]
    zones = {entry.zone for entry in entries}
    return _calendar(Method.PUBLISH, blocks, zones=zones, head=_names(name) if name else ())


def vevent_bytes(entry: Entry) -> bytes:
    """The content lines of a published entry, to be kept by revision and joined by `feed_ics`."""
    return b"".join(entry_blocks(entry, Method.PUBLISH))


def feed_ics(
    blocks: Sequence[bytes],
    *,
    name: str,
    zone: str,
    zones: Iterable[str],
    source_url: str = "",
    poll: timedelta = _POLL,
) -> bytes:
    """A calendar to subscribe to, from `vevent_bytes` in the caller's order.

    `zone` is the subscriber's default, `zones` are those of the entries; what no block uses is
    left out. An empty feed carries a zone all the same: a calendar holds one component at least
    (RFC 5545 section 3.4). A private feed names no source: its address is a secret.
    """
    head: list[Property] = [
        *_names(name),
        ("X-WR-TIMEZONE", vText(zone), {}),
        ("REFRESH-INTERVAL", poll, {"VALUE": "DURATION"}),
        ("X-PUBLISHED-TTL", vDuration(poll), {}),
    ]
    if source_url:
        head.append(("SOURCE", vUri(clean_uri(source_url)), {"VALUE": "URI"}))
    return _calendar(Method.PUBLISH, blocks or [vtimezone_bytes("UTC")], zones=zones, head=head)


def _names(name: str) -> list[Property]:
    """NAME is the standard's (RFC 7986), X-WR-CALNAME what Google and Apple read.

    Wrapped in vText, as neither is escaped otherwise.
    """
    return [(key, vText(clean_line(name)), {}) for key in ("NAME", "X-WR-CALNAME")]


def _calendar(
    method: Method,
    blocks: Sequence[bytes],
    *,
    zones: Iterable[str],
    head: Iterable[Property] = (),
) -> bytes:
    names = list(head)
    top = _top(method, names) if names else _plain_top(method)
    used = (z for z in sorted(set(zones)) if any(_is_in(block, z) for block in blocks))
    return b"".join([top, *map(vtimezone_bytes, used), *blocks, _END])


@lru_cache(maxsize=len(Method))
def _plain_top(method: Method) -> bytes:
    return _top(method, ())


def _top(method: Method, head: Iterable[Property]) -> bytes:
    calendar = Calendar()  # Calendar.new() would add a random UID
    for name, value in (("VERSION", "2.0"), ("PRODID", PRODID), ("CALSCALE", "GREGORIAN")):
        calendar.add(name, value)
    calendar.add("METHOD", method.value)
    for key, content, parameters in head:
        calendar.add(key, content, parameters)
    return bytes(calendar.to_ical(sorted=False).removesuffix(_END))


def _is_in(block: bytes, zone_name: str) -> bool:
    """A date of a series may begin in UTC and be named by the wall clock."""
    names = ("DTSTART", "RECURRENCE-ID")
    return any(f"\r\n{name};TZID={zone_name}:".encode("ascii") in block for name in names)
