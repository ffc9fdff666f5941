"""Lists of an event of several sessions: imported, exported, put together, and at the door."""

from datetime import timedelta

import pytest

from dialognav.actions import merging
from dialognav.domain.terms import Attending
from dialognav.models import Event, Organisation, Participant, Registration
from tests.conftest import NOW
from tests.factories import make_participant, make_registration
from tests.integration.forms import open_form
from tests.integration.test_exports import export
from tests.integration.test_import import preview
from tests.integration.test_sessions import DO, make_sessions, seats, sign_up
from tests.sheets import HEAD, ROW, SECOND, csv_of

WITH_SESSIONS = (*HEAD, "Tillfällen")


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


@pytest.fixture
def make(work, staff):
    """Three sessions of the staff's organisation: (public id, ids)."""

    def making(**given) -> tuple[str, list[int]]:
        with work() as session:
            owner = session.get_one(Organisation, staff.organisation_id)
            event = make_sessions(session, organisation=owner, **given)
            return event.public_id, [each.id for each in event.occasions]

    return making


def send_import(staff, address):
    form = open_form(staff.client, address, "send")
    form.path = f"{address}/confirm"
    return form.send()


# --- import ---------------------------------------------------------------------------------------


def test_each_row_says_which_sessions(staff, make, look):
    event, _ids = make(sessions_most=2)
    rows = [(*ROW, "Security; Prices på svenska"), (*SECOND, "2027-02-17")]
    address, page = preview(staff, event, csv_of(WITH_SESSIONS, *rows))
    assert "Everything reads well" in page
    assert "Prices" in page
    assert send_import(staff, address).status_code == 303
    with look() as session:
        assert sorted(seats(session), key=lambda seat: seat[1]) == [
            (ROW[2], 0, "confirmed"),
            (SECOND[2], 1, "confirmed"),
            (ROW[2], 2, "confirmed"),
        ]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("", "Write which sessions"),
        ("Dinner", "“Dinner” is none of the sessions"),
        ("1, 2, 3", "At most 2 sessions for one person"),
        ("Security; Security", ""),
        ("1,3", ""),
    ],
)
def test_what_a_cell_of_sessions_may_say(staff, make, said, problem):
    event, _ids = make(sessions_most=2)
    _address, page = preview(staff, event, csv_of(WITH_SESSIONS, (*ROW, said)))
    assert problem in page
    assert ("Everything reads well" in page) == (not problem)


def test_without_a_most_an_empty_cell_is_all_of_them(staff, make, look):
    event, _ids = make()
    address, _page = preview(staff, event, csv_of(HEAD, ROW))
    assert send_import(staff, address).status_code == 303
    with look() as session:
        assert [n for _name, n, _state in sorted(seats(session))] == [0, 1, 2]


def test_a_full_session_without_a_queue_stops_the_row_that_wants_it(staff, make, work):
    event, ids = make(places=(1, None, None), waiting_list=False)
    with work() as session:
        sign_up(session, session.query(Event).one().id, "Ada A", wishes=[ids[:1]])
    rows = [(*ROW, "1;2"), (*SECOND, "3")]
    _address, page = preview(staff, event, csv_of(WITH_SESSIONS, *rows))
    assert "There is no place left" in page
    _address, page = preview(staff, event, csv_of(WITH_SESSIONS, (*ROW, "2;3"), rows[1]))
    assert "Everything reads well" in page


def test_the_column_means_nothing_where_everybody_comes_to_all(staff, make):
    event, _ids = make(attending=Attending.SERIES)
    _address, page = preview(staff, event, csv_of(WITH_SESSIONS, (*ROW, "Dinner")))
    assert "Everything reads well" in page
    template = staff.client.get(f"/manage/events/{event}/import/template.csv").text
    assert "Sessions" not in template


# --- export ---------------------------------------------------------------------------------------


def rows_of(rows) -> list[dict[str, str]]:
    head, *others = rows
    return [dict(zip(head, row, strict=True)) for row in others]


def test_exports_name_the_session(staff, make, work):
    event, ids = make(places=(1, None, None))
    with work() as session:
        event_id = session.query(Event).one().id
        sign_up(session, event_id, "Ada A", wishes=[ids[:2]])
        sign_up(session, event_id, "Bo B", wishes=[ids[:1]])
    record = rows_of(export(staff, event, "record"))
    assert [(row["Name"], row["Session"].split(":")[0], row["State"]) for row in record] == [
        ("Ada A", "Security", "Confirmed"),
        ("Ada A", "Integration", "Confirmed"),
        ("Bo B", "Security", "On the waiting list"),
    ]
    only = rows_of(export(staff, event, "record", session=str(ids[1])))
    assert [(row["Name"], row["Session"].split(":")[0]) for row in only] == [
        ("Ada A", "Integration")
    ]
    door = rows_of(export(staff, event, "door"))
    assert [(row["Session"].split(":")[0], row["Name"]) for row in door] == [
        ("Security", "Ada A"),
        ("Integration", "Ada A"),
    ]
    numbers = rows_of(export(staff, event, "statistics"))
    by_session = [row for row in numbers if row["What"] == "Places by session"]
    assert [(row["Group"].split(":")[0], row["How many"]) for row in by_session] == [
        ("Security", "1"),
        ("Security", "1"),
        ("Integration", "1"),
    ]


# --- merging --------------------------------------------------------------------------------------


def test_merging_keeps_the_better_place_at_each_session(make, work, look):
    _event, ids = make(places=(1, None, None))
    with work() as session:
        event_id = session.query(Event).one().id
        first = sign_up(session, event_id, "Ada A", wishes=[ids[:2]])
        second = sign_up(session, event_id, "Bo B", wishes=[[ids[0], ids[2]]])
        [person] = second.participants
        person.name, person.email = "Ada A", "ada@firm.example"
        second.party_key = first.party_key
        session.flush()
        plan = merging.plan([first, second])
        merging.merge(session, first.id, [second.id], plan.mark, **DO)
    with look() as session:
        live = [seat for seat in seats(session) if seat[2] in ("confirmed", "waiting")]
        assert sorted(live) == [("Ada A", n, "confirmed") for n in range(3)]
        assert session.query(Registration).filter_by(withdrawn_at=None).count() == 1


# --- the door -------------------------------------------------------------------------------------


@pytest.fixture
def door(make, work, sign_in, staff):
    """Ada came to the first of three, and today is the second."""
    event, ids = make(places=(None, 1, None), starts_at=NOW - timedelta(days=7, minutes=10))
    with work() as session:
        registration = make_registration(session, session.query(Event).one())
        make_participant(
            session, registration, state="attended", name="Ada A", email="ada@firm.example"
        )
    host = sign_in(role="host", organisation_id=staff.organisation_id, language="en")
    return host, f"/manage/events/{event}/check-in/walk-in?occasion={ids[1]}"


def come(host, path, name, email, **more):
    form = open_form(host.client, path, "party")
    form["name"], form["email"], form["party"] = name, email, "Ada A AB"
    for field, value in more.items():
        form[field] = value
    return form.send()


def test_who_is_registered_to_another_session_is_let_in_to_this_one(door, look):
    host, path = door
    assert come(host, path, "Ada  a", "ada@firm.example").status_code == 303
    again = come(host, path, "Ada A", "ada@firm.example")
    assert again.status_code == 409
    assert "look for the person in the list" in again.text
    with look() as session:
        assert seats(session) == [("Ada A", 0, "attended"), ("Ada A", 1, "attended")]
        assert session.query(Participant).count() == session.query(Registration).count() == 1


def test_a_full_session_is_pointed_out_at_the_door(door, look):
    host, path = door
    assert come(host, path, "Bo B", "bo@firm.example").status_code == 303
    warned = come(host, path, "Ada A", "ada@firm.example")
    assert warned.status_code == 409
    assert "count the chairs" in warned.text
    assert come(host, path, "Ada A", "ada@firm.example", anyway="y").status_code == 303


def test_another_person_with_the_same_address_is_a_newcomer(door, look):
    host, path = door
    assert come(host, path, "Eve E", "ada@firm.example").status_code == 303
    with look() as session:
        assert seats(session) == [("Ada A", 0, "attended"), ("Eve E", 1, "attended")]
        assert session.query(Registration).count() == 2
