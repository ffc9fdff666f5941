"""What was mailed stands on the own page of its reader, and of nobody else."""

import re

import pytest
import sqlalchemy as sa

from dialognav.models import Event, Letter, MessageAttachment, Participant, Registration
from dialognav.tokens import PARTICIPANT, REGISTRATION, make_link
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.test_message_sending import leave, make_message

FILE_ID = "fileofmess22"


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
        session.add(
            _file(message.id, FILE_ID, "Bilaga 1 – behov.html", b"<script>alert(1)</script>")
        )
        leave(session, message.id)
        key = app.config["SETTINGS"].secret_key
        return {
            "contact": _path(key, REGISTRATION, registration),
            "colleague": _path(key, PARTICIPANT, jonas),
            "reader": _path(key, PARTICIPANT, karin),
            "other": _path(key, REGISTRATION, other),
        }


def _file(message_id: int, public_id: str, name: str, content: bytes) -> MessageAttachment:
    return MessageAttachment(
        public_id=public_id,
        message_id=message_id,
        filename=name,
        media_type="text/html",
        size=len(content),
        sha256="0" * 64,
        content=content,
        created_at=NOW,
    )


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


def test_what_was_attached_is_there_for_those_it_was_sent_to(client, pages):
    for whose in ("contact", "reader"):
        [path] = re.findall(r'href="([^"]*/files/[^"]*)" download', client.get(pages[whose]).text)
        assert path == f"{pages[whose]}/files/{FILE_ID}"
        answer = client.get(path)
        assert answer.data == b"<script>alert(1)</script>"
        headers = answer.headers
        assert headers["Content-Disposition"].startswith("attachment; filename=")
        assert (
            "filename*=UTF-8''Bilaga%201%20%E2%80%93%20behov.html" in headers["Content-Disposition"]
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_no_other_link_opens_what_was_attached(app, client, work, pages):
    for whose in ("colleague", "other"):
        assert client.get(f"{pages[whose]}/files/{FILE_ID}").status_code == 404
    mine = pages["contact"]
    for path in (f"{mine[:-1]}{'a' if mine[-1] != 'a' else 'b'}", mine.replace("/r/r", "/r/p")):
        assert client.get(f"{path}/files/{FILE_ID}").status_code == 404
    with work() as session:
        registration = session.scalars(
            sa.select(Registration).filter_by(contact_email="karin@a.example")
        ).one()
        registration.generation += 1
    assert client.get(f"{mine}/files/{FILE_ID}").status_code == 404


@pytest.mark.parametrize(
    "file_id",
    ["x", "%00", "..%2f..%2fetc", "%F0%9F%92%A9", "1 OR 1=1", FILE_ID.upper(), "a" * 5000],
)
def test_what_is_no_file_is_not_found(client, pages, file_id):
    assert client.get(f"{pages['contact']}/files/{file_id}").status_code == 404


def test_a_file_of_another_message_is_not_this_readers(client, work, pages):
    """Of one to others, of one that has not left, and of a draft."""
    with work() as session:
        event = session.scalars(sa.select(Event)).one()
        elsewhere = make_event(session)
        make_participant(session, make_registration(session, elsewhere))
        sent, waiting, draft = (
            make_message(session, elsewhere),
            make_message(session, event),
            make_message(session, event),
        )
        for number, message in enumerate((sent, waiting, draft)):
            session.add(_file(message.id, f"otherfile22{number + 2}", "X.pdf", b"%PDF-"))
        leave(session, sent.id)
        leave(session, waiting.id)
        session.execute(
            sa.update(Letter).where(Letter.message_id == waiting.id).values(sent_at=None)
        )
    for number in range(3):
        for whose in ("contact", "reader"):
            path = f"{pages[whose]}/files/otherfile22{number + 2}"
            assert client.get(path).status_code == 404


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


def test_the_meeting_link_is_that_of_today_and_the_confirmeds_alone(client, work, pages):
    with work() as session:
        event = session.scalars(sa.select(Event)).one()
        event.format = "hybrid"
        event.occasions[0].online_url = "https://meet.example/old"
        person = session.scalars(sa.select(Participant).filter_by(name="Karin Falk")).one()
        person.attendances[0].mode = "online"
        leave(session, make_message(session, event, body={"sv": "Vi ses: {länk}"}).id)
    assert "https://meet.example/old" in client.get(pages["reader"]).text
    with work() as session:
        session.scalars(sa.select(Event)).one().occasions[0].online_url = "https://meet.example/new"
    for whose in ("reader", "contact"):
        assert "meet.example/old" not in client.get(pages[whose]).text
    assert "https://meet.example/new" in client.get(pages["reader"]).text.partition("Vi ses")[2]
    with work() as session:
        person = session.scalars(sa.select(Participant).filter_by(name="Karin Falk")).one()
        person.attendances[0].state = "declined"
    page = client.get(pages["reader"]).text
    assert "Vi ses" in page
    assert "meet.example" not in page


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
    assert len(ran) <= 8, "\n".join(ran)
