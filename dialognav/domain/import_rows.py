"""One row of a list of people: every cell read, every problem told at its column."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dialognav.domain.import_columns import Head, fold
from dialognav.domain.parties import (
    PUBLIC_BUYERS,
    BadIdentifier,
    Identifier,
    may_attend,
    read_identifier,
)
from dialognav.domain.tables import Row
from dialognav.domain.terms import MODES_OF, Audience, PartyKind
from dialognav.domain.typed_text import clean_line

LENGTHS = {
    "party_name": 200,
    "party_identifier": 60,
    "name": 120,
    "email": 254,
    "title": 120,
    "sessions": 2_000,
    "access_need": 500,
    "diet": 300,
    "contact_name": 120,
    "contact_email": 254,
    "contact_phone": 60,
}
_FORMULA = re.compile(r"[=@+]|-\s*\S")
_MAY_BEGIN_SO = frozenset({"contact_phone", "email", "contact_email", "party_identifier"})
_NOTHING = frozenset({"-", "–", "—", "n/a", "na", "#n/a", "null", "none"})
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_JOINERS = frozenset("\u200c\u200d")  # spelling needs them in some languages


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, or worth a look, in one cell; column "" is the row. `code` names a sentence.

    `facts` are what the sentence says beside it: {"row": 3} or {"limit": 120}.
    """

    row: int
    column: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """{folded word: code}, in every language of ours."""

    kinds: Mapping[str, str]
    modes: Mapping[str, str]
    countries: Mapping[str, str]
    languages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Of an event whose occasions are chosen: what each may be called, {folded name: occasion id};
    a name that several share means all of them. `most` one person may choose, None for no limit.
    """

    named: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    most: int | None = None

    @property
    def is_chosen(self) -> bool:
        return bool(self.named)

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(one for ids in self.named.values() for one in ids)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the event asks of each row, and what holds where a row says nothing."""

    format: str
    audience: str
    serves_food: bool
    people_per_registration: int
    limit_per_party: int | None
    country: str
    mode: str
    language: str
    secret: str  # keys the hash of a natural person's number
    address: Callable[[str], str | None]  # in lower case, None when mail cannot go there
    sessions: Sessions = Sessions()


@dataclass(frozen=True, slots=True)
class Person:
    """One row that reads well."""

    row: int
    party_name: str
    party_kind: str
    identifier: Identifier | None
    name: str
    email: str
    title: str
    mode: str
    access_need: str
    diet: str
    contact_name: str
    contact_email: str
    contact_phone: str
    language: str
    occasion_ids: tuple[int, ...] = ()  # none: all there are


class RowReader:
    """Reads one row after the other and gathers what is wrong."""

    def __init__(self, terms: Terms, words: Vocabulary, head: Head) -> None:
        self.terms, self.words, self.head = terms, words, head
        self.problems: list[Problem] = []
        self.remarks: list[Problem] = []

    def complain(self, row: int, column: str, code: str, **facts: object) -> None:
        self.problems.append(Problem(row, column, code, facts))

    def remark(self, row: int, column: str, code: str, **facts: object) -> None:
        self.remarks.append(Problem(row, column, code, facts))

    def read(self, row: Row) -> Person | None:
        """The person, or None when something is wrong with the row."""
        before = len(self.problems)
        said = {
            column: self._cell(row, index, column) for index, column in self.head.columns.items()
        }
        kind = self._kind(row.number, said.get("party_kind", ""))
        country = self._word(row.number, "party_country", said, self.words.countries)
        person = Person(
            row=row.number,
            party_name=self._needed(row.number, "party_name", said),
            party_kind=kind,
            identifier=self._identifier(row.number, said, country or self.terms.country),
            name=self._name(row.number, said),
            email=self._address(row.number, "email", said, needed=True),
            title=said.get("title", ""),
            mode=self._mode(row.number, said),
            access_need=said.get("access_need", ""),
            diet=said.get("diet", "") if self.terms.serves_food else "",
            contact_name=said.get("contact_name", ""),
            contact_email=self._contact(row.number, said),
            contact_phone=said.get("contact_phone", ""),
            language=self._word(row.number, "language", said, self.words.languages)
            or self.terms.language,
            occasion_ids=self._sessions(row.number, said),
        )
        return person if len(self.problems) == before else None

    def _cell(self, row: Row, index: int, column: str) -> str:
        raw = row.cells[index] if index < len(row.cells) else ""
        bare = "".join(c for c in raw if unicodedata.category(c) != "Cf" or c in _JOINERS)
        if _TURNS & set(raw):
            self.remark(row.number, column, "direction_marks")
        text = clean_line(bare)
        if text.casefold() in _NOTHING:
            return ""
        limit = LENGTHS.get(column)
        if limit and len(text) > limit:
            self.complain(row.number, column, "too_long", limit=limit)
            return text[:limit]
        if column not in _MAY_BEGIN_SO and _FORMULA.match(text):
            self.complain(row.number, column, "formula")
        return text

    def _needed(self, row: int, column: str, said: Mapping[str, str]) -> str:
        if not said.get(column):
            self.complain(row, column, "missing")
        return said.get(column, "")

    def _name(self, row: int, said: Mapping[str, str]) -> str:
        name = self._needed(row, "name", said)
        if name and not any(c.isalpha() for c in name):
            self.complain(row, "name", "no_name")
        return name

    def _address(self, row: int, column: str, said: Mapping[str, str], *, needed: bool) -> str:
        typed = self._needed(row, column, said) if needed else said.get(column, "")
        if not typed:
            return ""
        address = self.terms.address(typed.removeprefix("mailto:"))
        if address is None:
            self.complain(row, column, "bad_address")
        return address or ""

    def _contact(self, row: int, said: Mapping[str, str]) -> str:
        address = self._address(row, "contact_email", said, needed=False)
        if said.get("contact_name") and not said.get("contact_email"):
            self.complain(row, "contact_email", "missing_contact_address")
        if said.get("contact_email") and not said.get("contact_name"):
            self.complain(row, "contact_name", "missing_contact_name")
        return address

    def _word(
        self, row: int, column: str, said: Mapping[str, str], known: Mapping[str, str]
    ) -> str:
        typed = said.get(column, "")
        code = known.get(fold(typed), "") if typed else ""
        if typed and not code:
            self.complain(row, column, "unknown_word", word=typed[:40])
        return code

    def _mode(self, row: int, said: Mapping[str, str]) -> str:
        mode = self._word(row, "mode", said, self.words.modes)
        if mode and mode not in MODES_OF[self.terms.format]:
            self.complain(row, "mode", "other_mode")
        return mode or self.terms.mode

    def _sessions(self, row: int, said: Mapping[str, str]) -> tuple[int, ...]:
        """Names, dates or numbers apart by semicolons; or by commas, where no name has one."""
        sessions = self.terms.sessions
        if not sessions.is_chosen:
            return ()
        typed = said.get("sessions", "")
        if not typed and sessions.most is not None and len(sessions.ids) > sessions.most:
            self.complain(row, "sessions", "which_sessions")
            return ()
        found: set[int] = set()
        for name in _apart(typed, sessions):
            ids = sessions.named.get(fold(name), ())
            if not ids:
                self.complain(row, "sessions", "unknown_session", word=name[:40])
            found |= set(ids)
        if sessions.most is not None and len(found) > sessions.most:
            self.complain(row, "sessions", "too_many_sessions", limit=sessions.most)
        return tuple(sorted(found))

    def _kind(self, row: int, typed: str) -> str:
        kind = self._word(row, "party_kind", {"party_kind": typed}, self.words.kinds)
        for_buyers = self.terms.audience == Audience.BUYERS
        if not typed and for_buyers:
            self.complain(row, "party_kind", "missing")
        elif kind and not may_attend(kind, self.terms.audience):
            self.complain(row, "party_kind", "not_for")
        return kind or PartyKind.COMPANY

    def _identifier(self, row: int, said: Mapping[str, str], country: str) -> Identifier | None:
        try:
            found = read_identifier(said.get("party_identifier", ""), country)
        except BadIdentifier:
            self.complain(row, "party_identifier", "bad_identifier", country=country)
            return None
        kind = self.words.kinds.get(fold(said.get("party_kind", "")), "")
        if found is not None and found.personal and kind in PUBLIC_BUYERS:
            self.complain(row, "party_identifier", "personal_number")
        return found


def _apart(typed: str, sessions: Sessions) -> list[str]:
    for mark in (";", ","):
        if mark in typed and fold(typed) not in sessions.named:
            return [name.strip() for name in typed.split(mark) if name.strip()]
    return [typed] if typed else []
