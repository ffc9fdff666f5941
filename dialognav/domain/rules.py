"""The rules of admission an organiser sets and everybody reads: between form, event and page.

Instants are aware and in UTC. A capacity or limit of None means that there is none.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, cast

from dialognav.domain.terms import (
    MODES_OF,
    Audience,
    Declining,
    Mode,
    Promotion,
    Visibility,
)

MOST_OFFER_HOURS = 14 * 24
MOST_QUEUE_HOURS = 30 * 24


@dataclass(frozen=True, slots=True)
class Places:
    """What one of several occasions has room for."""

    occasion_id: int
    on_site: int | None = None
    online: int | None = None

    def of(self, mode: str) -> int | None:
        return self.on_site if mode == Mode.ON_SITE else self.online


@dataclass(frozen=True, slots=True)
class AdmissionRules:
    """`answers_until` None: until the start. Hours of the queue's end are before the start.

    `capacity_*` are the places of the event's first live occasion, which mostly is its only one
    (decisions.md 2); `more_places` are those of the others, in their order.
    """

    audience: str = Audience.SUPPLIERS
    visibility: str = Visibility.PUBLIC
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity_on_site: int | None = None
    capacity_online: int | None = None
    more_places: tuple[Places, ...] = ()
    limit_per_party: int | None = None
    registration_review: bool = False
    asks_mandate: bool = False
    answers_until: datetime | None = None
    waiting_list: bool = True
    promotion: str = Promotion.CONFIRM
    offer_hours: int = 24
    offer_together: bool = False
    queue_ends_hours: int = 12
    declining: str = Declining.ASK

    def capacity(self, mode: str) -> int | None:
        return self.capacity_on_site if mode == Mode.ON_SITE else self.capacity_online

    def capacities(self, mode: str) -> list[int | None]:
        """The places in that mode of each occasion, the first one's first."""
        return [self.capacity(mode), *(places.of(mode) for places in self.more_places)]


RULES = tuple(f.name for f in fields(AdmissionRules))
OF_OCCASION = ("capacity_on_site", "capacity_online")
COLUMNS = {"opens_at": "registration_opens_at", "closes_at": "registration_closes_at"}
"""Names on the event's row where they are not those of the rules."""


MORE = "more_places"
MODES = {Mode.ON_SITE: "capacity_on_site", Mode.ONLINE: "capacity_online"}


def flatten(rules: AdmissionRules) -> dict[str, object]:
    """{key: value}. A key is a rule's name; places of further occasions are "<name>.<id>"."""
    flat = {name: getattr(rules, name) for name in RULES if name != MORE}
    for places in rules.more_places:
        flat |= {f"{name}.{places.occasion_id}": places.of(mode) for mode, name in MODES.items()}
    return flat


def marks(rules: AdmissionRules) -> dict[str, str]:
    """{key: 10 hex digits of SHA-256}: what a form carries to know later what it began with."""
    return {
        key: hashlib.sha256(str(value).encode()).hexdigest()[:10]
        for key, value in flatten(rules).items()
    }


@dataclass(frozen=True, slots=True)
class Merged:
    """`conflicts`: keys both have changed, where `rules` has mine. `taken`: only they did."""

    rules: AdmissionRules
    conflicts: tuple[str, ...]
    taken: tuple[str, ...]


def merge_rules(mine: AdmissionRules, theirs: AdmissionRules, base: Mapping[str, str]) -> Merged:
    """What only they changed since `base` is theirs; everything else stays as I wrote it.

    Which occasions there are is theirs: they are added and cancelled elsewhere.
    """
    mine = _with_occasions_of(mine, theirs)
    ours, stored = marks(mine), marks(theirs)
    differ = [key for key in stored if ours[key] != stored[key]]
    taken = tuple(key for key in differ if ours[key] == base.get(key))
    conflicts = tuple(key for key in differ if key not in taken and stored[key] != base.get(key))
    flat = flatten(mine) | {key: value for key, value in flatten(theirs).items() if key in taken}
    return Merged(_from_flat(flat), conflicts, taken)


def _with_occasions_of(mine: AdmissionRules, theirs: AdmissionRules) -> AdmissionRules:
    written = {places.occasion_id: places for places in mine.more_places}
    more = tuple(written.get(places.occasion_id, places) for places in theirs.more_places)
    return replace(mine, more_places=more)


def _from_flat(flat: Mapping[str, object]) -> AdmissionRules:
    plain: dict[str, Any] = {key: value for key, value in flat.items() if "." not in key}
    ids = dict.fromkeys(int(key.partition(".")[2]) for key in flat if "." in key)
    more = [[flat[f"{name}.{each}"] for name in MODES.values()] for each in ids]
    places = (Places(each, *two) for each, two in zip(ids, cast(Any, more), strict=True))
    return AdmissionRules(**plain, more_places=tuple(places))


def changed_rules(old: AdmissionRules, new: AdmissionRules) -> tuple[str, ...]:
    """The keys of flatten() that differ, of occasions that both have."""
    before, after = flatten(old), flatten(new)
    return tuple(key for key in after if key in before and before[key] != after[key])


def adds_places(old: AdmissionRules, new: AdmissionRules) -> bool:
    """Whether a way to attend some occasion has more places than before."""
    pairs = (
        pair
        for mode in Mode
        for pair in zip(old.capacities(mode), new.capacities(mode), strict=True)
    )
    return any(before is not None and (after is None or after > before) for before, after in pairs)


@dataclass(frozen=True, slots=True)
class Impossible:
    """What cannot be, and at which rule to say so. Codes: see what_cannot_be()."""

    rule: str
    code: str


def what_cannot_be(
    rules: AdmissionRules, form: str, starts_at: datetime, *, is_seen: bool
) -> Iterator[Impossible]:
    """Rules that contradict each other, or the event's start: of several occasions, the last one's.

    `form` is the event's format.
    """
    yield from _impossible_times(rules, starts_at, is_seen=is_seen)
    if rules.limit_per_party is not None and rules.limit_per_party < 1:
        yield Impossible("limit_per_party", "nobody")
    places = [number for mode in MODES_OF[form] for number in rules.capacities(mode)]
    if not any(number != 0 for number in places) and not rules.waiting_list:
        yield Impossible("capacity_on_site", "nobody")
    if not 1 <= rules.offer_hours <= MOST_OFFER_HOURS:
        yield Impossible("offer_hours", "range")
    if not 0 <= rules.queue_ends_hours <= MOST_QUEUE_HOURS:
        yield Impossible("queue_ends_hours", "range")


def _impossible_times(
    rules: AdmissionRules, starts_at: datetime, *, is_seen: bool
) -> Iterator[Impossible]:
    if rules.closes_at is None and is_seen:
        yield Impossible("closes_at", "missing")
    ends_at = rules.closes_at or starts_at
    if ends_at > starts_at:
        yield Impossible("closes_at", "after_start")
    if rules.opens_at is not None and rules.opens_at >= ends_at:
        yield Impossible("opens_at", "after_closing")
    if rules.answers_until is not None and rules.answers_until > starts_at:
        yield Impossible("answers_until", "after_start")
