"""Lists, badges and the caterer's numbers: who may have them, what they hold, and how tagged."""

import io
import re

import pypdf
import pytest

from dialognav import pdf
from dialognav.models import AccessNeed, Diet, Organisation, Participant
from dialognav.pdf import PdfFailed, make_pdf
from tests.factories import make_event, make_participant, make_registration

PAGES = ["people", "people?kind=participants&order=party", "badges", "catering"]


@pytest.fixture
def planner(sign_in):
    return sign_in(role="planner", language="sv")


@pytest.fixture
def event_id(planner, work):
    with work() as session:
        organisation = session.get_one(Organisation, planner.organisation_id)
        event = make_event(session, organisation, serves_food=True, diary_number="RT 2027/17")
        for party, names in {
            "Örnvik AB": ["Zara Åberg", "Åke Ek"],
            "Äppelträdet AB": ["Bo Öst", "Lo von Ähr"],
            "Zebra AB": ["Anna Berg"],
        }.items():
            registration = make_registration(
                session, event, party_name=party, contact_phone="070-000 00 00"
            )
            for name in names:
                person = make_participant(
                    session,
                    registration,
                    name=name,
                    email=f"hemlig{len(name)}@{len(party)}.example",
                    title="Chef",
                )
                session.add(Diet(participant_id=person.id, need="Glutenfritt"))
                session.add(AccessNeed(participant_id=person.id, need="Hörslinga"))
        make_participant(session, registration, "waiting", name="Vera Väntar")
        return event.public_id


def get(staff, event_id, page):
    answer = staff.client.get(f"/manage/events/{event_id}/print/{page}")
    assert answer.status_code == 200
    return answer


def as_pdf(staff, event_id, page):
    """(reader, its text)"""
    path, _, query = page.partition("?")
    answer = get(staff, event_id, f"{path}.pdf?{query}")
    assert answer.content_type == "application/pdf"
    reader = pypdf.PdfReader(io.BytesIO(answer.data))
    return reader, "\n".join(page.extract_text() for page in reader.pages)


@pytest.mark.parametrize("sheet", PAGES)
def test_the_pdf_is_tagged_and_says_its_language_and_title(planner, event_id, sheet):
    reader, _text = as_pdf(planner, event_id, sheet)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/K" in root["/StructTreeRoot"]
    assert root["/Lang"] == "sv"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "Marknadsdialog om hemmonitorering" in reader.metadata.title
    xmp = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    fonts = {font["/BaseFont"] for font in reader.pages[0]["/Resources"]["/Font"].values()}
    assert any("Schibsted" in font for font in fonts)


@pytest.mark.parametrize("sheet", PAGES)
def test_paper_carries_no_address_number_or_need(planner, event_id, sheet):
    text = as_pdf(planner, event_id, sheet)[1] + get(planner, event_id, sheet).text
    for secret in ("@", "070-000", "Hörslinga", "Vera"):
        assert secret not in text.replace("@page", "")
    assert ("Glutenfritt" in text) == (sheet == "catering")


def rows(page):
    return re.findall(r'<th scope="row">(.*?)</th>', page.text)


def test_people_stand_in_the_order_of_the_swedish_alphabet(planner, event_id):
    names = [
        re.sub(r"<.*?>", "", row).removesuffix("Chef")
        for row in rows(get(planner, event_id, "people"))
    ]
    assert names == ["Anna Berg", "Åke Ek", "Zara Åberg", "Lo von Ähr", "Bo Öst"]
    text = as_pdf(planner, event_id, "people")[1]
    places = [text.index(name) for name in names]
    assert places == sorted(places)


def test_a_list_by_organisation_has_a_heading_for_each(planner, event_id):
    page = get(planner, event_id, "people?kind=participants&order=party").text
    parties = re.findall(r'<h2 class="plist-h">(.*?)</h2>', page)
    assert parties == ["Zebra AB", "Äppelträdet AB", "Örnvik AB"]
    assert 'class="box"' not in page


def test_a_hybrid_list_is_of_the_room_unless_asked(planner, event_id, work):
    with work() as session:
        event = session.query(Participant).first().registration.event
        event.format = "hybrid"
        make_participant(
            session, make_registration(session, event), mode="online", name="Olle Långt"
        )
    assert "Långt" not in get(planner, event_id, "people").text
    assert "Långt" in get(planner, event_id, "people?mode=online").text


def test_no_name_is_cut_however_long(planner, event_id, work):
    long = "Maximiliana Wilhelmina " + "Ö" * 90
    with work() as session:
        person = session.query(Participant).filter_by(name="Anna Berg").one()
        person.name, person.title = long, "T" * 120
        person.registration.party_name = "P" * 200
    for page in ("people", "badges"):
        text = re.sub(r"[\s\u200b]", "", as_pdf(planner, event_id, page)[1])
        assert text.count("Ö") >= 90
        assert text.count("T") >= 120
        assert text.count("P") >= 200
        assert len(as_pdf(planner, event_id, page)[0].pages) == 1


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x")',
        '*stark* _kursiv_ $x^2$ @ref <label> #import "x"',
        '"; #sys.inputs',
        "\\u{0} \\ \\",
        "// kommentar /* */",
        "山田 太郎",
        "😀 👩‍👩‍👧",
        "\ue000\U000f0000",
        "عمر ابن",
    ],
)
def test_a_name_is_text_and_never_source(planner, event_id, work, name):
    with work() as session:
        session.query(Participant).filter_by(name="Anna Berg").one().name = name
    for page in ("people", "badges"):
        reader, text = as_pdf(planner, event_id, page)
        assert "/StructTreeRoot" in reader.trailer["/Root"]
        assert "Åke Ek" in " ".join(text.split())
        if name.isascii():
            assert name.split()[-1] in text


def test_the_caterer_gets_numbers_and_like_needs_are_one(planner, event_id, work):
    with work() as session:
        for number, need in enumerate(["glutenfritt ", "GLUTENFRITT", "Vegan"]):
            session.query(Diet).all()[number].need = need
    page = get(planner, event_id, "catering").text
    cells = re.findall(r'<th scope="row">(.*?)</th><td class="n">(\d+)</td>', page)
    assert cells == [("Glutenfritt", "4"), ("Vegan", "1"), (cells[2][0], "0")]
    assert "Åke" not in page


def test_the_host_has_lists_and_not_the_caterers_numbers(event_id, sign_in, planner):
    host = sign_in(role="host", organisation_id=planner.organisation_id)
    assert get(host, event_id, "badges")
    for role in ("reader", "registrar"):
        other = sign_in(role=role, organisation_id=planner.organisation_id)
        for page in ("people", "badges", "catering", "people.pdf", "badges.pdf", "catering.pdf"):
            path = f"/manage/events/{event_id}/print/{page}"
            assert other.client.get(path).status_code == 404


def test_a_draft_without_anybody_gives_an_empty_sheet(planner, work):
    with work() as session:
        organisation = session.get_one(Organisation, planner.organisation_id)
        event_id = make_event(session, organisation, serves_food=True).public_id
    for page in PAGES:
        get(planner, event_id, page)
        assert len(as_pdf(planner, event_id, page)[0].pages) == 1


def test_a_document_that_takes_too_long_is_given_up(monkeypatch, planner, event_id):
    monkeypatch.setattr(pdf, "TIMEOUT", 0.001)
    with pytest.raises(PdfFailed):
        make_pdf("badges", {"lang": "sv"})
    answer = planner.client.get(f"/manage/events/{event_id}/print/badges.pdf")
    assert answer.status_code == 503


def test_ten_badges_to_a_sheet(planner, event_id, work):
    with work() as session:
        event = session.query(Participant).first().registration.event
        for _ in range(6):
            make_participant(session, make_registration(session, event))
    reader, _text = as_pdf(planner, event_id, "badges")
    assert len(reader.pages) == 2
    width, height = (float(n) / 72 * 25.4 for n in reader.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)


def test_typst_is_not_loaded_beside_the_pages() -> None:
    """It is 80 MB that a web process does not need at rest."""
    import subprocess
    import sys

    check = "import app, sys; assert not {'typst', 'segno'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], timeout=60)
    assert done.returncode == 0


def test_the_paper_says_when_to_destroy_it(planner, event_id):
    assert "17 feb 2027" in as_pdf(planner, event_id, "people")[1]
