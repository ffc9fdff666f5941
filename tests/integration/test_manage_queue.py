"""The organiser's page of the waiting list, and moving somebody up with a reason on record."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import registrations
from dialognav.models import Attendance, AuditEntry, Event, Organisation, Participant
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import open_form
from tests.integration.test_register_actions import DO, person, sign_up


@pytest.fixture
def staff(sign_in):
    return sign_in(language="en")


def move_up(staff, path, seat, reason="", text=""):
    """The form for that person, sent."""
    form = open_form(staff.client, f"{path}/{seat}", "text")
    form["reason"], form["text"] = reason, text
    return form.send()


@pytest.fixture
def queue(staff, work, look):
    """Ada has the place, Bo, Cia and Dan wait: (path of the page, {name: attendance id})."""

    def make(**given):
        with work() as session:
            here = session.get_one(Organisation, staff.organisation_id)
            given = {"capacity_on_site": 1, "promotion": "offer"} | given
            event = make_event(session, here, **given)
            for name in ("Ada A", "Bo B", "Cia C", "Dan D"):
                sign_up(session, event, person(name))
            path = f"/manage/events/{event.public_id}/queue"
        with look() as session:
            rows = session.execute(
                sa.select(Participant.name, Attendance.id).join(Attendance.participant)
            )
            return path, {name.split()[0]: seat for name, seat in rows}

    return make


def states(look) -> dict[str, str]:
    with look() as session:
        rows = session.execute(
            sa.select(Participant.name, Attendance.state).join(Attendance.participant)
        )
        return {name.split()[0]: state for name, state in rows}


def test_the_page_says_who_waits_in_which_order_why_and_until_when(staff, queue):
    path, _ = queue()
    page = staff.client.get(path).text
    assert page.index("Bo B") < page.index("Cia C") < page.index("Dan D")
    assert "Ada A" not in page
    assert "The event was full" in page
    assert "1 place, 0 free, 3 wait" in page
    assert "Tue 9 Feb 2027, 20:00" in page
    assert page.count(">Move up<") == 2  # the first has nobody to pass


def test_one_is_moved_up_with_a_reason_and_gets_the_next_place(staff, queue, look, work):
    path, seats = queue()
    answer = move_up(staff, path, seats["Dan"], "balance", "Den enda från en liten kommun.")
    assert answer.status_code == 303
    page = staff.client.get(answer.location).text
    assert "Moved up by the organiser" in page
    assert page.index("Dan D") < page.index("Bo B")
    with look() as session:
        row = session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "queue.move_up")).one()
        assert row.facts["reason"] == "balance"
        assert row.facts["text"] == "Den enda från en liten kommun."
    log = staff.client.get(path.replace("/queue", "/log")).text
    assert "Somebody was moved up past others" in log
    assert "Den enda från en liten kommun" in log
    with work() as session:
        registrations.withdraw_all(session, 1, **DO)
    assert states(look)["Dan"] == "offered"
    page = staff.client.get(path).text
    assert "until Wed 13 Jan, 10:00" in page
    people = staff.client.get(path.replace("/queue", "/registrations")).text
    assert "until Wed 13 Jan, 10:00" in people


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reason": "balance", "text": ""}, "Write what the decision rests on"),
        ({"reason": "", "text": "x"}, "Choose a reason"),
        ({"reason": "bribe", "text": "x"}, "Choose a reason"),
        ({"reason": "other", "text": "x" * 501}, "Write at most 500 characters"),
    ],
)
def test_without_a_reason_nobody_passes(staff, queue, look, given, sentence):
    path, seats = queue()
    answer = move_up(staff, path, seats["Dan"], **given)
    assert answer.status_code == 422
    assert sentence in answer.text
    with look() as session:
        numbers = session.scalars(sa.select(Attendance.queue_number).order_by(Attendance.id))
        assert numbers.all() == [None, 1, 2, 3]


@pytest.mark.parametrize("seat", ["x", "-1", "0", "999999", "9" * 30, "\u0661", "1"])
def test_a_seat_that_is_not_there_is_missing(staff, queue, seat):
    path, _ = queue()  # number 1 is Ada's, who never waited
    assert staff.client.get(f"{path}/{seat}").status_code == 404
    assert staff.post(f"{path}/{seat}").status_code in (404, 405)


def test_a_seat_of_another_event_is_missing(staff, queue, work, look):
    path, _ = queue()
    with work() as session:
        other = make_registration(session, make_event(session))
        make_participant(session, other, state="waiting", queue_number=1)
    with look() as session:
        seat = session.scalar(sa.select(sa.func.max(Attendance.id)))
    fields = {"reason": "other", "text": "x"}
    assert staff.client.get(f"{path}/{seat}").status_code == 404
    assert staff.post(f"{path}/{seat}", fields).status_code == 404


def test_who_got_a_place_meanwhile_is_not_moved(staff, queue, work):
    path, seats = queue(promotion="confirm")
    form = open_form(staff.client, f"{path}/{seats['Bo']}", "text")
    form["reason"], form["text"] = "other", "x"
    with work() as session:
        registrations.withdraw_all(session, 1, **DO)
    answer = form.send()
    assert answer.status_code == 409
    assert "This person does not wait any more" in answer.text


def test_after_the_cut_off_without_a_free_place_it_is_said(staff, queue, work):
    starts_at = NOW + timedelta(hours=13)
    path, seats = queue(starts_at=starts_at, registration_closes_at=starts_at)
    with work() as session:  # the queue closes at eight in the evening, twelve hours before
        session.scalars(sa.select(Event)).one().queue_closed_at = NOW
    answer = move_up(staff, path, seats["Bo"], "other", "x")
    assert answer.status_code == 409
    assert "Add places first" in answer.text


def test_the_page_costs_the_same_for_any_number(staff, queue, work, statements):
    path, _ = queue()
    with statements() as few:
        staff.client.get(path)
    with work() as session:
        event = session.scalars(sa.select(Event)).one()
        for n in range(20):
            sign_up(session, event, person(f"P{n} X"))
    with statements() as many:
        page = staff.client.get(path)
    assert "P19 X" in page.text
    assert len(many) == len(few)


def test_a_reader_does_not_see_names_and_a_host_moves_nobody(staff, queue, sign_in):
    path, seats = queue()
    reader = sign_in(role="reader", organisation_id=staff.organisation_id)
    assert reader.client.get(path).status_code == 404
    host = sign_in(role="host", organisation_id=staff.organisation_id, language="en")
    page = host.client.get(path).text
    assert "Bo B" in page
    assert "Move up" not in page
    assert host.client.get(f"{path}/{seats['Dan']}").status_code == 404
    assert host.post(f"{path}/{seats['Dan']}").status_code == 404
