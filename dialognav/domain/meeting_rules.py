"""The rules of one-to-one meetings as an organiser sets them: what contradicts, what may change."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime

from dialognav.domain.meeting_terms import HandOut
from dialognav.domain.rules import Impossible
from dialognav.domain.slots import LENGTHS, MOST_GAP

DRAWN = (HandOut.WISHES, HandOut.LOT)
"""Those that need a last day, and a seed that is promised before it."""

SPOKEN = ("sv", "en", "nb", "da", "fi", "de", "fr")
"""Languages a meeting may be held in, ISO 639-1."""

RANGES = {
    "gap_minutes": (0, MOST_GAP),
    "most_per_party": (1, 10),
    "most_people": (1, 10),
    "most_wishes": (1, 10),
    "fact_check_days": (1, 60),
}
"""The least and the most of each number."""


@dataclass(frozen=True, slots=True)
class MeetingRulesDraft:
    """As models.MeetingRules; a new event's begin with these."""

    hand_out: str = HandOut.FIRST_COME
    slot_minutes: int = 45
    gap_minutes: int = 15
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    most_per_party: int = 1
    most_people: int = 3
    most_wishes: int = 3
    languages: tuple[str, ...] = ()
    text: dict[str, str] = field(default_factory=dict)
    fact_check_days: int = 5


MEETING_RULES = tuple(each.name for each in fields(MeetingRulesDraft))


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there already and narrows what the rules may become.

    `is_public`: visitors read the rules. `has_slots`: times are planned by them. `is_begun`:
    somebody has booked, wished or queued. `is_drawn`: staff alone have seen what a draw gives.
    """

    is_public: bool = False
    has_slots: bool = False
    is_begun: bool = False
    is_drawn: bool = False


def meeting_rules_changed(old: MeetingRulesDraft, new: MeetingRulesDraft) -> tuple[str, ...]:
    """Names of the rules that differ."""
    return tuple(name for name in MEETING_RULES if getattr(old, name) != getattr(new, name))


def what_meeting_rules_cannot_be(
    new: MeetingRulesDraft, old: MeetingRulesDraft | None, standing: Standing
) -> Iterator[Impossible]:
    """Rules that contradict each other, or what is there already.

    All meetings are equally long, so the length stays while there are times; how they are handed
    out stays once somebody has relied on it (domain.md 3.3), and wishing does not begin again when
    somebody has seen what comes of the wishes.
    """
    yield from _out_of_range(new)
    if not new.languages:
        yield Impossible("languages", "missing")
    if new.opens_at and new.closes_at and new.closes_at <= new.opens_at:
        yield Impossible("closes_at", "before_opening")
    if standing.is_public:
        yield from lacking_instants(new)
    if old is None:
        return
    if standing.has_slots and new.slot_minutes != old.slot_minutes:
        yield Impossible("slot_minutes", "has_slots")
    if standing.is_begun and new.hand_out != old.hand_out:
        yield Impossible("hand_out", "begun")
    if standing.is_drawn and new.closes_at != old.closes_at:
        yield Impossible("closes_at", "drawn")


def lacking_instants(rules: MeetingRulesDraft) -> Iterator[Impossible]:
    """What has to be known before anybody may read the rules."""
    if rules.opens_at is None:
        yield Impossible("opens_at", "missing")
    if rules.closes_at is None and rules.hand_out in DRAWN:
        yield Impossible("closes_at", "missing")


def moves_until(hand_out: str, closes_at: datetime | None, starts_at: datetime) -> datetime | None:
    """Until when a supplier itself may move a meeting that begins then: where it chooses its time,
    and no later than booking closes. None: never."""
    if hand_out != HandOut.FIRST_COME:
        return None
    return min(closes_at or starts_at, starts_at)


def _out_of_range(rules: MeetingRulesDraft) -> Iterator[Impossible]:
    if rules.slot_minutes not in LENGTHS:
        yield Impossible("slot_minutes", "range")
    for name, (least, most) in RANGES.items():
        if not least <= getattr(rules, name) <= most:
            yield Impossible(name, "range")
