"""What a reviewer saw of a registration, and how what it says now differs from that."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Facts = dict[str, Any]
"""A registration as a reviewer sees it, in JSON:
{"party": {"name", "identifier", "country", "kind"},
 "people": [{"id", "name", "title", "email", "mandate"}],
 "answers": [{"field": id, "person": id or None, "value": as stored}]}"""

PARTY = ("name", "identifier", "country", "kind")
PERSON = ("name", "title", "email", "mandate")

REVIEW, LIMIT, CHANGED = "review", "limit", "changed"
"""Why a registration is looked at: the event asks for it; it may break the limit per organisation;
it no longer says what was approved."""

DECLINE_REASONS = (
    *("audience", "limit", "newcomers", "places"),
    *("mandate", "organisation", "duplicate", "other"),
)
"""Why one is declined: each follows from a rule that the event's page states, or asks for what the
registration lacks. "other" says nothing by itself and needs words."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was approved.

    `what` is "party", "person", "answer", "added" or "gone"; `person` the participant's id, None
    for what is the registration's; `name` the key in the facts; `field` the id of what was asked.
    """

    what: str
    before: Any = ""
    now: Any = ""
    name: str = ""
    person: int | None = None
    field: int | None = None

    @property
    def matters(self) -> bool:
        """Fewer people need no second look."""
        return self.what != "gone"


def differences(approved: Facts, facts: Facts) -> list[Difference]:
    """What differs, the party first, then person by person; capitals and spaces do not count.

    Answers of people who are gone are left out.
    """
    return [
        *_of_party(approved, facts),
        *_of_people(approved, facts),
        *_of_answers(approved, facts),
    ]


def concerned(found: Iterable[Difference], people: Iterable[int]) -> set[int]:
    """The people whose places the differences put in question: all of them, when it is about the
    registration itself."""
    about = [one for one in found if one.matters]
    if any(one.person is None for one in about):
        return set(people)
    return {one.person for one in about if one.person is not None}


def approve_all_but(waiting: Collection[int], facts: Facts, approved: Facts | None) -> Facts:
    """What is approved once everybody is but those who wait: of them, what was approved before."""
    before = approved or {"people": [], "answers": []}
    return {
        "party": facts["party"],
        "people": [
            *(one for one in facts["people"] if one["id"] not in waiting),
            *(one for one in before["people"] if one["id"] in waiting),
        ],
        "answers": [
            *(one for one in facts["answers"] if one["person"] not in waiting),
            *(one for one in before["answers"] if one["person"] in waiting),
        ],
    }


def fingerprint(facts: Facts, review: str) -> str:
    """Sixteen hexadecimal digits that tell whether a reviewer still looks at the same thing, in the
    same state of review."""
    text = json.dumps([review, facts], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _of_party(approved: Facts, facts: Facts) -> list[Difference]:
    before, now = approved["party"], facts["party"]
    return [
        Difference("party", before[name], now[name], name)
        for name in PARTY
        if not _same(before[name], now[name])
    ]


def _of_people(approved: Facts, facts: Facts) -> list[Difference]:
    before = {one["id"]: one for one in approved["people"]}
    now = {one["id"]: one for one in facts["people"]}
    found = []
    for key, person in now.items():
        if key not in before:
            found.append(Difference("added", "", person["name"], person=key))
            continue
        found += [
            Difference("person", before[key][name], person[name], name, key)
            for name in PERSON
            if not _same(before[key][name], person[name])
        ]
    return found + [
        Difference("gone", person["name"], "", person=key)
        for key, person in before.items()
        if key not in now
    ]


def _of_answers(approved: Facts, facts: Facts) -> list[Difference]:
    here = {one["id"] for one in facts["people"]} & {one["id"] for one in approved["people"]}
    before, now = (_answers(each, here) for each in (approved, facts))
    keys = sorted(before.keys() | now.keys(), key=lambda key: (key[1] or 0, key[0]))
    return [
        Difference("answer", before.get(key), now.get(key), person=key[1], field=key[0])
        for key in keys
        if not _same(before.get(key), now.get(key))
    ]


def _answers(facts: Facts, people: set[int]) -> Mapping[tuple[int, int | None], Any]:
    return {
        (one["field"], one["person"]): one["value"]
        for one in facts["answers"]
        if one["person"] is None or one["person"] in people
    }


def _same(before: Any, now: Any) -> bool:
    return bool(_bare(before) == _bare(now))


def _bare(value: Any) -> Any:
    """Without capitals, spaces and the order of several choices; nothing is nothing."""
    if isinstance(value, str):
        return "".join(value.split()).casefold() or None
    if isinstance(value, list):
        return sorted(map(str, value)) or None
    return value
