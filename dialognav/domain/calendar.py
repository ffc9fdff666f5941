"""Facts of one appointment -> iCalendar bytes: PUBLISH, REQUEST, CANCEL (RFC 5545, 5546, 7986).

The same facts give the same bytes for ever: nothing here reads a clock or draws a random number.
A calendar is joined from head, zones and entries, so that the bytes of an entry can be kept.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta
from enum import StrEnum
from typing import Any

from icalendar import (
    Calendar,
    Event,
    vCalAddress,
    vDuration,
    vRecur,
    vText,
    vUri,
)

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
from dialognav.domain.calendar_text import (
    clean_line,
    clean_parameter,
    clean_text,
    clean_uri,
    mailto,
)
from dialognav.domain.calendar_times import add_places, times_of
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

_Property = tuple[str, Any, dict[str, Any]]
"""Name, value, parameters."""


class Method(StrEnum):
    """The iTIP methods we send (RFC 5546 section 3.2)."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    DECLINECOUNTER = "DECLINECOUNTER"


_WITHHELD = {
    Method.PUBLISH: {"CONFERENCE"},
    Method.REQUEST: {"IMAGE"},
    Method.CANCEL: {"DESCRIPTION", "X-ALT-DESC", "GEO", "CONFERENCE", "IMAGE", "CATEGORIES"},
    Method.DECLINECOUNTER: {"DESCRIPTION", "X-ALT-DESC", "GEO", "CONFERENCE", "IMAGE"},
}


def invitation_ics(entry: Entry) -> bytes:
    """METHOD:REQUEST to the one attendee: an invitation or its update.

    ValueError without attendee, and for a cancelled entry: clients take a REQUEST with
    STATUS:CANCELLED for an update.
    """
    if entry.attendee is None or entry.status == "CANCELLED":
        raise ValueError("an invitation has an attendee and is not cancelled")
    return _calendar(Method.REQUEST, _blocks(entry, Method.REQUEST), zones=[entry.zone])


def cancellation_ics(entry: Entry) -> bytes:
    """METHOD:CANCEL: takes the entry out of the attendee's calendar. ValueError without one.

    SEQUENCE is above the last one sent; the caller says in the summary who cancelled. A series is
    cancelled whole, one date of it by its `recurs_at`.
    """
    if entry.attendee is None:
        raise ValueError("a cancellation has an attendee")
    return _calendar(Method.CANCEL, [_block(entry, Method.CANCEL)], zones=[entry.zone])


def refusal_ics(entry: Entry) -> bytes:
    """METHOD:DECLINECOUNTER: the time that the attendee proposed is not taken, the entry stays as
    it is. SEQUENCE is that of the proposal (RFC 5546 section 3.2.8). ValueError without attendee.
    """
    if entry.attendee is None:
        raise ValueError("a refusal has an attendee")
    return _calendar(
        Method.DECLINECOUNTER, [_block(entry, Method.DECLINECOUNTER)], zones=[entry.zone]
    )


def publication_ics(entries: Sequence[Entry], *, name: str | None) -> bytes:
    """METHOD:PUBLISH for a download: no attendee, no digital link. Several entries need a name."""
    blocks = [vevent_bytes(entry) for entry in entries]
    zones = {entry.zone for entry in entries}
    return _calendar(Method.PUBLISH, blocks, zones=zones, head=_names(name) if name else ())


def vevent_bytes(entry: Entry) -> bytes:
    """The content lines of a published entry, to be kept by revision and joined by `feed_ics`."""
    return b"".join(_blocks(entry, Method.PUBLISH))


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
    head: list[_Property] = [
        *_names(name),
        ("X-WR-TIMEZONE", vText(zone), {}),
        ("REFRESH-INTERVAL", poll, {"VALUE": "DURATION"}),
        ("X-PUBLISHED-TTL", vDuration(poll), {}),
    ]
    if source_url:
        head.append(("SOURCE", vUri(clean_uri(source_url)), {"VALUE": "URI"}))
    return _calendar(Method.PUBLISH, blocks or [vtimezone_bytes("UTC")], zones=zones, head=head)


def _names(name: str) -> list[_Property]:
    """NAME is the standard's (RFC 7986), X-WR-CALNAME what Google and Apple read.

    Wrapped in vText, as neither is escaped otherwise.
    """
    return [(key, vText(clean_line(name)), {}) for key in ("NAME", "X-WR-CALNAME")]


def _calendar(
    method: Method,
    blocks: Sequence[bytes],
    *,
    zones: Iterable[str],
    head: Iterable[_Property] = (),
) -> bytes:
    calendar = Calendar()  # Calendar.new() would add a random UID
    for name, value in (("VERSION", "2.0"), ("PRODID", PRODID), ("CALSCALE", "GREGORIAN")):
        calendar.add(name, value)
    calendar.add("METHOD", method.value)
    for key, content, parameters in head:
        calendar.add(key, content, parameters)
    top = calendar.to_ical(sorted=False).removesuffix(_END)
    used = (z for z in sorted(set(zones)) if any(_is_in(block, z) for block in blocks))
    return b"".join([top, *map(vtimezone_bytes, used), *blocks, _END])


def _is_in(block: bytes, zone_name: str) -> bool:
    """A date of a series may begin in UTC and be named by the wall clock."""
    names = ("DTSTART", "RECURRENCE-ID")
    return any(f"\r\n{name};TZID={zone_name}:".encode("ascii") in block for name in names)


def _blocks(entry: Entry, method: Method) -> list[bytes]:
    """An entry, and of a series the dates that differ from it."""
    return [
        _block(entry, method),
        *(_block(one, method, days=entry.all_day) for one in entry.overrides),
    ]


def _block(entry: Entry, method: Method, *, days: bool | None = None) -> bytes:
    """One VEVENT in the order of properties that all readers have been tried with.

    `days`: whether the series that it is a date of goes by days, if that may not be as its own.
    """
    is_off = method is Method.CANCEL or entry.status == "CANCELLED"
    event = Event()
    event.add("UID", entry.uid)
    if entry.recurs_at is not None:
        is_day = entry.all_day if days is None else days
        add_places(event, "RECURRENCE-ID", [entry.recurs_at], entry.zone, days=is_day)
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", entry.dtstamp.astimezone(UTC))
    event.add("CREATED", entry.created.astimezone(UTC))
    event.add("LAST-MODIFIED", entry.dtstamp.astimezone(UTC))
    times, in_zone = times_of(entry)
    for name, at in zip(("DTSTART", "DTEND"), times, strict=True):
        event.add(name, at, in_zone)
    if entry.rrule and method is not Method.CANCEL:
        event.add("RRULE", vRecur.from_ical(entry.rrule))
        add_places(event, "EXDATE", entry.exdates, entry.zone, days=entry.all_day)
    event.add("SUMMARY", clean_line(entry.summary))  # required, even when empty
    for name, value, parameters in _texts(entry):
        if value and name not in _WITHHELD[method]:
            event.add(name, value, parameters)
    event.add("ORGANIZER", _address(entry.organiser))
    if entry.attendee is not None and method is not Method.PUBLISH:
        event.add("ATTENDEE", _attendee(entry.attendee, entry.partstat, method))
    event.add("STATUS", "CANCELLED" if is_off else entry.status)
    event.add("CLASS", "PRIVATE" if entry.private else "PUBLIC")
    event.add("TRANSP", "TRANSPARENT" if is_off else "OPAQUE")
    return bytes(event.to_ical(sorted=False))


def _texts(entry: Entry) -> list[_Property]:
    html = clean_text(entry.description_html)
    page = f"<html><body>{html}</body></html>" if html else ""
    link = {"VALUE": "URI", "FEATURE": ["AUDIO", "VIDEO"]}
    return [
        ("DESCRIPTION", vText(clean_text(entry.description)), {}),
        ("X-ALT-DESC", vText(page), {"FMTTYPE": "text/html"}),
        ("LOCATION", vText(clean_line(entry.location)), {}),
        ("GEO", entry.geo and tuple(map(_degrees, entry.geo)), {}),
        ("URL", vUri(clean_uri(entry.url)), {}),
        ("CONFERENCE", vUri(clean_uri(entry.conference_url)), link),
        ("IMAGE", vUri(clean_uri(entry.image_url)), {"VALUE": "URI", "DISPLAY": "BADGE"}),
        ("CATEGORIES", [c for c in map(clean_line, entry.categories) if c], {}),
    ]


def _degrees(value: float) -> float:
    """About a metre. FLOAT has no exponent, which Python writes below 0.0001."""
    rounded = round(value, 5)
    return rounded if abs(rounded) >= 0.0001 else 0.0


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(mailto(person.address))
    if name := clean_parameter(person.name):
        address.params["CN"] = name
    return address


def _attendee(person: Person, partstat: str, method: Method) -> vCalAddress:
    """An answer is asked for only where none was given, and never to a cancellation."""
    is_open = method is Method.REQUEST and partstat == "NEEDS-ACTION"
    attendee = _address(person)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["PARTSTAT"] = partstat
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["RSVP"] = "TRUE" if is_open else "FALSE"
    return attendee
