"""Events of other authorities' calendars beside our own, on the pages that visitors see."""

from datetime import timedelta

import pytest

from dialognav.actions import external_calendars as calendars
from dialognav.models import ExternalCalendar, ExternalEvent
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_organisation

HOME = "/en/"


def make_calendar(session, organisation, *events, name="Grannkommunens kalender", **given):
    """Each event is a dict of what matters to it."""
    n = session.query(ExternalCalendar).count()
    standard = {"url": f"https://k{n}.example/a.ics", "created_at": NOW, "due_at": NOW}
    calendar = ExternalCalendar(organisation=organisation, name=name, **standard | given)
    session.add(calendar)
    for number, event in enumerate(events):
        standard = {
            "uid": str(number),
            "starts_at": STARTS,
            "zone": "Europe/Stockholm",
            "title": "Leverantörsdag",
            "url": "https://grannkommunen.example/dag",
        }
        full = standard | event
        full.setdefault("ends_at", full["starts_at"] + timedelta(hours=2))
        full.setdefault("search_text", f"{full['title']}\n{name}".casefold())
        calendar.events.append(ExternalEvent(**full))
    session.flush()
    return calendar


@pytest.fixture
def organisation_id(work):
    with work() as session:
        return make_organisation(session, slug="region-tallvik").id


@pytest.fixture
def shown(work, organisation_id):
    """`shown({...}, {...})`: the id of a calendar with these events."""

    def make(*events, **given):
        with work() as session:
            organisation = session.get_one(calendars.Organisation, organisation_id)
            return make_calendar(session, organisation, *events, **given).id

    return make


def order(text, *words):
    places = [text.index(word) for word in words]
    assert places == sorted(places), places


def test_stands_among_our_own_by_time_and_is_marked(client, work, shown):
    with work() as session:
        make_event(session, title={"sv": "Vår första"}, starts_at=STARTS)
        make_event(session, title={"sv": "Vår andra"}, starts_at=STARTS + timedelta(days=2))
        undated = {"starts_at": STARTS - timedelta(days=90), "state": "postponed"}
        make_event(session, title={"sv": "Vår utan datum"}, **undated)
    shown({"starts_at": STARTS + timedelta(days=1), "place": "Folkets hus"})
    page = client.get(HOME).text
    order(page, "Vår första", "Leverantörsdag", "Vår andra", "Vår utan datum")
    assert 'href="https://grannkommunen.example/dag" rel="external nofollow' in page
    for said in ("Grannkommunens kalender", "In another calendar", "Folkets hus"):
        assert said in page
    assert "More at grannkommunen.example" in page
    assert '<span class="muted num">4</span>' in page


def test_nothing_of_it_can_act_on_the_page(client, shown):
    shown(
        {"title": "<script>alert(1)</script>", "text": "**hej** <img src=x onerror=a()>", "url": ""}
    )
    page = client.get(HOME).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<strong>hej" not in page


def test_one_without_an_address_is_not_a_link(client, shown):
    shown({"url": "", "title": "Utan adress"})
    page = client.get(HOME).text
    assert ">Utan adress</h4>" in page
    assert "More at" not in page


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({}, "09:00–11:00"),
        ({"ends_at": STARTS}, "09:00</li>"),
        ({"zone": "Europe/Helsinki"}, "10:00–12:00 (Helsinki, EET)"),
        ({"is_cancelled": True}, "Cancelled"),
    ],
)
def test_how_it_is_told(client, shown, event, said):
    shown(event)
    assert said in client.get(HOME).text


def test_whole_days_say_no_time(client, shown):
    midnight = STARTS.replace(hour=23)
    shown({"all_day": True, "starts_at": midnight, "ends_at": midnight + timedelta(days=2)})
    page = client.get(HOME).text
    assert "11–12" in page
    assert "00:00" not in page


def test_what_is_over_or_paused_is_not_listed(client, shown, clock):
    shown({"title": "Snart över"})
    shown({"title": "Vilande"}, paused_at=NOW)
    page = client.get(HOME).text
    assert "Snart över" in page
    assert "Vilande" not in page
    clock.move_to(STARTS + timedelta(hours=2))
    assert "Snart över" not in client.get(HOME).text
    assert "Snart över" not in client.get("/en/past").text


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("?q=LEVERANTÖRS", True),
        ("?q=grannkommun", True),
        ("?q=annat", False),
        ("?kind=seminar", False),
        ("?region=SE", False),
        ("?organisation=region-tallvik", True),
        ("?organisation=nobody", False),
        ("?month=2027-02", True),
        ("?month=2027-03", False),
        ("?view=month&month=2027-02", True),
        ("?view=month&month=2027-03", False),
    ],
)
def test_filters(client, shown, query, is_there):
    shown({})
    page = client.get(HOME + query)
    assert page.status_code == 200
    assert ("Leverantörsdag" in page.text) == is_there


def test_in_the_months_table_it_leads_to_its_line(client, shown):
    shown({})
    page = client.get(HOME + "?view=month&month=2027-02").text
    order(page, 'class="k-external" href="#x', 'id="x', "https://grannkommunen.example/dag")
    assert "1 event" in page


def test_pages_hold_both_kinds(client, work, shown):
    with work() as session:
        organisation = make_organisation(session)
        for n in range(30):
            make_event(
                session,
                organisation,
                title={"sv": f"Egen nummer {n:02}"},
                starts_at=STARTS + timedelta(hours=n * 10),
            )
    shown(
        *(
            {"uid": str(n), "title": f"Annan {n:02}", "starts_at": STARTS + timedelta(hours=n * 10)}
            for n in range(30)
        )
    )
    first, second = client.get(HOME).text, client.get(HOME + "?page=2").text
    assert "1–50 of 60" in first
    assert "51–60 of 60" in second
    for n in range(30):
        for words in (f"Egen nummer {n:02}", f"Annan {n:02}"):
            assert (words in first) == (n < 25)
            assert (words in second) == (n >= 25)


def test_the_version_follows_every_change(client, work, shown):
    """A kept page is sent again only while it is true."""
    calendar_id = shown({})

    def tag(path=HOME):
        answer = client.get(path)
        tags.append(answer.headers["ETag"])
        assert client.get(path, headers={"If-None-Match": tags[-1]}).status_code == 304
        return answer.text

    tags: list[str] = []
    assert "Leverantörsdag" in tag()
    with work() as session:
        calendars.rename(session, calendar_id, "Ett annat namn", now=NOW, actor="user:1")
    assert "Ett annat namn" in tag()
    with work() as session:
        for _failure in range(calendars.MOST_FAILURES):
            calendars.note_failure(session, calendar_id, "gone", now=NOW)
    assert "Leverantörsdag" not in tag()
    with work() as session:
        calendars.read_again(session, calendar_id, now=NOW, actor="user:1")
    assert "Leverantörsdag" in tag()
    with work() as session:
        calendars.remove(session, calendar_id, now=NOW, actor="user:1")
    assert "Leverantörsdag" not in tag()
    assert tags[3:] == tags[1:3]  # the tag is that of the words
    assert len(set(tags)) == 3


def test_the_organisers_page_shows_those_it_lists(client, work, shown):
    shown({"title": "Hos oss"})
    with work() as session:
        make_calendar(session, make_organisation(session), {"title": "Hos andra"})
    page = client.get("/en/organisations/region-tallvik").text
    assert "Hos oss" in page
    assert "Hos andra" not in page


def test_our_own_feeds_hold_only_our_own(client, shown):
    shown({})
    for path in ("/calendar.ics", "/feed.atom"):
        assert "Leverantörsdag" not in client.get(path).text


def test_a_list_with_others_takes_few_statements(client, work, shown, statements):
    with work() as session:
        make_event(session)
    shown(*({"uid": str(n)} for n in range(20)))
    with statements() as ran:
        client.get(HOME)
    assert len(ran) <= 7, ran
    with statements() as ran:
        client.get(HOME)
    assert len(ran) == 1
