"""What a draw is given (domain/allocation.py), read in sets. Under lock_event() it holds."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from dialognav.domain.allocation import Given, Share, Time, Wisher
from dialognav.domain.bookings import Person, RulesFacts, SlotFacts, SupplierFacts, Way, what_stops
from dialognav.domain.meeting_terms import HandOut, RequestState
from dialognav.domain.participant_import import folded_name
from dialognav.models.booking import MeetingRequest, Wish
from dialognav.models.event import Event
from dialognav.models.meeting_facts import rules_facts, slot_facts, supplier_facts
from dialognav.models.meetings import Slot
from dialognav.models.registration import Participant


@dataclass(frozen=True, slots=True)
class DrawFacts:
    """What the calculation reads, and whose the public ids in it are."""

    given: Given
    requests: Mapping[str, MeetingRequest]
    slot_ids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Asking:
    """One who takes part, and the people that would come (none: it has not said)."""

    request: MeetingRequest
    supplier: SupplierFacts
    people: frozenset[Person]


def draw_facts(session: Session, event: Event, *, now: datetime) -> DrawFacts:
    """All who ask and may have a meeting, and all slots that can be handed out.

    A slot that somebody has by hand, and a supplier with all the meetings it may have, take no
    part. Eleven statements, however many they are.
    """
    rules = rules_facts(session, event, now=now)
    slots = _free_slots(session, event.id, rules, now)
    asking = _all_asking(session, event.id, rules, now)
    given = Given(
        tuple(Time(name, slot.starts_at, slot.ends_at) for name, slot in slots.items()),
        tuple(_wisher(one, slots, rules, now) for one in asking),
        tuple(_shares(asking, rules)),
        tuple(sorted(_same_people(asking))),
    )
    return DrawFacts(
        given,
        {one.request.public_id: one.request for one in asking},
        {name: slot.id for name, slot in slots.items()},
    )


def _free_slots(
    session: Session, event_id: int, rules: RulesFacts, now: datetime
) -> dict[str, SlotFacts]:
    """{public id: facts} of those that nothing stops, whoever it were."""
    facts = slot_facts(session, event_id, rules, now=now)
    free = {
        slot.id for slot in facts.values() if not what_stops(slot, None, rules, now, way=Way.AUTO)
    }
    names = session.execute(
        sa.select(Slot.public_id, Slot.id)
        .where(Slot.event_id == event_id)
        .order_by(Slot.starts_at, Slot.id)
    )
    return {name: facts[slot_id] for name, slot_id in names if slot_id in free}


def _all_asking(session: Session, event_id: int, rules: RulesFacts, now: datetime) -> list[_Asking]:
    requests = session.scalars(
        sa.select(MeetingRequest)
        .join(MeetingRequest.registration)
        .where(MeetingRequest.event_id == event_id, MeetingRequest.state == RequestState.WAITING)
        .order_by(MeetingRequest.id)
        .options(
            contains_eager(MeetingRequest.registration),
            selectinload(MeetingRequest.wishes).joinedload(Wish.slot, innerjoin=True),
        )
        .execution_options(populate_existing=True)
    ).all()
    suppliers = supplier_facts(
        session, event_id, [each.registration_id for each in requests], now=now
    )
    people = _people(session, requests)
    asking = (_Asking(each, suppliers[each.registration_id], people[each.id]) for each in requests)
    return [one for one in asking if _may_have_more(one.supplier, rules)]


def _may_have_more(supplier: SupplierFacts, rules: RulesFacts) -> bool:
    return supplier.may_meet and supplier.party_meetings < rules.most_per_party


def _people(session: Session, requests: Sequence[MeetingRequest]) -> dict[int, frozenset[Person]]:
    """{request id: who would come}, of those who have not left."""
    asked = {person_id for each in requests for person_id in each.people}
    rows = session.execute(
        sa.select(Participant.id, Participant.email, Participant.name).where(
            Participant.id.in_(asked), Participant.withdrawn_at.is_(None)
        )
    )
    persons = {row.id: (row.email, folded_name(row.name)) for row in rows}
    return {
        each.id: frozenset(persons[one] for one in each.people if one in persons)
        for each in requests
    }


def _wisher(
    one: _Asking, slots: Mapping[str, SlotFacts], rules: RulesFacts, now: datetime
) -> Wisher:
    stopped = (
        name
        for name, slot in slots.items()
        if what_stops(slot, one.supplier, rules, now, way=Way.AUTO, people=one.people or None)
    )
    ranked = rules.hand_out == HandOut.WISHES
    counted = one.request.wishes[: rules.most_wishes] if ranked else ()
    wishes = tuple(wish.slot.public_id for wish in counted)
    return Wisher(one.request.public_id, wishes, frozenset(stopped))


def _shares(asking: Sequence[_Asking], rules: RulesFacts) -> Iterator[Share]:
    """Organisations of which more ask than they may have meetings."""
    parties: dict[str, list[_Asking]] = defaultdict(list)
    for one in asking:
        parties[one.request.registration.party_key].append(one)
    for group in parties.values():
        most = rules.most_per_party - group[0].supplier.party_meetings
        if len(group) > most:
            yield Share(frozenset(one.request.public_id for one in group), most)


def _same_people(asking: Sequence[_Asking]) -> set[tuple[str, str]]:
    """Pairs of suppliers for which the same person would come."""
    named: dict[Person, list[str]] = defaultdict(list)
    for one in asking:
        for person in one.people or one.supplier.people:
            named[person].append(one.request.public_id)
    return {(min(pair), max(pair)) for ids in named.values() for pair in combinations(ids, 2)}
