"""The rules of admission an organiser sets and everybody reads: between form, event and page.

Instants are aware and in UTC. A capacity or limit of None means that there is none.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from dialognav.domain.terms import MODES_OF, Audience, Mode, Promotion, Visibility

MOST_OFFER_HOURS = 14 * 24
MOST_QUEUE_HOURS = 30 * 24


@dataclass(frozen=True, slots=True)
class AdmissionRules:
    """`answers_until` None: until the start. Hours of the queue's end are before the start.

    `capacity_*` are the places of the event's one occasion (decisions.md 2).
    """

    audience: str = Audience.SUPPLIERS
    visibility: str = Visibility.PUBLIC
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity_on_site: int | None = None
    capacity_online: int | None = None
    limit_per_party: int | None = None
    registration_review: bool = False
    asks_mandate: bool = False
    answers_until: datetime | None = None
    waiting_list: bool = True
    promotion: str = Promotion.CONFIRM
    offer_hours: int = 24
    offer_together: bool = False
    queue_ends_hours: int = 12

    def capacity(self, mode: str) -> int | None:
        return self.capacity_on_site if mode == Mode.ON_SITE else self.capacity_online


RULES = tuple(f.name for f in fields(AdmissionRules))
OF_OCCASION = ("capacity_on_site", "capacity_online")
COLUMNS = {"opens_at": "registration_opens_at", "closes_at": "registration_closes_at"}
"""Names on the event's row where they are not those of the rules."""


def marks(rules: AdmissionRules) -> dict[str, str]:
    """{rule: 10 hex digits of SHA-256}: what a form carries to know later what it began with."""
    return {
        name: hashlib.sha256(str(getattr(rules, name)).encode()).hexdigest()[:10] for name in RULES
    }


@dataclass(frozen=True, slots=True)
class Merged:
    """`conflicts`: rules both have changed, where `rules` has mine. `taken`: only they did."""

    rules: AdmissionRules
    conflicts: tuple[str, ...]
    taken: tuple[str, ...]


def merge_rules(mine: AdmissionRules, theirs: AdmissionRules, base: Mapping[str, str]) -> Merged:
    """What only they changed since `base` is theirs; everything else stays as I wrote it."""
    ours, stored = marks(mine), marks(theirs)
    differ = [name for name in RULES if ours[name] != stored[name]]
    taken = tuple(name for name in differ if ours[name] == base.get(name))
    conflicts = tuple(
        name for name in differ if name not in taken and stored[name] != base.get(name)
    )
    merged = replace(mine, **{name: getattr(theirs, name) for name in taken})
    return Merged(merged, conflicts, taken)


def changed_rules(old: AdmissionRules, new: AdmissionRules) -> tuple[str, ...]:
    """The names of the rules that differ."""
    return tuple(name for name in RULES if getattr(old, name) != getattr(new, name))


def adds_places(old: AdmissionRules, new: AdmissionRules) -> bool:
    """Whether a way to attend has more places than before."""
    pairs = ((old.capacity(mode), new.capacity(mode)) for mode in Mode)
    return any(before is not None and (after is None or after > before) for before, after in pairs)


@dataclass(frozen=True, slots=True)
class Impossible:
    """What cannot be, and at which rule to say so. Codes: see what_cannot_be()."""

    rule: str
    code: str


def what_cannot_be(
    rules: AdmissionRules, form: str, starts_at: datetime, *, is_seen: bool
) -> Iterator[Impossible]:
    """Rules that contradict each other, or the event's start. `form` is the event's format."""
    yield from _impossible_times(rules, starts_at, is_seen=is_seen)
    if rules.limit_per_party is not None and rules.limit_per_party < 1:
        yield Impossible("limit_per_party", "nobody")
    if all(rules.capacity(mode) == 0 for mode in MODES_OF[form]) and not rules.waiting_list:
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
