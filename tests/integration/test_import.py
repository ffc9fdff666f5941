"""A list of people by the web: look first, then all or nothing."""

import io

import pytest
from python_calamine import CalamineWorkbook

from dialognav.models import (
    Attendance,
    AuditEntry,
    Event,
    Letter,
    Participant,
    Registration,
    StagedFile,
)
from tests.factories import make_event, make_occasion, make_participant, make_registration
from tests.integration.forms import open_form, problems_of
from tests.integration.staff import token_of
from tests.sheets import HEAD, ROW, SECOND, csv_of, locked_workbook, xlsx_of

THIRD = ("Trygghem Teknik AB", "559401-2345", "Jonas Berg", "jonas@trygghem.example")


@pytest.fixture
def planner(sign_in):
    return sign_in(role="planner", language="en")


@pytest.fixture
def make(work, planner):
    """`make(capacity_on_site=1)`: an event of the planner's organisation; its public id."""

    def making(**given):
        from dialognav.models import Organisation

        with work() as session:
            organisation = session.get_one(Organisation, planner.organisation_id)
            return make_event(session, organisation, **given).public_id

    return making


def upload(planner, event_id, content, name="lista.csv"):
    path = f"/manage/events/{event_id}/import"
    data = {"csrf_token": token_of(planner.client.get(path)), "file": (io.BytesIO(content), name)}
    return planner.client.post(path, data=data, content_type="multipart/form-data")


def preview(planner, event_id, content, name="lista.csv"):
    """The address of the preview, and its page."""
    answer = upload(planner, event_id, content, name)
    assert answer.status_code == 303, problems_of(answer)
    page = planner.client.get(answer.location)
    assert page.status_code == 200
    return answer.location, page.text


def written(look):
    with look() as session:
        return session.query(Registration).count(), session.query(Participant).count()


def test_from_file_to_places_letters_and_trail(planner, make, look):
    event_id = make(capacity_on_site=2)
    address, page = preview(planner, event_id, csv_of(HEAD, ROW, SECOND, THIRD, encoding="cp1252"))
    assert "Everything reads well" in page
    assert "Fjällvakt AS" in page
    assert "Register 3 people" in page
    assert written(look) == (0, 0)  # looking writes nothing

    form = open_form(planner.client, address, "send")
    form.path = f"{address}/confirm"
    answer = form.send()
    assert answer.status_code == 303
    assert "The participants are registered" in planner.client.get(answer.location).text
    with look() as session:
        first, second = session.query(Registration).order_by(Registration.id)
        assert [person.name for person in first.participants] == ["Karin Falk", "Jonas Berg"]
        assert (first.origin, first.created_by_id) == ("import", planner.user_id)
        assert second.contact_email == "ingrid@fjellvakt.example"
        seats = session.query(Attendance).order_by(Attendance.id)
        assert [seat.state for seat in seats] == ["confirmed", "confirmed", "waiting"]
        assert session.query(Letter).count() == 3
        assert session.query(StagedFile).count() == 0
        noted = session.query(AuditEntry).filter_by(verb="participants.imported").one()
        assert noted.facts == {"registrations": 2, "people": 3, "letters": True}


def test_no_letters_when_staff_write_themselves(planner, make, look):
    address, _page = preview(planner, make(), xlsx_of(HEAD, ROW), "lista.xlsx")
    form = open_form(planner.client, address, "send")
    form.path = f"{address}/confirm"
    form["send"] = "no"
    assert form.send().status_code == 303
    with look() as session:
        assert session.query(Letter).count() == 0
        assert session.query(Attendance).one().state == "confirmed"


def test_one_wrong_row_and_nothing_is_written(planner, make, look):
    bad = ("Fel AB", "559401-2346", "Bo Ek", "bo(at)fel")
    address, page = preview(planner, make(), csv_of(HEAD, ROW, bad))
    assert "2 things have to be put right" in page
    assert "Row 3" in page
    assert "A Swedish number has ten digits" in page
    assert "Enter an e-mail address" in page
    assert "Register 1 person" not in page
    answer = planner.post(f"{address}/confirm", {"send": "yes"})
    assert answer.status_code == 422
    assert written(look) == (0, 0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "There is nothing in the file"),
        (b"\0\1\2;\3\n" * 60, "holds characters that are not text"),
        (b"<html><table>", "This is a web page, not a workbook"),
        (locked_workbook(), "The workbook has a password"),
        (b"a;b\n" * 100_000, "more than 20,000 rows"),
        (b'"a;b\nc', "A quotation mark in row 1 is wrong or never closed"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_at_the_field(planner, make, look, content, sentence):
    answer = upload(planner, make(), content, "deltagare.xls")
    assert answer.status_code == 422
    assert sentence in problems_of(answer)[0]
    with look() as session:
        assert session.query(StagedFile).count() == 0


def test_no_file_and_nothing_pasted(planner, make):
    answer = planner.post(f"/manage/events/{make()}/import", {})
    assert answer.status_code == 422
    assert problems_of(answer) == ["Choose a file"]


def test_rows_pasted_from_excel(planner, make, look):
    event_id = make()
    rows = csv_of(HEAD, ROW, delimiter="\t").decode()
    answer = planner.post(f"/manage/events/{event_id}/import", {"pasted": rows})
    assert answer.status_code == 303
    assert planner.post(f"{answer.location}/confirm", {"send": "yes"}).status_code == 303
    assert written(look) == (1, 1)


def test_columns_are_named_by_hand_when_nobody_knows_them(planner, make, look):
    rows = csv_of(("Vem", "Adress", "Varifrån"), ("Karin Falk", "k@x.example", "X AB"))
    address, page = preview(planner, make(), rows)
    assert "Some columns were not found" in page
    form = open_form(planner.client, address, "column-0")
    form["column-0"], form["column-1"], form["column-2"] = "name", "email", "party_name"
    form["country"] = "NO"
    assert form.send().status_code == 303
    page = planner.client.get(address).text
    assert "Everything reads well" in page
    assert planner.post(f"{address}/confirm", {"send": "yes"}).status_code == 303
    assert written(look) == (1, 1)


def test_hostile_options_are_as_usual(planner, make):
    address, _page = preview(planner, make(), csv_of(HEAD, ROW))
    answer = planner.post(
        address,
        {
            "country": "<script>",
            "letters": "xx",
            "mode": "moon",
            "column-0": "drop table",
            "sheet": "x",
        },
    )
    assert answer.status_code == 303
    assert "Everything reads well" in planner.client.get(address).text


def test_somebody_signs_up_between_look_and_word(planner, make, work, look):
    event_id = make(capacity_on_site=1, waiting_list=False)
    address, page = preview(planner, event_id, csv_of(HEAD, ROW))
    assert "Everything reads well" in page
    with work() as session:
        event = session.query(Event).one()
        there = make_registration(session, event, contact_email="karin@trygghem.example")
        make_participant(session, there)
    answer = planner.post(f"{address}/confirm", {"send": "yes"})
    assert answer.status_code in (409, 422)
    assert "This address is the contact of a registration already" in answer.text
    assert "There is no place left" in answer.text
    assert written(look) == (1, 1)


def test_a_second_word_while_the_first_is_done(planner, make, look):
    """Two clicks: the second finds nothing to write."""
    address, _page = preview(planner, make(), csv_of(HEAD, ROW))
    assert planner.post(f"{address}/confirm", {"send": "yes"}).status_code == 303
    assert planner.post(f"{address}/confirm", {"send": "yes"}).status_code == 404
    assert written(look) == (1, 1)


def test_what_is_changed_under_the_lock_is_seen(planner, make, look, monkeypatch):
    """The view's look is fooled; the action's, under the lock, is not."""
    from blueprints.manage import import_look
    from dialognav.domain.participant_import import Registered

    event_id = make()
    address, _page = preview(planner, event_id, csv_of(HEAD, ROW))
    assert planner.post(f"{address}/confirm", {"send": "yes"}).status_code == 303
    address, _page = preview(planner, event_id, csv_of(HEAD, ROW))
    monkeypatch.setattr(import_look, "registered_at", lambda *_args: Registered())
    answer = planner.post(f"{address}/confirm", {"send": "yes"})
    assert answer.status_code == 409
    assert "Something has changed since this page was made" in answer.text
    assert written(look) == (1, 1)


def test_a_file_is_its_events_own_and_can_be_thrown_away(planner, make, sign_in, look):
    event_id, other = make(), make()
    address, _page = preview(planner, event_id, csv_of(HEAD, ROW))
    assert planner.client.get(address.replace(event_id, other)).status_code == 404
    stranger = sign_in(role="admin")
    assert stranger.client.get(address).status_code == 404
    preview(planner, event_id, csv_of(HEAD, SECOND))
    assert planner.client.get(address).status_code == 404  # a newer one has taken its place
    address, _page = preview(planner, event_id, csv_of(HEAD, SECOND))
    assert planner.post(f"{address}/discard").status_code == 303
    with look() as session:
        assert session.query(StagedFile).count() == 0


def test_a_file_that_is_left_is_gone_in_a_day(planner, make, cli, clock, look):
    preview(planner, make(), csv_of(HEAD, ROW))
    clock.shift(25 * 3600)
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert session.query(StagedFile).count() == 0


@pytest.mark.parametrize(("kind", "language"), [("csv", "sv"), ("xlsx", "nb")])
def test_the_template_reads_back(planner, make, work, kind, language):
    from dialognav.domain.import_columns import COLUMNS, find_head
    from dialognav.models import User
    from dialognav.sheets import read_table

    with work() as session:
        session.get_one(User, planner.user_id).language = language
    event_id = make(format="hybrid", serves_food=True, attending="choose")
    with work() as session:
        make_occasion(session, session.query(Event).one())
    made = planner.client.get(f"/manage/events/{event_id}/import/template.{kind}")
    assert made.status_code == 200
    head = find_head(read_table(made.data))
    assert tuple(head.columns.values()) == COLUMNS
    assert head.unknown == ()
    if kind == "xlsx":
        assert CalamineWorkbook.from_filelike(io.BytesIO(made.data)).sheet_names
