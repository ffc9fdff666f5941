"""A draw as a document: what it was given and what came of it, for anybody to run again.

Suppliers are the public ids of their requests: each finds its own on its own page, and nobody's
name is in it (domain.md 2.7). Slots are public ids with their times in UTC. Whoever knows when
somebody met can find the line that is theirs; the form in which one wishes says so beforehand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

from dialognav.domain.allocation import METHOD, Given, Outcome, Time, Wisher, allocate
from dialognav.domain.draw_runs import leads_back
from dialognav.domain.lots import commitment

Json = dict[str, Any]
Part = TypeVar("Part")


class NotADraw(ValueError):
    """Not a document of ours, or a part of it is missing; the argument says which."""


def given_json(given: Given) -> Json:
    """The same bytes for the same facts, in whatever order they were gathered.

    Of what allocation.calculate() gives: nothing here says which suppliers are of one organisation,
    or share a person. Each supplier can see of its own line alone whether it is true, as ever.
    """
    return {
        "slots": [
            {"id": each.id, "starts_at": _moment(each.starts_at), "ends_at": _moment(each.ends_at)}
            for each in sorted(given.slots, key=lambda slot: (slot.starts_at, slot.id))
        ],
        "suppliers": [
            {
                "id": each.id,
                "wishes": list(each.wishes),
                "cannot": sorted(each.cannot),
                "behind": each.behind,
            }
            for each in sorted(given.suppliers, key=lambda one: one.id)
        ],
    }


def result_json(outcomes: Sequence[Outcome]) -> list[Json]:
    """In the order in which the suppliers were drawn."""
    return [
        asdict(each) | {"missed": [asdict(missed) for missed in each.missed]} for each in outcomes
    ]


def explanations(
    hand_out: str, given: Mapping[str, Any], result: Mapping[str, Any]
) -> dict[str, Json]:
    """{public id of a request: what its supplier is told}: the Outcome, and of how many slots and
    suppliers. Words for it: dialognav/draw_words.py."""
    numbers = {"slots": len(given["slots"]), "suppliers": len(given["suppliers"])}
    return {each["id"]: {**each, **numbers, "hand_out": hand_out} for each in result["outcomes"]}


def document(head: Json, given: Json, result: Json) -> Json:
    """What is published, and check() reads: the head has the seed, its hash and the method."""
    return {**head, "given": given, "result": result["outcomes"]}


def given_of(written: Mapping[str, Any]) -> Given:
    """What given_json() wrote, read from a file that anybody may have made. NotADraw."""
    given = _part(written, "given", dict)
    slots = tuple(
        Time(_part(each, "id", str), _instant(each, "starts_at"), _instant(each, "ends_at"))
        for each in _each(given, "slots")
    )
    return _known(Given(slots, tuple(map(_wisher, _each(given, "suppliers")))))


def _wisher(each: Json) -> Wisher:
    return Wisher(
        _part(each, "id", str),
        _ids(each, "wishes"),
        frozenset(_ids(each, "cannot")),
        each.get("behind") is True,
    )


def check(written: Mapping[str, Any]) -> dict[str, bool]:
    """What anybody can check of a published draw: {what: whether it holds}. NotADraw.

    `commitment`: the seed is the one whose hash was published before. `method`: this program knows
    how it was calculated. `runs`: what it was given leads back to the first time it was calculated.
    `result`: the same comes out again.
    """
    seed, result = _part(written, "seed", str), _part(written, "result", list)
    given, method = given_of(written), _part(written, "method", str)
    return {
        "commitment": commitment(seed) == _part(written, "commitment", str),
        "method": method == METHOD,
        "runs": _runs_hold(written),
        "result": method == METHOD and result_json(allocate(seed, given)) == result,
    }


def _runs_hold(written: Mapping[str, Any]) -> bool:
    try:
        return leads_back(written["given"], _each(written, "runs"))
    except (LookupError, TypeError, AttributeError) as error:
        raise NotADraw("runs") from error


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _part(written: Mapping[str, Any], name: str, kind: type[Part]) -> Part:
    found = written.get(name)
    if not isinstance(found, kind) or isinstance(found, bool):
        raise NotADraw(name)
    return found


def _each(written: Mapping[str, Any], name: str) -> list[Json]:
    found = _part(written, name, list)
    if not all(isinstance(each, dict) for each in found):
        raise NotADraw(name)
    return found


def _ids(written: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = _part(written, name, list)
    if not all(isinstance(each, str) for each in found):
        raise NotADraw(name)
    return tuple(found)


def _instant(written: Mapping[str, Any], name: str) -> datetime:
    try:
        at = datetime.fromisoformat(_part(written, name, str))
    except ValueError as error:
        raise NotADraw(name) from error
    if at.tzinfo is None:
        raise NotADraw(name)
    return at


def _known(given: Given) -> Given:
    """Every supplier and slot once."""
    if len({each.id for each in given.suppliers}) < len(given.suppliers):
        raise NotADraw("suppliers")
    if len({each.id for each in given.slots}) < len(given.slots):
        raise NotADraw("slots")
    return given
