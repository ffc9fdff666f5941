"""One event's page: what it says in each state, in each language, and what it must never say."""

import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.public.events import render_event
from dialognav.db import db
from dialognav.domain.terms import EventState, Format, Phase, Promotion, Visibility
from dialognav.models import (
    Document,
    DocumentVersion,
    Event,
    MarketQuestion,
    Milestone,
    Occasion,
    ProgrammeItem,
    Speaker,
)
from tests.conftest import NOW
from tests.factories import (
    STARTS,
    make_event,
    make_organisation,
    make_participant,
    make_registration,
)
from tests.fixtures import Work

LINK = "https://moten.example/hemlig-lank"


def page_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def fill(event: Event) -> None:
    """Everything an event may have."""
    event.programme.append(
        ProgrammeItem(
            position=0,
            starts_at=event.starts_at,
            ends_at=event.starts_at + timedelta(minutes=30),
            title={"sv": "Välkomna"},
            text={"sv": "Så gör vi i dag"},
            speakers=[Speaker(position=0, name="Eva Exempel", organisation="Region Tallvik")],
        )
    )
    event.questions.append(
        MarketQuestion(position=0, text={"sv": "Vad bör vi veta?"}, help={"sv": "Allt hjälper."})
    )
    event.milestones.append(
        Milestone(
            position=0,
            phase=Phase.PROCUREMENT,
            when={"sv": "Sep 2027"},
            text={"sv": "Annons i TED"},
        )
    )


def add_document(event: Event, session: object, versions: int = 1, **given: object) -> Document:
    document = Document(event=event, name={"sv": "Behovsbeskrivning"}, **given)
    for number in range(1, versions + 1):
        document.versions.append(
            DocumentVersion(
                number=number,
                filename=f"behov-{number}.pdf",
                media_type="application/pdf",
                size=410_000,
                sha256=f"{number:064}",
                content=b"%PDF-" + bytes([number]),
                created_at=NOW - timedelta(days=1),
            )
        )
    session.add(document)  # type: ignore[attr-defined]
    return document


def test_everything_that_is_there_is_shown(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(
            session,
            slug="dialog",
            format=Format.HYBRID,
            phase=Phase.PRE_STUDY,
            diary_number="RT 2026/01873",
            cpv=["33195000 Patientövervakning"],
            effect={"sv": "Färre resor."},
            limit_per_party=3,
            language_note={"sv": "Svenska"},
            accessibility_note={"sv": "Hörslinga finns."},
            contact_phone="0900-10 00 01",
            contact_hours={"sv": "säkrast 10–12"},
            contact_title="Kategoriansvarig",
            directions={"sv": "Fem minuter från stationen."},
            online_service="Teams",
            online_url=LINK,
            capacity_on_site=20,
            capacity_online=100,
        )
        fill(event)
        add_document(event, session, versions=2)
    page = page_of(client, "/sv/events/dialog")
    for words in (
        "Marknadsdialog om hemmonitorering",
        "RT 2026/01873",
        "Förstudie",
        "Här är vi",
        '<time datetime="2027-02-10T09:00+01:00">Onsdag 10 februari 2027, kl. 9.00–12.00</time>',
        "Stadshuset, Sal A",
        "Eller digitalt i Teams. Länken kommer med bekräftelsen.",
        "Alla leverantörer",
        "Högst 3 personer per organisation",
        "Hörslinga finns.",
        "Patienter ska kunna följas hemma",
        "Färre resor.",
        "33195000 Patientövervakning",
        "Annons i TED",
        "9.00–9.30",
        "Eva Exempel, Region Tallvik<br>Så gör vi i dag",
        "Vad bör vi veta?",
        "PDF, 410 kB, version 2. Publicerad mån 11 jan 2027.",
        "Ny version",
        "Fem minuter från stationen.",
        "säkrast 10–12",
        '<b class="num">120</b><span>av 120 platser kvar</span>',
        "20 av 20 kvar",
        "100 av 100 kvar",
        "ons 3 feb, kl. 9.00",
        "Alla får veta samma sak",
    ):
        assert words in page, words


def test_what_is_not_there_leaves_no_empty_heading(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session, slug="mager", need={}, summary={}, venue={}, address="")
    page = page_of(client, "/sv/events/mager")
    for heading in ("Behovet", "Program", "Våra frågor", "Dokument", "Hitta hit", "Det här hörde"):
        assert heading not in page


def test_the_digital_link_is_nowhere_public(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="digital", format=Format.ONLINE, online_url=LINK)
        make_participant(session, make_registration(session, event), mode="online")
    for path in (
        "/sv/events/digital",
        "/en/events/digital",
        "/events/digital.ics",
        "/calendar.ics",
        "/feed.atom",
        "/sv/",
        "/sv/?view=month&month=2027-02",
    ):
        assert b"hemlig" not in client.get(path).data.replace(b"\r\n ", b""), path


STATES = [
    ("open", {}, ["Öppen", "/sv/events/e/register"]),
    (
        "not_yet",
        {"registration_opens_at": NOW + timedelta(days=1)},
        ["Anmälan öppnar ons 13 jan 2027, kl. 10.00."],
    ),
    ("full", {"capacity_on_site": 0, "waiting_list": False}, ["det finns ingen väntelista"]),
    (
        "full_waiting",
        {"capacity_on_site": 0},
        ["går den till den första i kön, som får ett mejl", "Ställ er på väntelistan"],
    ),
    (
        "full_offer",
        {"capacity_on_site": 0, "promotion": Promotion.OFFER},
        ["erbjuds den första i kön"],
    ),
    ("closed", {"registration_closes_at": NOW}, ["Anmälan är stängd."]),
    (
        "cancelled",
        {"state": EventState.CANCELLED, "reason": {"sv": "Behovet har upphört."}},
        ["Händelsen är inställd", "Behovet har upphört.", "<s><time", "reg--off"],
    ),
    (
        "postponed",
        {"state": EventState.POSTPONED, "reason": {"sv": "Vi hinner inte."}},
        ["Händelsen är uppskjuten", "Vi hinner inte.", "<s><time"],
    ),
    (
        "past",
        {"starts_at": NOW - timedelta(days=3), "after_text": {"sv": "* Laddning avgör"}},
        ["Genomförd", "Det här hörde vi", "<li>Laddning avgör</li>", 'aria-current="page"'],
    ),
]


@pytest.mark.parametrize(("name", "given", "says"), STATES, ids=[name for name, *_ in STATES])
def test_the_register_box_in_each_state(
    client: FlaskClient, work: Work, name: str, given: dict[str, object], says: list[str]
) -> None:
    with work() as session:
        make_event(session, slug="e", **given)
    page = page_of(client, "/sv/events/e")
    for words in says:
        assert words in page
    takes = name in ("open", "full_waiting", "full_offer")
    assert ("/sv/events/e/register" in page) == takes
    assert ("stickybar" in page) == takes
    assert ("/events/e.ics" in page) == (name not in ("cancelled", "postponed", "past"))


def test_those_who_wait_are_counted(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="e", capacity_on_site=1)
        signed = make_registration(session, event)
        make_participant(session, signed)
        make_participant(session, signed, state="waiting")
        make_participant(session, signed, state="waiting")
    assert "2 väntar." in page_of(client, "/sv/events/e")


@pytest.mark.parametrize(
    "given",
    [
        {"state": EventState.DRAFT},
        {"state": EventState.SCHEDULED},
        {"state": EventState.CANCELLED, "published_at": None},
    ],
)
def test_what_is_not_public_is_not_found(
    client: FlaskClient, work: Work, given: dict[str, object]
) -> None:
    with work() as session:
        event = make_event(session, slug="hemlig", **given)
        document = add_document(event, session)
        session.flush()
        path = f"/documents/{document.public_id}/behov-1.pdf"
    for address in ("/sv/events/hemlig", "/events/hemlig", "/events/hemlig.ics", path):
        assert client.get(address).status_code == 404, address
    assert client.get("/sv/events/finns-inte").status_code == 404


def test_an_unlisted_event_is_shown_to_those_who_know_its_address(
    client: FlaskClient, work: Work
) -> None:
    with work() as session:
        make_event(session, slug="olistad", visibility=Visibility.UNLISTED)
    assert '<meta name="robots" content="noindex">' in page_of(client, "/sv/events/olistad")
    assert client.get("/events/olistad.ics").status_code == 200
    for path in ("/sv/", "/calendar.ics", "/feed.atom"):
        assert b"olistad" not in client.get(path).data


def test_the_address_without_a_language_leads_to_the_readers(
    client: FlaskClient, work: Work
) -> None:
    with work() as session:
        make_event(session, slug="e")
    answer = client.get("/events/e", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.location) == (302, "/en/events/e")


def test_untranslated_text_carries_its_own_language(client: FlaskClient, work: Work) -> None:
    with work() as session:
        fill(make_event(session, slug="e"))
    page = page_of(client, "/en/events/e")
    assert '<h1><span lang="sv">Marknadsdialog om hemmonitorering</span></h1>' in page
    assert '<div class="stack" lang="sv"><p>Patienter ska' in page
    assert '<b><span lang="sv">Vad bör vi veta?</span></b>' in page
    assert "Not translated yet" in page
    body = page_of(client, "/sv/events/e").partition("<h1")[2].partition("<footer")[0]
    assert ' lang="' not in body


def test_a_stale_translation_says_so(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session, slug="e", title={"sv": "Ny", "en": "Old"}, stale_languages=["en"])
    assert "This translation has not been brought up to date yet." in page_of(
        client, "/en/events/e"
    )
    assert "uppdaterad" not in page_of(client, "/sv/events/e")


def test_several_days_and_places(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="e", ends_at=STARTS + timedelta(days=1, hours=3))
        event.occasions[0].ends_at = STARTS + timedelta(hours=3)
        second = Occasion(
            event=event,
            position=1,
            starts_at=STARTS + timedelta(days=1),
            ends_at=STARTS + timedelta(days=1, hours=3),
            venue={"sv": "Biblioteket"},
        )
        session.add(second)
        fill(event)
        event.programme.append(
            ProgrammeItem(
                position=1, starts_at=STARTS + timedelta(days=1), title={"sv": "Fortsättning"}
            )
        )
    page = page_of(client, "/sv/events/e")
    assert "Onsdag 10 februari 2027, kl. 9.00–12.00" in page
    assert "Torsdag 11 februari 2027, kl. 9.00–12.00" in page
    assert "Biblioteket" in page
    assert '<h3 class="mt5">onsdag 10 februari 2027</h3>' in page
    assert "ons–tors" in page_of(client, "/sv/")


def test_times_are_those_of_the_events_zone(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session, slug="e", zone="Europe/Helsinki")
    page = page_of(client, "/en/events/e")
    assert "10:00–13:00" in page
    assert "Helsinki, EET" in page


def structured(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


def test_machines_read_the_same(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(
            session,
            make_organisation(session, slug="tallvik"),
            slug="e",
            format=Format.HYBRID,
            latitude=59.33,
            longitude=18.06,
            capacity_on_site=3,
            capacity_online=4,
        )
    page = page_of(client, "/sv/events/e")
    data = structured(page)
    assert data["@type"] == "Event"
    assert data["startDate"] == "2027-02-10T09:00:00+01:00"
    assert data["eventStatus"] == "https://schema.org/EventScheduled"
    assert data["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert data["remainingAttendeeCapacity"] == 7
    place, virtual = data["location"]  # type: ignore[misc]
    assert place["geo"]["latitude"] == 59.33
    assert virtual["url"] == "http://localhost/sv/events/e"
    for tag in (
        '<link rel="canonical" href="http://localhost/sv/events/e">',
        '<link rel="alternate" hreflang="nb" href="http://localhost/nb/events/e">',
        '<link rel="alternate" hreflang="x-default" href="http://localhost/events/e">',
        '<meta property="og:title" content="Marknadsdialog om hemmonitorering">',
        'type="application/atom+xml"',
    ):
        assert tag in page


@pytest.mark.parametrize(
    ("state", "status"),
    [(EventState.CANCELLED, "EventCancelled"), (EventState.POSTPONED, "EventPostponed")],
)
def test_machines_are_told_what_is_called_off(
    client: FlaskClient, work: Work, state: str, status: str
) -> None:
    with work() as session:
        make_event(session, slug="e", state=state)
    data = structured(page_of(client, "/sv/events/e"))
    assert data["eventStatus"] == f"https://schema.org/{status}"


EVIL = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;{{7*7}}\u2028]]>"

TEXTS = (
    "title",
    "summary",
    "need",
    "effect",
    "accessibility_note",
    "language_note",
    "cost_note",
    "after_text",
    "reason",
    "contact_hours",
    "venue",
    "directions",
)


def test_hostile_text_stays_text_everywhere(client: FlaskClient, work: Work) -> None:
    evil = {"sv": EVIL}
    with work() as session:
        owner = make_organisation(session, slug="o", name=evil, address=EVIL, about=evil)
        event = make_event(
            session,
            owner,
            slug="e",
            format=Format.HYBRID,
            phase=Phase.PRE_STUDY,
            state=EventState.POSTPONED,
            **dict.fromkeys(TEXTS, evil),
            diary_number=EVIL[:60],
            cpv=[EVIL],
            address=EVIL,
            online_service=EVIL[:60],
            contact_name=EVIL[:120],
            contact_title=EVIL[:120],
            contact_email=EVIL[:100],
            contact_phone=EVIL[:60],
        )
        fill(event)
        for row in (*event.programme, *event.questions, *event.milestones):
            row.text = evil
        event.programme[0].title = event.questions[0].help = event.milestones[0].when = evil
        event.programme[0].speakers[0].name = EVIL[:120]
        add_document(event, session).name = evil
    for path in (
        "/sv/events/e",
        "/en/events/e",
        "/sv/",
        "/sv/?view=month&month=2027-02",
        "/sv/organisations/o",
        "/sv/privacy?organisation=o",
        "/sv/accessibility?organisation=o",
        "/feed.atom",
    ):
        page = client.get(path).get_data(as_text=True)
        assert "alert(1)" in page, path
        assert "<script>alert" not in page, path
        assert "<img" not in page, path
        assert "49" not in re.findall(r"\{\{.*?\}\}|49\u2028", page), path
    assert structured(page_of(client, "/sv/events/e"))["name"] == EVIL


def test_eight_statements_whatever_the_number_of_registrations(
    client: FlaskClient, work: Work, statements: object
) -> None:
    with work() as session:
        event = make_event(session, slug="e", capacity_on_site=10)
        fill(event)
        for _ in range(3):
            add_document(event, session, versions=2)
        for _ in range(20):
            make_participant(session, make_registration(session, event), state="waiting")
    with statements() as ran:  # type: ignore[operator]
        page_of(client, "/sv/events/e")
    assert len(ran) <= 8, ran
    with statements() as ran:  # type: ignore[operator]
        page_of(client, "/sv/events/e")
    assert len(ran) == 1


def test_a_draft_can_be_previewed_as_if_it_were_published(app: Flask, work: Work) -> None:
    with work() as session:
        event_id = make_event(session, state=EventState.DRAFT, capacity_on_site=5).id
    with app.test_request_context("/manage/"):
        event = db.session().get_one(Event, event_id)
        page = render_event(event, "en", preview=True)
    assert "Preview" in page
    assert "of 5 places left" in page
    assert "/register" not in page
    assert 'content="noindex"' in page
    assert '<html lang="en"' in page


def test_a_document_is_a_download(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="e")
        document = add_document(event, session, versions=2)
        session.flush()
        path = f"/documents/{document.public_id}"
    answer = client.get(f"{path}/behov-2.pdf")
    assert answer.data == b"%PDF-\x02"
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=behov-2.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    again = client.get(f"{path}/behov-2.pdf", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    older = client.get(f"{path}/behov-1.pdf")
    assert (older.status_code, older.location) == (302, f"{path}/behov-2.pdf")
    for wrong in ("/documents/aaaaaaaaaaaa/behov-2.pdf", f"{path}/", "/documents/%00/x"):
        assert client.get(wrong).status_code == 404


def test_a_removed_document_is_gone(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="e")
        document = add_document(event, session, removed_at=NOW)
        session.flush()
        path = f"/documents/{document.public_id}/behov-1.pdf"
    assert client.get(path).status_code == 404
    assert "Behovsbeskrivning" not in page_of(client, "/sv/events/e")


def test_a_documents_name_may_have_any_letters(client: FlaskClient, work: Work) -> None:
    with work() as session:
        event = make_event(session, slug="e")
        document = add_document(event, session)
        document.versions[0].filename = 'Åsas "behov"; x.pdf'
        session.flush()
    page = page_of(client, "/sv/events/e")
    href = re.search(r'href="(/documents/[^"]+)"', page)
    assert href
    answer = client.get(href[1])
    assert answer.status_code == 200
    disposition = answer.headers["Content-Disposition"]
    assert "UTF-8''%C3%85sas%20%22behov%22%3B%20x.pdf" in disposition
    assert "\n" not in disposition
