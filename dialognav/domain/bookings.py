"""Who may have which one-to-one meeting, and what stops it: the same answer for the supplier's
picker, the organiser's board, the waiting list and every writer.

Nothing here names another supplier: a slot that somebody has is `taken`, whoever has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dialognav.domain.meeting_terms import HandOut, SlotState, TableRole
from dialognav.domain.terms import Mode

HOLD_MINUTES = 10
HOLD = timedelta(minutes=HOLD_MINUTES)
EXTENSIONS = 3
HELD_LATELY = timedelta(hours=1)
WARNED = timedelta(minutes=2)
"""How long before a hold runs out the page says so."""

Person = tuple[str, str]  # (mail address, folded name): the same human in two registrations
Span = tuple[datetime, datetime]


class Stop(StrEnum):
    """Why a slot cannot be had. The first of several says most to whoever asks."""

    NO_MEETINGS = "no_meetings"  # no rules, or not yet published
    EVENT_STOPPED = "event_stopped"  # cancelled, postponed, or a procurement has begun
    NOT_ADMITTED = "not_admitted"  # not registered and confirmed
    REMOVED = "removed"
    UNPUBLISHED = "unpublished"
    BLOCKED = "blocked"
    BEGUN = "begun"
    TAKEN = "taken"
    NOT_BY_CHOICE = "not_by_choice"  # handed out by wishes, lot or hand
    NOT_OPEN = "not_open"  # booking, or this slot's, has not begun
    CLOSED = "closed"  # booking has ended
    LIMIT = "limit"  # as many meetings as one party may have
    BUSY = "busy"  # in another meeting then
    NOBODY_ASKS = "nobody_asks"
    NOBODY_NOTES = "nobody_notes"
    TEAM_AWAY = "team_away"
    TEAM_ELSEWHERE = "team_elsewhere"  # in a meeting of another event
    SHARED_LINK = "shared_link"  # somebody could walk in on a competitor
    CONFLICT = "conflict"  # of interest, with somebody of the slot's team
    LANGUAGE = "language"
    MODE = "mode"
    AWAY = "away"  # the supplier cannot then


@dataclass(frozen=True, slots=True)
class AskingFacts:
    """What asking for a meeting leads to now: a draw, or a queue that moves until `until` (None:
    there is nothing to wait for). `can_choose`: free slots are there to be taken."""

    for_draw: bool
    can_choose: bool
    until: datetime | None


class Way(StrEnum):
    """Who hands a slot out: each has its own rules besides those of all."""

    OWN = "own"  # the supplier takes it: only where that is the rule, and while it is open
    STAFF = "staff"  # by hand: whether it suits the supplier is theirs to know
    AUTO = "auto"  # the waiting list and a draw: only what the supplier said to suit


@dataclass(frozen=True, slots=True)
class RulesFacts:
    """Of one event. `is_on`: published, not in procurement, and the rules are public."""

    is_on: bool
    hand_out: str = HandOut.FIRST_COME
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    most_per_party: int = 1
    most_people: int = 3
    most_wishes: int = 3
    languages: frozenset[str] = frozenset()
    has_rules: bool = True


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """One of a slot's team; `away` when they cannot be there, `elsewhere` when they are in meetings
    of other events."""

    member_id: int
    role: str
    away: tuple[Span, ...] = ()
    elsewhere: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """`taken_by` is the registration of the live booking, and never shown to another supplier.

    `languages` are those spoken at the table ([]: any). `shares_link`: its link is another slot's
    too, and no lobby is confirmed.
    """

    id: int
    starts_at: datetime
    ends_at: datetime
    state: str = SlotState.OPEN
    published_at: datetime | None = None
    opens_at: datetime | None = None
    mode: str = Mode.ON_SITE
    languages: frozenset[str] = frozenset()
    shares_link: bool = False
    team: tuple[TeamFacts, ...] = ()
    taken_by: int | None = None

    @property
    def span(self) -> Span:
        return self.starts_at, self.ends_at


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """One registration. `party_meetings` counts its party's live bookings, but not the one that
    would be moved. `meetings` are when people of it are in one, and who; `modes`, `languages` and
    `away` are what its request says, empty without one."""

    registration_id: int
    may_meet: bool = True
    people: frozenset[Person] = frozenset()
    party_meetings: int = 0
    meetings: tuple[tuple[Span, frozenset[Person]], ...] = ()
    conflicts: frozenset[int] = frozenset()  # ids of members of the team
    modes: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    away: tuple[Span, ...] = ()


def what_stops(
    slot: SlotFacts,
    supplier: SupplierFacts | None,
    rules: RulesFacts,
    now: datetime,
    *,
    way: Way = Way.OWN,
    people: frozenset[Person] | None = None,
    moves: bool = False,
) -> tuple[Stop, ...]:
    """All that stops this supplier from having this slot; () when nothing does.

    Without a supplier: what stops anybody. `people` are those who would come; None: not known yet,
    so that it is enough if one is free. `moves`: the supplier has a meeting that this one would
    take the place of, so that its limit is no matter.
    """
    stops = _of_rules(slot, rules, now, way) + _of_slot(slot, now)
    if supplier is not None:
        if not supplier.may_meet:
            stops.append(Stop.NOT_ADMITTED)
        if not moves and supplier.party_meetings >= rules.most_per_party:
            stops.append(Stop.LIMIT)
        stops += _between(slot, supplier, people)
        if way is Way.AUTO:
            stops += _unsuited(slot, supplier)
    return tuple(each for each in Stop if each in stops)


def _of_rules(slot: SlotFacts, rules: RulesFacts, now: datetime, way: Way) -> list[Stop]:
    if not rules.has_rules:
        return [Stop.NO_MEETINGS]
    stops = [] if rules.is_on else [Stop.EVENT_STOPPED]
    if way is Way.OWN:
        if rules.hand_out != HandOut.FIRST_COME:
            stops.append(Stop.NOT_BY_CHOICE)
        opens_at = max(at for at in (rules.opens_at, slot.opens_at, now) if at is not None)
        if now < opens_at:
            stops.append(Stop.NOT_OPEN)
        if rules.closes_at is not None and now >= rules.closes_at:
            stops.append(Stop.CLOSED)
    return stops


def _of_slot(slot: SlotFacts, now: datetime) -> list[Stop]:
    roles = {one.role for one in slot.team}
    found = {
        Stop.REMOVED: slot.state == SlotState.REMOVED,
        Stop.BLOCKED: slot.state == SlotState.BLOCKED,
        Stop.UNPUBLISHED: slot.published_at is None or now < slot.published_at,
        Stop.BEGUN: slot.starts_at <= now,
        Stop.TAKEN: slot.taken_by is not None,
        Stop.NOBODY_ASKS: TableRole.ASKS not in roles,
        Stop.NOBODY_NOTES: TableRole.NOTES not in roles,
        Stop.TEAM_AWAY: any(overlaps(slot.span, span) for one in slot.team for span in one.away),
        Stop.TEAM_ELSEWHERE: any(
            overlaps(slot.span, span) for one in slot.team for span in one.elsewhere
        ),
        Stop.SHARED_LINK: slot.shares_link,
    }
    return [stop for stop, is_so in found.items() if is_so]


def _between(
    slot: SlotFacts, supplier: SupplierFacts, people: frozenset[Person] | None
) -> list[Stop]:
    """What stands between this supplier and this slot, whoever hands it out."""
    stops = [Stop.BUSY] if is_busy(supplier, slot.span, people) else []
    if supplier.conflicts & {one.member_id for one in slot.team}:
        stops.append(Stop.CONFLICT)
    return stops


def is_busy(supplier: SupplierFacts, span: Span, people: frozenset[Person] | None) -> bool:
    """Whether one of these people, or without them named everybody, is in another meeting then."""
    then = [there for when, there in supplier.meetings if overlaps(when, span)]
    busy: frozenset[Person] = frozenset().union(*then)
    if people is None:
        return bool(then) and supplier.people <= busy
    return bool(busy & people)


def _unsuited(slot: SlotFacts, supplier: SupplierFacts) -> list[Stop]:
    """What the supplier said not to suit."""
    stops = []
    if supplier.languages and slot.languages and not supplier.languages & slot.languages:
        stops.append(Stop.LANGUAGE)
    if supplier.modes and slot.mode not in supplier.modes:
        stops.append(Stop.MODE)
    if any(overlaps(slot.span, span) for span in supplier.away):
        stops.append(Stop.AWAY)
    return stops


def what_stops_asking(
    supplier: SupplierFacts, rules: RulesFacts, asking: AskingFacts, now: datetime
) -> tuple[Stop, ...]:
    """All that stops this supplier from wishing, or from joining the waiting list."""
    if not rules.has_rules:
        return (Stop.NO_MEETINGS,)
    has_deadline = asking.for_draw or rules.hand_out == HandOut.BY_HAND
    ends_at = rules.closes_at if has_deadline else asking.until
    found = {
        Stop.EVENT_STOPPED: not rules.is_on,
        Stop.NOT_ADMITTED: not supplier.may_meet,
        Stop.NOT_OPEN: rules.opens_at is not None and now < rules.opens_at,
        Stop.CLOSED: asking.until is None or (ends_at is not None and now >= ends_at),
        Stop.LIMIT: supplier.party_meetings >= rules.most_per_party,
    }
    return tuple(stop for stop, is_so in found.items() if is_so)


def may_be_wished(slot: SlotFacts, now: datetime) -> bool:
    """Whether a slot can be ranked: it is public, and not taken out of use. Who is to be there may
    still be settled."""
    stops = (Stop.REMOVED, Stop.BLOCKED, Stop.UNPUBLISHED, Stop.BEGUN)
    return not set(stops) & set(_of_slot(slot, now))


def overlaps(one: Span, other: Span) -> bool:
    """One that begins when the other ends does not."""
    return one[0] < other[1] and other[0] < one[1]


def is_for_nobody(slot: SlotFacts, rules: RulesFacts, now: datetime) -> bool:
    """Whether the slot goes to no one of the queue now, whomever it suits: nor before it opens."""
    is_closed = slot.opens_at is not None and now < slot.opens_at
    return is_closed or bool(what_stops(slot, None, rules, now, way=Way.AUTO))


def next_in_turn(
    slot: SlotFacts,
    queue: Sequence[SupplierFacts],
    rules: RulesFacts,
    now: datetime,
    *,
    passed: frozenset[int] = frozenset(),
) -> SupplierFacts | None:
    """The first of the queue whom the slot suits; `passed` are registrations that have had this
    slot offered and did without."""
    if is_for_nobody(slot, rules, now):
        return None
    for supplier in queue:
        stops = what_stops(slot, supplier, rules, now, way=Way.AUTO)
        if supplier.registration_id not in passed and not stops:
            return supplier
    return None
