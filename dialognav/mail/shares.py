"""A letter that waits and tells of several seats, when another one tells of some of them.

It is as if each seat had a letter: what the other tells of is taken out, and the rest still waits.
Facts say by "about" (ids of occasions) which seats those are; without, they are not told apart.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dialognav.mail.superseding import CHANGING, Unsent

Facts = Mapping[str, Any]


def overlap(mine: Facts, other: Facts) -> list[int] | None:
    """The seats of `mine` that `other` tells of too; None for all that `mine` says."""
    if "about" not in mine or "about" not in other:
        return None
    shared = [id_ for id_ in mine["about"] if id_ in other["about"]]
    return None if shared == mine["about"] else shared


def narrowed(facts: Facts, ids: Collection[int]) -> dict[str, Any]:
    """The same about these of its seats only, one at least. A change of a single date says not of
    which it is, and neither does one that is the same for all."""
    about = [id_ for id_ in facts["about"] if id_ in ids]
    made = {**facts, "about": about}
    if "changes" in facts:
        of_these = [one for one in facts["changes"] if _is_of(one, about)]
        made["changes"] = of_these if len(about) > 1 else [{**one, "of": None} for one in of_these]
    if len(facts.get("dates", ())) == len(facts["about"]):
        places = zip(facts["about"], facts["dates"], strict=True)
        made["dates"] = [date for id_, date in places if id_ in ids]
        first = made["dates"][0]
        made |= {"when": first["when"], "place": first["place"]}
        if "position" in facts:
            made["position"] = first["position"]
    if "occasion" in facts:
        made["occasion"] = about[0]
    return made


def _is_of(change: Facts, ids: Collection[int]) -> bool:
    return not change.get("of") or change["of"]["id"] in ids


@dataclass(slots=True)
class Waiting:
    """A pending letter that no worker has taken, with its row's columns."""

    row: Mapping[str, Any]
    given: set[int] = field(default_factory=set)
    is_touched: bool = False
    is_over: bool = False

    def give(self, newer: Facts) -> Unsent | None:
        """What it says of the seats that a newer letter tells of; that one has to say it now."""
        facts = self.row["facts"] or {}
        shared = overlap(facts, newer)
        if shared == []:
            return None
        self.is_touched = True
        if shared is None:
            self.is_over = True
        else:
            self.given |= set(shared)
            facts = narrowed(facts, shared)
        return Unsent(self.row["kind"], facts, self.row["due_at"], self.row["priority"])

    def rest(self) -> dict[str, Any] | None:
        """The facts of what nobody else tells; None when nothing is left to say."""
        facts = self.row["facts"] or {}
        left = [id_ for id_ in facts.get("about", ()) if id_ not in self.given]
        if self.is_over or not left:
            return None
        facts = narrowed(facts, left)
        says_nothing = self.row["kind"] in CHANGING - {"place_changed"} and not facts.get("changes")
        return None if says_nothing else facts


def taken(waiting: Sequence[Waiting], newer: Facts) -> list[Unsent]:
    """What of these a newer letter has to say, oldest first."""
    return [unsent for one in waiting if (unsent := one.give(newer))]
