"""An event at which suppliers book meetings, and one at which they wish for them, as a supplier
meets both: nothing yet, everything at once, and a request that can be changed."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import tokens
from dialognav.domain.meeting_terms import BookingState
from dialognav.models import Event, MeetingBreak, Organisation, Registration
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_request,
    make_rules,
    make_slots,
    make_table,
)


def make_own_meetings(session: Session, key: str) -> dict[str, str]:
    """{name in an address: id}."""
    organisation = session.scalars(sa.select(Organisation).order_by(Organisation.id)).first()
    booked = _event(session, organisation, "first_come", most_per_party=3)
    wished = _event(session, organisation, "wishes")
    new, full, asks = (_firm(session, event) for event in (booked, booked, wished))
    slots = _slots(session, booked)
    for slot in slots[4:6]:
        make_booking(session, slot, _firm(session, booked))
    meeting = make_booking(
        session, slots[0], full, topics="Vår modul.\nOch priset.", secret_marks="Priset"
    )
    held = {"state": BookingState.HELD, "booked_at": None, "until": NOW + timedelta(minutes=10)}
    hold = make_booking(session, slots[1], full, **held)
    given = {"state": BookingState.OFFERED, "offered_at": NOW, "until": NOW + timedelta(hours=24)}
    make_booking(session, slots[2], full, **held | given)
    make_request(session, full, people=[one.id for one in full.participants])
    make_request(session, asks, _slots(session, wished)[:2], queue_number=None)
    return {
        "books": _link(key, new),
        "has_meetings": _link(key, full),
        "own_meeting_id": meeting.public_id,
        "hold_id": hold.public_id,
        "wishes": _link(key, asks),
        "books_slug": booked.slug,
    }


def _event(session: Session, organisation: Organisation | None, hand_out: str, **rules) -> Event:
    """Only for who has the address: lists stay as the demo makes them."""
    event = make_event(session, organisation, visibility="unlisted", primary_language="en")
    event.title = {"en": "Forest ears"}
    make_rules(session, event, hand_out=hand_out, text={"en": "Two ask, **one** notes."}, **rules)
    return event


def _slots(session: Session, event: Event) -> list:
    """Two days; the first has a table on site with a lunch and a digital one."""
    room = make_table(session, event, position=1, name={"en": "Table A"}, topic={"en": "Sound"})
    lobby = {"online_url": "https://meet.example/a", "lobby_at": NOW}
    screen = make_table(session, event, position=2, mode="online", name={"en": "Table B"}, **lobby)
    pause = {"starts_at": DAY + timedelta(hours=2), "ends_at": DAY + timedelta(hours=4)}
    session.add(MeetingBreak(event_id=event.id, title={"en": "Lunch"}, **pause))
    later = DAY + timedelta(hours=4)
    return [
        *make_slots(session, event, room, number=3),
        *make_slots(session, event, screen, number=3),
        *make_slots(session, event, room, number=2, starts_at=later),
        *make_slots(session, event, room, number=2, starts_at=later + timedelta(days=1)),
    ]


def _firm(session: Session, event: Event) -> Registration:
    """From Finland, where the clock shows another time."""
    firm = make_registration(session, event, party_country="FI")
    make_participant(session, firm, name="Sara Kuusi")
    make_participant(session, firm, name="Ida Mänty")
    session.refresh(firm)
    return firm


def _link(key: str, firm: Registration) -> str:
    return tokens.make_link(key, tokens.REGISTRATION, firm.public_id, 0)
