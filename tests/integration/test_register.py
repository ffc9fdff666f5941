"""The sign-up form over HTTP, without any script."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.domain.terms import Attending, Audience, EventState, Format, Visibility
from dialognav.models import Attendance, Diet, Letter, Occasion, Participant, Registration
from tests.conftest import NOW
from tests.factories import STARTS, make_event
from tests.integration.forms import PageForm, form_of, open_form, problems_of


@pytest.fixture
def event(work):
    """Makes an event and gives its address: `path = event(capacity_on_site=1)`."""

    def make(lang="en", **given) -> str:
        with work() as session:
            return f"/{lang}/events/{make_event(session, **given).slug}/register"

    return make


def fill(form: PageForm, name="Karin Falk", party="Trygghem Teknik AB") -> PageForm:
    form["party_name"] = party
    form["contact-name"] = name
    form["contact-email"] = f"{name.split()[0].lower()}@trygghem.example"
    return form


def sign_up(client, path, name="Karin Falk", **more) -> PageForm:
    form = fill(open_form(client, path, "party_name"), name)
    for field, value in more.items():
        form[field.replace("__", "-")] = value
    return form


def states(session) -> list[tuple[str, str, str]]:
    rows = session.execute(
        sa.select(Participant.name, Attendance.mode, Attendance.state)
        .join(Attendance.participant)
        .order_by(Attendance.id)
    )
    return [tuple(row) for row in rows]


def test_one_page_and_the_answer_is_at_once(client, event, look):
    answer = sign_up(client, event()).send("send")
    assert answer.status_code == 303
    assert re.fullmatch(r"/en/r/r[a-z2-7]{38}\?new=1", answer.location)
    page = client.get(answer.location)
    assert "Thank you, you are registered" in page.text
    assert "Karin Falk" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"
    with look() as session:
        assert states(session) == [("Karin Falk", "on_site", "confirmed")]
        [letter] = session.scalars(sa.select(Letter))
        assert letter.recipient == "karin@trygghem.example"


def test_the_form_asks_no_consent_and_ticks_nothing_beforehand(client, event):
    page = client.get(event())
    assert "article 6.1 e" in page.text
    assert "public record" in page.text
    form = form_of(client, page, "party_name")
    assert "later_invitations" not in form.fields
    assert form["contact-takes_part"] == "y"


def test_colleagues_come_and_go_without_script_and_nothing_typed_is_lost(client, event, look):
    form = sign_up(client, event(format=Format.HYBRID), message="We come by train")
    form["contact-mode"] = "online"
    form["contact-accessibility_need"] = "hearing loop\nand a chair"
    form["later_invitations"] = "y"
    form["csrf_token"] = "stale"  # adding changes nothing, so an old page may do it
    for name in ("Jonas Berg", "Leila Nouri", "Emil Strand"):
        page = form.send("add")
        assert page.status_code == 200
        assert "errsum" not in page.text
        form = form_of(client, page, "party_name")
        last = max(int(n.split("-")[1]) for n in form.fields if n.startswith("people-"))
        form[f"people-{last}-name"] = name
        form[f"people-{last}-email"] = f"{name.split()[0].lower()}@trygghem.example"
        form[f"people-{last}-mode"] = "online" if name.startswith("Leila") else "on_site"
    assert [b for b in form.buttons if b.startswith("remove")] == [
        "remove-2",
        "remove-3",
        "remove-4",
    ]
    page = form.send("remove-2")
    form = form_of(client, page, "party_name")
    assert form["people-0-name"] == "Leila Nouri"
    assert form["people-0-mode"] == "online"
    assert form["people-1-name"] == "Emil Strand"
    assert form["message"] == "We come by train"
    assert form["contact-accessibility_need"].splitlines() == ["hearing loop", "and a chair"]
    assert form["later_invitations"] == "y"
    assert form.send("send").status_code == 303
    with look() as session:
        assert states(session) == [
            ("Karin Falk", "online", "confirmed"),
            ("Leila Nouri", "online", "confirmed"),
            ("Emil Strand", "on_site", "confirmed"),
        ]


def test_pressing_enter_sends_and_does_not_remove_anybody(client, event):
    page = client.get(event()).text
    form = page[page.index('id="sign-up"') :]
    first = re.search(r"<button[^>]*>", form)
    assert 'value="send"' in first[0]


def test_an_old_token_loses_nothing(client, event, look):
    form = sign_up(client, event(), message="Vi kommer två")
    form["csrf_token"] = "from yesterday"
    page = form.send("send")
    assert page.status_code == 422
    assert "still here" in " ".join(problems_of(page))
    again = form_of(client, page, "party_name")
    assert again["message"] == "Vi kommer två"
    assert again["contact-name"] == "Karin Falk"
    with look() as session:
        assert states(session) == []
    assert again.send("send").status_code == 303


def test_every_problem_is_told_at_once_beside_its_field(client, event):
    form = open_form(client, event(), "party_name").send("add")
    form = form_of(client, form, "party_name")
    form["identifier"] = "559401-2346"
    form["contact-email"] = "karin@"
    form["people-0-title"] = "CTO"
    page = form.send("send")
    assert page.status_code == 422
    assert problems_of(page) == [
        "Write the organisation&#39;s name",
        "A Swedish number has ten digits, like 559401-2345. Check the digits.",
        "Write the person&#39;s name",
        "Enter an e-mail address, like name@company.com",
        "Write the person&#39;s name",
        "Enter an e-mail address, like name@company.com",
    ]
    targets = re.findall(r'<li><a href="#([^"]+)"', page.text)
    for target in targets:
        assert f'id="{target}"' in page.text
    assert "<title>Error: " in page.text


def test_a_card_left_blank_is_nobody(client, event, look):
    form = form_of(client, sign_up(client, event()).send("add"), "party_name")
    assert form.send("send").status_code == 303
    with look() as session:
        assert len(states(session)) == 1


def test_a_contact_who_stays_home_signs_up_others(client, event, look):
    path = event()
    form = form_of(
        client, sign_up(client, path, contact__takes_part=None).send("add"), "party_name"
    )
    assert "contact-takes_part" not in form.fields
    nobody = form.send("send")
    assert nobody.status_code == 422
    assert "Somebody has to take part" in " ".join(problems_of(nobody))
    form = form_of(client, form.send("add"), "party_name")
    form["people-0-name"], form["people-0-email"] = "Jonas Berg", "jonas@trygghem.example"
    assert form.send("send").status_code == 303
    with look() as session:
        assert states(session) == [("Jonas Berg", "on_site", "confirmed")]
        assert session.scalars(sa.select(Registration.contact_name)).all() == ["Karin Falk"]


def test_two_colleagues_may_share_an_address_but_not_a_name(client, event, look):
    form = form_of(client, sign_up(client, event()).send("add"), "party_name")
    form["people-0-name"], form["people-0-email"] = "karin  FALK", "karin@trygghem.example"
    page = form.send("send")
    assert problems_of(page) == ["This person is already in the form"]
    form["people-0-name"] = "Jonas Berg"
    assert form.send("send").status_code == 303
    with look() as session:
        assert len(states(session)) == 2


def test_three_for_two_places_are_told_each(client, event):
    form = sign_up(client, event(capacity_on_site=2))
    for number, name in enumerate(("Jonas Berg", "Leila Nouri")):
        form = form_of(client, form.send("add"), "party_name")
        form[f"people-{number}-name"] = name
        form[f"people-{number}-email"] = f"p{number}@trygghem.example"
    page = client.get(form.send("send").location)
    text = re.sub(r"<[^>]*>", "", page.text)
    assert "Leila Nouri: number 1 on the waiting list" in text
    assert "We are mailing Karin Falk and Jonas Berg." in text
    assert "the first in the queue gets it" in text


def test_no_more_than_the_event_allows(client, event):
    form = sign_up(client, event(limit_per_party=2))
    form = form_of(client, form.send("add"), "party_name")
    assert "add" not in form.buttons
    for number in range(2):
        form[f"people-{number}-name"] = f"Extra {number}"
        form[f"people-{number}-email"] = f"e{number}@trygghem.example"
    page = form.send("send")
    assert problems_of(page) == ["At most 2 people from one organisation"]


def test_food_is_asked_only_where_it_is_served_and_in_a_field_of_its_own(client, event, look):
    assert "contact-diet" not in open_form(client, event(), "party_name").fields
    assert (
        sign_up(client, event(serves_food=True), contact__diet="nuts").send("send").status_code
        == 303
    )
    with look() as session:
        assert session.scalars(sa.select(Diet.need)).all() == ["nuts"]
    # and a forged field is not kept
    assert sign_up(client, event(), "Bo Ek", contact__diet="fish").send("send").status_code == 303
    with look() as session:
        assert session.scalars(sa.select(Diet.need)).all() == ["nuts"]


def test_a_personal_number_is_masked_and_never_stored(client, event, look):
    form = sign_up(client, event(), identifier="850101-1236")
    assert form.send("send").status_code == 303
    with look() as session:
        [made] = session.scalars(sa.select(Registration))
        assert (made.party_kind, made.party_identifier) == ("sole_trader", "******-**36")
        for column in (made.party_key, made.party_name, made.message):
            assert "850101" not in column
            assert "1236" not in column
        facts = str(session.scalars(sa.select(Letter.facts)).all())
        assert "850101" not in facts


def test_an_identifier_from_elsewhere(client, event, look):
    form = sign_up(client, event(), identifier="NO 999 000 002 MVA", country="NO")
    assert form.send("send").status_code == 303
    with look() as session:
        [made] = session.scalars(sa.select(Registration))
        assert (made.party_country, made.party_identifier) == ("NO", "999 000 002")
        assert made.party_key == "NO:999000002"


def test_a_supplier_at_a_buyers_day_is_shown_the_way(client, event):
    path = event(audience=Audience.BUYERS)
    page = client.get(path)
    assert "For public buyers only" in page.text
    form = fill(form_of(client, page, "party_name"))
    assert problems_of(form.send("send")) == ["Choose a kind of organisation"]
    form["party_kind"] = "company"
    page = form.send("send")
    assert problems_of(page) == [
        "This event is for public buyers. Dialogues for suppliers are in the list."
    ]
    assert "See the dialogues for suppliers" in page.text
    form["party_kind"] = "municipality"
    assert form.send("send").status_code == 303


def test_the_same_address_twice_is_answered_neutrally_and_mailed_only_there(
    client, event, look, app
):
    path = event()
    sign_up(client, path).send("send")
    other = app.test_client()
    form = sign_up(other, path)
    form["party_name"], form["contact-name"] = "Somebody Else AB", "Imposter Isak"
    for _each in range(6):
        answer = form.send("send")
        assert (answer.status_code, answer.location) == (303, "/en/look-in-your-mail")
    page = other.get(answer.location).text
    for word in ("Karin", "Trygghem", "Imposter", "confirmed", "trygghem"):
        assert word not in page
    with look() as session:
        assert len(states(session)) == 1
        told = session.execute(
            sa.select(Letter.kind, Letter.recipient).where(Letter.kind == "already_registered")
        ).all()
        assert 1 <= len(told) <= 3
        assert {recipient for _, recipient in told} == {"karin@trygghem.example"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"registration_opens_at": NOW + timedelta(days=1)}, "Registration has not opened yet"),
        ({"registration_closes_at": NOW}, "Registration is closed"),
        ({"state": EventState.CANCELLED, "reason": {"sv": "Sjukdom"}}, "The event is cancelled"),
        ({"state": EventState.POSTPONED}, "The event is postponed"),
        ({"capacity_on_site": 0, "waiting_list": False}, "All places are taken"),
        (
            {"starts_at": NOW - timedelta(days=2), "ends_at": NOW - timedelta(days=1)},
            "The event has been held",
        ),
    ],
)
def test_when_it_takes_nobody_the_page_says_why(client, event, given, words):
    page = client.get(event(**given))
    assert page.status_code == 200
    assert words in page.text
    assert "party_name" not in page.text


@pytest.mark.parametrize(
    "given",
    [
        {"state": EventState.DRAFT},
        {"state": EventState.SCHEDULED, "published_at": None},
    ],
)
def test_what_is_not_public_has_no_form(client, event, given):
    assert client.get(event(**given)).status_code == 404


def test_unlisted_is_open_to_those_who_have_the_address(client, event):
    assert sign_up(client, event(visibility=Visibility.UNLISTED)).send("send").status_code == 303


def test_closing_while_someone_writes_loses_nothing(client, event, clock, look):
    form = sign_up(client, event(registration_closes_at=NOW + timedelta(minutes=1)), message="Hej")
    clock.move_to(NOW + timedelta(minutes=2))
    page = form.send("send")
    assert page.status_code == 409
    assert "Registration has closed since you opened this page." in problems_of(page)
    assert form_of(client, page, "party_name")["message"] == "Hej"
    with look() as session:
        assert states(session) == []


def test_the_last_place_gone_while_someone_writes_loses_nothing(client, event, app):
    path = event(capacity_on_site=1, waiting_list=False)
    form = sign_up(client, path, message="Hej")
    sign_up(app.test_client(), path, "Jonas Berg").send("send")
    page = form.send("send")
    assert page.status_code == 409
    assert form_of(client, page, "party_name")["message"] == "Hej"


def test_days_are_chosen_when_there_are_several(client, event, work, look):
    path = event(attending=Attending.CHOOSE)
    with work() as session:
        [occasion] = session.scalars(sa.select(Occasion))
        second = Occasion(
            event_id=occasion.event_id,
            position=1,
            starts_at=STARTS + timedelta(days=1),
            ends_at=STARTS + timedelta(days=1, hours=2),
        )
        session.add(second)
        session.flush()
        first_id, second_id = occasion.id, second.id
    form = sign_up(client, path)
    assert f'value="{first_id}"' in client.get(path).text
    assert "contact-occasions" not in form.fields  # nobody is put anywhere by not looking
    assert problems_of(form.send("send")) == ["Choose at least one session"]
    form["contact-occasions"] = "999999"
    assert problems_of(form.send("send")) == ["Choose at least one session"]
    form["contact-occasions"] = str(second_id)
    assert form.send("send").status_code == 303
    with look() as session:
        assert session.scalars(sa.select(Attendance.occasion_id)).all() == [second_id]


# --- robots ---------------------------------------------------------------------------------------


def test_a_suspected_robot_gets_its_form_back_filled(make_app, clock, work, look):
    app = make_app(SIGNUP_MINIMUM_SECONDS="2")
    with work() as session:
        path = f"/en/events/{make_event(session).slug}/register"
    client = app.test_client()
    form = sign_up(client, path, message="Quick as a fox")
    clock.shift(1)
    page = form.send("send")
    assert page.status_code == 422
    assert "Send anyway" in page.text
    again = form_of(client, page, "party_name")
    assert again["message"] == "Quick as a fox"
    with look() as session:
        assert states(session) == []
    assert again.send("send").status_code == 303


def test_a_person_needs_no_second_press(make_app, clock, work):
    app = make_app(SIGNUP_MINIMUM_SECONDS="2")
    with work() as session:
        path = f"/en/events/{make_event(session).slug}/register"
    form = sign_up(app.test_client(), path)
    clock.shift(3)
    assert form.send("send").status_code == 303


@pytest.mark.parametrize("opened", ["", "1234.forged", "Im5vdyI.xxxx"])
def test_without_a_genuine_note_of_when_it_was_opened_one_is_asked(make_app, clock, work, opened):
    app = make_app(SIGNUP_MINIMUM_SECONDS="2")
    with work() as session:
        path = f"/en/events/{make_event(session).slug}/register"
    client = app.test_client()
    form = sign_up(client, path, opened=opened)
    clock.shift(60)
    page = form.send("send")
    assert page.status_code == 422
    assert form_of(client, page, "party_name").send("send").status_code == 303


def test_what_only_robots_fill_in_is_asked_about_too(client, event):
    page = sign_up(client, event(), website="http://spam.example").send("send")
    assert page.status_code == 422
    again = form_of(client, page, "party_name")
    assert again["website"] == ""
    assert again.send("send").status_code == 303


def test_the_limit_counts_sign_ups_from_one_address(make_app, clock, work, look):
    app = make_app(SIGNUP_LIMIT="2")
    with work() as session:
        path = f"/en/events/{make_event(session).slug}/register"
    client = app.test_client()
    for name in ("Ada Alm", "Bo Ek"):
        assert sign_up(client, path, name).send("send").status_code == 303
    page = sign_up(client, path, "Cia Dal").send("send")
    assert page.status_code == 429
    assert form_of(client, page, "party_name")["contact-name"] == "Cia Dal"
    clock.shift(601)
    assert sign_up(client, path, "Cia Dal").send("send").status_code == 303
    with look() as session:
        assert len(states(session)) == 3


def test_thirty_from_one_office_in_five_minutes_are_welcome(client, event, clock, look):
    path = event()
    for number in range(30):
        form = fill(open_form(client, path, "party_name"), f"Person{number} Ek")
        assert form.send("send").status_code == 303
        clock.shift(10)
    with look() as session:
        assert len(states(session)) == 30


# --- hostile input --------------------------------------------------------------------------------

HOSTILE = {
    "right to left": "\u202eevil\u202c مرحبا",
    "emoji": "👩‍👩‍👧‍👦 Äggö 🦊",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "header": "Karin\r\nBcc: all@victims.example",
    "sql": "Robert'); DROP TABLE registration;--",
    "nul": "Ka\x00rin",
    "surrogate": "Ka\ud800rin",
    "template": "{{ config }} %(x)s %s {0}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_strange_text_is_text(client, event, look, text):
    form = sign_up(client, event(serves_food=True))
    for name in ("party_name", "contact-name", "contact-title", "contact-diet", "message"):
        form[name] = text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    data = "&".join(
        f"{name}={_quoted(value)}" for name, value in [*form.fields.items(), ("action", "send")]
    )
    answer = client.post(form.path, data=data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "onerror=alert(1)>" not in page.text
    with look() as session:
        [person] = session.scalars(sa.select(Participant))
        assert "\n" not in person.name
        assert "\r" not in person.name
        assert "\x00" not in person.name


def _quoted(value: str) -> str:
    from urllib.parse import quote_from_bytes

    return quote_from_bytes(value.encode("utf-8", "surrogateescape"), safe="")


def test_too_long_text_is_said_with_both_numbers(client, event):
    form = sign_up(client, event(), message="x" * 1001)
    page = form.send("send")
    assert problems_of(page) == ["Write at most 1000 characters. This is 1001."]
    assert form_of(client, page, "party_name")["message"] == "x" * 1001


def test_a_flood_of_cards_is_answered_in_good_time(client, event):
    form = sign_up(client, event())
    for number in range(10_000):
        form[f"people-{number}-name"] = "x"
    page = form.send("send")
    assert page.status_code in (413, 422)


def test_a_body_beyond_measure_is_refused(client, event):
    assert sign_up(client, event(), message="x" * 600_000).send("send").status_code == 413


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"action": "remove-99999999999999999999"},
        {"action": "remove-²"},
        {"action": "drop table"},
        {"people-0-name": "x", "people-0-mode": "levitating"},
        {"party_kind": "wizard", "country": "XX"},
        {"identifier": "9" * 4000},
        {"contact-email": "a" * 300 + "@b.example"},
    ],
)
def test_half_forms_and_forged_choices_are_answered_calmly(client, event, fields):
    assert client.post(event(format=Format.HYBRID), data=fields).status_code in (200, 422)


def test_the_form_and_the_post_ask_the_database_little(client, event, statements):
    path = event(capacity_on_site=1)
    client.get(path)
    with statements() as ran:
        form = sign_up(client, path)
    assert len(ran) <= 2
    with statements() as ran:
        assert form.send("send").status_code == 303
    assert len(ran) <= 22, "\n".join(ran)
    waiting = sign_up(client, path, "Bo Ek")
    with statements() as ran:
        answer = waiting.send("send")
    assert len(ran) <= 24, "\n".join(ran)
    with statements() as ran:
        assert client.get(answer.location).status_code == 200
    assert len(ran) <= 6, "\n".join(ran)


@pytest.mark.parametrize("lang", ["sv", "en", "nb"])
def test_the_page_is_in_the_readers_language_and_so_are_the_letters(client, event, look, lang):
    path = event(lang, format=Format.HYBRID)
    page = client.get(path)
    assert f'<html lang="{lang}"' in page.text
    assert sign_up(client, path).send("send").status_code == 303
    with look() as session:
        assert session.scalars(sa.select(Letter.language)).all() == [lang]
