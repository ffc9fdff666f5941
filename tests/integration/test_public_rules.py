"""What a visitor reads before typing: the rules, the box in every state, and where else to go."""

from datetime import timedelta

import pytest

from dialognav.domain.terms import Audience, PartyKind, Visibility
from dialognav.models import Event, Registration
from tests.conftest import NOW
from tests.factories import (
    STARTS,
    make_event,
    make_organisation,
    make_participant,
    make_registration,
)
from tests.integration.forms import form_of, open_form, problems_of

SECOND = timedelta(seconds=1)
OPENS = NOW + timedelta(hours=1)
CUT_OFF = STARTS.replace(day=9, hour=19)  # 20.00 the evening before: 12 hours back is 21.00


@pytest.fixture
def event(work):
    """`event(audience="buyers")`: an event at /en/events/e."""

    def make(**given):
        standard = {"slug": "e", "title": {"en": "Dialogue"}, "primary_language": "en"}
        with work() as session:
            return make_event(session, **standard | given).id

    return make


def box(client, path="/en/events/e"):
    page = client.get(path)
    assert page.status_code == 200
    return page.text.partition('class="reg')[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("given", "words", "button"),
    [
        ({"registration_review": True}, ["looks at each registration"], "Register"),
        (
            {"registration_review": True, "capacity_on_site": 0},
            ["All places are taken.", "looks at each registration"],
            "Join the waiting list",
        ),
        ({"capacity_on_site": 0, "queue_closed_at": NOW}, ["the waiting list has ended"], ""),
        ({"visibility": Visibility.INVITED}, ["By invitation", "Use the link"], ""),
        (
            {"visibility": Visibility.INVITED, "registration_opens_at": OPENS},
            ["By invitation", "Use the link"],
            "",
        ),
        (
            {"visibility": Visibility.INVITED, "registration_closes_at": NOW},
            ["Registration is closed."],
            "",
        ),
        ({"visibility": Visibility.INVITED, "state": "cancelled"}, ["cancelled"], ""),
    ],
)
def test_the_box_says_how_it_stands(client, event, given, words, button):
    event(**given)
    said = box(client)
    for sentence in words:
        assert sentence in said, sentence
    assert ('class="btn btn--pri btn--big' in said) is bool(button)
    assert button in said


def test_the_page_opens_and_closes_at_the_second(client, event, clock):
    closes = OPENS + timedelta(hours=1)
    event(registration_opens_at=OPENS, registration_closes_at=closes)
    for instant, words in (
        (OPENS - SECOND, "Registration opens"),
        (OPENS, "btn--big"),
        (closes - SECOND, "btn--big"),
        (closes, "Registration is closed."),
    ):
        clock.move_to(instant)
        assert words in box(client), instant
        again = client.get("/en/events/e")  # from the kept page
        assert words in again.text, instant
        form = "party_name" in client.get("/en/events/e/register").text
        assert form is (words == "btn--big"), instant


def test_the_page_says_that_the_queue_has_ended_from_that_second(client, event, clock):
    event(capacity_on_site=0, registration_closes_at=STARTS)
    for instant, words in (
        (CUT_OFF - SECOND, "Join the waiting list"),
        (CUT_OFF, "the waiting list has ended"),
    ):
        clock.move_to(instant)
        assert words in box(client), instant
    assert "The waiting list ends Tue 9 Feb 2027, 20:00." in client.get("/en/events/e").text


@pytest.mark.parametrize("language", ["sv", "en", "nb"])
def test_the_rules_stand_before_the_first_field(client, event, language):
    event(limit_per_party=3, capacity_on_site=60)
    page = client.get(f"/{language}/events/e/register").text
    words = {"sv": "Högst 3 personer", "en": "At most 3 people", "nb": "Høyst 3 personer"}
    assert 0 < page.index(words[language]) < page.index('name="party_name"')


@pytest.mark.parametrize("state", ["cancelled", "postponed"])
def test_an_event_that_is_off_promises_nothing(client, event, state):
    event(state=state)
    assert 'id="rules"' not in client.get("/en/events/e").text


# --- who is not meant ----------------------------------------------------------------------------


@pytest.fixture
def others(work):
    """A buyers' day, and events around it of which some are open for companies."""
    with work() as session:
        here = make_organisation(session)
        coming = {"cpv": ["85312000"], "region": "SE232"}

        def add(title, organisation=None, **given):
            given = {"title": {"en": title}, "primary_language": "en"} | given
            return make_event(session, organisation or make_organisation(session), **given)

        add("Buyers' day", here, slug="e", audience=Audience.BUYERS, **coming)
        add("Another buyers' day", here, audience=Audience.BUYERS)
        add("Closed", here, registration_closes_at=NOW)
        add("Not open yet", here, registration_opens_at=OPENS)
        add("Draft", here, state="draft", published_at=None)
        add("Unlisted", here, visibility=Visibility.UNLISTED)
        add("For the invited", here, visibility=Visibility.INVITED)
        add("Cancelled", here, state="cancelled")
        full = add("Full", here, capacity_on_site=1)
        make_participant(session, make_registration(session, full))
        add("Far and late", starts_at=STARTS + timedelta(days=9))
        add("Far and soon", starts_at=STARTS - timedelta(days=2))
        add("Same field", starts_at=STARTS + timedelta(days=30), cpv=["85000000"])
        add("Ours", here, starts_at=STARTS + timedelta(days=60), audience=Audience.EVERYONE)


BEST = ["Ours", "Same field", "Far and soon"]


def listed(page):
    part = page.text.partition("These are open for you:")[2].partition("See the dialogues")[0]
    return [each.partition("</a>")[0].rpartition(">")[2] for each in part.split("<li>")[1:]]


def test_a_buyers_event_says_before_typing_where_companies_are_welcome(client, others):
    assert listed(client.get("/en/events/e/register")) == BEST
    page = client.get("/en/events/e").text
    assert "Suppliers cannot register." in page
    assert "See the dialogues for suppliers" in page


@pytest.mark.parametrize("kind", [PartyKind.COMPANY, PartyKind.SOLE_TRADER])
def test_a_company_gets_its_form_back_with_events_that_fit(client, others, look, kind):
    form = open_form(client, "/en/events/e/register", "party_name")
    form["party_name"], form["party_kind"] = "Trygghem Teknik AB", kind
    form["contact-name"], form["contact-email"] = "Karin Falk", "karin@trygghem.example"
    form["message"] = "Vi har en fråga"
    page = form.send("send")
    assert page.status_code == 422
    assert len(problems_of(page)) == 1
    assert "Thank you for wanting to come." in page.text
    assert listed(page) == BEST
    again = form_of(client, page, "party_name")
    assert again["message"] == "Vi har en fråga"
    assert again["contact-email"] == "karin@trygghem.example"
    with look() as session:
        assert session.query(Registration).one().contact_email != "karin@trygghem.example"


def test_without_any_other_event_the_list_of_dialogues_is_named(client, event):
    event(audience=Audience.BUYERS)
    page = client.get("/en/events/e/register").text
    assert "These are open for you" not in page
    assert "/en/?kind=market_dialogue" in page


def test_a_public_body_may_come_as_a_supplier(client, event, look):
    """LOU 1 kap. 16 §: public bodies offer services on the market too."""
    event(audience=Audience.SUPPLIERS)
    form = open_form(client, "/en/events/e/register", "party_name")
    form["party_name"], form["party_kind"] = "Lillsunds kommun", PartyKind.MUNICIPALITY
    form["contact-name"], form["contact-email"] = "Eva Nyström", "eva@lillsund.example"
    assert form.send("send").status_code == 303
    with look() as session:
        assert session.query(Registration).one().party_kind == PartyKind.MUNICIPALITY


def test_the_search_for_other_events_costs_few_statements(client, others, statements, look):
    with look() as session:
        assert session.query(Event).count() > 10
    with statements() as ran:
        client.get("/en/events/e/register")
    assert len(ran) <= 6
