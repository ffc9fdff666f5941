"""A board of one-to-one meetings at the event that is full: two tables, a break, one who waits."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.models import Event, MeetingBreak, Registration
from tests.browser.pages import FULL
from tests.conftest import NOW
from tests.factories import make_participant, make_registration
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_member,
    make_request,
    make_rules,
    make_slots,
    make_table,
)


def make_board(session: Session) -> dict[str, str]:
    """{name in an address: id}. At 9.00 both tables are taken, at A also 9.40; the rest is free."""
    event = session.scalars(sa.select(Event).filter_by(slug=FULL)).one()
    make_rules(session, event)
    people = [make_member(session, event, name=name) for name in ("Elin", "Jonas", "Petra", "Nils")]
    elin, jonas, petra, _nils = people
    a = make_table(session, event, {elin: "asks", jonas: "notes"}, name={"sv": "Bord A"})
    b = make_table(session, event, {petra: "asks"}, name={"sv": "Bord B"}, mode="online")
    first, second = (make_slots(session, event, table, number=4) for table in (a, b))
    pause = {"starts_at": DAY + timedelta(minutes=150), "ends_at": DAY + timedelta(minutes=170)}
    session.add(MeetingBreak(event_id=event.id, title={"sv": "Paus"}, **pause))
    guests = session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, Registration.withdrawn_at.is_(None))
        .order_by(Registration.id)
    ).all()
    booking = make_booking(session, first[0], guests[0], language="sv", topics="Våra frågor")
    make_booking(session, first[1], guests[1])
    offer = {"state": "offered", "until": NOW + timedelta(days=1), "booked_at": None}
    make_booking(session, second[0], guests[2], **offer)
    waits = make_request(session, guests[3], queue_number=1)
    _register_without_seat(session, event)
    session.flush()
    return {
        "board_booking": booking.public_id,
        "board_party": guests[0].party_name,
        "board_waits": guests[3].party_name,
        "board_slot": first[2].public_id,
        "board_last": first[3].public_id,
        "board_request": waits.public_id,
        "board_member": elin.public_id,
    }


def _register_without_seat(session: Session, event: Event) -> None:
    """Somebody who has not asked for a meeting, and may be given one (decisions.md 2)."""
    registration = make_registration(session, event, party_name="Sensorbruket AB")
    for seat in make_participant(session, registration, name="Siv Ohm").attendances:
        session.delete(seat)
