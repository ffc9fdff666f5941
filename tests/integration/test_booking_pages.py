"""What pages ask about meetings, and the job that lets holds and offers run out."""

import threading
from datetime import timedelta

import pytest

from dialognav.domain.bookings import Stop, Way
from dialognav.domain.errors import NotFound
from dialognav.domain.meeting_terms import HandOut
from dialognav.models import Booking
from dialognav.queries import access, bookings
from tests.conftest import NOW
from tests.integration.test_bookings import Day
from tests.meeting_factories import DAY, make_booking, make_request, make_slots


def test_the_picker_and_the_board_read_one_answer_in_few_statements(app, work, look, statements):
    with work() as session:
        day = Day(session)
        make_slots(session, day.event, number=20, starts_at=DAY + timedelta(days=1))
        day.booked(0)
        karin = day.supplier(people=2)
        make_booking(session, day.slots[1], karin, state="held", until=NOW + timedelta(minutes=5))
        old = make_booking(session, day.slots[2], day.supplier(), state="held", until=NOW)
        event_id, karin_id = day.event.id, karin.id
        ids = [slot.id for slot in day.slots]
        assert old.state == "held"  # the job is late
    with look() as session:
        event = session.get_one(type(day.event), event_id)
        with statements() as ran:
            stops = bookings.stops_of(session, event, karin_id, now=NOW)
        assert len(ran) <= 9
        assert len(stops) == 23
        assert [stops[slot_id] for slot_id in ids] == [(Stop.TAKEN,), (Stop.TAKEN,), ()]
        board = bookings.stops_of(session, event, None, now=NOW, way=Way.STAFF)
        assert board[ids[2]] == ()


def test_a_supplier_sees_its_own_alone(app, work):
    with work() as session:
        day = Day(session)
        mine, other = day.booked(1), day.booked(0)
        past = make_booking(session, day.slots[2], mine.registration, state="withdrawn")
        assert bookings.bookings_of(session, mine.registration_id) == [mine]
        assert bookings.bookings_of(session, mine.registration_id, also_ended=True) == [mine, past]
        assert bookings.own_booking(session, mine.registration_id, mine.public_id) is mine
        with pytest.raises(NotFound):
            bookings.own_booking(session, mine.registration_id, other.public_id)
        stranger = Day(session).event
        assert access.access_booking(session, day.event, mine.public_id) is mine
        with pytest.raises(NotFound):
            access.access_booking(session, stranger, mine.public_id)


def test_the_place_in_the_queue_is_counted_not_the_number(app, work):
    with work() as session:
        day = Day(session)
        suppliers = [day.supplier() for _ in range(3)]
        first, gone, last = (
            make_request(session, one, queue_number=n)
            for one, n in zip(suppliers, (-1, 4, 9), strict=True)
        )
        gone.state = "withdrawn"
        session.flush()
        places = [bookings.place_of(session, one) for one in (first, gone, last)]
        assert places == [1, None, 2]
        assert bookings.request_of(session, suppliers[1].id) is gone
        # 12 hours before the last slot, as the event's rule has it: a Wednesday, 20.00
        last_slot = day.slots[2].starts_at
        until = bookings.queue_moves_until(session, day.event)
        assert until is not None
        assert timedelta(hours=12) <= last_slot - until < timedelta(hours=16)
        stops = bookings.stops_of_asking(session, day.event, suppliers[1].id, now=until)
        assert stops == (Stop.CLOSED,)
        assert access.access_request(session, day.event, first.public_id) is first


def test_wishing_is_asked_about_too(app, work):
    with work() as session:
        day = Day(session, hand_out=HandOut.WISHES)
        supplier = day.supplier()
        asks = bookings.stops_of_asking(session, day.event, supplier.id, now=NOW)
        assert asks == ()
        make_booking(session, day.slots[0], supplier)
        stops = bookings.stops_of_asking(session, day.event, supplier.id, now=NOW)
        assert stops == (Stop.LIMIT,)


def test_the_job_lets_what_ran_out_go_on(app, work, look):
    with work() as session:
        day = Day(session)
        held = make_booking(session, day.slots[0], day.supplier(), state="held", until=NOW)
        kept = make_booking(
            session, day.slots[1], day.supplier(), state="held", until=NOW + timedelta(seconds=1)
        )
        waits = make_request(session, day.supplier())
        ids, waiting_id = (held.id, kept.id), waits.registration_id
    [job] = [one for one in app.extensions["dialognav.jobs"] if one.name == "meetings"]
    with app.app_context():
        job.run(threading.Event())
    with look() as session:
        assert [session.get_one(Booking, one).state for one in ids] == ["lapsed", "held"]
        [offered] = bookings.bookings_of(session, waiting_id)
        assert (offered.state, offered.until > NOW) == ("offered", True)
        assert offered.slot_id == session.get_one(Booking, ids[0]).slot_id
