"""How long the names of an event are kept, and what keeps them longer (domain.md 2.4).

Public records go only as a decision of the authority says (arkivlagen 1990:782, 10 §): without the
decision nothing is proposed, and what somebody has asked to see stays until they have seen it.
"""

import calendar
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialognav.domain.terms import EventState

_PARTS = re.compile(r"[^\W\d_]+|\d+")


class Kept(StrEnum):
    """Why an event's names stay for now."""

    NO_AUTHORITY = "no_authority"  # no decision allows any disposal
    NOT_OVER = "not_over"  # not held and not called off
    TOO_EARLY = "too_early"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an organisation has decided. `months` are counted from the end of the event."""

    authority: str
    months: int


def months_after(moment: datetime, months: int) -> datetime:
    """The same day and hour so many months on; the month's last day when it has no such day.

    So are periods counted in months: Regulation 1182/71, article 3(2)(c).
    """
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + year, month + 1
    return moment.replace(
        year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1])
    )


def answer_by(asked_at: datetime) -> datetime:
    """When whoever asks about own data has to have an answer: one month on (GDPR art. 12.3)."""
    return months_after(asked_at, 1)


def same_diary(number: str) -> str:
    """A diary number to compare by: case, spaces, separators and leading zeros say nothing.

    "RS 2026-01234" and "rs2026/1234" are the same. What is frozen by mistake can be released; what
    is deleted by mistake cannot be had back.
    """
    parts = _PARTS.findall(unicodedata.normalize("NFKC", number).casefold())
    return "-".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


def why_kept(
    rule: Rule,
    *,
    state: str,
    ends_at: datetime | None,
    diary_number: str,
    held: Collection[str],
    now: datetime,
) -> Kept | None:
    """None when the names of an event may go now. `held` are diary numbers as same_diary() says."""
    if is_held(diary_number, held):
        return Kept.HELD
    if not rule.authority:
        return Kept.NO_AUTHORITY
    if ends_at is None or state not in (EventState.PUBLISHED, EventState.CANCELLED):
        return Kept.NOT_OVER
    if now < ends_at:
        return Kept.NOT_OVER
    return Kept.TOO_EARLY if now < months_after(ends_at, rule.months) else None


def is_held(diary_number: str, held: Collection[str]) -> bool:
    """An event without a number belongs to no matter, so no hold reaches it."""
    number = same_diary(diary_number)
    return bool(number) and number in held
