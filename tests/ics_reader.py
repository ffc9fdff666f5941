"""A strict reader of iCalendar that shares no code with the writer: RFC 5545 by the letter.

`read` raises `Broken` for bytes that some client somewhere would stumble over; `lint` adds what
RFC 5546 wants of each METHOD. Times are computed from the file's own VTIMEZONE alone, in the
narrow way of Outlook: one yearly rule for each half, wall time before the change.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

_NAME = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^",;:]*)(?:,(?:"[^"]*"|[^",;:]*))*)')
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*(?:\\(?![\\;,nN])|;)")
_SEPARATOR = re.compile(r"(?<!\\)(?:\\\\)*,")
_UTC_TIME = re.compile(r"\d{8}T\d{6}Z")
_URI = re.compile(r"[a-z]+:[!-~]+")

TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "X-ALT-DESC", "STATUS"}
_LISTS = {"CATEGORIES"}
_URIS = {"URL", "SOURCE", "CONFERENCE", "IMAGE", "ATTENDEE", "ORGANIZER"}
_STAMPS = {"DTSTAMP", "CREATED", "LAST-MODIFIED"}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Broken(Exception):
    """What is wrong, in words."""


@dataclass
class Line:
    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value of a TEXT property, unescaped."""
        return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], self.value)


@dataclass
class Component:
    name: str
    lines: list[Line] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def one(self, name: str) -> Line:
        found = self.all(name)
        if len(found) != 1:
            raise Broken(f"{self.name} has {len(found)} {name}")
        return found[0]

    def of(self, name: str) -> list["Component"]:
        return [part for part in self.parts if part.name == name]


def unfold(data: bytes) -> list[str]:
    """Logical lines; CRLF only, at most 75 octets, each physical line UTF-8 by itself."""
    if not data.endswith(b"\r\n") or re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        raise Broken("lines end in CRLF and nothing else")
    lines: list[str] = []
    for text in map(_physical_line, data[:-2].split(b"\r\n")):
        if not text.startswith((" ", "\t")):
            lines.append(text)
        elif lines:
            lines[-1] += text[1:]
        else:
            raise Broken("the first line is folded")
    return lines


def _physical_line(raw: bytes) -> str:
    if not 0 < len(raw) <= 75:
        raise Broken(f"{len(raw)} octets: {raw[:30]!r}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Broken(f"not UTF-8, or folded inside a letter: {raw[:30]!r}") from None
    if _FORBIDDEN.search(text):
        raise Broken(f"a control character in {text[:30]!r}")
    return text


def _line(text: str) -> Line:
    name = _NAME.match(text)
    if name is None:
        raise Broken(f"no name: {text[:40]!r}")
    at, parameters = name.end(), {}
    while match := _PARAMETER.match(text, at):
        if match[1] in parameters:
            raise Broken(f"parameter twice: {match[1]}")
        parameters[match[1]] = match[2].strip('"')
        at = match.end()
    if text[at : at + 1] != ":":
        raise Broken(f"neither parameter nor value: {text[at : at + 40]!r}")
    line = Line(name[0].upper(), parameters, text[at + 1 :])
    _check_value(line)
    return line


def _check_value(line: Line) -> None:
    value = line.value
    if line.name in TEXTS and (_BAD_ESCAPE.search(value) or _SEPARATOR.search(value)):
        raise Broken(f"not escaped: {line.name}:{value[:60]}")
    if line.name in _LISTS and _BAD_ESCAPE.search(value):
        raise Broken(f"not escaped: {line.name}:{value[:60]}")
    if line.name in _URIS and not _URI.fullmatch(value):
        raise Broken(f"not a URI: {line.name}:{value[:60]}")
    if line.name in _STAMPS and not _UTC_TIME.fullmatch(value):
        raise Broken(f"not in UTC: {line.name}:{value}")
    if line.name == "GEO" and not re.fullmatch(r"-?\d+(\.\d+)?;-?\d+(\.\d+)?", value):
        raise Broken(f"not two floats: {value}")


def read(data: bytes) -> Component:
    """The VCALENDAR of a file that holds exactly one."""
    root = Component("")
    stack = [root]
    for text in unfold(data):
        line = _line(text)
        if line.name == "BEGIN":
            inner = Component(line.value)
            stack[-1].parts.append(inner)
            stack.append(inner)
        elif line.name == "END":
            if len(stack) == 1 or stack.pop().name != line.value:
                raise Broken(f"END:{line.value} ends nothing")
        elif len(stack) == 1:
            raise Broken(f"outside of any component: {line.name}")
        else:
            stack[-1].lines.append(line)
    if len(stack) != 1 or [part.name for part in root.parts] != ["VCALENDAR"]:
        raise Broken("a file is one closed VCALENDAR")
    return root.parts[0]


def lint(data: bytes) -> Component:
    """`read`, and the rules of RFC 5545 section 3.6 and RFC 5546 section 3.2 for what we send."""
    calendar = read(data)
    if calendar.one("VERSION").value != "2.0" or not calendar.one("PRODID").value:
        raise Broken("VERSION or PRODID")
    method = calendar.one("METHOD").value
    zones = [part.one("TZID").value for part in calendar.of("VTIMEZONE")]
    used = {
        tz for e in calendar.of("VEVENT") for li in e.lines if (tz := li.parameters.get("TZID"))
    }
    if len(set(zones)) != len(zones) or not used <= set(zones):
        raise Broken(f"zones {zones} for {used}")
    if not calendar.parts:
        raise Broken("no component")
    events = calendar.of("VEVENT")
    for event in events:
        _check_event(calendar, event, method)
    for master in _masters(events, method):
        _check_series(calendar, master, method)
    return calendar


def _masters(events: list[Component], method: str) -> list[Component]:
    """The events that are no single date of a series; a mail is about one of them."""
    masters = [event for event in events if not event.all("RECURRENCE-ID")]
    uids = {event.one("UID").value for event in events}
    if method != "PUBLISH" and (len(uids) != 1 or len(masters or events) != 1):
        raise Broken(f"{len(uids)} UIDs, {len(masters)} of {len(events)} events in a {method}")
    if len({event.one("UID").value for event in masters}) != len(masters):
        raise Broken("a UID twice")
    return masters


@dataclass(frozen=True, order=True)
class Occurrence:
    """One date of a calendar file: days, or instants in UTC."""

    starts_at: date
    ends_at: date
    summary: str
    location: str


def occurrences(calendar: Component) -> list[Occurrence]:
    """What a client shows: series expanded, without EXDATE, with their overrides."""
    events = calendar.of("VEVENT")
    overrides = [event for event in events if event.all("RECURRENCE-ID")]
    found = [_occurrence(calendar, event) for event in overrides]
    for master in (event for event in events if event not in overrides):
        taken = _others(calendar, master)
        length = _exact_length(calendar, master)
        for at in _dates(calendar, master):
            if at not in taken:
                said = _occurrence(calendar, master)
                found.append(Occurrence(at, at + length, said.summary, said.location))
    return sorted(found)


def _occurrence(calendar: Component, event: Component) -> Occurrence:
    start, end = (moment(calendar, event.one(name)) for name in ("DTSTART", "DTEND"))
    places = event.all("LOCATION")
    return Occurrence(start, end, event.one("SUMMARY").text, places[0].text if places else "")


def _exact_length(calendar: Component, event: Component) -> timedelta:
    start, end = (moment(calendar, event.one(name)) for name in ("DTSTART", "DTEND"))
    return end - start


def _others(calendar: Component, master: Component) -> list[date]:
    """The dates of a series that its master does not show."""
    uid = master.one("UID").value
    same = [event for event in calendar.of("VEVENT") if event.one("UID").value == uid]
    lines = [line for event in same for line in event.all("RECURRENCE-ID")]
    return [moment(calendar, line) for line in [*lines, *master.all("EXDATE")]]


def _check_series(calendar: Component, master: Component, method: str) -> None:
    others = _others(calendar, master)
    if method == "CANCEL" and (others or master.all("RRULE")):
        raise Broken("a cancelled series is named by its UID alone")
    dates = _dates(calendar, master)
    if len(set(others)) != len(others) or not set(others) <= set(dates):
        raise Broken(f"{others} are not all dates of the series, or one is there twice")


def _dates(calendar: Component, master: Component) -> list[date]:
    """The dates of a rule, by the wall clock of DTSTART."""
    start = master.one("DTSTART")
    if not master.all("RRULE"):
        return [moment(calendar, start)]
    rule = dict(part.split("=") for part in master.one("RRULE").value.split(";"))
    number, step = int(rule.pop("COUNT")), int(rule.pop("INTERVAL", "1"))
    form = "%Y%m%d" if start.parameters.get("VALUE") == "DATE" else "%Y%m%dT%H%M%S"
    first = datetime.strptime(start.value.removesuffix("Z"), form)
    walls = [_nth_date(rule, first, n * step) for n in range(number)]
    tail = "Z" if start.value.endswith("Z") else ""
    return [
        moment(calendar, Line("DTSTART", start.parameters, wall.strftime(form) + tail))
        for wall in walls
    ]


def _nth_date(rule: dict[str, str], first: datetime, n: int) -> datetime:
    match rule:
        case {"FREQ": "DAILY", **more} if not more:
            return first + timedelta(days=n)
        case {"FREQ": "WEEKLY", **more} if not more:
            return first + timedelta(days=7 * n)
        case {"FREQ": "MONTHLY", **more} if set(more) <= {"BYDAY"}:
            years, month = divmod(first.month - 1 + n, 12)
            if not more:
                return first.replace(year=first.year + years, month=month + 1)
            by = {"BYDAY": more["BYDAY"], "BYMONTH": str(month + 1)}
            return _nth(by, first.year + years, first)
    raise Broken(f"not a rule that all clients read: {rule}")


_ALWAYS = {
    *("UID", "SEQUENCE", "DTSTAMP", "CREATED", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY"),
    *("ORGANIZER", "STATUS", "CLASS", "TRANSP"),
}
_MAYBE = {
    *("DESCRIPTION", "X-ALT-DESC", "LOCATION", "GEO", "URL", "CONFERENCE", "IMAGE"),
    *("CATEGORIES", "ATTENDEE", "RRULE", "RECURRENCE-ID", "EXDATE"),
}


def _check_event(calendar: Component, event: Component, method: str) -> None:
    for name in _ALWAYS:
        event.one(name)
    for line in event.lines:
        if line.name not in _ALWAYS and line.name not in _MAYBE:
            raise Broken(f"unexpected {line.name}")
        if line.name != "EXDATE":
            event.one(line.name)
    if bool(event.all("ATTENDEE")) is (method == "PUBLISH"):
        raise Broken(f"ATTENDEE in {method}")
    _check_status(event, method)
    _check_recurrence(event)
    if not event.one("DTSTAMP").value == event.one("LAST-MODIFIED").value:
        raise Broken("DTSTAMP is not LAST-MODIFIED")
    start, end = (moment(calendar, event.one(name)) for name in ("DTSTART", "DTEND"))
    if type(start) is not type(end) or not start < end:
        raise Broken(f"from {start} to {end}")


def _check_recurrence(event: Component) -> None:
    if event.all("RECURRENCE-ID") and event.all("RRULE"):
        raise Broken("a date of a series with a rule of its own")
    kinds = {line.parameters.get("VALUE") for line in [event.one("DTSTART"), *event.all("EXDATE")]}
    if len(kinds) != 1 or (event.all("EXDATE") and not event.all("RRULE")):
        raise Broken("EXDATE is not of DTSTART's kind, or of no series")


def _check_status(event: Component, method: str) -> None:
    status = event.one("STATUS").value
    allowed = {"CANCEL": {"CANCELLED"}, "REQUEST": {"CONFIRMED", "TENTATIVE"}}.get(method)
    if status not in (allowed or {"CONFIRMED", "TENTATIVE", "CANCELLED"}):
        raise Broken(f"STATUS:{status} in {method}")


def moment(calendar: Component, line: Line) -> date:
    """A date, or an instant in UTC. Floating times are broken."""
    if line.parameters.get("VALUE") == "DATE":
        return datetime.strptime(line.value, "%Y%m%d").date()
    try:
        wall = datetime.strptime(line.value.removesuffix("Z"), "%Y%m%dT%H%M%S")
    except ValueError as error:
        raise Broken(str(error)) from None
    tzid = line.parameters.get("TZID")
    if line.value.endswith("Z") is bool(tzid):
        raise Broken(f"neither UTC nor a zone: {line.value}")
    if not tzid:
        return wall.replace(tzinfo=UTC)
    zone = next(z for z in calendar.of("VTIMEZONE") if z.one("TZID").value == tzid)
    return (wall - _offset(zone, wall)).replace(tzinfo=UTC)


def _offset(zone: Component, wall: datetime) -> timedelta:
    """The offset in force: that of the half that began last, as seen on the wall before it."""
    begun = [(at, half) for half in zone.parts for at in _begins(half, wall.year) if at <= wall]
    if not begun:
        raise Broken(f"{wall} is before all of {zone.one('TZID').value}")
    return _hours(max(begun, key=lambda one: one[0])[1].one("TZOFFSETTO").value)


def _begins(half: Component, year: int) -> list[datetime]:
    first = datetime.strptime(half.one("DTSTART").value, "%Y%m%dT%H%M%S")
    if not half.all("RRULE"):
        return [first]
    rule = dict(part.split("=") for part in half.one("RRULE").value.split(";"))
    if rule.pop("FREQ") != "YEARLY" or not set(rule) <= {"BYDAY", "BYMONTH", "BYMONTHDAY"}:
        raise Broken(f"not the rule Outlook reads: {rule}")
    return [first, *(_nth(rule, y, first) for y in (year - 1, year) if y >= first.year)]


def _nth(rule: dict[str, str], year: int, first: datetime) -> datetime:
    month, weekday = int(rule["BYMONTH"]), _WEEKDAYS.index(rule["BYDAY"][-2:])
    day = datetime.combine(date(year, month, 1), first.time())
    days = [d for n in range(31) if (d := day + timedelta(days=n)).month == month]
    days = [d for d in days if d.weekday() == weekday]
    if "BYMONTHDAY" in rule:
        return next(d for d in days if str(d.day) in rule["BYMONTHDAY"].split(","))
    nth = int(rule["BYDAY"][:-2])
    return days[nth - 1 if nth > 0 else nth]


def _hours(text: str) -> timedelta:
    if not re.fullmatch(r"[+-]\d{4}(\d{2})?", text):
        raise Broken(f"not an offset: {text}")
    hours, minutes, seconds = int(text[1:3]), int(text[3:5]), int(text[5:] or 0)
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return size if text[0] == "+" else -size
