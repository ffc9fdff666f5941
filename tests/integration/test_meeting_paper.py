"""Paper for a day of one-to-one meetings: what is on it, and what never is."""

import io
import re

import pypdf
import pytest

from dialognav.domain import permissions
from dialognav.models import AccessNeed, MarketQuestion, Organisation
from tests.factories import make_event, make_participant, make_registration
from tests.meeting_factories import make_booking, make_rules, make_slots, make_table

QUESTIONS = ("Hur ser ni på öppna gränssnitt?", "Vad driver kostnaden?")


@pytest.fixture
def database_url(sqlite_database, tmp_path):
    """SQLite only: it is the board's data, which test_meeting_board.py reads from both."""
    return sqlite_database.copy_to(tmp_path / "paper.sqlite")


@pytest.fixture
def host(sign_in):
    return sign_in(role="host", language="sv")


@pytest.fixture
def event_id(host, work):
    """Two tables of two times; both suppliers meet at 9.00, one has written what it wants."""
    with work() as session:
        event = make_event(session, session.get_one(Organisation, host.organisation_id))
        make_rules(session, event)
        for n, text in enumerate(QUESTIONS):
            session.add(MarketQuestion(event_id=event.id, position=n, text={"sv": text}))
        for n, party in enumerate(("Nordfjell AS", "Tallrot IT AB")):
            table = make_table(session, event, name={"sv": f"Bord {'AB'[n]}"}, position=n)
            slots = make_slots(session, event, table, number=2)
            registration = make_registration(
                session, event, party_name=party, party_key=party, contact_phone="070-000 00 00"
            )
            guest = make_participant(session, registration, name=f"Kari {party.split()[0]}")
            if n == 0:
                session.add(AccessNeed(participant_id=guest.id, need="Hörslinga", state="arranged"))
            session.refresh(registration)
            asked = {"topics": "Vår radiomodul", "secret_marks": "Räckvidden"} if n else {}
            why = {"secret_reason": "Patentet är inte sökt"} if n else {}
            make_booking(session, slots[0], registration, **asked, **why, language="sv")
        return event.public_id


def page_of(host, event_id, kind, query=""):
    answer = host.client.get(f"/manage/events/{event_id}/meetings/print/{kind}{query}")
    assert answer.status_code == 200
    return answer


def pdf_of(host, event_id, kind, query=""):
    answer = page_of(host, event_id, f"{kind}.pdf", query)
    assert answer.content_type == "application/pdf"
    return pypdf.PdfReader(io.BytesIO(answer.data))


def words_of(page):
    return re.sub(r"\s+", " ", page.extract_text())


def test_the_door_names_no_supplier(host, event_id):
    reader = pdf_of(host, event_id, "doors")
    signs = [words_of(page) for page in reader.pages]
    assert len(signs) == 2  # one for each table
    page = page_of(host, event_id, "doors").text
    for sign in (*signs, page):
        assert "9.00–9.30" in sign
        for secret in (
            "Nordfjell",
            "Tallrot",
            "Kari",
            "Lagmedlem",
            "radiomodul",
            "Patent",
            "Hörslinga",
        ):
            assert secret not in sign
    assert "Bord A" in signs[0]
    assert "Bord B" not in signs[0]


def test_every_meeting_has_a_sheet_with_the_same_questions(host, event_id):
    sheets = [words_of(page) for page in pdf_of(host, event_id, "hosts").pages]
    assert len(sheets) == 2
    for sheet in sheets:
        places = [sheet.index(question) for question in QUESTIONS]
        assert places == sorted(places)
    assert "Nordfjell AS" in sheets[0]
    assert "Tallrot" not in sheets[0]
    page = page_of(host, event_id, "hosts").text
    for said in ("radiomodul", "Räckvidden", "Patentet är inte sökt"):
        assert said in sheets[1]
        assert said in page
        assert said not in sheets[0]
    assert page.count(QUESTIONS[0]) == 2


def test_the_days_plan_says_who_comes_table_by_table(host, event_id):
    reader = pdf_of(host, event_id, "day", "?day=2027-02-24")
    plans = [words_of(page) for page in reader.pages]
    assert "Nordfjell AS" in plans[0]
    assert "Kari Nordfjell" in plans[0]
    assert "Tallrot IT AB" in plans[1]
    text = " ".join(plans) + page_of(host, event_id, "day").text
    for secret in ("@", "070-000", "radiomodul"):
        assert secret not in text.replace("@page", "")
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "sv"


def test_help_that_is_needed_stands_where_the_host_looks_and_nowhere_else(
    host, event_id, monkeypatch
):
    [first, second] = [words_of(page) for page in pdf_of(host, event_id, "hosts").pages]
    assert "Hörslinga (" in first
    assert "Hörslinga" not in second
    for kind, there in (("day", True), ("hosts", True), ("doors", False)):
        assert ("Hörslinga (" in page_of(host, event_id, kind).text) is there
    assert "Hörslinga (" in words_of(pdf_of(host, event_id, "day").pages[0])
    less = permissions._GRANTS["host"] - {permissions.REGISTRATIONS}
    monkeypatch.setitem(permissions._GRANTS, "host", less)
    for kind in ("day", "hosts"):
        assert "Hörslinga" not in page_of(host, event_id, kind).text


def test_one_table_can_be_printed_by_itself(host, event_id):
    page = page_of(host, event_id, "day").text
    table = re.findall(r'<option value="(\w{12})"', page)[1]
    only = page_of(host, event_id, "day", f"?table={table}").text
    assert "Tallrot IT AB" in only
    assert "Nordfjell AS" not in only
    assert page_of(host, event_id, "day", "?table=nothing&day=x").status_code == 200
