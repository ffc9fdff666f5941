"""Minutes of a one-to-one meeting: what may be done with them when, and what they are made of.

Drafted, sent to the supplier for a check of the facts, approved. What is sent is a public record of
its own, and approved minutes are one from then on (TF 2 kap. 10 §): both are kept as versions.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import SequenceMatcher

from dialognav.domain.meeting_terms import BookingState, MinutesState
from dialognav.domain.timing import to_instant, to_wall
from dialognav.domain.working_hours import SATURDAY, WorkingHours, holidays_of

EDIT, SEND, CHECK, APPROVE, REOPEN = "edit", "send", "check", "approve", "reopen"
LONGEST = 40_000
"""Characters of minutes."""
LONGEST_CORRECTION = 10_000
MOST_CORRECTED = 40_000  # characters in one check, as it is added to
MOST_MARKS = 40

LAST_MINUTE = time(23, 59)

_OPEN = frozenset({MinutesState.DRAFT, MinutesState.FACT_CHECK, MinutesState.CHECKED})
_FROM: dict[str, frozenset[MinutesState]] = {
    EDIT: _OPEN,
    SEND: _OPEN,
    CHECK: frozenset({MinutesState.FACT_CHECK, MinutesState.CHECKED}),
    APPROVE: frozenset({MinutesState.CHECKED}),
    REOPEN: frozenset({MinutesState.APPROVED}),
}
_DECORATION = str.maketrans("", "", "*_#>`~|[]()\\-")


@dataclass(frozen=True, slots=True)
class Checked:
    """How minutes stand after the check: what is written now, and what the supplier was sent."""

    text: str
    sent: str
    correction: str
    answer: str


def may_now(verb: str, state: str) -> bool:
    """Whether the state lets the verb happen. An unknown verb is a bug: KeyError.

    The supplier's word counts until the minutes are approved, also when it comes late.
    """
    return state in _FROM[verb]


def is_minuted(booking_state: str, starts_at: datetime, now: datetime) -> bool:
    """Whether there is a meeting to write about: it has begun, and nobody has said it was not
    held."""
    return booking_state in (BookingState.BOOKED, BookingState.ATTENDED) and starts_at <= now


def lacking(checked: Checked) -> tuple[str, ...]:
    """What stands in the way of approval: "answer" to what the supplier says is wrong, "resend" of
    a text that says something else than the supplier read without having been asked to."""
    if checked.correction:
        return () if checked.answer else ("answer",)
    return () if checked.text == checked.sent else ("resend",)


def changes(sent: str, text: str) -> tuple[tuple[str, str], ...]:
    """(lines that were sent, lines that stand instead) of each place where the texts differ."""
    before, after = sent.splitlines(), text.splitlines()
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    pairs = [
        ("\n".join(before[a:b]).strip(), "\n".join(after[c:d]).strip())
        for tag, a, b, c, d in found
        if tag != "equal"
    ]
    return tuple(pair for pair in pairs if any(pair))


def quoted(text: str) -> str:
    """As mail quotes what it answers: every line after a "> "."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def may_approve(user_id: int, writer_ids: Iterable[int], *, needs_two: bool) -> bool:
    """Where two are wanted, nobody approves what they wrote any of."""
    return not needs_two or user_id not in writer_ids


def check_until(hours: WorkingHours, now: datetime, days: int) -> datetime:
    """The last minute of the day, `days` working days after today (wall time of the organiser)."""
    day, left = to_wall(now, hours.zone).date(), days
    while left:
        day += timedelta(days=1)
        left -= _is_working(day, hours.country)
    return to_instant(datetime.combine(day, LAST_MINUTE), hours.zone)


def _is_working(day: date, country: str) -> bool:
    return day.weekday() < SATURDAY and day not in holidays_of(country, day.year)


def stands_in(passage: str, text: str) -> bool:
    """Whether a marked passage is in the text, whatever the signs of Markdown, case and spaces."""
    return bool(wanted := _bare(passage)) and wanted in _bare(text)


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(_DECORATION)).strip().casefold()


def draft_text(
    facts: Sequence[str], notes: Iterable[tuple[str, str]], rest: str, other: str
) -> str:
    """Minutes to begin with, as Markdown: `facts` above, then (question, note) under a heading
    each, and `rest` under the heading `other`."""
    parts = ["  \n".join(facts)]
    for number, (question, note) in enumerate(notes, 1):
        parts.append(f"# {number}. {question}")
        if note:
            parts.append(note)
    if rest:
        parts += [f"# {other}", rest]
    return "\n\n".join(parts)
