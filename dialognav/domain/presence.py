"""Who was there: codes as people type them, marks from phones, and which of them counts."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from dialognav.domain.terms import Seat

CODE_LENGTH = 8
MARKED = (Seat.CONFIRMED, Seat.ATTENDED, Seat.NO_SHOW)
"""What a mark may say: expected (again), here, did not come."""

TOLERATED = timedelta(minutes=1)
"""A difference of clocks that may as well be a slow line."""
OLDEST = timedelta(days=7)

_UID = re.compile(r"[0-9A-Za-z-]{8,36}")
_SAME = str.maketrans("1I", "LL")  # neither stands in a code, and both are read for an L


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody saw of one person at one occasion, where and when they saw it.

    `uid` was made with the mark, so that what is sent twice counts once. `at` is already put right
    by seen_at().
    """

    uid: str
    person_id: str  # public
    occasion_id: int
    state: str
    at: datetime
    source: str = "door"


class Dated(Protocol):
    """A mark as it is kept."""

    @property
    def uid(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def state(self) -> str: ...


Kept = TypeVar("Kept", bound=Dated)


def clean_code(typed: str) -> str:
    """The code behind what was typed or scanned: case, spaces and hyphens do not matter.

    A 1 or an I, which no code has, is an L.
    """
    letters = unicodedata.normalize("NFKC", typed).upper()
    kept = "".join(one for one in letters if one.isascii() and one.isalnum())
    return kept.translate(_SAME)[: CODE_LENGTH + 1]


def shown_code(code: str) -> str:
    """In two halves, as it is read aloud: 'K7PM-2QXD'."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def is_uid(text: str) -> bool:
    return bool(_UID.fullmatch(text))


def seen_at(said: datetime, clock: datetime, now: datetime) -> datetime:
    """When a mark was made, by our clock.

    `said` is the time by the phone's clock, `clock` what that clock showed when the mark was sent,
    `now` ours when it came. A clock that is right may keep its word however slow the line was; one
    that is wrong is put right by the difference. Never in the future, never older than a week.
    """
    wrong_by = clock - now
    if abs(wrong_by) > TOLERATED:
        said -= wrong_by
    return min(max(said, now - OLDEST), now)


def latest(marks: Iterable[Kept]) -> Kept | None:
    """The mark that counts: the last by its time, wherever and in whatever order they came in.

    Two of the same instant are told apart by their uid, so that every server decides alike.
    """
    return max(marks, key=lambda mark: (mark.at, mark.uid), default=None)
