"""What a member of the team who cannot come leaves behind, and what would do instead of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from dialognav.domain.bookings import (
    Person,
    RulesFacts,
    SlotFacts,
    Span,
    SupplierFacts,
    TeamFacts,
    Way,
    overlaps,
    what_stops,
)
from dialognav.domain.meeting_teams import is_staffed
from dialognav.domain.meeting_terms import BookingState, SlotState, TableRole
from dialognav.domain.participant_import import folded_name
from dialognav.domain.replanning import Loss
from dialognav.models.booking import Booking, BookingPerson
from dialognav.models.event import Event
from dialognav.models.meeting_elsewhere import busy_spans, engaged_elsewhere
from dialognav.models.meeting_facts import rules_facts, slot_facts, spans_of, supplier_facts
from dialognav.models.meetings import Slot, SlotStaff, TeamMember


@dataclass(frozen=True, slots=True)
class Absence:
    """`losses` by time, and the booking of each; `teams` of all slots, by id: (member id, role).

    `spare` are free slots of that time that have team enough without the absent one, `empty` those
    that have not.
    """

    losses: tuple[Loss, ...]
    bookings: Mapping[int, Booking]
    teams: Mapping[int, Sequence[tuple[int, str]]]
    spare: tuple[int, ...]
    empty: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    rules: RulesFacts
    slots: Mapping[int, SlotFacts]
    suppliers: Mapping[int, SupplierFacts]
    team: Sequence[TeamMember]
    elsewhere: Mapping[int, Sequence[Span]]  # in meetings of other events
    member_id: int
    now: datetime


def roles_at(slot: Slot, elsewhere: Mapping[int, Sequence[Span]]) -> set[str]:
    """What is done there by people who are still of the team, and neither away at that time nor
    `elsewhere`, in other events' meetings: {member: when}."""
    span = slot.starts_at, slot.ends_at
    return {
        one.role
        for one in slot.staff
        if one.member.removed_at is None
        and not any(
            overlaps(span, there)
            for there in (*spans_of(one.member.away), *elsewhere.get(one.member_id, ()))
        )
    }


def absence_of(
    session: Session, event: Event, member: TeamMember, span: Span, *, now: datetime
) -> Absence:
    """All meetings to come that touch the span; thirteen statements."""
    rules = rules_facts(session, event, now=now)
    bookings = _bookings(session, event.id, member.id, span, now)
    ids = [booking.id for booking in bookings]
    slots = slot_facts(session, event.id, rules, now=now)
    suppliers = supplier_facts(
        session, event.id, {one.registration_id for one in bookings}, now=now, without=ids
    )
    away = {
        slot_id: replace(slot, team=tuple(_sent_away(slot.team, member.id, span)))
        for slot_id, slot in slots.items()
    }
    elsewhere = busy_spans(engaged_elsewhere(session, event.id, now=now))
    team = _team(session, event.id)
    facts = _Facts(rules, away, suppliers, team, elsewhere, member.id, now)
    free = [
        slot
        for slot in slots.values()
        if slot.taken_by is None
        and slot.state == SlotState.OPEN
        and now < slot.starts_at
        and overlaps(slot.span, span)
        and member.id in {one.member_id for one in slot.team}
    ]
    spare = {slot.id for slot in free if _holds_without(slot, member.id)}
    return Absence(
        losses=tuple(_loss(facts, booking) for booking in bookings),
        bookings={booking.id: booking for booking in bookings},
        teams={slot.id: _roles(slot) for slot in slots.values()},
        spare=tuple(slot.id for slot in free if slot.id in spare),
        empty=tuple(slot.id for slot in free if slot.id not in spare),
    )


def _sent_away(team: Iterable[TeamFacts], member_id: int, span: Span) -> Iterable[TeamFacts]:
    for one in team:
        yield replace(one, away=(*one.away, span)) if one.member_id == member_id else one


def _bookings(
    session: Session, event_id: int, member_id: int, span: Span, now: datetime
) -> Sequence[Booking]:
    """Booked or offered ones to come with that member in them, by time."""
    return session.scalars(
        sa.select(Booking)
        .join(Booking.slot)
        .join(Slot.table)
        .join(Booking.registration)
        .join(SlotStaff, SlotStaff.slot_id == Slot.id)
        .where(
            Booking.event_id == event_id,
            Booking.state.in_((BookingState.BOOKED, BookingState.OFFERED)),
            SlotStaff.member_id == member_id,
            Slot.starts_at < span[1],
            Slot.ends_at > span[0],
            Slot.starts_at > now,
        )
        .options(
            contains_eager(Booking.slot).contains_eager(Slot.table),
            contains_eager(Booking.registration),
            selectinload(Booking.people).joinedload(BookingPerson.participant, innerjoin=True),
        )
        .order_by(Slot.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    ).all()


def _team(session: Session, event_id: int) -> Sequence[TeamMember]:
    """Those who may be in meetings: they have declared to have no conflict of interest."""
    return session.scalars(
        sa.select(TeamMember)
        .where(
            TeamMember.event_id == event_id,
            TeamMember.removed_at.is_(None),
            TeamMember.cleared_at.is_not(None),
        )
        .order_by(TeamMember.name, TeamMember.id)
    ).all()


def _roles(slot: SlotFacts, without: int | None = None) -> list[tuple[int, str]]:
    return [(one.member_id, one.role) for one in slot.team if one.member_id != without]


def _holds_without(slot: SlotFacts, member_id: int) -> bool:
    return is_staffed(_roles(slot, member_id))


def _loss(facts: _Facts, booking: Booking) -> Loss:
    slot, supplier = facts.slots[booking.slot_id], facts.suppliers[booking.registration_id]
    holds = _holds_without(slot, facts.member_id)
    return Loss(
        booking_id=booking.id,
        people=_people(booking),
        span=slot.span,
        holds_without=holds,
        stand_ins=() if holds else tuple(_stand_ins(facts, slot, supplier)),
        slots={} if holds else _other_slots(facts, booking, slot, supplier),
    )


def _people(booking: Booking) -> frozenset[Person]:
    return frozenset(
        (one.participant.email, folded_name(one.participant.name)) for one in booking.people
    )


def _stand_ins(facts: _Facts, slot: SlotFacts, supplier: SupplierFacts) -> list[int]:
    """Whoever observes there comes first: they know the matter."""
    own = dict(_roles(slot))
    can = [
        one.id
        for one in facts.team
        if one.id != facts.member_id
        and own.get(one.id, TableRole.OBSERVES) == TableRole.OBSERVES
        and one.id not in supplier.conflicts
        and not any(overlaps(slot.span, away) for away in spans_of(one.away))
        and not _is_elsewhere(facts, one.id, slot)
    ]
    return sorted(can, key=lambda member_id: member_id not in own)


def _is_elsewhere(facts: _Facts, member_id: int, slot: SlotFacts) -> bool:
    return any(
        other.id != slot.id
        and overlaps(slot.span, other.span)
        and member_id in {one.member_id for one in other.team}
        for other in facts.slots.values()
    ) or any(overlaps(slot.span, span) for span in facts.elsewhere.get(member_id, ()))


def _other_slots(
    facts: _Facts, booking: Booking, slot: SlotFacts, supplier: SupplierFacts
) -> dict[int, Span]:
    """Free ones in which the meeting is what the supplier took: on site or digital, in its
    language, with whoever comes, at a time it did not rule out. An offer is made anew instead."""
    if booking.state != BookingState.BOOKED:
        return {}
    people = _people(booking)
    return {
        other.id: other.span
        for other in facts.slots.values()
        if (supplier.modes or other.mode == slot.mode)
        and (not booking.language or not other.languages or booking.language in other.languages)
        and not what_stops(
            other, supplier, facts.rules, facts.now, way=Way.AUTO, people=people, moves=True
        )
    }
