"""What a list of people would do to an event, read anew each time it is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from blueprints.context import settings
from blueprints.manage.import_words import names_of, vocabulary
from blueprints.public.sessions import is_chosen, to_choose
from dialognav.actions.imports import People, decide
from dialognav.actions.registration_rules import persons_allowed
from dialognav.addresses import proper_address
from dialognav.clock import utcnow
from dialognav.db import db
from dialognav.domain.import_columns import COLUMNS, Head, find_head, fold
from dialognav.domain.import_rows import Problem, Sessions, Terms
from dialognav.domain.participant_import import Places, Read, read_people
from dialognav.domain.parties import COUNTRIES
from dialognav.domain.tables import MOST_COLUMNS, Table, TableRefused
from dialognav.domain.terms import LANGUAGES, MODES_OF
from dialognav.i18n import current_language
from dialognav.models import Event, StagedFile
from dialognav.models.registered import registered_at
from dialognav.queries.registrations import occupancy
from dialognav.sheets import read_table

Options = dict[str, Any]
"""How a file is read: letters, country, mode, sheet, columns {"0": column or ""}."""


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it reads now. Without a table, `refused` says why there is none."""

    people: People | None
    read: Read | None
    places: Places | None
    problems: tuple[Problem, ...] = ()
    refused: TableRefused | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it may be written as it stands."""
        return (
            self.people is not None
            and not self.problems
            and not self.people.head.lacking
            and bool(self.read and self.read.groups)
        )

    def with_letters(self, sends: bool) -> People | None:
        """The list for the action; None unless it is ready."""
        return replace(self.people, sends_letters=sends) if self.people and self.is_ready else None

    @property
    def is_unsure(self) -> bool:
        """Whether somebody should say what the columns are."""
        if self.people is None:
            return False
        head = self.people.head
        return bool(head.lacking or head.unknown or head.twice)


def usual_options(event: Event) -> Options:
    """What holds until somebody chooses otherwise."""
    return {
        "letters": event.primary_language,
        "country": "NO" if current_language() == "nb" else "SE",
        "mode": str(MODES_OF[event.format][0]),
        "sheet": "",
        "columns": {},
    }


def read_options(event: Event, typed: Mapping[str, str]) -> Options:
    """Options from a post; what does not fit is as usual."""
    usual = usual_options(event)
    allowed = {
        "letters": LANGUAGES,
        "country": COUNTRIES,
        "mode": tuple(str(mode) for mode in MODES_OF[event.format]),
    }
    chosen = {
        name: typed[name] if typed.get(name) in values else usual[name]
        for name, values in allowed.items()
    }
    columns = {
        str(index): typed[f"column-{index}"]
        for index in range(MOST_COLUMNS)
        if typed.get(f"column-{index}") in ("", *COLUMNS)
    }
    return {**chosen, "sheet": typed.get("sheet", "")[:100], "columns": columns}


def look_at(event: Event, staged: StagedFile) -> Look:
    """Read the file, compare it with who is registered, and count the places."""
    options = usual_options(event) | dict(staged.options)
    try:
        table = read_table(staged.content, options["sheet"])
    except TableRefused as refused:
        return Look(None, None, None, refused=refused)
    head = find_head(table, {int(key): value for key, value in options["columns"].items()})
    people = People(table, head, _terms(event, options), vocabulary())
    if head.lacking:
        return Look(people, None, None)
    return _compared(event, people, table, head)


def _compared(event: Event, people: People, table: Table, head: Head) -> Look:
    session = db.session()
    read = read_people(table, head, people.terms, people.words, registered_at(session, event.id))
    places = decide(event, read.groups, occupancy(session, [event.id]), now=utcnow())
    no_place = [Problem(row, "", "no_place") for row in places.refused]
    problems = sorted((*read.problems, *no_place), key=lambda one: one.row)
    return Look(people, read, places, tuple(problems))


def _terms(event: Event, options: Options) -> Terms:
    return Terms(
        format=event.format,
        audience=event.audience,
        serves_food=event.serves_food,
        people_per_registration=persons_allowed(event),
        limit_per_party=event.limit_per_party,
        country=options["country"],
        mode=options["mode"],
        language=options["letters"],
        secret=settings().secret_key,
        address=proper_address,
        sessions=sessions_of(event),
    )


def sessions_of(event: Event) -> Sessions:
    """By title, by date and by number, in every language of ours; nothing unless one chooses."""
    if not is_chosen(event):
        return Sessions()
    named: dict[str, set[int]] = {}
    numbers = {each.id: number for number, each in enumerate(event.live_occasions, 1)}
    for each in to_choose(event, utcnow()):
        for name in names_of(event, each, numbers[each.id]):
            named.setdefault(fold(name), set()).add(each.id)
    found = {name: tuple(sorted(ids)) for name, ids in named.items() if name}
    return Sessions(found, event.sessions_most)
