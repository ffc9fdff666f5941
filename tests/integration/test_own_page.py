"""The own page: the contact's link opens the registration, a colleague's only that colleague."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav import tokens
from dialognav.domain.terms import EventState, Format
from dialognav.models import (
    Attendance,
    CalendarObject,
    CalendarRevision,
    Diet,
    Event,
    Letter,
    Participant,
    RateCount,
    Registration,
)
from tests.factories import STARTS, make_event
from tests.integration.forms import form_of, open_form, problems_of

KEY = "not-a-secret-" * 4
URL = "https://meet.example/secret-room"


class Signed:
    """A registration of Karin and Jonas, and the paths of their pages."""

    def __init__(self, client, look, own: str) -> None:
        self.client, self.look, self.own = client, look, own
        self.refresh()

    def refresh(self) -> None:
        with self.look() as session:
            self.ids = dict(
                session.execute(sa.select(Participant.name, Participant.public_id)).all()
            )

    def colleague(self, name="Jonas Berg") -> str:
        with self.look() as session:
            one = session.scalars(sa.select(Participant).filter_by(name=name)).one()
            return "/en/r/" + tokens.make_link(
                KEY, tokens.PARTICIPANT, one.public_id, one.generation
            )

    def path(self, verb: str, name: str = "") -> str:
        return "/".join(part for part in (self.own, self.ids.get(name, ""), verb) if part)

    def states(self) -> list[tuple[str, str, str]]:
        with self.look() as session:
            rows = session.execute(
                sa.select(Participant.name, Attendance.mode, Attendance.state)
                .join(Attendance.participant)
                .order_by(Attendance.id)
            )
            return [tuple(row) for row in rows]


@pytest.fixture
def signed(client, work, look):
    """`signed(capacity_on_site=1)` signs up two people for a new event."""

    def sign(**given) -> Signed:
        with work() as session:
            slug = make_event(session, online_url=URL, **given).slug
        form = open_form(client, f"/en/events/{slug}/register", "party_name")
        form = form_of(client, form.send("add"), "party_name")
        form["party_name"] = "Trygghem Teknik AB"
        form["contact-name"], form["contact-email"] = "Karin Falk", "karin@trygghem.example"
        form["people-0-name"], form["people-0-email"] = "Jonas Berg", "jonas@trygghem.example"
        answer = form.send("send")
        assert answer.status_code == 303, problems_of(answer)
        return Signed(client, look, answer.location.removesuffix("?new=1"))

    return sign


def button(client, path: str, **fields):
    """Open the page, press its button."""
    form = open_form(client, path)
    for name, value in fields.items():
        form[name] = value
    return form.send()


# --- who sees what --------------------------------------------------------------------------------


def test_a_colleagues_link_names_nobody_else(client, signed):
    made = signed(serves_food=True)
    page = client.get(made.colleague())
    assert page.status_code == 200
    assert "Jonas Berg" in page.text
    for word in ("Karin Falk", "karin@", "Falk"):
        assert word not in page.text
    assert "Add a colleague" not in page.text
    assert "Hand over" not in page.text


@pytest.mark.parametrize("verb", ["edit", "swap", "withdraw"])
def test_a_colleagues_link_reaches_nobody_else(client, signed, verb):
    made = signed()
    theirs = f"{made.colleague()}/{made.ids['Karin Falk']}/{verb}"
    assert client.get(theirs).status_code == 404
    assert client.post(theirs).status_code == 404


@pytest.mark.parametrize("verb", ["add", "contact", "address", "send-again", "new-link"])
def test_what_is_the_contacts_is_not_found_behind_a_colleagues_link(client, signed, verb):
    path = f"{signed().colleague()}/{verb}"
    assert client.post(path).status_code == 404
    if verb not in ("send-again", "new-link"):
        assert client.get(path).status_code == 404


def test_another_registrations_people_are_not_found(client, signed, app, work):
    first = signed()
    with work() as session:
        slug = session.scalars(sa.select(Event.slug)).one()
    form = open_form(client, f"/en/events/{slug}/register", "party_name")
    form["party_name"], form["contact-name"] = "Other AB", "Olle Annan"
    form["contact-email"] = "olle@other.example"
    own = form.send("send").location.removesuffix("?new=1")
    for verb in ("edit", "swap", "withdraw"):
        path = f"{own}/{first.ids['Karin Falk']}/{verb}"
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s[:-1] + ("a" if s[-1] != "a" else "b"),
        lambda s: s.upper(),
        lambda s: s[:20],
        lambda s: "p" + s[1:],
        lambda s: "r" + "a" * 38,
        lambda s: s + "/..",
        lambda s: "%00" + s,
        lambda s: "å" * 39,
    ],
)
def test_a_wrong_link_is_not_found(client, signed, spoil):
    own = signed().own
    lang, secret = own.rsplit("/", 1)
    answer = client.get(f"{lang}/{spoil(secret)}")
    assert answer.status_code == 404
    assert "Karin" not in answer.text


def test_links_made_with_a_former_key_still_open(make_app, clock, signed):
    own = signed().own
    app = make_app(SECRET_KEY="another-key-" * 4, SECRET_KEY_FALLBACKS=KEY)
    assert app.test_client().get(own).status_code == 200
    assert make_app(SECRET_KEY="another-key-" * 4).test_client().get(own).status_code == 404


def test_the_digital_link_is_for_the_confirmed_who_attend_that_way(client, signed):
    made = signed(format=Format.HYBRID, capacity_online=1)
    assert URL not in client.get(made.own).text  # both on site
    button(client, made.path("edit", "Jonas Berg"), mode="online")
    assert URL in client.get(made.colleague()).text
    assert URL not in client.get(made.own).text  # Karin is the contact, and on site
    button(client, made.path("edit", "Karin Falk"), mode="online")
    assert made.states()[-1] == ("Karin Falk", "online", "waiting")
    assert URL not in client.get(made.own).text


def test_a_link_that_is_no_web_address_is_never_a_link(client, signed, work):
    made = signed(format=Format.ONLINE)
    with work() as session:
        session.scalars(sa.select(Event)).one().occasions[0].online_url = "javascript:alert(1)"
    assert "javascript:" not in client.get(made.colleague()).text


# --- no GET changes anything ----------------------------------------------------------------------


def everything(session) -> dict[str, list]:
    models = (
        *(Registration, Participant, Attendance, Diet, Letter, Event),
        *(CalendarObject, CalendarRevision, RateCount),
    )
    return {
        model.__tablename__: [tuple(row) for row in session.execute(sa.select(model.__table__))]
        for model in models
    }


def test_opening_every_link_three_times_changes_nothing(client, signed, look):
    made = signed(format=Format.HYBRID, capacity_on_site=1, serves_food=True)
    seen, todo = set(), [made.own + "?new=1", made.own, made.colleague()]
    with look() as session:
        before = everything(session)
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        for method in (client.get, client.head, client.get, client.head, client.get, client.head):
            answer = method(path)
            assert answer.status_code == 200, path
        page = client.get(path)
        if page.mimetype == "text/html":
            found = re.findall(r'href="(/(?:en/)?r/[^"#]+)"', page.text)
            todo += [each.replace("&amp;", "&") for each in found]
    assert len(seen) > 12
    with look() as session:
        assert everything(session) == before


# --- changing -------------------------------------------------------------------------------------


def test_details_are_changed_on_ones_own_link(client, signed, look):
    made = signed(serves_food=True)
    path = f"{made.colleague()}/{made.ids['Jonas Berg']}/edit"
    answer = button(
        client, path, name="Jonas Bergman", title="CTO", accessibility_need="Ramp", diet="vegan"
    )
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "The changes are saved" in page.text
    for word in ("Jonas Bergman", "CTO", "Ramp", "vegan"):
        assert word in page.text
    assert "email" not in open_form(client, path).fields  # the contact's to correct


def test_changing_a_title_does_not_leave_the_queue_one_waits_in(client, signed):
    made = signed(format=Format.HYBRID, capacity_online=0)
    button(client, made.path("edit", "Jonas Berg"), mode="online")
    waits = [("Jonas Berg", "on_site", "confirmed"), ("Jonas Berg", "online", "waiting")]
    assert made.states()[1:] == waits
    form = open_form(client, made.path("edit", "Jonas Berg"))
    assert form["mode"] == "online"
    form["title"] = "CTO"
    assert form.send().status_code == 303
    assert made.states()[1:] == waits
    button(client, made.path("edit", "Jonas Berg"), mode="on_site")
    assert made.states()[1:] == [waits[0], ("Jonas Berg", "online", "withdrawn")]


def test_a_problem_on_a_form_keeps_what_was_typed(client, signed):
    made = signed()
    answer = button(client, made.path("edit", "Jonas Berg"), name="", title="Kept title")
    assert answer.status_code == 422
    assert form_of(client, answer)["title"] == "Kept title"
    form = open_form(client, made.path("swap", "Jonas Berg"))
    form["name"], form["email"], form["csrf_token"] = "Emil", "emil@trygghem.example", "old"
    answer = form.send()
    assert answer.status_code == 422
    assert form_of(client, answer)["name"] == "Emil"


def test_after_the_start_a_form_says_so_and_keeps_its_text(client, signed, clock):
    made = signed()
    clock.move_to(STARTS - timedelta(minutes=1))
    form = open_form(client, made.path("edit", "Jonas Berg"))
    form["title"] = "Typed just before nine"
    clock.move_to(STARTS)
    answer = form.send()
    assert answer.status_code == 409
    assert "Typed just before nine" in answer.text
    assert "The event has begun" in " ".join(problems_of(answer))


def test_a_colleague_is_swapped_and_the_former_link_shows_it(client, signed, look):
    made = signed()
    former = made.colleague()
    answer = button(
        client, made.path("swap", "Jonas Berg"), name="Emil Strand", email="emil@trygghem.example"
    )
    assert answer.status_code == 303
    assert made.states() == [
        ("Karin Falk", "on_site", "confirmed"),
        ("Jonas Berg", "on_site", "withdrawn"),
        ("Emil Strand", "on_site", "confirmed"),
    ]
    page = client.get(former)
    assert page.status_code == 200
    assert "You have withdrawn" in page.text
    assert "Emil" not in page.text
    assert "Emil Strand" in client.get(made.colleague("Emil Strand")).text


def test_a_colleague_is_added_until_the_event_says_enough(client, signed):
    made = signed(limit_per_party=3)
    assert "Add a colleague" in client.get(made.own).text
    answer = button(client, made.path("add"), name="Leila Nouri", email="leila@trygghem.example")
    assert answer.status_code == 303
    assert made.states()[-1] == ("Leila Nouri", "on_site", "confirmed")
    assert "Add a colleague" not in client.get(made.own).text
    answer = button(client, made.path("add"), name="Fjärde", email="fjarde@trygghem.example")
    assert answer.status_code == 409


def test_adding_to_a_full_event_joins_the_queue(client, signed):
    made = signed(capacity_on_site=2)
    button(client, made.path("add"), name="Leila Nouri", email="leila@trygghem.example")
    page = client.get(made.own)
    assert "Number 1 on the waiting list" in page.text
    assert "Number 1 on the waiting list" in client.get(made.colleague("Leila Nouri")).text


def test_withdrawing_asks_first_and_moves_the_queue(client, signed, look):
    made = signed(capacity_on_site=1)
    assert made.states()[1] == ("Jonas Berg", "on_site", "waiting")
    asks = client.get(made.path("withdraw", "Karin Falk"))
    assert "Withdraw Karin Falk?" in asks.text
    answer = button(client, made.path("withdraw", "Karin Falk"))
    assert answer.status_code == 303
    assert made.states() == [
        ("Karin Falk", "on_site", "withdrawn"),
        ("Jonas Berg", "on_site", "confirmed"),
    ]
    page = client.get(answer.location)
    assert page.status_code == 200  # the registration's link lives on
    assert "Jonas Berg" in page.text
    with look() as session:
        kinds = session.execute(sa.select(Letter.recipient, Letter.kind).order_by(Letter.id)).all()
        assert ("jonas@trygghem.example", "promoted") in [tuple(kind) for kind in kinds]


def test_withdrawing_everybody(client, signed):
    made = signed()
    answer = button(client, made.path("withdraw"))
    assert {state for *_, state in made.states()} == {"withdrawn"}
    page = client.get(answer.location)
    assert "You have withdrawn" in page.text
    assert "/edit" not in page.text
    again = client.get(made.own + "?new=1")
    assert "Thank you, you are registered" not in again.text


def test_withdrawing_by_ones_own_link_leaves_the_others(client, signed):
    made = signed()
    answer = button(client, made.colleague() + "/withdraw")
    assert answer.status_code == 303
    assert [state for *_, state in made.states()] == ["confirmed", "withdrawn"]


def test_a_button_without_a_genuine_token_does_nothing(client, signed):
    made = signed()
    for verb in ("withdraw", "send-again", "new-link"):
        assert client.post(made.path(verb)).status_code == 400
    assert {state for *_, state in made.states()} == {"confirmed"}


def test_withdrawal_works_until_the_start(client, signed, clock):
    made = signed()
    clock.move_to(STARTS - timedelta(seconds=1))
    form = open_form(client, made.path("withdraw"))
    clock.move_to(STARTS)
    assert form.send().status_code == 409
    assert "Withdraw" not in re.sub(r"<title>.*?</title>", "", client.get(made.own).text)
    clock.move_to(STARTS - timedelta(seconds=1))
    assert form.send().status_code == 303


# --- the contact ----------------------------------------------------------------------------------


def test_a_mistyped_address_is_corrected_on_the_receipt(client, signed, look):
    made = signed()
    receipt = client.get(made.own + "?new=1")
    form = form_of(client, receipt, "email")
    assert form["email"] == "karin@trygghem.example"
    form["email"] = "karin.falk@trygghem.example"
    answer = form.send()
    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 200
    assert client.get(made.own).status_code == 404, "the old secret dies"
    with look() as session:
        unsent = session.execute(
            sa.select(Letter.recipient).where(Letter.status == "pending")
        ).scalars()
        assert sorted(unsent) == ["jonas@trygghem.example", "karin.falk@trygghem.example"]


def test_correcting_to_an_address_that_has_its_own_registration_tells_nothing(client, signed, work):
    made = signed()
    with work() as session:
        slug = session.scalars(sa.select(Event.slug)).one()
    form = open_form(client, f"/en/events/{slug}/register", "party_name")
    form["party_name"], form["contact-name"] = "Other AB", "Olle Annan"
    form["contact-email"] = "olle@other.example"
    form.send("send")
    answer = button(client, made.path("address"), email="olle@other.example")
    assert (answer.status_code, answer.location) == (303, "/en/look-in-your-mail")
    assert client.get(made.own).status_code == 200, "nothing changed"


def test_editing_ones_address_to_a_taken_one_tells_nothing_either(client, signed, work):
    made = signed()
    with work() as session:
        slug = session.scalars(sa.select(Event.slug)).one()
    form = open_form(client, f"/en/events/{slug}/register", "party_name")
    form["party_name"], form["contact-name"] = "Other AB", "Olle Annan"
    form["contact-email"] = "olle@other.example"
    form.send("send")
    answer = button(client, made.path("edit", "Karin Falk"), email="olle@other.example")
    assert (answer.status_code, answer.location) == (303, "/en/look-in-your-mail")


def test_nobody_mails_the_world_through_a_registration(client, signed):
    made = signed()
    for number in range(25):
        answer = button(
            client, made.path("edit", "Jonas Berg"), email=f"victim{number}@other.example"
        )
    assert answer.status_code == 409
    assert "Too many attempts" in " ".join(problems_of(answer))


def test_a_colleagues_address_is_corrected_by_the_contact(client, signed, look):
    made = signed()
    former = made.colleague()
    answer = button(client, made.path("edit", "Jonas Berg"), email="jonas.berg@trygghem.example")
    assert answer.status_code == 303
    assert client.get(former).status_code == 404
    assert client.get(made.own).status_code == 200
    assert client.get(made.colleague()).status_code == 200


def test_a_new_link_kills_the_old_one(client, signed, look):
    made = signed()
    page = client.get(made.own)
    form = form_of(client, page)
    answer = client.post(made.path("new-link"), data={"csrf_token": form["csrf_token"]})
    assert answer.status_code == 303
    assert client.get(made.own).status_code == 404
    assert client.get(answer.location).status_code == 200


def test_handing_over_leaves_the_former_contact_an_own_link(client, signed, look):
    made = signed()
    answer = button(
        client, made.path("contact"), name="Ny Kontakt", email="ny@trygghem.example", phone="1"
    )
    assert answer.status_code == 303
    assert client.get(made.own).status_code == 404
    page = client.get(answer.location)
    assert "Karin Falk" in page.text
    assert "Jonas" not in page.text
    with look() as session:
        made_now = session.scalars(sa.select(Registration)).one()
        assert made_now.contact_email == "ny@trygghem.example"


def test_the_mail_is_sent_again_a_few_times_an_hour(client, signed):
    made = signed()
    token = form_of(client, client.get(made.own))["csrf_token"]
    answers = [
        client.post(made.path("send-again"), data={"csrf_token": token}).status_code
        for _each in range(22)
    ]
    assert answers == [303] * 20 + [429] * 2


# --- states of the event --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (EventState.CANCELLED, "The event is cancelled"),
        (EventState.POSTPONED, "Your places and numbers are kept."),
    ],
)
def test_the_own_page_says_what_became_of_the_event(client, signed, work, state, words):
    made = signed(format=Format.ONLINE)
    with work() as session:
        event = session.scalars(sa.select(Event)).one()
        event.state, event.reason = state, {"sv": "Lokalen brann"}
    page = client.get(made.own)
    assert words in page.text
    assert URL not in page.text
    assert URL not in client.get(made.colleague()).text
    assert "invite.ics" not in page.text


def test_details_can_be_changed_while_the_event_is_postponed(client, signed, work):
    made = signed(format=Format.HYBRID)
    with work() as session:
        session.scalars(sa.select(Event)).one().state = EventState.POSTPONED
    answer = button(client, made.path("edit", "Jonas Berg"), title="CTO")
    assert answer.status_code == 303
    assert "CTO" in client.get(made.own).text


def test_after_the_event_the_page_is_still_there_and_its_forms_say_why_not(client, signed, clock):
    made = signed()
    clock.move_to(STARTS + timedelta(days=30))
    page = client.get(made.own)
    assert page.status_code == 200
    assert "/edit" not in page.text
    for verb in ("edit", "swap", "withdraw"):
        answer = client.get(made.path(verb, "Karin Falk"))
        assert answer.status_code == 409
        assert "The event has begun" in answer.text


def test_the_own_pages_ask_the_database_little_whatever_the_number(client, signed, statements):
    made = signed(capacity_on_site=1)
    for number in range(4):
        button(client, made.path("add"), name=f"Extra {number}", email=f"e{number}@x.example")
    for path in (made.own, made.own + "?new=1", made.colleague()):
        with statements() as ran:
            assert client.get(path).status_code == 200
        assert len(ran) <= 7, "\n".join(ran)
