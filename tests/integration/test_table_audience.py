"""Messages to those who come to one-to-one meetings at a table."""

import pytest

from dialognav.domain.audience import Audience, audience_from_json, audience_to_json
from dialognav.domain.meeting_terms import BookingState
from dialognav.mail.recipients import recipients
from dialognav.mail.table_rows import table_readers
from dialognav.models import Event
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.meeting_factories import make_booking, make_slots, make_table

CONFIRMED = frozenset({"confirmed"})


@pytest.fixture
def ids(work):
    with work() as session:
        event = make_event(session)
        a, b = (make_table(session, event, name={"sv": name}) for name in ("Bord A", "Bord B"))
        slots = [*make_slots(session, event, a, number=3), *make_slots(session, event, b)]
        firms = {}
        for name in ("Anna", "Bo", "Cia", "Dag"):
            registration = make_registration(session, event)
            address = f"{name}@firm.example"
            person = make_participant(session, registration, name=name, email=address)
            if name == "Bo":
                for seat in list(person.attendances):
                    session.delete(seat)
            session.flush()
            session.refresh(registration)
            firms[name] = registration
        make_booking(session, slots[0], firms["Anna"])
        make_booking(session, slots[1], firms["Bo"])
        make_booking(session, slots[2], firms["Cia"], state=BookingState.OFFERED, until=NOW)
        make_booking(session, slots[3], firms["Dag"])
        return {"event": event.id, "a": a.id, "b": b.id}


def names(look, ids, *tables, **criteria):
    with look() as session:
        event = session.get_one(Event, ids["event"])
        standard = {"events": (event.id,), "states": CONFIRMED, "tables": frozenset(tables)}
        found = recipients(session, event.organisation_id, Audience(**standard | criteria))
        return [one.name for one in found]


def test_those_who_come_there_also_without_a_seat(look, ids):
    assert names(look, ids, ids["a"]) == ["Anna", "Bo"]
    assert names(look, ids, ids["b"]) == ["Dag"]
    assert names(look, ids, ids["a"], ids["b"]) == ["Anna", "Bo", "Dag"]
    assert names(look, ids, 0) == []
    assert names(look, ids, ids["a"], states=frozenset()) == []


def test_the_numbers_beside_the_boxes(look, ids):
    with look() as session:
        found = [(one.name["sv"], one.number) for one in table_readers(session, ids["event"])]
    assert found == [("Bord A", 2), ("Bord B", 1)]


def test_tables_are_kept_and_what_cannot_be_read_is_nobody():
    one = Audience(events=(1,), states=CONFIRMED, tables=frozenset({3, 2}))
    assert audience_from_json(audience_to_json(one)) == one
    assert "tables" not in audience_to_json(Audience(events=(1,)))
    assert audience_from_json({"events": [1], "tables": ["x"]}).tables == frozenset({0})


def test_the_form_offers_the_tables_and_keeps_what_was_ticked(staff, work, look, ids):
    with work() as session:
        event = session.get_one(Event, ids["event"])
        event.organisation_id = staff.organisation_id
        public_id = event.public_id
    path = f"/manage/events/{public_id}/messages/new"
    page = staff.client.get(path, follow_redirects=True).get_data(as_text=True)
    assert "Bord A" in page
    assert f'name="tables" value="{ids["a"]}"' in page.replace('" type="checkbox', "")
