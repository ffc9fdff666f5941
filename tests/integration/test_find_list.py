"""What is coming, what has been, and how to find one's way in it."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from dialognav.domain.terms import EventState, Format, Kind, Phase, Visibility
from tests.conftest import NOW
from tests.factories import (
    STARTS,
    make_event,
    make_organisation,
    make_participant,
    make_registration,
)
from tests.fixtures import Work


def text_of(client: FlaskClient, path: str, **options: object) -> str:
    answer = client.get(path, **options)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_only_public_events_that_are_not_over_are_listed(client: FlaskClient, work: Work) -> None:
    with work() as session:
        owner = make_organisation(session)
        make_event(session, owner, title={"sv": "Syns"})
        make_event(session, owner, title={"sv": "Utkast"}, state=EventState.DRAFT)
        make_event(session, owner, title={"sv": "Schemalagd"}, state=EventState.SCHEDULED)
        make_event(session, owner, title={"sv": "Olistad"}, visibility=Visibility.UNLISTED)
        make_event(session, owner, title={"sv": "Inbjudna"}, visibility=Visibility.INVITED)
        make_event(session, owner, title={"sv": "Ångrad"}, state="cancelled", published_at=None)
        make_event(
            session,
            owner,
            title={"sv": "Förbi"},
            starts_at=NOW - timedelta(days=2),
            ends_at=NOW - timedelta(days=1),
        )
    page = text_of(client, "/sv/")
    assert "Syns" in page
    for hidden in ("Utkast", "Schemalagd", "Olistad", "Inbjudna", "Ångrad", "Förbi"):
        assert hidden not in page
    past = text_of(client, "/sv/past")
    assert "Förbi" in past
    assert "Syns" not in past


def test_months_are_headings_with_their_weeks(client: FlaskClient, work: Work) -> None:
    with work() as session:
        owner = make_organisation(session)
        make_event(session, owner)
        make_event(session, owner, starts_at=STARTS + timedelta(days=14))
        make_event(session, owner, starts_at=STARTS + timedelta(days=40))
    page = text_of(client, "/sv/")
    assert "Februari 2027 <span>v. 6–8</span>" in page
    assert "Mars 2027 <span>v. 12</span>" in page


def test_an_event_that_ends_in_march_is_found_in_february_and_in_march(
    client: FlaskClient, work: Work
) -> None:
    with work() as session:
        make_event(
            session,
            starts_at=STARTS.replace(day=28),
            ends_at=STARTS.replace(month=3, day=1),
            title={"sv": "Två dagar"},
        )
    assert "Två dagar" in text_of(client, "/sv/?month=2027-02")
    assert "Två dagar" in text_of(client, "/sv/?month=2027-03")
    assert "Två dagar" not in text_of(client, "/sv/?month=2027-04")
    assert "sön–mån" in text_of(client, "/sv/")


FILTERED = [
    ("kind=seminar", {"kind": Kind.SEMINAR}),
    ("phase=procurement", {"phase": Phase.PROCUREMENT}),
    ("format=online", {"format": Format.ONLINE}),
    ("region=SE232", {"region": "SE232"}),
    ("region=se2", {"region": "SE224"}),
    ("cpv=33", {"cpv": ["33195000 Patientövervakning"]}),
    ("cpv=33195000", {"cpv": ["45000000 Bygg", "33195000 Patientövervakning"]}),
    ("month=2027-05", {"starts_at": STARTS.replace(month=5)}),
    ("q=åkeri", {"search_text": "bergslags åkeri\nfossilfritt"}),
    ("q=ÅKERI+fossil", {"search_text": "bergslags åkeri\nfossilfritt"}),
    ("q=A%CC%8Akeri", {"search_text": "bergslags åkeri"}),  # A and a ring apart
    ("q=100%25", {"search_text": "100% eldrift"}),
    ("q=a_b", {"search_text": "a_b"}),
]


@pytest.mark.parametrize(("query", "given"), FILTERED, ids=[query for query, _ in FILTERED])
def test_each_filter_finds_its_own_and_nothing_else(
    client: FlaskClient, work: Work, query: str, given: dict[str, object]
) -> None:
    with work() as session:
        owner = make_organisation(session)
        make_event(session, owner, title={"sv": "Den sökta"}, **given)
        make_event(session, owner, title={"sv": "En annan"}, cpv=["72000000 33 saker"])
        make_event(session, owner, title={"sv": "En tredje"}, search_text="100 axb akeri")
    page = text_of(client, f"/sv/?{query}")
    assert "Den sökta" in page
    assert "En annan" not in page
    assert "En tredje" not in page
    assert 'class="chip"' in page


def test_filters_add_up_and_values_of_one_widen(client: FlaskClient, work: Work) -> None:
    with work() as session:
        owner = make_organisation(session)
        make_event(session, owner, title={"sv": "Ett"}, kind=Kind.SEMINAR, phase=Phase.PRE_STUDY)
        make_event(session, owner, title={"sv": "Två"}, kind=Kind.WORKSHOP, phase=Phase.PRE_STUDY)
        make_event(session, owner, title={"sv": "Tre"}, kind=Kind.SEMINAR, phase=None)
    page = text_of(client, "/sv/?kind=seminar&kind=workshop&phase=pre_study")
    assert ">Ett<" in page
    assert ">Två<" in page
    assert ">Tre<" not in page


def test_of_one_organiser(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session, make_organisation(session, slug="ett"), title={"sv": "Ettans"})
        make_event(session, make_organisation(session, slug="tva"), title={"sv": "Tvåans"})
    page = text_of(client, "/sv/?organisation=tva")
    assert "Tvåans" in page
    assert "Ettans" not in page


HOSTILE = [
    "kind=nonsense&phase=%00&format=on_site%27--",
    "month=2027-13",
    "month=99999999999-01",
    "page=0",
    "page=-1",
    "page=9999",
    "page=1e9",
    "page=999999999999999999999",
    "region=%3Cscript%3E",
    "cpv=%25",
    "cpv=12%27%20OR%201=1",
    "q=%00%00",
    "q=%27%3B%20DROP%20TABLE%20event%3B--",
    "q=" + "a%20" * 3000,
    "q=%F0%9F%98%80%E2%80%AE",
    "q=%ff%fe",
    "q=%5C%25_%5B",
    "organisation=../../etc",
    "view=month&month=2100-12",
    "view=month&month=2000-01",
    "view=year",
    "kind=" + "&kind=seminar" * 500,
    "%5B%5D=1&__proto__=x&q[]=y",
]


@pytest.mark.parametrize("query", HOSTILE, ids=[query[:30] for query in HOSTILE])
def test_a_strange_query_gets_a_page(client: FlaskClient, work: Work, query: str) -> None:
    with work() as session:
        make_event(session)
    for path in ("/sv/", "/en/past", "/calendar.ics", "/feed.atom"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 200
        assert "<script>" not in answer.get_data(as_text=True).replace("<script type=", "")


def test_the_search_is_shown_again_and_escaped(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session)
    page = text_of(client, "/sv/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in page


def test_more_than_fifty_are_paged(client: FlaskClient, work: Work) -> None:
    with work() as session:
        owner = make_organisation(session)
        for n in range(52):
            make_event(
                session, owner, starts_at=STARTS + timedelta(hours=n), title={"sv": f"Nr {n}."}
            )
    first, second = text_of(client, "/sv/"), text_of(client, "/sv/?page=2")
    assert "1–50 av 52" in first
    assert 'rel="next"' in first
    assert "Nr 49." in first
    assert "Nr 50." not in first
    assert "Nr 51." in second
    assert "Nr 49." not in second
    assert 'rel="prev"' in second
    assert '<link rel="canonical" href="http://localhost/sv/?page=2">' in second


def test_the_number_of_statements_does_not_grow(
    client: FlaskClient, work: Work, statements: object
) -> None:
    with work() as session:
        for n in range(12):
            event = make_event(session, capacity_on_site=5, starts_at=STARTS + timedelta(days=n))
            for _ in range(n):
                make_participant(session, make_registration(session, event))
    for path in ("/sv/", "/sv/?kind=market_dialogue", "/sv/?view=month&month=2027-02", "/en/past"):
        with statements() as ran:  # type: ignore[operator]
            text_of(client, path)
        assert len(ran) <= 4, ran
    with statements() as ran:  # type: ignore[operator]
        text_of(client, "/sv/")
    assert len(ran) == 1


def test_nothing_at_all_says_so(client: FlaskClient, work: Work) -> None:
    assert "Inget är planerat just nu" in text_of(client, "/sv/")
    assert "Nothing has been held yet" in text_of(client, "/en/past")
    with work() as session:
        make_event(session)
    page = text_of(client, "/sv/?kind=study_visit")
    assert "Inget planerat stämmer med filtren" in page
    assert 'href="/sv/past?kind=study_visit"' in page


STATES = [
    ({}, "Anmälan öppen"),
    ({"capacity_on_site": 85}, "85 av 85 platser kvar"),
    ({"capacity_on_site": 0}, "Fullbokad, väntelista"),
    ({"capacity_on_site": 0, "waiting_list": False}, "Fullbokad<"),
    ({"registration_opens_at": NOW + timedelta(days=1)}, "Inte öppen än"),
    ({"registration_closes_at": NOW - timedelta(days=1)}, "Anmälan stängd"),
    ({"state": EventState.CANCELLED}, "Inställd"),
    ({"state": EventState.POSTPONED}, "Nytt datum kommer"),
]


@pytest.mark.parametrize(("given", "says"), STATES, ids=[says for _, says in STATES])
def test_each_line_says_where_it_stands(
    client: FlaskClient, work: Work, given: dict[str, object], says: str
) -> None:
    with work() as session:
        make_event(session, **given)
    page = text_of(client, "/sv/")
    assert says in page
    assert ("stub--off" in page) == (given.get("state") is not None)


def test_a_postponed_event_stays_when_its_old_date_has_gone(
    client: FlaskClient, work: Work
) -> None:
    with work() as session:
        make_event(
            session,
            state=EventState.POSTPONED,
            title={"sv": "Väntar på datum"},
            starts_at=NOW - timedelta(days=9),
        )
    assert "Väntar på datum" in text_of(client, "/sv/")


def test_the_month_has_weeks_days_and_the_list_below(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session, title={"sv": "Dialogen"})
        make_event(session, title={"sv": "Inställda"}, state=EventState.CANCELLED)
    page = text_of(client, "/sv/?view=month&month=2027-02")
    assert '<span class="vh">Vecka </span>6</th>' in page
    assert '<time datetime="2027-02-10">10</time><a class="k-market_dialogue"' in page
    assert '<a class="k-market_dialogue off"' in page
    assert "I februari <span>2 händelser</span>" in page
    assert page.count("Dialogen") == 2
    assert "januari</a>" in page
    assert "mars<" in page


def test_the_month_without_a_name_is_the_one_we_are_in(client: FlaskClient, work: Work) -> None:
    page = text_of(client, "/en/?view=month")
    assert "January 2027" in page
    assert '<td class=" today"><time datetime="2027-01-12">' in page
    assert "Nothing is planned this month." in page


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("nb-NO,nb;q=0.9,en;q=0.5", "nb"),
        ("no", "nb"),
        ("en-GB", "en"),
        ("fi,da", "sv"),
        ("", "sv"),
        (";;;q=,\xff", "sv"),
    ],
)
def test_the_start_leads_to_the_readers_language(
    client: FlaskClient, accepted: str, lang: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": accepted})
    assert answer.status_code == 302
    assert answer.location == f"/{lang}/"
    assert "Accept-Language" in answer.headers["Vary"]


def test_other_languages_of_the_same_list_are_linked(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_event(session)
    page = text_of(client, "/sv/?kind=market_dialogue&nonsense=1")
    address = "http://localhost/en/?kind=market_dialogue"
    assert f'<link rel="alternate" hreflang="en" href="{address}">' in page
    assert 'href="http://localhost/sv/?kind=market_dialogue"' in page
    assert "nonsense" not in page


def test_the_organisers_page(client: FlaskClient, work: Work) -> None:
    with work() as session:
        mine = make_organisation(
            session, slug="tallvik", about={"sv": "Vi köper **vård**."}, phone="0900-10 00 00"
        )
        make_event(session, mine, title={"sv": "Min"})
        make_event(session, mine, title={"sv": "Gammal"}, starts_at=NOW - timedelta(days=30))
        make_event(session, mine, title={"sv": "Dold"}, visibility=Visibility.UNLISTED)
        make_event(session, title={"sv": "Deras"})
    page = text_of(client, "/sv/organisations/tallvik")
    assert "<strong>vård</strong>" in page
    assert ">Min<" in page
    assert ">Gammal<" in page
    assert "Dold" not in page
    assert "Deras" not in page
    assert "webcal://localhost/calendar.ics?organisation=tallvik&amp;lang=sv" in page
    assert client.get("/sv/organisations/ingen").status_code == 404
