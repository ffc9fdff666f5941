"""The board of an event's one-to-one meetings: every time, who has it, and who waits for one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from dialognav.domain.bookings import Stop, Way, what_stops
from dialognav.domain.meeting_terms import LIVE_BOOKING, BookingState, RequestState, SlotState
from dialognav.domain.participant_import import folded_name
from dialognav.domain.slots import Span
from dialognav.domain.timing import to_wall
from dialognav.models import (
    Booking,
    BookingPerson,
    CalendarObject,
    Event,
    MeetingBreak,
    MeetingRequest,
    MeetingRules,
    MeetingTable,
    Participant,
    Registration,
    Slot,
    TeamMember,
)
from dialognav.models.meeting_elsewhere import busy_spans, engaged_elsewhere
from dialognav.models.meeting_facts import rules_facts, slot_facts, supplier_facts
from dialognav.queries import meeting_plans


@dataclass(frozen=True, slots=True)
class Board:
    """All days of it. `bookings` are those in force, by slot; `requests` in the queue's order;
    `answers` of calendars that are not a yes, by booking: (name, PARTSTAT of RFC 5545);
    `elsewhere`, when members of the team are in meetings of other events."""

    event: Event
    rules: MeetingRules | None
    tables: Sequence[MeetingTable]
    slots: Sequence[Slot]
    breaks: Sequence[MeetingBreak]
    bookings: Mapping[int, Booking]
    requests: Sequence[MeetingRequest]
    answers: Mapping[int, Sequence[tuple[str, str]]]
    elsewhere: Mapping[int, Sequence[Span]]

    @property
    def queue(self) -> list[MeetingRequest]:
        """Who waits for a time; the others have wished for one, and wait for a draw."""
        return [one for one in self.requests if one.queue_number is not None]

    @property
    def days(self) -> list[date]:
        """On the event's clock, in their order."""
        return sorted({day_of(slot, self.event.zone) for slot in self.slots})

    def slots_on(self, day: date) -> list[Slot]:
        return [slot for slot in self.slots if day_of(slot, self.event.zone) == day]

    def taken(self, slots: Sequence[Slot]) -> int:
        return sum(slot.id in self.bookings for slot in slots)


def day_of(what: Slot | MeetingBreak, zone: str) -> date:
    return to_wall(what.starts_at, zone).date()


def offerable(slots: Sequence[Slot]) -> int:
    """How many are meant for suppliers: the blocked ones are not."""
    return sum(slot.state == SlotState.OPEN for slot in slots)


def board_of(session: Session, event: Event, *, now: datetime) -> Board:
    """Eleven statements, however many days it has."""
    return Board(
        event=event,
        rules=meeting_plans.rules_of(session, event.id),
        tables=meeting_plans.tables_of(session, event.id),
        slots=meeting_plans.slots_of(session, event.id),
        breaks=meeting_plans.breaks_of(session, event.id),
        bookings={one.slot_id: one for one in bookings_of(session, event.id)},
        requests=requests_of(session, event.id),
        answers=answers_of(session, event.id),
        elsewhere=busy_spans(engaged_elsewhere(session, event.id, now=now)),
    )


def answers_of(session: Session, event_id: int) -> dict[int, list[tuple[str, str]]]:
    """{booking id: who of either side said no, or perhaps, in their calendar}"""
    rows = session.execute(
        sa.select(
            Booking.id,
            sa.func.coalesce(TeamMember.name, Participant.name),
            CalendarObject.partstat,
        )
        .join(Booking, Booking.id == CalendarObject.booking_id)
        .outerjoin(TeamMember, TeamMember.id == CalendarObject.member_id)
        .outerjoin(Participant, Participant.id == CalendarObject.participant_id)
        .where(
            Booking.event_id == event_id,
            Booking.state == BookingState.BOOKED,
            CalendarObject.partstat.in_(("DECLINED", "TENTATIVE")),
            CalendarObject.cancelled_at.is_(None),
        )
        .order_by(CalendarObject.id)
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for booking_id, name, partstat in rows:
        found[booking_id].append((name, partstat))
    return found


def bookings_of(session: Session, event_id: int) -> Sequence[Booking]:
    """Those in force, their registration and people loaded; two statements."""
    return session.scalars(
        sa.select(Booking)
        .join(Booking.registration)
        .where(Booking.event_id == event_id, Booking.state.in_(LIVE_BOOKING))
        .options(
            contains_eager(Booking.registration),
            selectinload(Booking.people).joinedload(BookingPerson.participant, innerjoin=True),
        )
        .order_by(Booking.id)
    ).all()


def requests_of(session: Session, event_id: int) -> Sequence[MeetingRequest]:
    """Who wants a meeting and has none, the next in turn first; without a queue number last."""
    return session.scalars(
        sa.select(MeetingRequest)
        .join(MeetingRequest.registration)
        .where(
            MeetingRequest.event_id == event_id,
            MeetingRequest.state.in_((RequestState.WAITING, RequestState.OFFERED)),
            Registration.withdrawn_at.is_(None),
        )
        .options(contains_eager(MeetingRequest.registration))
        .order_by(
            MeetingRequest.queue_number.is_(None),
            MeetingRequest.queue_number,
            MeetingRequest.asked_at,
            MeetingRequest.id,
        )
    ).all()


def people_of(session: Session, registration_ids: Collection[int]) -> dict[int, list[str]]:
    """{registration id: names of its people}, but those who have withdrawn."""
    names: dict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        sa.select(Participant.registration_id, Participant.name).where(
            Participant.registration_id.in_(registration_ids), Participant.withdrawn_at.is_(None)
        )
    )
    for registration_id, name in rows:
        names[registration_id].append(name)
    return names


def free_for(
    session: Session, event: Event, registration_ids: Collection[int], *, now: datetime
) -> dict[int, list[int]]:
    """{registration id: ids of the slots it can be offered and said to suit}; nine statements."""
    rules = rules_facts(session, event, now=now)
    slots = slot_facts(session, event.id, rules, now=now)
    suppliers = supplier_facts(session, event.id, registration_ids, now=now)
    return {
        one.registration_id: [
            slot.id
            for slot in slots.values()
            if not what_stops(slot, one, rules, now, way=Way.AUTO)
        ]
        for one in suppliers.values()
    }


def suppliers_for(
    session: Session, event: Event, slot_id: int, *, now: datetime
) -> list[Registration]:
    """Whom staff may give the slot by hand, by name; ten statements."""
    registered = session.scalars(
        sa.select(Registration).where(
            Registration.event_id == event.id, Registration.withdrawn_at.is_(None)
        )
    ).all()
    rules = rules_facts(session, event, now=now)
    slots = slot_facts(session, event.id, rules, now=now, only=[slot_id])
    suppliers = supplier_facts(session, event.id, [one.id for one in registered], now=now)
    return sorted(
        (
            one
            for one in registered
            if one.id in suppliers
            and not what_stops(slots[slot_id], suppliers[one.id], rules, now, way=Way.STAFF)
        ),
        key=lambda one: one.party_name.casefold(),
    )


def slots_to_move_to(
    session: Session, event: Event, booking: Booking, *, now: datetime
) -> list[int]:
    """Ids of the free slots that a booked meeting can have instead, by time; ten statements."""
    rules = rules_facts(session, event, now=now)
    slots = slot_facts(session, event.id, rules, now=now)
    own = supplier_facts(
        session, event.id, [booking.registration_id], now=now, without=[booking.id]
    )[booking.registration_id]
    people = frozenset(
        (one.participant.email, folded_name(one.participant.name)) for one in booking.people
    )
    return [
        slot.id
        for slot in slots.values()
        if not what_stops(slot, own, rules, now, way=Way.STAFF, people=people, moves=True)
    ]


def stops_of_slot(
    session: Session, event: Event, slot_id: int, *, now: datetime
) -> tuple[Stop, ...]:
    """What keeps staff from giving it to anybody."""
    rules = rules_facts(session, event, now=now)
    slots = slot_facts(session, event.id, rules, now=now, only=[slot_id])
    return what_stops(slots[slot_id], None, rules, now, way=Way.STAFF)
