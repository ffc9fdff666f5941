""" "Send me my links": one answer for the known and the unknown."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.models import Letter
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_participant, make_registration
from tests.integration.forms import form_of, open_form, problems_of


@pytest.fixture
def known(work):
    """kontakt@ is a contact, kollega@ takes part in the same registration."""
    with work() as session:
        registration = make_registration(
            session, make_event(session), contact_email="kontakt@firma.example"
        )
        make_participant(session, registration, email="kollega@firma.example", name="Ko Llega")


def ask(client, email, lang="en"):
    form = open_form(client, f"/{lang}/my")
    form["email"] = email
    return form.send()


def letters(look) -> list:
    with look() as session:
        return [
            (letter.recipient, letter.facts["links"][0]["link"]["purpose"])
            for letter in session.scalars(sa.select(Letter).filter_by(kind="links"))
        ]


def test_contact_and_colleague_get_their_own_links(client, known, look):
    ask(client, "kontakt@firma.example")
    ask(client, " Kollega@FIRMA.example ")
    assert sorted(letters(look)) == [
        ("kollega@firma.example", "p"),
        ("kontakt@firma.example", "r"),
    ]


def test_the_answer_is_the_same_whether_or_not_the_address_is_known(client, known, app, look):
    pages = []
    for email in ("kontakt@firma.example", "okand@annan.example"):
        visitor = app.test_client()
        answer = ask(visitor, email)
        pages.append((answer.status_code, answer.location, visitor.get(answer.location).text))
    assert pages[0] == pages[1]
    assert "firma.example" not in pages[0][2]
    assert len(letters(look)) == 1


def test_one_address_is_mailed_a_few_times_an_hour_and_nobody_can_tell(client, known, look, clock):
    for _each in range(6):
        answer = ask(client, "kontakt@firma.example")
        assert (answer.status_code, answer.location) == (303, "/en/my/sent")
    assert len(letters(look)) == 3
    clock.shift(3601)
    ask(client, "kontakt@firma.example")
    assert len(letters(look)) == 4


def test_one_sender_asks_thirty_times_in_ten_minutes(client, known):
    for number in range(30):
        assert ask(client, f"n{number}@firma.example").status_code == 303
    page = ask(client, "n31@firma.example")
    assert page.status_code == 429
    assert form_of(client, page)["email"] == "n31@firma.example"


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "x" * 400 + "@y.example", "a@b.example\r\nBcc: c@d.example"]
)
def test_what_is_no_address_is_said(client, email):
    page = ask(client, email)
    assert page.status_code == 422
    assert problems_of(page) == ["Enter an e-mail address, like name@company.com"]


def test_old_and_withdrawn_registrations_are_forgotten(client, work, look, clock):
    with work() as session:
        withdrawn = make_registration(
            session, make_event(session), contact_email="kontakt@firma.example"
        )
        withdrawn.withdrawn_at = NOW
        make_registration(session, make_event(session), contact_email="annan@firma.example")
    ask(client, "kontakt@firma.example")
    clock.move_to(STARTS + timedelta(days=120))
    ask(client, "annan@firma.example")
    assert letters(look) == []


def test_the_letter_holds_no_secret_and_speaks_the_askers_language(client, known, look):
    ask(client, "kontakt@firma.example", lang="nb")
    with look() as session:
        [letter] = session.scalars(sa.select(Letter))
        assert letter.language == "nb"
        assert not re.search(r"[rp][a-z2-7]{38}", str(letter.facts))


def test_asking_by_get_sends_nothing(client, known, look):
    for path in ("/en/my", "/en/my?email=kontakt@firma.example", "/en/my/sent"):
        for method in (client.get, client.head):
            assert method(path).status_code == 200
    assert letters(look) == []
