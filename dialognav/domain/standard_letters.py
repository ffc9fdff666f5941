"""Standard letters that may begin and end with an organiser's own words, and how far that goes.

What has changed, the reason, time, place, own link and calendar are said by the letter itself,
whatever the own words are. A subject that says what has happened is not in anybody's hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialognav.domain.placeholders import ADDRESSES

LONGEST_SUBJECT = 150
LONGEST_OPENING = 600  # what the letter is about has to be seen without turning a page
LONGEST_CLOSING = 2_000

PARTS = ("subject", "opening", "closing")

KINDS: dict[str, tuple[str, ...]] = {
    "registered": ("place_confirmed", "receipt", "place_changed", "withdrawn"),
    "review": ("place_pending", "declined", "change_pending", "change_approved"),
    "queue": ("place_waiting", "promoted", "offered", "lapsed", "no_place"),
    "event": (
        *("changed", "changed_waiting", "occasion_cancelled"),
        *("postponed", "new_date", "cancelled"),
    ),
    "meetings": (
        *("meeting_booked", "meeting_changed", "meeting_cancelled", "meeting_reminder"),
        *("meetings_added", "meeting_choose", "meeting_wish_received", "meeting_waiting"),
        *("meeting_offered", "meeting_lapsed", "meeting_result"),
        *("minutes_check", "minutes_approved"),
    ),
    "more": ("event_invitation", "access_answer"),
}
"""By what they are about: the folders under templates/mail/ of the letters with own words."""

WITH_SUBJECT = frozenset(
    {
        *("place_confirmed", "receipt", "place_pending", "place_waiting"),
        *("promoted", "event_invitation"),
        *("meeting_booked", "meeting_reminder", "meetings_added", "meeting_wish_received"),
    }
)
"""Those whose subject may be another: nothing has changed, nothing runs out."""

_SAME = {"withdrawn_plain": "withdrawn"}


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Texts are {language: words}; `opening` and `closing` are Markdown with placeholders. An empty
    text is the standard one."""

    subject: Mapping[str, str] = field(default_factory=dict)
    opening: Mapping[str, str] = field(default_factory=dict)
    closing: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(any(getattr(self, part).values()) for part in PARTS)


def standard_kind(kind: str) -> str | None:
    """Under which name a letter's own words are kept; None for one that has none."""
    name = _SAME.get(kind, kind)
    return name if any(name in kinds for kinds in KINDS.values()) else None


def of_no_use(kind: str) -> frozenset[str]:
    """Placeholders that stand for nothing in any letter of this kind: those invited have no page
    of their own yet, and only who has a place has the digital link."""
    if kind == "event_invitation":
        return ADDRESSES - {"event_page"}
    joins = (
        *("place_confirmed", "place_changed", "promoted", "changed", "new_date"),
        *("meeting_booked", "meeting_changed", "meeting_reminder", "meeting_result"),
    )
    return frozenset[str]() if kind in joins else frozenset({"link"})
