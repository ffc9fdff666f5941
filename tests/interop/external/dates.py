"""The dates of a series as programs show them that PyPI's judges have nothing in common with."""

import ctypes
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.interop.external.judges import CACHE, HERE, Libical, moment
from tests.interop.judges import Shown

_KHAL = """\
[calendars]
[[one]]
path = {home}/calendar
color = dark green
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = UTC
default_timezone = UTC
[sqlite]
path = {home}/khal.db
"""


def _shown(answer: bytes) -> list[Shown]:
    return sorted((moment(start), moment(end), title) for start, end, title in json.loads(answer))


def _asked(command: list[str], data: bytes) -> list[Shown]:
    answer = subprocess.run(command, input=data, capture_output=True, timeout=60)
    if answer.returncode or not answer.stdout.startswith(b"["):
        raise ValueError((answer.stderr or answer.stdout).decode("utf-8", "replace")[-500:])
    return _shown(answer.stdout)


def by_ical_js(data: bytes) -> list[Shown]:
    return _asked(["node", str(HERE / "dates_with_ical_js.mjs"), f"{CACHE}/"], data)


def by_sabre(data: bytes) -> list[Shown]:
    return _asked(["php", str(HERE / "dates_with_sabre.php")], data)


class _Span(ctypes.Structure):
    """`struct icaltime_span` of libical 3: Unix times."""

    _fields_ = (("start", ctypes.c_long), ("end", ctypes.c_long), ("is_busy", ctypes.c_int))


_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(_Span), ctypes.c_void_p)


class _Dates(Libical):
    """libical expands rules and gaps; which date an override replaces is left to its caller."""

    def dates(self, data: bytes) -> list[Shown]:
        calendar = self.parse(data)
        kind = self.lib.icalcomponent_string_to_kind(b"VEVENT")
        found, events = self.lib.icalcomponent_get_first_component(calendar, kind), []
        while found:
            events.append(found)
            found = self.lib.icalcomponent_get_next_component(calendar, kind)
        moved = {self._recurrence_id(one) for one in events}
        return sorted(
            one
            for event in events
            for one in self._expanded(event)
            if self._recurrence_id(event) is not None or one[0] not in moved
        )

    def _recurrence_id(self, event: int) -> date | None:
        if not self._values(event, b"RECURRENCE-ID"):
            return None
        ask = self.lib.icalproperty_get_datetime_with_component
        ask.restype, ask.argtypes = type(self._start(event)), (ctypes.c_void_p, ctypes.c_void_p)
        return self._moment(ask(self._properties(event, b"RECURRENCE-ID")[0], event))

    def _start(self, event: int) -> Any:
        return self.lib.icalcomponent_get_dtstart(event)

    def _expanded(self, event: int) -> list[Shown]:
        shown: list[Shown] = []
        title = (self.lib.icalcomponent_get_summary(event) or b"").decode()
        is_date = bool(self._start(event).is_date)

        def note(_event: int, span: Any, _data: int) -> None:
            times = [datetime.fromtimestamp(at, UTC) for at in (span[0].start, span[0].end)]
            start, end = (at.date() if is_date else at for at in times)
            shown.append((start, end, title))

        kind = type(self._start(event))
        from_string = self.lib.icaltime_from_string
        from_string.restype, from_string.argtypes = kind, (ctypes.c_char_p,)
        ask = self.lib.icalcomponent_foreach_recurrence
        ask.restype, ask.argtypes = None, (ctypes.c_void_p, kind, kind, _CALLBACK, ctypes.c_void_p)
        ask(
            event,
            from_string(b"20270101T000000Z"),
            from_string(b"20280101T000000Z"),
            _CALLBACK(note),
            None,
        )
        return shown


def by_libical(data: bytes) -> list[Shown]:
    return _Dates().dates(data)


def by_khal(data: bytes) -> list[Shown]:
    """A calendar on the command line that keeps its events in vdirs, as vdirsyncer syncs them."""
    with tempfile.TemporaryDirectory() as home:
        Path(home, "calendar").mkdir()
        Path(home, "config").write_text(_KHAL.format(home=home))
        Path(home, "one.ics").write_bytes(data)
        khal = [str(CACHE / "venv" / "bin" / "khal"), "--config", f"{home}/config"]
        _khal([*khal, "import", "--batch", "-a", "one", f"{home}/one.ics"], home)
        names = [
            f"--json={name}"
            for name in ("start-long-full", "end-long-full", "all-day", "title", "uid")
        ]
        answer = _khal([*khal, "list", *names, "2027-01-01", "365d"], home)
    events = [one for line in answer.splitlines() for one in json.loads(line)]
    return sorted({_of_khal(one) for one in events})


def _khal(command: list[str], home: str) -> str:
    told = subprocess.run(
        command, capture_output=True, timeout=60, env=os.environ | {"HOME": home, "TZ": "UTC"}
    )
    if told.returncode:
        raise ValueError(told.stderr.decode("utf-8", "replace")[-500:])
    return told.stdout.decode()


def _of_khal(one: dict[str, str]) -> Shown:
    if one["all-day"] == "True":
        start, last = (
            date.fromisoformat(one[f"{name}-long-full"][:10]) for name in ("start", "end")
        )
        return start, last + timedelta(days=1), one["title"]
    start, end = (
        datetime.strptime(one[f"{name}-long-full"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        for name in ("start", "end")
    )
    return start, end, one["title"]


DATE_JUDGES: dict[str, Callable[[bytes], list[Shown]]] = {
    "ical.js": by_ical_js,
    "sabre": by_sabre,
    "libical": by_libical,
    "khal": by_khal,
}
