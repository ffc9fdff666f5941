"""Each time a draw was calculated before its result was public, and what it was given differently.

Staff see a preview. What changes afterwards changes the result, so every run stays, with a reason
and what differs, and is published with the result: nobody tries until it suits without its being
seen. The lines that came and went lead from what was given last back to what was given first.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
PARTS = ("slots", "suppliers")


@dataclass(frozen=True, slots=True)
class Differs:
    """How many lines came, went, or say something else, beside the run before."""

    slots_gone: int
    slots_added: int
    suppliers_gone: int
    suppliers_added: int
    suppliers_changed: int


def one_run(drawn_at: str, before: Mapping[str, Any] | None, given: Json, reason: str) -> Json:
    """A run as it is kept; `before`: what the run before was given, None for the first."""
    before = given if before is None else before
    return {
        "drawn_at": drawn_at,
        "given_sha256": fingerprint(given),
        "reason": reason,
        "gone": _beyond(before, given),
        "added": _beyond(given, before),
    }


def fingerprint(given: Mapping[str, Any]) -> str:
    """SHA-256 of all lines, in whatever order they stand."""
    lines = {part: sorted(_line(each) for each in given[part]) for part in PARTS}
    return hashlib.sha256(_line(lines).encode()).hexdigest()


def leads_back(given: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the result comes of the last run, and each run of the one before it.

    `runs` may be anybody's: LookupError, TypeError or AttributeError for what is none."""
    for run in reversed(runs):
        if run["given_sha256"] != fingerprint(given):
            return False
        given = {
            part: [each for each in given[part] if each not in run["added"][part]]
            + run["gone"][part]
            for part in PARTS
        }
    return bool(runs)


def differs(run: Mapping[str, Any]) -> Differs:
    gone, added = run["gone"], run["added"]
    left = {each["id"] for each in gone["suppliers"]}
    came = {each["id"] for each in added["suppliers"]}
    return Differs(
        slots_gone=len(gone["slots"]),
        slots_added=len(added["slots"]),
        suppliers_gone=len(left - came),
        suppliers_added=len(came - left),
        suppliers_changed=len(left & came),
    )


def _beyond(one: Mapping[str, Any], other: Mapping[str, Any]) -> Json:
    """The lines of one that the other has not."""
    there = {part: {_line(each) for each in other[part]} for part in PARTS}
    return {part: [each for each in one[part] if _line(each) not in there[part]] for part in PARTS}


def _line(written: object) -> str:
    return json.dumps(written, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
