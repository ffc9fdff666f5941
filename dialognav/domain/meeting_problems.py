"""What a plan of one-to-one meetings lacks before its times can be handed out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialognav.domain.meeting_terms import TableRole
from dialognav.domain.slots import Span
from dialognav.domain.terms import Mode


class Lack(StrEnum):
    """The weightiest first."""

    CONFLICT = "conflict"  # one of the team may not meet the supplier who has booked
    ASKS = "asks"  # nobody asks
    NOTES = "notes"  # nobody takes notes
    TWICE = "twice"  # one of the team in two meetings at once
    ELSEWHERE = "elsewhere"  # one of the team in a meeting of another event then
    AWAY = "away"  # one of the team cannot be there
    SHARED = "shared"  # the link is others' too, and no lobby is confirmed
    LINK = "link"  # none yet: it can be booked, and the link follows
    ROOM = "room"  # on site, and nobody can say where
    LENGTH = "length"  # another than the rules say, without a reason


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """An open time. `people`: {member: role}. `conflicted`: members who may not meet whoever has
    it. `has_lobby` is of the table's link, `has_place`: its room or address is known."""

    id: int
    table_id: int
    span: Span
    people: Mapping[int, str]
    mode: str = Mode.ON_SITE
    conflicted: frozenset[int] = frozenset()
    own_link: str = ""
    table_link: str = ""
    has_lobby: bool = False
    has_place: bool = True
    deviation: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing lacking at one table. `member_id` says of whom, where it is about somebody."""

    lack: Lack
    table_id: int
    slot_ids: tuple[int, ...]
    member_id: int | None = None


def problems_of(
    slots: Sequence[PlannedSlot],
    away: Mapping[int, Sequence[Span]],
    elsewhere: Mapping[int, Sequence[Span]],
    minutes: int,
) -> list[Problem]:
    """All of them, one of a kind per table and member. `away` and `elsewhere`, in meetings of other
    events: {member: when}; `minutes` is how long the rules say that a meeting is."""
    links, days = _shared_links(slots), _days_of(slots)
    found: dict[tuple[Lack, int, int | None], list[int]] = {}
    for slot in slots:
        lacks = [*_of_roles(slot), *_of_people(slot, days), *_of_place(slot, links)]
        for lack, spans in ((Lack.ELSEWHERE, elsewhere), (Lack.AWAY, away)):
            lacks += [(lack, member_id) for member_id in _prevented(slot, spans)]
        if slot.span.minutes != minutes and not slot.deviation:
            lacks.append((Lack.LENGTH, None))
        for lack, member_id in lacks:
            found.setdefault((lack, slot.table_id, member_id), []).append(slot.id)
    order = list(Lack)
    return [
        Problem(lack, table_id, tuple(ids), member_id)
        for (lack, table_id, member_id), ids in sorted(
            found.items(), key=lambda item: (order.index(item[0][0]), item[1])
        )
    ]


Lacks = Iterator[tuple[Lack, int | None]]


def _days_of(slots: Iterable[PlannedSlot]) -> dict[int, list[PlannedSlot]]:
    """The meetings of each member."""
    days: dict[int, list[PlannedSlot]] = {}
    for slot in slots:
        for member_id in slot.people:
            days.setdefault(member_id, []).append(slot)
    return days


def _of_roles(slot: PlannedSlot) -> Lacks:
    roles = set(slot.people.values())
    if TableRole.ASKS not in roles:
        yield Lack.ASKS, None
    if TableRole.NOTES not in roles:
        yield Lack.NOTES, None


def _prevented(slot: PlannedSlot, spans: Mapping[int, Sequence[Span]]) -> Iterator[int]:
    for member_id in slot.people:
        if any(slot.span.overlaps(span) for span in spans.get(member_id, ())):
            yield member_id


def _of_people(slot: PlannedSlot, days: Mapping[int, list[PlannedSlot]]) -> Lacks:
    for member_id in slot.people:
        if member_id in slot.conflicted:
            yield Lack.CONFLICT, member_id
        if any(slot.span.overlaps(other.span) for other in days[member_id] if other is not slot):
            yield Lack.TWICE, member_id


def _shared_links(slots: Iterable[PlannedSlot]) -> set[str]:
    """Own links that are not one slot's alone."""
    seen: set[str] = set()
    shared: set[str] = set()
    for link in (slot.own_link for slot in slots if slot.own_link):
        (shared if link in seen else seen).add(link)
    return shared


def _of_place(slot: PlannedSlot, shared: set[str]) -> Lacks:
    if slot.mode != Mode.ONLINE:
        if not slot.has_place:
            yield Lack.ROOM, None
    elif slot.own_link:
        if slot.own_link in shared:
            yield Lack.SHARED, None
    elif not slot.table_link:
        yield Lack.LINK, None
    elif not slot.has_lobby:
        yield Lack.SHARED, None
