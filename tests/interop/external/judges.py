"""Judges in other languages, installed by setup.sh; `missing(..)` says why one cannot be asked."""

import ctypes
import json
import shutil
import subprocess
from ctypes.util import find_library
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.interop.judges import Reading, address

HERE = Path(__file__).parent
CACHE = HERE.parent.parent.parent / ".cache" / "interop"


def missing(judge: str) -> str | None:
    """Why a judge cannot be asked here, or None."""
    match judge:
        case "ical.js" | "postal-mime":
            there = shutil.which("node") and (CACHE / "node_modules" / judge).is_dir()
        case "sabre":
            probe = ["php", "-r", 'require "Sabre/VObject/autoload.php";']
            there = (
                shutil.which("php") and not subprocess.run(probe, capture_output=True).returncode
            )
        case "libical":
            there = bool(find_library("ical"))
        case "radicale" | "khal":
            there = (CACHE / "venv" / "bin" / judge).is_file()
        case _:
            raise ValueError(judge)
    return None if there else f"{judge} is not installed: run make interop"


def moment(text: str) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).astimezone(UTC)


def _asked(command: list[str], data: bytes) -> list[Reading]:
    answer = subprocess.run(command, input=data, capture_output=True, timeout=60)
    if answer.returncode or not answer.stdout.startswith(b"["):
        raise ValueError((answer.stderr or answer.stdout).decode("utf-8", "replace")[-500:])
    events: list[dict[str, Any]] = json.loads(answer.stdout)
    for event in events:
        event["starts_at"] = moment(event["starts_at"])
        event["ends_at"] = moment(event["ends_at"])
        event["attendees"] = tuple(map(tuple, event["attendees"]))
    return [Reading(**event) for event in events]


def by_ical_js(data: bytes) -> list[Reading]:
    """Thunderbird's and many web calendars' reader, with the file's own zones."""
    return _asked(["node", str(HERE / "read_with_ical_js.mjs"), f"{CACHE}/"], data)


def by_sabre(data: bytes) -> list[Reading]:
    """Nextcloud's and Baikal's reader; it knows zones by name only."""
    return _asked(["php", str(HERE / "read_with_sabre.php")], data)


class _Time(ctypes.Structure):
    """`struct icaltimetype` of libical 3."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        ("is_date", ctypes.c_int),
        ("is_daylight", ctypes.c_int),
        ("zone", ctypes.c_void_p),
    )


_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_SIGNATURES = {
    "icalparser_parse_string": (_POINTER, _TEXT),
    "icalcomponent_count_errors": (_INT, _POINTER),
    "icalrestriction_check": (_INT, _POINTER),
    "icalcomponent_string_to_kind": (_INT, _TEXT),
    "icalproperty_string_to_kind": (_INT, _TEXT),
    "icalcomponent_isa": (_INT, _POINTER),
    "icalcomponent_get_first_component": (_POINTER, _POINTER, _INT),
    "icalcomponent_get_next_component": (_POINTER, _POINTER, _INT),
    "icalcomponent_get_first_property": (_POINTER, _POINTER, _INT),
    "icalcomponent_get_next_property": (_POINTER, _POINTER, _INT),
    "icalproperty_get_value_as_string": (_TEXT, _POINTER),
    "icalproperty_get_parameter_as_string": (_TEXT, _POINTER, _TEXT),
    "icalcomponent_get_summary": (_TEXT, _POINTER),
    "icalcomponent_get_description": (_TEXT, _POINTER),
    "icalcomponent_get_location": (_TEXT, _POINTER),
    "icalcomponent_get_dtstart": (_Time, _POINTER),
    "icalcomponent_get_dtend": (_Time, _POINTER),
    "icaltime_as_timet_with_zone": (ctypes.c_long, _Time, _POINTER),
    "icalproperty_enum_to_string": (_TEXT, _INT),
}
"""Function -> what it returns and takes."""


class Libical:
    """The C library of Evolution, KOrganizer and Cyrus, as far as a reader needs it."""

    def __init__(self) -> None:
        self.lib = ctypes.CDLL(find_library("ical") or "libical.so.3")
        for name, (result, *arguments) in _SIGNATURES.items():
            function = getattr(self.lib, name)
            function.restype, function.argtypes = result, arguments
        self.store = ctypes.CDLL(find_library("icalss") or "libicalss.so.3")
        self.store.icalclassify.restype = _INT
        self.store.icalclassify.argtypes = (_POINTER, _POINTER, _TEXT)

    def parse(self, data: bytes) -> int:
        calendar = self.lib.icalparser_parse_string(data)
        vcalendar = self.lib.icalcomponent_string_to_kind(b"VCALENDAR")
        if not calendar or self.lib.icalcomponent_isa(calendar) != vcalendar:
            raise ValueError("not one calendar")
        if not self.lib.icalrestriction_check(calendar):
            raise ValueError("restrictions of RFC 5546 are broken")
        if self.lib.icalcomponent_count_errors(calendar):
            raise ValueError("errors")
        return int(calendar)

    def classify(self, message: bytes, stored: bytes | None, user: str) -> str:
        """What an iTIP message is to the one who has `stored` in the calendar."""
        match = self.parse(stored) if stored else None
        answer = self.store.icalclassify(self.parse(message), match, user.encode())
        return str(self.lib.icalproperty_enum_to_string(answer).decode())

    def read(self, data: bytes) -> list[Reading]:
        calendar = self.parse(data)
        method = self._values(calendar, b"METHOD")[0]
        kind = self.lib.icalcomponent_string_to_kind(b"VEVENT")
        found, readings = self.lib.icalcomponent_get_first_component(calendar, kind), []
        while found:
            readings.append(self._event(found, method))
            found = self.lib.icalcomponent_get_next_component(calendar, kind)
        return readings

    def _event(self, event: int, method: str) -> Reading:
        def text(name: str) -> str:
            value: bytes | None = getattr(self.lib, f"icalcomponent_get_{name}")(event)
            return (value or b"").decode()

        return Reading(
            method=method,
            uid=self._values(event, b"UID")[0],
            sequence=int(self._values(event, b"SEQUENCE")[0]),
            starts_at=self._moment(self.lib.icalcomponent_get_dtstart(event)),
            ends_at=self._moment(self.lib.icalcomponent_get_dtend(event)),
            summary=text("summary"),
            description=text("description"),
            location=text("location"),
            status=self._values(event, b"STATUS")[0],
            attendees=tuple(
                (self._parameter(one, b"CN"), address(self._value(one)), self._partstat(one))
                for one in self._properties(event, b"ATTENDEE")
            ),
            organiser=address(self._values(event, b"ORGANIZER")[0]),
        )

    def _properties(self, component: int, name: bytes) -> list[int]:
        kind = self.lib.icalproperty_string_to_kind(name)
        found, all_of_them = self.lib.icalcomponent_get_first_property(component, kind), []
        while found:
            all_of_them.append(found)
            found = self.lib.icalcomponent_get_next_property(component, kind)
        return all_of_them

    def _value(self, line: int) -> str:
        return str(self.lib.icalproperty_get_value_as_string(line).decode())

    def _values(self, component: int, name: bytes) -> list[str]:
        return [self._value(line) for line in self._properties(component, name)]

    def _parameter(self, line: int, name: bytes) -> str:
        return str((self.lib.icalproperty_get_parameter_as_string(line, name) or b"").decode())

    def _partstat(self, line: int) -> str:
        return self._parameter(line, b"PARTSTAT")

    def _moment(self, time: _Time) -> date:
        if time.is_date:
            return date(time.year, time.month, time.day)
        if not time.zone:
            raise ValueError("a floating time")
        seconds = self.lib.icaltime_as_timet_with_zone(time, time.zone)
        return datetime.fromtimestamp(seconds, UTC)


def by_libical(data: bytes) -> list[Reading]:
    return Libical().read(data)


JUDGES = {"ical.js": by_ical_js, "sabre": by_sabre, "libical": by_libical}
