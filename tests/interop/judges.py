"""Readers of calendars that are not the writer's: each says what it understood, or raises.

A judge gets bytes and answers with `Reading`s in one form, so that all can be compared with the
facts and with each other. Zone names are made unknown first: a reader that looks up
Europe/Stockholm in its own tables would never notice a wrong VTIMEZONE.
"""

import itertools
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import vobject
from ical.calendar_stream import IcsCalendarStream

from tests import ics_reader


@dataclass(frozen=True)
class Reading:
    """What a client would show and act on. Instants in UTC, dates for whole days."""

    method: str
    uid: str
    sequence: int
    starts_at: date
    ends_at: date
    summary: str
    description: str
    location: str
    status: str
    attendees: tuple[tuple[str, str, str], ...]
    organiser: str


Shown = tuple[date, date, str]
"""One date of a series: start and end, instants in UTC or days with the end excluded; the title."""

_fresh = itertools.count()
_EQUALS_UTC = re.compile(
    r"TZID:(.+)\r\n(?:X-LIC.+\r\n)?BEGIN:STANDARD\r\n.+\r\nTZOFFSETFROM:\+0000"
)


def without_known_zones(data: bytes) -> bytes:
    """The same file with zone names that are in nobody's tables, new in each call.

    New, because vobject keeps what it read of a zone for the whole process.
    """
    return re.sub(rb"(TZID[:=]|X-LIC-LOCATION:)\w+/", rb"\1Nowhere-%d/" % next(_fresh), data)


def instant(value: date) -> date:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError("a floating time")
    return value.astimezone(UTC)


def address(uri: str) -> str:
    return uri.removeprefix("mailto:")


def lint(data: bytes) -> list[Reading]:
    """The strict reader of this project's tests."""
    calendar = ics_reader.lint(data)

    def text(event: ics_reader.Component, name: str) -> str:
        return event.one(name).text if event.all(name) else ""

    return [
        Reading(
            method=calendar.one("METHOD").value,
            uid=event.one("UID").value,
            sequence=int(event.one("SEQUENCE").value),
            starts_at=ics_reader.moment(calendar, event.one("DTSTART")),
            ends_at=ics_reader.moment(calendar, event.one("DTEND")),
            summary=text(event, "SUMMARY"),
            description=text(event, "DESCRIPTION"),
            location=text(event, "LOCATION"),
            status=text(event, "STATUS"),
            attendees=tuple(
                (line.parameters.get("CN", ""), address(line.value), line.parameters["PARTSTAT"])
                for line in event.all("ATTENDEE")
            ),
            organiser=address(event.one("ORGANIZER").value),
        )
        for event in calendar.of("VEVENT")
    ]


def _read_by_vobject(data: bytes) -> list[Any]:
    # It drops a zone that equals UTC, and finds the name again in its tables: not one of ours.
    for tzid in _EQUALS_UTC.findall(data.decode("utf-8")):
        vobject.icalendar.registerTzid(tzid, UTC)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(vobject.readComponents(data.decode("utf-8")))


def by_vobject(data: bytes) -> list[Reading]:
    """Python's oldest reader; behind Radicale and many importers."""
    calendars = _read_by_vobject(data)
    if len(calendars) != 1 or calendars[0].name != "VCALENDAR":
        raise ValueError("not one calendar")
    calendar = calendars[0]
    calendar.validate(raiseException=True)

    def value(event: Any, name: str, otherwise: Any = "") -> Any:
        found = event.contents.get(name)
        return found[0].value if found else otherwise

    def parameter(line: Any, name: str) -> str:
        return line.params.get(name, [""])[0]

    return [
        Reading(
            method=calendar.method.value,
            uid=event.uid.value,
            sequence=int(event.sequence.value),
            starts_at=instant(event.dtstart.value),
            ends_at=instant(event.dtend.value),
            summary=event.summary.value,
            description=value(event, "description"),
            location=value(event, "location"),
            status=event.status.value,
            attendees=tuple(
                (parameter(line, "CN"), address(line.value), parameter(line, "PARTSTAT"))
                for line in event.contents.get("attendee", [])
            ),
            organiser=address(event.organizer.value),
        )
        for event in calendar.contents.get("vevent", [])
    ]


def by_ical(data: bytes) -> list[Reading]:
    """Home Assistant's reader: typed, refuses what does not fit its models."""
    calendar = IcsCalendarStream.calendar_from_ics(data.decode("utf-8"))
    if calendar.method is None:
        raise ValueError("no METHOD")
    return [
        Reading(
            method=calendar.method,
            uid=event.uid,
            sequence=event.sequence,
            starts_at=instant(event.dtstart),
            ends_at=instant(event.dtend),
            summary=event.summary,
            description=event.description or "",
            location=event.location or "",
            status=event.status.value,
            attendees=tuple(
                (one.common_name or "", address(str(one.uri)), one.status)
                for one in event.attendees
            ),
            organiser=address(str(event.organizer.uri)),
        )
        for event in calendar.events
    ]


JUDGES: dict[str, Callable[[bytes], list[Reading]]] = {
    "lint": lint,
    "vobject": by_vobject,
    "ical": by_ical,
}


# --- the dates of a series, as a reader's calendar shows them -----------------------------------


def lint_dates(data: bytes) -> list[Shown]:
    found = ics_reader.occurrences(ics_reader.lint(data))
    return sorted((one.starts_at, one.ends_at, one.summary) for one in found)


def vobject_dates(data: bytes) -> list[Shown]:
    """dateutil expands the rule, as in many Python programs; exceptions are ours to put in."""
    [calendar] = _read_by_vobject(data)
    moved = {
        event.recurrence_id.value
        for event in calendar.vevent_list
        if "recurrence-id" in event.contents
    }
    shown: list[Shown] = []
    for event in calendar.vevent_list:
        start, length = event.dtstart.value, event.dtend.value - event.dtstart.value
        starts = [start]
        if event.rruleset is not None and "rrule" in event.contents:
            is_date = not isinstance(start, datetime)
            starts = [at.date() if is_date else at for at in event.rruleset]
            starts = [at for at in starts if at not in moved]
        shown += [(instant(at), instant(at + length), event.summary.value) for at in starts]
    return sorted(shown)


def ical_dates(data: bytes) -> list[Shown]:
    calendar = IcsCalendarStream.calendar_from_ics(data.decode("utf-8"))
    return sorted(
        (instant(one.dtstart), instant(one.dtend), one.summary) for one in calendar.timeline
    )


DATE_JUDGES: dict[str, Callable[[bytes], list[Shown]]] = {
    "lint": lint_dates,
    "vobject": vobject_dates,
    "ical": ical_dates,
}
