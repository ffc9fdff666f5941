"""The attendance report of a digital meeting, from upload to marks."""

import io
import re

import pytest
import sqlalchemy as sa

from dialognav.domain.terms import Seat
from dialognav.models import (
    Attendance,
    AuditEntry,
    Event,
    Organisation,
    Participant,
    PresenceMark,
    StagedFile,
)
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import problems_of
from tests.unit.test_presence_reports import TEAMS, utf16

PEOPLE = {
    "Åsa Ek": "asa.ek@nordsensor.example",
    "Bo Öst": "info@tallrot.example",
    "Siv Norr": "info@tallrot.example",
    "Eva Lund": "eva@lund.example",
}
REPORT = TEAMS.replace(
    "\n\n3.",
    "\nKonferensrum\t\t\t12m\tinfo@tallrot.example\t\tAttendee"
    "\nOkänd Gäst\t\t\t3m\tokand@annat.example\t\tAttendee\n\n3.",
)


@pytest.fixture
def host(sign_in):
    return sign_in(role="host", language="en")


@pytest.fixture
def ids(host, work):
    """{name: public id} of those with a place, and of the event."""
    with work() as session:
        organisation = session.get_one(Organisation, host.organisation_id)
        event = make_event(session, organisation, format="online")
        registration = make_registration(session, event)
        made = {
            name: make_participant(session, registration, name=name, email=email, mode="online")
            for name, email in PEOPLE.items()
        }
        make_participant(session, registration, "waiting", name="Vera Väntar", mode="online")
        return {name: one.public_id for name, one in made.items()} | {"event": event.public_id}


def upload(host, ids, content, name="report.csv"):
    data = {"file": (io.BytesIO(content), name)}
    return host.post(f"/manage/events/{ids['event']}/check-in/report", data)


def states(look):
    with look() as session:
        rows = session.execute(
            sa.select(Participant.name, Attendance.state).join(Attendance.participant)
        )
        return dict(rows.all())


@pytest.fixture
def preview(host, ids):
    answer = upload(host, ids, utf16(REPORT))
    assert answer.status_code == 303
    return answer.location


def test_the_preview_changes_nothing_and_sorts_who_is_who(host, ids, preview, look):
    before = states(look)
    shown = host.client.get(preview).text
    assert states(look) == before
    sure = re.findall(r'name="who-\d+" value="(\w+)" checked', shown)
    assert sure == [ids["Åsa Ek"], ids["Bo Öst"]]
    several = shown.partition('id="unsure-h"')[2].partition('id="unknown-h"')[0]
    assert "Konferensrum" in several
    unknown = shown.partition('id="unknown-h"')[2]
    assert "Okänd Gäst" in unknown
    assert "73 minutes" in shown
    assert "Vera" not in shown


def test_those_confirmed_were_there_and_nobody_is_absent_by_it(host, ids, preview, look):
    shown = host.client.get(preview).text
    fields = dict(re.findall(r'name="(who-\d+)" value="(\w+)" checked', shown))
    number = re.search(r'id="(who-\d+)"', shown.partition('id="unknown-h"')[2])[1]
    answer = host.post(preview, fields | {number: ids["Eva Lund"]})
    assert answer.status_code == 303
    assert "are checked in" in host.client.get(answer.location).text
    assert states(look) == {
        "Åsa Ek": "attended",
        "Bo Öst": "attended",
        "Siv Norr": "confirmed",
        "Eva Lund": "attended",
        "Vera Väntar": "waiting",
    }
    with look() as session:
        assert {row.source for row in session.query(PresenceMark)} == {"report"}
        assert session.query(StagedFile).count() == 0
        entry = session.query(AuditEntry).filter_by(verb="presence.report").one()
        assert entry.facts == {"rows": 3}
    assert host.client.get(preview).status_code == 404


def test_an_unticked_person_and_a_forged_one_are_left_out(host, ids, preview, look, work):
    with work() as session:
        other = make_event(session, session.get_one(Organisation, host.organisation_id))
        stranger = make_participant(session, make_registration(session, other)).public_id
    host.post(preview, {"who-0": stranger, "who-1": "nonsense", "who-99": ids["Eva Lund"]})
    assert set(states(look).values()) == {"confirmed", "waiting"}


def test_a_pasted_report_is_read_too(host, ids):
    path = f"/manage/events/{ids['event']}/check-in/report"
    assert host.post(path, {"pasted": REPORT}).status_code == 303


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"PK\x03\x04" + b"\0" * 99, b"<html>", b"a,b\n1,2\n", b"\xff\xfe\x00"],
)
def test_a_file_that_is_no_report_is_said_at_the_field(host, ids, content, look):
    answer = upload(host, ids, content)
    assert answer.status_code == 422
    assert problems_of(answer)
    with look() as session:
        assert session.query(StagedFile).count() == 0


def test_neither_file_nor_text(host, ids):
    answer = host.post(f"/manage/events/{ids['event']}/check-in/report", {})
    assert answer.status_code == 422
    assert problems_of(answer) == ["Choose a file, or paste the report"]


def test_another_event_does_not_open_the_report(host, ids, preview, work):
    with work() as session:
        other = make_event(session, session.get_one(Organisation, host.organisation_id)).public_id
    path = preview.replace(ids["event"], other)
    assert host.client.get(path).status_code == 404
    assert host.post(path, {}).status_code == 404


def test_a_thrown_away_report_is_gone(host, ids, preview, look):
    assert host.post(preview + "/discard").status_code == 303
    with look() as session:
        assert session.query(StagedFile).count() == 0


def test_who_gave_the_place_back_since_the_preview_is_left_out(host, ids, preview, look, work):
    with work() as session:
        person = session.query(Participant).filter_by(public_id=ids["Åsa Ek"]).one()
        person.attendances[0].state = Seat.WITHDRAWN
        assert session.query(Event).one()
    host.post(preview, {"who-0": ids["Åsa Ek"], "who-1": ids["Bo Öst"]})
    assert states(look)["Åsa Ek"] == "withdrawn"
    assert states(look)["Bo Öst"] == "attended"


def test_in_an_event_that_was_called_off_nobody_is_marked(host, ids, preview, look, work):
    with work() as session:
        session.query(Event).one().state = "cancelled"
    assert host.post(preview, {"who-1": ids["Bo Öst"]}).status_code == 409
    assert states(look)["Bo Öst"] == "confirmed"
