"""Which letter a person gets when several are promised before one leaves (decisions.md 14 and 15).

Pure: the outbox gathers rows, asks here, and writes. A `Base` is what the recipient's calendar may
already hold; None means that no invitation can have been seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dialognav.mail.changes import merged
from dialognav.mail.letters import Letter
from dialognav.models import CalendarObject

INTRODUCING = frozenset(
    {
        *("place_confirmed", "promoted", "new_date", "receipt"),
        *("place_waiting", "place_pending", "offered"),
        *("meeting_booked", "meeting_result", "meeting_host_booked"),
        "meeting_wish_received",
    }
)
"""Kinds that tell everything: unsent, they take up new facts and stay what they are."""

OF_EDITS = frozenset({"changed", "changed_waiting", "place_changed"})
"""Of what was edited about an event."""

CHANGING = OF_EDITS | {
    *("meeting_changed", "meeting_host_changed"),
    *("meeting_rules_changed", "meeting_wish_gone"),
}
"""Kinds that tell a difference, and leave only when there is one."""

SCHEDULE = "meeting_host_schedule"
"""Lists all meetings that one of a team has ahead."""

UNHEARD = frozenset({"meeting_host_cancelled"})
"""Kinds that tell nothing to somebody who has not heard of what is off."""


@dataclass(frozen=True, slots=True)
class Base:
    """The last revision that left, or may have left."""

    sequence: int
    content_hash: str
    dtstamp: datetime


@dataclass(frozen=True, slots=True)
class Unsent:
    """A promised letter of the same stream that no worker has taken."""

    kind: str
    facts: dict[str, Any]
    due_at: datetime
    priority: int

    @property
    def is_cancellation(self) -> bool:
        return self.facts.get("method") == "CANCEL"


def gathered(rows: Sequence[Unsent]) -> Unsent | None:
    """Several letters of one stream that wait, oldest first, as the one that tells it all.

    They are more than one when the first was in a worker's hand and came back.
    """
    if not rows:
        return None
    begins = max((n for n, row in enumerate(rows) if row.kind not in CHANGING), default=0)
    told = rows[begins]
    for row in rows[begins + 1 :]:
        changes = merged(told.facts.get("changes", []), row.facts.get("changes", []))
        gone = [*told.facts.get("gone", []), *row.facts.get("gone", [])]
        facts = told.facts | {"changes": changes} | ({"gone": gone} if gone else {})
        facts |= of_meeting(told.facts, row.facts)
        is_own = told.kind in CHANGING and row.kind == "place_changed"
        told = replace(told, kind=row.kind if is_own else told.kind, facts=facts)
    return told


def last_mailed(numbered: CalendarObject) -> Base:
    """The revision that a recipient holds, unless a letter with a newer one waits."""
    sequence, dtstamp = numbered.mailed_sequence, numbered.mailed_dtstamp
    if sequence is None or dtstamp is None:
        sequence, dtstamp = numbered.sequence, numbered.dtstamp
    return Base(sequence, numbered.content_hash, dtstamp)


def known_revision(unsent: Unsent | None, promised: Base | None) -> Base | None:
    """What the recipient's calendar may hold, given the newest promised revision of it."""
    if promised is None or unsent is None or "base" not in unsent.facts:
        return promised
    base = unsent.facts["base"]
    if base is None:
        return None
    return Base(base["sequence"], base["hash"], datetime.fromisoformat(base["dtstamp"]))


def base_facts(base: Base | None) -> dict[str, Any] | None:
    """The inverse of what known_revision() reads, for the facts of the next letter."""
    if base is None:
        return None
    return {
        "sequence": base.sequence,
        "hash": base.content_hash,
        "dtstamp": base.dtstamp.isoformat(),
    }


def succeed(letter: Letter, unsent: Unsent | None) -> tuple[Letter, datetime | None]:
    """The letter that takes an unsent one's place, and when at the earliest, if that is inherited.

    An unsent confirmation becomes a confirmation with the new facts and leaves no later than it
    would have; two changes become one that tells the whole way.
    """
    if unsent is None:
        return letter, None
    if letter.appointment and letter.appointment.is_series and not _ends(letter):
        return _succeed_in_series(letter, unsent)
    if letter.kind == unsent.kind == SCHEDULE:
        return replace(letter, facts=_schedule(letter.facts, unsent.facts)), unsent.due_at
    if letter.kind not in CHANGING:
        return _with_lost_wishes(letter, unsent), None
    if unsent.kind in INTRODUCING:
        facts = _introduced(letter.facts, unsent)
        kept = replace(letter, kind=unsent.kind, facts=facts, priority=unsent.priority, delay=0)
        return kept, unsent.due_at
    if unsent.kind in CHANGING:
        told = merged(unsent.facts.get("changes", []), letter.facts.get("changes", []))
        facts = letter.facts | of_meeting(unsent.facts, letter.facts) | {"changes": told}
        # A change of one's own seat says all; the event's changes would hide it.
        kind = "place_changed" if "place_changed" in (unsent.kind, letter.kind) else letter.kind
        return replace(letter, kind=kind, facts=facts), None
    return letter, None


def of_meeting(older: Mapping[str, Any], newer: Mapping[str, Any]) -> dict[str, Any]:
    """How a meeting came about, by a draw for one, which no change of it says again, and why it was
    changed before."""
    if "meetings" not in older:
        return {}
    before, said = older["meetings"], newer.get("meetings", {})
    again = {name: each for name, each in said.items() if each or name in _AS_IT_STANDS}
    if "reasons" in before:
        both = [*before["reasons"], *said.get("reasons", ())]
        again["reasons"] = list(dict.fromkeys(both))
    return {"meetings": {**before, **again}}


def _introduced(newer: Mapping[str, Any], unsent: Unsent) -> dict[str, Any]:
    """What stands now, without what has changed, which nobody has heard of before; but of the
    reader's own wishes, those that fell away are missed."""
    facts = {key: value for key, value in newer.items() if key != "changes"}
    if unsent.kind == "meeting_wish_received":
        facts["changes"] = merged(unsent.facts.get("changes", []), newer.get("changes", []))
    return facts | of_meeting(unsent.facts, newer)


_AS_IT_STANDS = ("wishes", "stands")
"""What a newer letter knows better, also when it is nothing."""


def _with_lost_wishes(letter: Letter, unsent: Unsent) -> Letter:
    """Wishes that were changed before anybody had been told that one of them fell away."""
    if (letter.kind, unsent.kind) != ("meeting_wish_received", "meeting_wish_gone"):
        return letter
    return replace(letter, facts=letter.facts | {"changes": unsent.facts["changes"]})


def _schedule(newer: Mapping[str, Any], older: Mapping[str, Any]) -> dict[str, Any]:
    """A list of all meetings that takes an unsent one's place, with the news of both: what came and
    went in between, nobody has heard of."""
    said, before = newer["team"], older["team"]
    known = {row["booking"]: row["news"] for row in before["rows"]}
    rows = [
        {**row, "news": _news(known.get(row["booking"], ""), row["news"])} for row in said["rows"]
    ]
    stands = {row["booking"] for row in rows}
    gone = {row["booking"]: row for row in (*before["off"], *said["off"])}
    off = [row for id_, row in gone.items() if id_ not in stands and known.get(id_, "") != "new"]
    return {**newer, "team": {**said, "rows": rows, "off": off}}


def _news(before: str, now: str) -> str:
    return before if before == "new" or not now else now


def _ends(letter: Letter) -> bool:
    """Whether it takes the whole entry out of the calendar: nothing of before matters then."""
    appointment = letter.appointment
    return bool(appointment and appointment.method == "CANCEL" and appointment.instance is None)


def _succeed_in_series(letter: Letter, unsent: Unsent) -> tuple[Letter, datetime | None]:
    """One letter about all dates of a series: what an unsent one tells of a date is told by it.

    So two dates that go at once are not two CANCEL: the entry is written anew, without them.
    """
    assert letter.appointment is not None
    if unsent.is_cancellation and "gone" not in unsent.facts:
        return letter, None
    facts = letter.facts | {
        "changes": merged(unsent.facts.get("changes", []), letter.facts.get("changes", [])),
        "gone": [*unsent.facts.get("gone", []), *letter.facts.get("gone", [])],
    }
    in_full = replace(letter, facts=facts, appointment=letter.appointment.in_full())
    if unsent.kind in INTRODUCING:
        if unsent.facts.get("base") is None:  # nobody has seen what it was before
            facts = {key: value for key, value in facts.items() if key != "changes"}
        kept = replace(in_full, kind=unsent.kind, facts=facts, priority=unsent.priority, delay=0)
        return kept, unsent.due_at
    if letter.kind in CHANGING and unsent.kind not in CHANGING:
        return replace(in_full, kind=unsent.kind, delay=0), unsent.due_at
    if "place_changed" in (unsent.kind, letter.kind):
        return replace(in_full, kind="place_changed"), None
    return in_full, None


def says_nothing(letter: Letter, content_hash: str | None, base: Base | None) -> bool:
    """Whether a change turned out to be none: undone before it left, or no business of theirs.

    `content_hash` is that of the letter's calendar entry, None without one.
    """
    if letter.kind not in CHANGING:
        return False
    told = letter.facts.get("changes") or letter.facts.get("gone")
    if letter.kind != "place_changed" and not told:
        return True
    if any(change["what"] == "time" for change in letter.facts.get("changes", ())):
        return False  # the same instant at another wall time: the clock itself was changed
    return base is not None and base.content_hash == content_hash


def without_calendar(letter: Letter) -> Letter | None:
    """A withdrawal or cancellation for which there is nothing to take out of a calendar."""
    if letter.kind in UNHEARD:
        return None
    kind = "withdrawn_plain" if letter.kind == "withdrawn" else letter.kind
    return replace(letter, kind=kind, appointment=None)
