"""The calendar part of a received mail: REPLY, COUNTER, REFRESH (RFC 5546, 6047).

No recurrence is expanded. The `icalendar` package would keep the zones of a mail for the whole
process, and expand their rules as soon as a time is converted: two rules of FREQ=SECONDLY from 1601
are never done. ORGANIZER may be missing (Exchange omits it), and DTSTART of a REPLY is not looked
at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote

from dialognav.domain.ics_lines import CalendarRefused, Component, Property, read_components
from dialognav.domain.ics_text import plain_text
from dialognav.domain.ics_times import Unreadable, read_duration
from dialognav.domain.received_zones import Moment, Observance, moment
from dialognav.domain.typed_text import clean_line

LARGEST = 256 * 1024
"""Bytes of a calendar part (calendar.md 2.8(1))."""

METHODS = ("REPLY", "COUNTER", "REFRESH")
_MOST = 100
"""Events that are read, and rules of a zone: each event looks at each rule."""

ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED")

_MAILTO = re.compile(r"mailto:\s*([^\s\"<>:;]{1,254})\s*$", re.IGNORECASE)


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
    said = calendar.value("METHOD").strip().upper() or method
    if said not in METHODS:
        return None
    events = [part for part in calendar.parts if part.name == "VEVENT"]
    if not events:
        return Answer(method=said, problem="no_event")
    zones = {
        part.value("TZID"): [*map(_observance, part.parts[-_MOST:])]
        for part in calendar.parts
        if part.name == "VTIMEZONE"
    }
    uids = {event.value("UID") for event in events}
    answers = [_answer(event, said, zones) for event in events[:_MOST]]
    if len(events) > _MOST:
        return _troubled(answers[0], "several_answers")
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


def _answer(event: Component, method: str, zones: Mapping[str, list[Observance]]) -> Answer:
    def when(name: str) -> Moment | None:
        found = event.first(name) or Property("")
        return moment(found.value.strip(), found.parameters.get("TZID", ""), zones)

    stamp = event.value("DTSTAMP").strip()
    stamped = moment(stamp if stamp.endswith("Z") else stamp + "Z", "", {})
    recurs = when("RECURRENCE-ID")
    starts, ends = (when("DTSTART"), when("DTEND")) if method == "COUNTER" else (None, None)
    attendees = tuple(map(_attendee, event.properties.get("ATTENDEE", ())))
    note = event.value("COMMENT") or next((one.comment for one in attendees), "")
    is_lost = recurs is None and "RECURRENCE-ID" in event.properties
    return Answer(
        method=method,
        uid=clean_line(event.value("UID")[:1000])[:300],
        sequence=_number(event.value("SEQUENCE")),
        dtstamp=stamped.at if stamped else None,
        recurs_at=recurs.at if recurs else None,
        attendees=attendees,
        comment=plain_text(note, 500),
        starts_at=starts.at if starts else None,
        ends_at=ends.at if ends else _end(starts, event.value("DURATION")),
        is_all_day=any(found is not None and found.is_day for found in (recurs, starts)),
        problem="no_time" if is_lost else "",
    )


def _end(starts: Moment | None, duration: str) -> datetime | None:
    if starts is None:
        return None
    try:
        return starts.at + read_duration(duration)
    except Unreadable:
        return None


def _attendee(line: Property) -> Attendee:
    """The address stands in the value, or in EMAIL where the value is another kind of URI."""
    mailto = _MAILTO.search(line.value)
    given = unquote(mailto[1]) if mailto else line.parameters.get("EMAIL", "")
    address = clean_line(given[:255]).lower()
    return Attendee(
        address=address if len(address) <= 254 else "",
        partstat=line.parameters.get("PARTSTAT", "NEEDS-ACTION").upper()[:20],
        comment=line.parameters.get("X-RESPONSE-COMMENT", ""),
    )


def _number(text: str) -> int:
    """SEQUENCE; 0 for what is none."""
    digits = text.strip()
    return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else 0


def _observance(part: Component) -> Observance:
    return Observance(
        starts=part.value("DTSTART").strip(),
        offset=part.value("TZOFFSETTO").strip(),
        rule=part.value("RRULE").strip()[:200],
    )


def _parse(text: str) -> Component | None:
    """The first VCALENDAR; None for what is no calendar, or only a part of one."""
    try:
        return read_components(text.encode("utf-8", "replace"))[0]
    except CalendarRefused:
        return None
