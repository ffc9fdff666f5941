"""A list of people as registrations: who belongs together, and what stands between rows.

Pure: what the event asks, who is registered already and how words are said come in as data.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dialognav.domain.admission import Occupancy, Place, decide_places
from dialognav.domain.import_columns import Head, is_head_again, people_rows
from dialognav.domain.import_rows import Person, Problem, RowReader, Terms, Vocabulary
from dialognav.domain.parties import Party, make_party
from dialognav.domain.tables import Table

MOST_PEOPLE = 1_000  # writing them takes seconds, during which nobody else can sign up


@dataclass(frozen=True, slots=True)
class Registered:
    """Who is there already: addresses of contacts, people by (address, folded name), and how many
    live people each party has, by party_key and by party_name_key."""

    contacts: frozenset[str] = frozenset()
    people: frozenset[tuple[str, str]] = frozenset()
    emails: frozenset[str] = frozenset()
    parties: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one registration, in the file's order."""

    party: Party
    contact_name: str
    contact_email: str
    contact_phone: str
    language: str
    people: tuple[Person, ...]

    @property
    def row(self) -> int:
        return self.people[0].row


@dataclass(frozen=True, slots=True)
class Read:
    """A file as registrations. With any problem nothing may be written."""

    groups: tuple[Group, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    rows: int


def read_people(
    table: Table, head: Head, terms: Terms, words: Vocabulary, registered: Registered
) -> Read:
    """Every row, and everything that is wrong with them."""
    rows = [row for row in people_rows(table, head) if not is_head_again(row, head)]
    reader = RowReader(terms, words, head)
    if not rows:
        reader.complain(head.row.number, "", "nobody")
    if len(rows) > MOST_PEOPLE:
        reader.complain(rows[MOST_PEOPLE].number, "", "too_many_people", limit=MOST_PEOPLE)
        rows = rows[:MOST_PEOPLE]
    people = [person for row in rows if (person := reader.read(row)) is not None]
    if table.merged & {row.number for row in rows}:
        reader.remark(min(table.merged & {row.number for row in rows}), "", "merged")
    groups = _groups(people, terms)
    reader.problems += _between_rows(groups, terms, registered)
    reader.remarks += _worth_a_look(groups, registered)
    in_order = sorted(reader.problems, key=lambda one: (one.row, one.column))
    return Read(tuple(groups), tuple(in_order), tuple(reader.remarks), len(rows))


def _groups(people: Sequence[Person], terms: Terms) -> list[Group]:
    """People of one organisation with one contact, in the order of their first rows.

    Without a contact of its own, the first person of the organisation is it.
    """
    gathered: dict[tuple[str, str], list[Person]] = {}
    for person in people:
        party = _party(person, person.contact_email or person.email, terms)
        gathered.setdefault((party.key, person.contact_email), []).append(person)
    return [_group(rows, terms) for rows in gathered.values()]


def _group(rows: Sequence[Person], terms: Terms) -> Group:
    first = rows[0]
    email = first.contact_email or first.email
    return Group(
        party=_party(first, email, terms),
        contact_name=first.contact_name or first.name,
        contact_email=email,
        contact_phone=next((one.contact_phone for one in rows if one.contact_phone), ""),
        language=first.language,
        people=tuple(rows),
    )


def _party(person: Person, email: str, terms: Terms) -> Party:
    return make_party(
        person.party_name, person.party_kind, person.identifier, email=email, secret=terms.secret
    )


def folded_name(name: str) -> str:
    """As the sign-up form compares two people with one address."""
    return " ".join(name.casefold().split())


def _between_rows(
    groups: Sequence[Group], terms: Terms, registered: Registered
) -> Iterator[Problem]:
    yield from _twice(groups, registered)
    yield from _contacts(groups, registered)
    yield from _too_many(groups, terms, registered)


def _twice(groups: Sequence[Group], registered: Registered) -> Iterator[Problem]:
    seen: dict[tuple[str, str], int] = {}
    for person in sorted((one for group in groups for one in group.people), key=lambda p: p.row):
        who = (person.email, folded_name(person.name))
        if who in seen:
            yield Problem(person.row, "name", "twice", {"row": seen[who]})
        elif who in registered.people:
            yield Problem(person.row, "name", "registered")
        seen.setdefault(who, person.row)


def _contacts(groups: Sequence[Group], registered: Registered) -> Iterator[Problem]:
    """One live registration per contact's address (decisions.md 3)."""
    seen: dict[str, int] = {}
    for group in groups:
        column = "contact_email" if group.people[0].contact_email else "email"
        if group.contact_email in registered.contacts:
            yield Problem(group.row, column, "contact_registered")
        elif group.contact_email in seen:
            facts = {"row": seen[group.contact_email]}
            yield Problem(group.row, column, "contact_twice", facts)
        seen.setdefault(group.contact_email, group.row)


def _too_many(groups: Sequence[Group], terms: Terms, registered: Registered) -> Iterator[Problem]:
    counted = Counter(registered.parties)
    for group in groups:
        for place, person in enumerate(group.people, start=1):
            counted[group.party.key] += 1
            limit = terms.limit_per_party
            if limit is not None and counted[group.party.key] > limit:
                there = registered.parties.get(group.party.key, 0)
                facts = {"limit": limit, "registered": there}
                yield Problem(person.row, "party_name", "over_limit", facts)
            elif place > terms.people_per_registration:
                facts = {"limit": terms.people_per_registration}
                yield Problem(person.row, "party_name", "too_many_in_one", facts)


def _worth_a_look(groups: Sequence[Group], registered: Registered) -> Iterator[Problem]:
    for group in groups:
        key, name = group.party.key, group.party.name_key
        if registered.parties.get(key):
            yield Problem(group.row, "party_name", "party_registered")
        elif registered.names.get(name):
            yield Problem(group.row, "party_name", "party_maybe_registered")
        names = {one.party_name for one in group.people}
        if len(names) > 1:
            yield Problem(group.row, "party_name", "several_names", {"names": sorted(names)[:3]})
        for person in group.people:
            who = (person.email, folded_name(person.name))
            if person.email in registered.emails and who not in registered.people:
                yield Problem(person.row, "email", "address_elsewhere")


@dataclass(frozen=True, slots=True)
class Places:
    """What the people of a file would get, in its order: numbers by way of attending."""

    confirmed: Mapping[str, int]
    waiting: Mapping[str, int]
    refused: tuple[int, ...]  # rows


def decide_import(
    groups: Sequence[Group],
    held: Mapping[tuple[int, str], Occupancy],
    occasion_ids: Sequence[int],
    *,
    queues: Collection[int],
) -> Places:
    """Who has a place and who waits, as if they all signed up now; for the sessions they choose, or
    all of the event's. `queues` are the occasions that keep one.

    Somebody waits who waits at one of them.
    """
    people = [one for group in groups for one in group.people]
    wishes = [
        (occasion_id, one.mode)
        for one in people
        for occasion_id in one.occasion_ids or occasion_ids
    ]
    places = zip(wishes, decide_places(held, wishes, waiting_list=True), strict=True)
    given = iter([_outcome(place, key[0] in queues) for key, place in places])
    outcome = [(one, {next(given) for _ in one.occasion_ids or occasion_ids}) for one in people]
    refused = [one.row for one, got in outcome if Place.REFUSED in got]
    waiting = [one.mode for one, got in outcome if Place.WAITING in got]
    confirmed = [one.mode for one, got in outcome if got == {Place.CONFIRMED}]
    return Places(Counter(confirmed), Counter(waiting), tuple(sorted(refused)))


def _outcome(place: Place, has_queue: bool) -> Place:
    return Place.REFUSED if place is Place.WAITING and not has_queue else place
