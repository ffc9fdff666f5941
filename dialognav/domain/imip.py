"""The calendar part of a received mail: REPLY, COUNTER, REFRESH (RFC 5546, 6047).

Content lines are read one by one, and no recurrence is expanded. The `icalendar` package would
keep the zones of a mail for the whole process, and expand their rules as soon as a time is
converted: two rules of FREQ=SECONDLY from 1601 are never done. ORGANIZER may be missing (Exchange
omits it), and DTSTART of a REPLY is not looked at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import unquote

from icalendar.parser import Contentline

from dialognav.domain.received_zones import Moment, Observance, moment
from dialognav.domain.typed_text import clean_line, clean_text

LARGEST = 256 * 1024
"""Bytes of a calendar part (calendar.md 2.8(1))."""

METHODS = ("REPLY", "COUNTER", "REFRESH")
ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED")

_LINES = 5000
_LINE = 16 * 1024  # characters
_FOLD = re.compile(r"\r?\n[ \t]")
_WANTED = re.compile(
    r"(METHOD|UID|SEQUENCE|DTSTAMP|RECURRENCE-ID|ATTENDEE|COMMENT|DTSTART|DTEND|DURATION"
    r"|TZID|TZOFFSETTO|RRULE)[;:]",
    re.IGNORECASE,
)
_MAILTO = re.compile(r"mailto:\s*([^\s\"<>:;]{1,254})\s*$", re.IGNORECASE)
_LOOSE = re.compile(r";(PARTSTAT|EMAIL|TZID)=\"?([^;:\"]{1,254})", re.IGNORECASE)
_DURATION = re.compile(r"P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?)?)")


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: the names of its parameters are in upper case."""

    parameters: Mapping[str, str]
    value: str


_NONE = Property({}, "")


@dataclass(slots=True)
class _Component:
    kind: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list["_Component"] = field(default_factory=list)

    def add(self, name: str, line: Property) -> None:
        self.properties.setdefault(name, []).append(line)

    def first(self, name: str) -> Property:
        return next(iter(self.properties.get(name, ())), _NONE)


@dataclass(frozen=True, slots=True)
class Attendee:
    address: str  # lower case
    partstat: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a REPLY, COUNTER or REFRESH says about its one event; instants are in UTC."""

    method: str
    uid: str = ""
    sequence: int = 0
    dtstamp: datetime | None = None
    recurs_at: datetime | None = None
    attendees: tuple[Attendee, ...] = ()
    comment: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_all_day: bool = False
    problem: str = ""


def read_answer(text: str, method: str) -> Answer | None:
    """The answer in a calendar part; None when it is not of METHODS. `method` is the mail's word
    for it, which counts where the calendar itself has none."""
    calendar = _parse(text)
    if calendar is None:
        return Answer(method=method, problem="bad_calendar") if method in METHODS else None
    said = calendar.first("METHOD").value.strip().upper() or method
    if said not in METHODS:
        return None
    events = [part for part in calendar.parts if part.kind == "VEVENT"]
    if not events:
        return Answer(method=said, problem="no_event")
    zones = {
        part.first("TZID").value: [*map(_observance, part.parts)]
        for part in calendar.parts
        if part.kind == "VTIMEZONE"
    }
    uids = {event.first("UID").value for event in events}
    answers = [_answer(event, said, zones) for event in events]
    return _with_problem(_only(answers), len(uids))


def too_large(method: str) -> Answer | None:
    """What stands for a calendar part that is not read."""
    return Answer(method=method, problem="too_large") if method in METHODS else None


def _only(answers: list[Answer]) -> Answer:
    """Of a series and some of its dates, answered alike, the answer to the series."""
    first = next((one for one in answers if one.recurs_at is None), answers[0])
    alike = {(one.attendees[:1] or (None,))[0] for one in answers}
    if len(answers) > 1 and (first.recurs_at is not None or len(alike) > 1):
        return _troubled(first, "several_answers")
    return first


def _with_problem(answer: Answer, uids: int) -> Answer:
    """The first thing that keeps it from being acted on, told as a code."""
    is_reply = answer.method == "REPLY"
    for code, is_so in (
        ("several_uids", uids > 1),
        ("no_uid", not answer.uid),
        ("no_stamp", answer.dtstamp is None),
        ("no_attendee", is_reply and not answer.attendees),
        ("several_attendees", is_reply and len(answer.attendees) > 1),
        ("bad_answer", is_reply and not _is_answer(answer)),
        ("no_time", answer.method == "COUNTER" and answer.starts_at is None),
    ):
        if is_so and not answer.problem:
            return _troubled(answer, code)
    return answer


def _is_answer(answer: Answer) -> bool:
    return all(one.partstat in ANSWERS for one in answer.attendees)


def _troubled(answer: Answer, problem: str) -> Answer:
    return replace(answer, problem=problem)


def _answer(event: _Component, method: str, zones: Mapping[str, list[Observance]]) -> Answer:
    def when(name: str) -> Moment | None:
        found = event.first(name)
        return moment(found.value.strip(), found.parameters.get("TZID", ""), zones)

    stamp = event.first("DTSTAMP").value.strip()
    stamped = moment(stamp if stamp.endswith("Z") else stamp + "Z", "", {})
    recurs = when("RECURRENCE-ID")
    starts, ends = (when("DTSTART"), when("DTEND")) if method == "COUNTER" else (None, None)
    attendees = tuple(map(_attendee, event.properties.get("ATTENDEE", ())))
    note = event.first("COMMENT").value or next((one.comment for one in attendees), "")
    is_lost = recurs is None and "RECURRENCE-ID" in event.properties
    return Answer(
        method=method,
        uid=clean_line(event.first("UID").value)[:300],
        sequence=_number(event.first("SEQUENCE").value),
        dtstamp=stamped.at if stamped else None,
        recurs_at=recurs.at if recurs else None,
        attendees=attendees,
        comment=clean_text(note[:2000])[:500].strip(),
        starts_at=starts.at if starts else None,
        ends_at=ends.at if ends else _end(starts, event.first("DURATION").value),
        is_all_day=any(found is not None and found.is_day for found in (recurs, starts)),
        problem="no_time" if is_lost else "",
    )


def _end(starts: Moment | None, duration: str) -> datetime | None:
    shape = _DURATION.fullmatch(duration.strip())
    if starts is None or shape is None:
        return None
    weeks, days, hours, minutes = (int(part or 0) for part in shape.groups())
    return starts.at + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


def _attendee(line: Property) -> Attendee:
    """The address stands in the value, or in EMAIL where the value is another kind of URI."""
    mailto = _MAILTO.search(line.value)
    address = unquote(mailto[1]) if mailto else line.parameters.get("EMAIL", "")
    return Attendee(
        address=clean_line(address[:254]).lower(),
        partstat=line.parameters.get("PARTSTAT", "NEEDS-ACTION").upper()[:20],
        comment=line.parameters.get("X-RESPONSE-COMMENT", ""),
    )


def _number(text: str) -> int:
    """SEQUENCE; 0 for what is none."""
    digits = text.strip()
    return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else 0


def _observance(part: _Component) -> Observance:
    return Observance(
        starts=part.first("DTSTART").value.strip(),
        offset=part.first("TZOFFSETTO").value.strip(),
        rule=part.first("RRULE").value.strip()[:200],
    )


def _parse(text: str) -> _Component | None:
    """The first VCALENDAR, with the properties that matter; None for what is no calendar."""
    lines = _FOLD.sub("", text).split("\n")
    opened: list[_Component] = []
    for line in (line.strip("\r \t\ufeff") for line in lines[:_LINES]):
        name, _, kind = line.partition(":")
        word = name.upper()
        if word == "BEGIN":
            opened.append(_Component(kind.strip().upper()))
            if len(opened) > 1:
                opened[-2].parts.append(opened[-1])
        elif word == "END" and len(opened) == 1:
            return opened[0] if opened[0].kind == "VCALENDAR" else None
        elif word == "END" and opened:
            opened.pop()
        elif opened and len(line) <= _LINE and (wanted := _WANTED.match(line)):
            opened[-1].add(wanted[1].upper(), _property(line))
    return None


def _property(line: str) -> Property:
    """A line with broken parameters, such as quotes in a quoted name, is read as far as it goes."""
    try:
        _name, given, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
    except ValueError:
        before, _, value = line.rpartition(":")
        value = f"mailto:{value}" if before.lower().endswith("mailto") else value
        return Property({name.upper(): one for name, one in _LOOSE.findall(line)}, value)
    return Property({name.upper(): _one(values) for name, values in given.items()}, value)


def _one(given: str | list[str]) -> str:
    """The first of several values of a parameter."""
    return given if isinstance(given, str) else next(iter(given), "")
