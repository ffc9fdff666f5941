"""Valid one-to-one meetings, as tests/factories.py makes valid events.

make_slots() gives a staffed table with published slots; what a test is about it says itself.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from dialognav.domain.meeting_terms import BookingState, TableRole
from dialognav.models import (
    Booking,
    BookingPerson,
    Event,
    MeetingRequest,
    MeetingRules,
    MeetingTable,
    Registration,
    Slot,
    SlotStaff,
    TableStaff,
    TeamMember,
    Wish,
)
from tests.conftest import NOW
from tests.factories import STARTS, _added, _number

DAY = STARTS + timedelta(days=14)  # 9.00 in Stockholm, two weeks after the event


def make_rules(session: Session, event: Event, **given: Any) -> MeetingRules:
    """First come, first served; published and open since a day."""
    standard = {
        "event_id": event.id,
        "slot_minutes": 30,
        "gap_minutes": 10,
        "opens_at": NOW - timedelta(days=1),
        "closes_at": DAY - timedelta(days=7),
        "languages": ["sv", "en"],
        "published_at": NOW - timedelta(days=2),
    }
    return _added(session, MeetingRules(**standard | given))


def make_member(session: Session, event: Event, **given: Any) -> TeamMember:
    n = next(_number)
    standard = {
        "event_id": event.id,
        "name": f"Sofia Lagmedlem {n}",
        "email": f"sofia{n}@tallvik.example",
        "cleared_at": NOW,
    }
    return _added(session, TeamMember(**standard | given))


def make_table(
    session: Session, event: Event, team: dict[TeamMember, str] | None = None, **given: Any
) -> MeetingTable:
    """At a place, with somebody who asks and somebody who takes notes unless `team` is given."""
    n = next(_number)
    standard = {"event": event, "position": n, "name": {"sv": f"Bord {n}"}}
    table = _added(session, MeetingTable(**standard | {"room": {"sv": "Sal Unden"}} | given))
    if team is None:
        team = {
            make_member(session, event): TableRole.ASKS,
            make_member(session, event): TableRole.NOTES,
        }
    for member, role in team.items():
        _added(session, TableStaff(table_id=table.id, member_id=member.id, role=role))
    session.refresh(table)
    return table


def make_slots(
    session: Session,
    event: Event,
    table: MeetingTable | None = None,
    *,
    number: int = 3,
    starts_at: datetime = DAY,
    minutes: int = 30,
    gap: int = 10,
    **given: Any,
) -> list[Slot]:
    """Published slots one after the other, each with the people of its table."""
    table = table or make_table(session, event)
    made = []
    for n in range(number):
        begins = starts_at + n * timedelta(minutes=minutes + gap)
        standard = {
            "event_id": event.id,
            "table": table,
            "starts_at": begins,
            "ends_at": begins + timedelta(minutes=minutes),
            "published_at": NOW - timedelta(days=2),
        }
        slot = Slot(**standard | given)
        slot.staff = [SlotStaff(member_id=one.member_id, role=one.role) for one in table.staff]
        made.append(_added(session, slot))
    return made


def make_booking(session: Session, slot: Slot, registration: Registration, **given: Any) -> Booking:
    """Booked, with everybody of the registration."""
    standard = {
        "event_id": slot.event_id,
        "slot": slot,
        "registration": registration,
        "state": BookingState.BOOKED,
        "created_at": NOW,
        "booked_at": NOW,
    }
    booking = Booking(**standard | given)
    booking.people = [BookingPerson(participant_id=one.id) for one in registration.participants]
    return _added(session, booking)


def make_request(
    session: Session, registration: Registration, wishes: list[Slot] | None = None, **given: Any
) -> MeetingRequest:
    """Waiting for a meeting, with these wishes, the dearest first."""
    standard = {
        "event_id": registration.event_id,
        "registration": registration,
        "queue_number": next(_number),
        "asked_at": NOW,
        "changed_at": NOW,
    }
    request = MeetingRequest(**standard | given)
    request.wishes = [Wish(rank=n, slot=slot) for n, slot in enumerate(wishes or (), 1)]
    return _added(session, request)
