"""One VEVENT of an entry, in the order of properties that all readers have been tried with.

What all that are invited to the same read is rendered once, which is most of an entry's cost.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from icalendar import Alarm, Event, vCalAddress, vRecur, vText, vUri

from dialognav.domain.calendar_entries import Entry, Person
from dialognav.domain.calendar_text import (
    clean_line,
    clean_parameter,
    clean_text,
    clean_uri,
    mailto,
)
from dialognav.domain.calendar_times import add_places, times_of

Property = tuple[str, Any, dict[str, Any]]
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


def entry_blocks(entry: Entry, method: Method) -> list[bytes]:
    """An entry, and of a series the dates that differ from it."""
    return [
        entry_block(entry, method),
        *(entry_block(one, method, days=entry.all_day) for one in entry.overrides),
    ]


def entry_block(entry: Entry, method: Method, *, days: bool | None = None) -> bytes:
    """`days`: whether the series that it is a date of goes by days, if that differs."""
    is_off = method is Method.CANCEL or entry.status == "CANCELLED"
    stamp = _instant(entry.dtstamp)
    own = Event()
    own.add("UID", entry.uid)
    if entry.recurs_at is not None:
        is_day = entry.all_day if days is None else days
        add_places(own, "RECURRENCE-ID", [entry.recurs_at], entry.zone, days=is_day)
    attendee = Event()
    if entry.attendee is not None and method is not Method.PUBLISH:
        attendee.add("ATTENDEE", _attendee(entry.attendee, entry.partstat, method))
    end = (
        f"STATUS:{'CANCELLED' if is_off else entry.status}\r\n"
        f"CLASS:{'PRIVATE' if entry.private else 'PUBLIC'}\r\n"
        f"TRANSP:{'TRANSPARENT' if is_off else 'OPAQUE'}\r\n"
    )
    revision = (
        f"SEQUENCE:{entry.sequence}\r\nDTSTAMP:{stamp}\r\n"
        f"CREATED:{_instant(entry.created)}\r\nLAST-MODIFIED:{stamp}\r\n"
    )
    lines = (_lines(own), revision.encode("ascii"), _shared_lines(_anybodys(entry), method))
    rings = _alarm(entry) if entry.alarm_minutes and method is Method.REQUEST else b""
    whole = [b"BEGIN:VEVENT\r\n", *lines, _lines(attendee), end.encode("ascii"), rings]
    return b"".join([*whole, b"END:VEVENT\r\n"])


def _alarm(entry: Entry) -> bytes:
    """One that shows the title (RFC 5545 section 3.6.6); not in feeds, whose readers have their
    own."""
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", vText(clean_line(entry.summary)))
    alarm.add("TRIGGER", timedelta(minutes=-entry.alarm_minutes))
    return bytes(alarm.to_ical(sorted=False))


def _instant(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"  # an entry's are in UTC


def _lines(event: Event) -> bytes:
    """Its content lines, without the first and the last."""
    whole = bytes(event.to_ical(sorted=False))
    return whole.removeprefix(b"BEGIN:VEVENT\r\n").removesuffix(b"END:VEVENT\r\n")


def _anybodys(entry: Entry) -> Entry:
    """Without what is one person's, and one revision's."""
    return replace(
        entry,
        uid="-",
        sequence=0,
        dtstamp=entry.starts_at,
        created=entry.starts_at,
        attendee=None,
        partstat="NEEDS-ACTION",
        overrides=(),
    )


@lru_cache(maxsize=256)
def _shared_lines(entry: Entry, method: Method) -> bytes:
    """What all that are invited to the same read, and the dearest part of their entries."""
    event = Event()
    times, in_zone = times_of(entry)
    for name, at in zip(("DTSTART", "DTEND"), times, strict=True):
        event.add(name, at, in_zone)
    if entry.rrule and method is not Method.CANCEL:
        event.add("RRULE", vRecur.from_ical(entry.rrule))
        add_places(event, "EXDATE", entry.exdates, entry.zone, days=entry.all_day)
    event.add("SUMMARY", clean_line(entry.summary))  # required, even when empty
    for key, value, parameters in _texts(entry):
        if value and key not in _WITHHELD[method]:
            event.add(key, value, parameters)
    event.add("ORGANIZER", _address(entry.organiser))
    return _lines(event)


def _texts(entry: Entry) -> list[Property]:
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
