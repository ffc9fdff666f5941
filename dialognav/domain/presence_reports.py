"""Attendance reports of digital meetings: who was in the room, as Teams and Zoom tell it.

The shapes, as met in public examples:

* Teams since 2022: UTF-16 with tabs; sections "1. Summary", "2. Participants" (name, first join,
  last leave, in-meeting duration, e-mail, participant id (UPN), role), "3. In-Meeting Activities".
  Webinars put the address somebody registered with in a column of its own.
* Teams 2021: "Meeting Summary", then "Full Name, Join Time, Leave Time, Duration, Email, Role".
* Teams 2020: "Full Name, User Action, Timestamp", one row for each coming and going.
* Zoom: commas; perhaps a table about the meeting first, then "Name (Original Name), User Email,
  Join Time, Leave Time, Duration (Minutes), Guest ..", one row for each time somebody joined, or
  "Total Duration (Minutes)" and one row for each person.

All words are translated by the programs. A table is known by the words of a head that we know in
English, Swedish and Norwegian; the people of a Teams report also by the number of their section.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialognav.domain.tables import MOST_BYTES, TableRefused, text_of

MOST_PEOPLE = 5_000
_LONGEST = 300  # characters of a name or an address
_SECTION = re.compile(r"\s*([1-9])\.\s+\S")
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+")
_NOTES = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_INSIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_NICKNAME = re.compile(r"[\"“”][^\"“”]*[\"“”]")
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]*)")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2})")

_HEADS = {
    "name": (
        *("name", "full name", "user name", "participant name", "display name"),
        *("namn", "fullständigt namn", "deltagare", "användarnamn"),
        *("navn", "fullt navn", "deltaker", "brukernavn"),
    ),
    "email": (
        *("email", "e-mail", "user email", "email address", "registration email"),
        *("e-post", "e-postadress", "epost", "användarens e-post", "e-postadress för registrering"),
        *("e-postadresse", "brukerens e-post", "e-post for registrering"),
        *("participant id (upn)", "deltagar-id (upn)", "deltaker-id (upn)", "upn"),
    ),
    "minutes": (
        *("duration", "in-meeting duration", "duration (minutes)", "total duration (minutes)"),
        *("time in session (minutes)", "total duration", "attendance duration"),
        *("varaktighet", "varaktighet i mötet", "varaktighet (minuter)", "tid i mötet"),
        *("total varaktighet (minuter)", "mötesvaraktighet", "längd", "längd (minuter)"),
        *("varighet", "varighet i møtet", "varighet (minutter)", "total varighet (minutter)"),
    ),
    "came": ("attended",),
    "action": ("user action", "användaråtgärd", "brukerhandling"),
}
_KIND_OF = {word: kind for kind, words in _HEADS.items() for word in words}
_OF_THE_MEETING = frozenset({"topic", "meeting id", "webinar id"})
_NO = frozenset({"no", "nej", "nei"})
_SECONDS = {"s": 1, "m": 60, "h": 3600, "t": 3600, "d": 86400}  # by the first letter of the unit


class ReportRefused(TableRefused):
    """No report that we know; `reason` as TableRefused has it, or "no_people"."""

    code = "report_refused"


@dataclass(frozen=True, slots=True)
class Attended:
    """Somebody in a report, however often they joined. `email` is "" or in lower case."""

    name: str
    email: str
    minutes: int


def read_report(content: bytes) -> list[Attended]:
    """Everybody in the report, in its order. ReportRefused, TableRefused when there is nobody."""
    if len(content) > MOST_BYTES:
        raise TableRefused("too_large")
    text = text_of(content)
    if not text.strip():
        raise TableRefused("empty")
    if "\0" in text:
        raise TableRefused("binary")
    if text.lstrip("\ufeff \r\n").startswith("<"):
        raise TableRefused("html")
    people = _merge(_people(_rows(text)))
    if not people:
        raise ReportRefused("no_people")
    return people


def _rows(text: str) -> list[list[str]]:
    """Cells of each line. A stray quotation mark in a name is a letter like any other."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = []
    for line in lines[: MOST_PEOPLE * 4]:
        if "\t" in line:
            cells = line.split("\t")
        else:
            delimiter = ";" if line.count(";") > line.count(",") else ","
            cells = next(iter(_split(line, delimiter)), [])
        found.append([_clean(cell) for cell in cells[:60]])
    return found


def _split(line: str, delimiter: str) -> Iterable[list[str]]:
    try:
        return list(csv.reader(io.StringIO(line), delimiter=delimiter))
    except csv.Error:
        return [line.split(delimiter)]


def _clean(cell: str) -> str:
    """One line, NFC, without the quotation marks round a whole cell and what cannot be seen."""
    text = unicodedata.normalize("NFC", cell)
    seen = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    line = " ".join(seen.split())
    if len(line) > 1 and line[0] == line[-1] == '"':
        line = line[1:-1]
    return line[:_LONGEST]


def _people(rows: Sequence[Sequence[str]]) -> Iterable[Attended]:
    """Of each table with a name in its head; of a report in sections, of the people's only."""
    section, columns = "", dict[str, list[int]]()
    for cells in rows:
        if not any(cells):
            continue
        if len([cell for cell in cells if cell]) == 1 and (found := _SECTION.match(cells[0])):
            section, columns = found[1], {}
            continue
        if head := _head(cells):
            columns = head
        elif section in ("", "2") and columns:
            yield from _person(cells, columns)
        elif section == "2" and not columns:
            columns = {"name": [0], "email": []}  # a head in a language we do not know


def _head(cells: Sequence[str]) -> dict[str, list[int]]:
    """{kind: columns, in order} when the cells are the head of a table of people, else {}."""
    found: dict[str, list[int]] = {}
    for number, cell in enumerate(cells):
        kind = _kind_of(cell)
        if kind:
            found.setdefault(kind, []).append(number)
    is_head = "name" in found and len(found) > 1 and not _OF_THE_MEETING & set(_folded(cells))
    return found if is_head else {}


def _folded(cells: Sequence[str]) -> list[str]:
    return [cell.casefold() for cell in cells]


def _kind_of(cell: str) -> str:
    word = cell.casefold()
    return _KIND_OF.get(word) or _KIND_OF.get(_NOTES.sub("", word), "")


def _person(cells: Sequence[str], columns: dict[str, list[int]]) -> Iterable[Attended]:
    def values(kind: str) -> list[str]:
        return [cells[n] for n in columns.get(kind, ()) if n < len(cells) and cells[n]]

    names = values("name")
    if not names or _NO & set(_folded(values("came"))):
        return
    addresses = [*values("email"), *cells] if not columns.get("email") else values("email")
    email = next((match[0] for a in addresses if (match := _ADDRESS.search(a))), "")
    spent = values("minutes") or ([] if columns.get("minutes") else list(cells[3:4]))
    yield Attended(names[0], email.casefold(), seconds_of(spent[0]) // 60 if spent else 0)


def seconds_of(text: str) -> int:
    """'1h 13m 42s', '1 tim 5 min 3 s', '1 t 5 min', '01:05:03' or plain minutes; 0 for no time."""
    if clock := _CLOCK.fullmatch(text.strip()):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return min(hours * 3600 + minutes * 60 + seconds, 10**7)
    total = 0.0
    for number, unit in _NUMBER.findall(text[:60]):
        total += float(number.replace(",", ".")) * _SECONDS.get(unit[:1].casefold() or "m", 0)
    return int(min(total, 10**7))


def _merge(people: Iterable[Attended]) -> list[Attended]:
    """Who came and went is one: by the address, without one by the name."""
    found: dict[str, Attended] = {}
    for each in people:
        key = each.email or fold_person(each.name)
        before = found.get(key)
        minutes = each.minutes + (before.minutes if before else 0)
        found[key] = Attended(before.name if before else each.name, each.email, minutes)
        if len(found) > MOST_PEOPLE:
            raise TableRefused("too_many_rows", MOST_PEOPLE)
    return list(found.values())


# --- whom it means ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody with a place, to be found again in a report. `id` is the person's public id."""

    id: str
    name: str
    email: str
    party: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """`ids` are those it may be; `by` says how they were found: email, name, or "" for not surely.

    Sure is one person, found by the address or by a name that nobody else has.
    """

    attended: Attended
    ids: tuple[str, ...]
    by: str

    @property
    def is_sure(self) -> bool:
        return len(self.ids) == 1 and self.by in ("email", "name")


def match_people(attended: Sequence[Attended], expected: Sequence[Expected]) -> list[Match]:
    """Each of the report with whom it may be, by address first, then by name.

    An address that several share is decided by the name. A person is matched once: who was found
    by the address is nobody else's by the name.
    """
    first = [_by_address(each, expected) for each in attended]
    taken = {match.ids[0] for match in first if match.is_sure}
    left = [one for one in expected if one.id not in taken]
    matches = [match if match.ids else _by_name(match.attended, left) for match in first]
    return [_unless_claimed(match, matches) for match in matches]


def _by_address(attended: Attended, expected: Sequence[Expected]) -> Match:
    same = [one for one in expected if attended.email and one.email == attended.email]
    if len(same) > 1:
        name = fold_person(attended.name)
        same = [one for one in same if fold_person(one.name) == name] or same
    return Match(attended, tuple(one.id for one in same), "email" if same else "")


def _by_name(attended: Attended, expected: Sequence[Expected]) -> Match:
    """By the name shown, or the one before it in brackets, as Zoom writes who changed theirs."""
    names = {fold_person(attended.name), *map(fold_person, _INSIDE.findall(attended.name))} - {""}
    same = [one for one in expected if fold_person(one.name) in names]
    return Match(attended, tuple(one.id for one in same), "name" if same else "")


def _unless_claimed(match: Match, matches: Sequence[Match]) -> Match:
    """Two of a report cannot both be one person by their name: then nobody knows which."""
    rivals = [each for each in matches if each.ids == match.ids]
    if match.by != "name" or len(rivals) == 1:
        return match
    return Match(match.attended, match.ids, "")


def fold_person(name: str) -> str:
    """What two ways of writing one name share: case, accents, order and notes do not matter.

    'Ek, Åsa (Gäst)' and 'Asa "Åsis" Ek' are the same.
    """
    bare = _NICKNAME.sub(" ", name)
    while (shorter := _NOTES.sub("", bare)) != bare:
        bare = shorter
    bare = re.split(r"\s[|/–-]\s", bare)[0]
    letters = unicodedata.normalize("NFD", bare.casefold().replace("ø", "o").replace("æ", "ä"))
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(sorted(re.findall(r"\w+", plain)))
