"""What was mailed stands on the own page of its reader, and of nobody else."""

import re

import pytest
import sqlalchemy as sa

from dialognav.models import Event, Letter, Participant, Registration
from dialognav.tokens import PARTICIPANT, REGISTRATION, make_link
from tests.factories import make_event, make_participant, make_registration
from tests.integration.test_message_sending import leave, make_message


@pytest.fixture
def pages(app, work):
    """{whose: path} of the contact, a colleague and somebody of another organisation."""
    with work() as session:
        event = make_event(session)
        registration = make_registration(session, event, contact_email="karin@a.example")
        karin = make_participant(session, registration, name="Karin Falk", email="karin@a.example")
        jonas = make_participant(
            session, registration, "waiting", name="Jonas Berg", email="jonas@a.example"
        )
        other = make_registration(session, event, contact_email="eva@b.example")
        make_participant(session, other, "waiting", name="Eva Nord", email="eva@b.example")
        message = make_message(
            session,
            event,
            subject={"sv": "Ny bilaga, {förnamn}"},
            body={"sv": "Hej {namn}! Se <b>bilagan</b> på [er sida]({min_sida})."},
        )
        leave(session, message.id)
        key = app.config["SETTINGS"].secret_key
        return {
            "contact": _path(key, REGISTRATION, registration),
            "colleague": _path(key, PARTICIPANT, jonas),
            "reader": _path(key, PARTICIPANT, karin),
            "other": _path(key, REGISTRATION, other),
        }


def _path(key: str, purpose: str, row: Registration | Participant) -> str:
    return f"/sv/r/{make_link(key, purpose, row.public_id, row.generation)}"


def test_it_can_be_read_again_by_those_it_was_sent_to(client, pages):
    for whose in ("contact", "reader"):
        page = client.get(pages[whose]).text
        assert "Ny bilaga, Karin" in page
        assert "Hej Karin Falk! Se &lt;b&gt;bilagan&lt;/b&gt;" in page
        [leads_to] = re.findall(r'<a href="([^"]*)"[^>]*>er sida</a>', page)
        assert leads_to == pages[whose]  # and not to somebody else's page


def test_nobody_else_reads_it(client, pages):
    for whose in ("colleague", "other"):
        assert "Ny bilaga" not in client.get(pages[whose]).text


def test_what_has_not_left_is_not_shown(client, work, pages):
    with work() as session:
        session.execute(sa.update(Letter).values(status="pending", sent_at=None))
    assert "Ny bilaga" not in client.get(pages["contact"]).text


def test_once_the_facts_are_gone_the_words_are_still_there(client, work, pages):
    with work() as session:
        session.execute(sa.update(Letter).values(facts=None))
    page = client.get(pages["contact"])
    assert page.status_code == 200
    assert "bilagan" in page.text


def test_in_another_language_the_words_say_which_they_are(client, pages):
    page = client.get(pages["contact"].replace("/sv/", "/en/")).text
    assert 'lang="sv"' in page
    assert "Ny bilaga, Karin" in page


def test_with_many_the_page_asks_no_more(client, work, pages, statements):
    with work() as session:
        event = session.scalars(sa.select(Event)).one()
        for _n in range(4):
            leave(session, make_message(session, event).id)
    with statements() as ran:
        assert client.get(pages["contact"]).status_code == 200
    assert len(ran) <= 7, "\n".join(ran)
