"""The lines of somebody else's iCalendar file: components and those of their properties we read.

Our own reader, and not that of a library, because each step takes time in proportion to the bytes
it is given, whatever they are: no nesting beyond a few levels, nothing looked up or expanded, and
what we do not read is passed over unread.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dialognav.domain.errors import RuleBroken

MOST_BYTES = 5_000_000
MOST_LINES = 250_000
MOST_COMPONENTS = 20_000  # alarms and the halves of zones included
_DEEPEST = 6
_LONGEST_PARAMETERS = 4000  # characters of all of a line

WANTED = frozenset(
    (
        *("NAME", "X-WR-CALNAME", "X-WR-TIMEZONE", "METHOD"),
        *("UID", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "DURATION"),
        *("ATTENDEE", "COMMENT"),
        *("RRULE", "RDATE", "EXDATE", "EXRULE", "STATUS", "CLASS"),
        *("SUMMARY", "DESCRIPTION", "LOCATION", "URL"),
        *("TZID", "X-LIC-LOCATION", "TZOFFSETTO"),
    )
)
_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_VALUE = r'(?:"[^"]*"|[^";:,]*)'
_PARAMETER = re.compile(rf";([A-Za-z0-9-]{{1,60}})=({_VALUE}(?:,{_VALUE})*)")
_FOLD = re.compile(rb"\n[ \t]")
_MAILTO = re.compile(r":(mailto:[^\s\"<>;]{1,300})\s*$", re.IGNORECASE)
_LOOSE = re.compile(r";(PARTSTAT|EMAIL)=\"?([^;:\"]{1,254})", re.IGNORECASE)
_CARET = re.compile(r"\^([n'^])")


class CalendarRefused(RuleBroken):
    """`reason`: empty, not_a_calendar, too_large, too_many or damaged."""

    code = "calendar_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Property:
    """`value` as it stands in the file; a text in it is still escaped (RFC 5545 3.3.11)."""

    value: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Component:
    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        found = self.properties.get(name)
        return found[0] if found else None

    def value(self, name: str) -> str:
        found = self.first(name)
        return found.value if found else ""


def read_components(content: bytes) -> list[Component]:
    """The VCALENDARs of a file, most often one. CalendarRefused for what is none."""
    if not content.strip():
        raise CalendarRefused("empty")
    if len(content) > MOST_BYTES:
        raise CalendarRefused("too_large")
    tree = _Tree()
    for name, line in _lines(content):
        if name == "BEGIN":
            tree.begin(_named(line))
        elif name == "END":
            tree.end(_named(line))
        elif name in WANTED and (found := _property(line, len(name))):
            tree.innermost.properties.setdefault(name, []).append(found)
    return tree.calendars()


def _named(line: str) -> str:
    return line.partition(":")[2].strip().upper()


class _Tree:
    """The components that have begun; the first stands for the file."""

    def __init__(self) -> None:
        self._open = [Component("")]
        self._count = 0

    @property
    def innermost(self) -> Component:
        return self._open[-1]

    def begin(self, name: str) -> None:
        self._count += 1
        if self._count > MOST_COMPONENTS:
            raise CalendarRefused("too_many")
        if len(self._open) > _DEEPEST:
            raise CalendarRefused("damaged")
        begun = Component(name)
        self.innermost.parts.append(begun)
        self._open.append(begun)

    def end(self, name: str) -> None:
        if len(self._open) == 1 or self._open.pop().name != name:
            raise CalendarRefused("damaged")

    def calendars(self) -> list[Component]:
        """Refused also when an end lacks: half a file, perhaps with half an event."""
        found = [each for each in self._open[0].parts if each.name == "VCALENDAR"]
        if not found:
            raise CalendarRefused("not_a_calendar")
        if len(self._open) > 1:
            raise CalendarRefused("damaged")
        return found


def _lines(content: bytes) -> Iterator[tuple[str, str]]:
    """(name in capitals, unfolded line); lines without a name are left out.

    Folds are undone before the bytes are read as text: they may stand within a letter.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    unix = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if unix.count(b"\n") > MOST_LINES:
        raise CalendarRefused("too_large")
    unfolded = _FOLD.sub(b"", unix)
    try:
        text = unfolded.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = unfolded.decode("cp1252", "replace")
    for line in text.split("\n"):
        if (match := _NAME.match(line)) and line[match.end() : match.end() + 1] in (":", ";"):
            yield match[0].upper(), line


def _property(line: str, at: int) -> Property | None:
    """What follows the name; None when parameters and value cannot be told apart."""
    parameters: dict[str, str] = {}
    while match := _PARAMETER.match(line, at, _LONGEST_PARAMETERS):
        parameters.setdefault(match[1].upper(), _parameter(match[2]))
        at = match.end()
    return Property(line[at + 1 :], parameters) if line[at : at + 1] == ":" else _broken(line)


def _parameter(text: str) -> str:
    """Without quotes, and with what RFC 6868 writes by a caret."""
    return _CARET.sub(lambda found: {"n": "\n", "'": '"', "^": "^"}[found[1]], text.strip('"'))


def _broken(line: str) -> Property | None:
    """A person whose name has quotes in its quotes: the address stands at the end all the same."""
    address = _MAILTO.search(line[-400:])
    if address is None:
        return None
    said = _LOOSE.findall(line[:_LONGEST_PARAMETERS])
    return Property(address[1], {name.upper(): value for name, value in said})
