"""Who writes, and where failures go, once mail comes in (calendar.md 2.0(3))."""

from email import message_from_bytes
from email.policy import default

import pytest
import sqlalchemy as sa

from dialognav.jobs import delivery
from dialognav.mail import notices
from dialognav.mail.bounce_addresses import letter_of_token
from dialognav.mail.post import Post
from dialognav.models import Attendance, KeptMail, Letter, Organisation
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration

SECRET = "not-a-secret-" * 4
IN = {"MAIL_IN": "webhook://", "MAIL_IN_SECRET": SECRET}


@pytest.fixture
def app(clock, make_app, request):
    return make_app(**IN)


class Handed(list):
    """A transport that keeps who handed over what to whom."""

    def send(self, message, sender, recipient):
        self.append((message_from_bytes(message, policy=default), sender, recipient))

    def close(self):
        """Nothing is open."""


@pytest.fixture
def handed(monkeypatch):
    kept = Handed()
    monkeypatch.setattr(delivery, "open_transport", lambda _url: kept)
    return kept


def invite(work, app, **changed):
    with work() as session:
        event = make_event(session, contact_email="maja@tallvik.example", **changed)
        make_participant(session, make_registration(session, event))
        seats = session.scalars(sa.select(Attendance)).all()
        post = Post.of(app.config["SETTINGS"])
        notices.tell_places(session, event, seats, why="registered", now=NOW, post=post)
        return event.organisation.slug, event.id


def test_an_organisation_writes_from_its_own_address_here(app, work, cli, handed):
    slug, _ = invite(work, app)
    cli.invoke(args=["worker", "--once"])
    [(message, sender, _recipient)] = handed
    address = f"{slug}@dialog.example"
    assert message["From"].addresses[0].addr_spec == address
    assert message["Reply-To"] is None
    ics = next(one for one in message.walk() if one.get_content_type() == "text/calendar")
    assert f"mailto:{address}".encode() in ics.get_payload(decode=True).replace(b"\r\n ", b"")
    assert sender.startswith("bounce+")


def test_a_failure_comes_back_to_an_address_that_proves_the_letter(app, work, cli, handed, look):
    invite(work, app)
    cli.invoke(args=["worker", "--once"])
    [(_message, sender, _recipient)] = handed
    token = sender.removeprefix("bounce+").removesuffix("@dialog.example")
    with look() as session:
        public_id = session.scalars(sa.select(Letter.public_id)).one()
    assert public_id.startswith(letter_of_token([app.secret_key], token))
    assert letter_of_token(["another key" * 4], token) is None


def test_an_invitation_made_before_keeps_its_organiser(app, make_app, clock, work, look):
    """ORGANIZER never changes; what people answer still comes in."""
    before = make_app()
    invite(work, before)
    assert before.test_cli_runner().invoke(args=["worker", "--once"]).exception is None
    with work() as session:
        seat = session.scalars(sa.select(Attendance)).one()
        seat.occasion.venue = {"sv": "Folkets hus"}
        event = seat.occasion.event
        slug = event.organisation.slug
        post = Post.of(app.config["SETTINGS"])
        notices.tell_places(session, event, [seat], why="changed", now=NOW, post=post)
    assert app.test_cli_runner().invoke(args=["worker", "--once"]).exception is None
    with look() as session:
        raw = session.scalars(sa.select(KeptMail.raw).order_by(KeptMail.id)).all()
    first, second = (message_from_bytes(one, policy=default) for one in raw)
    assert first["From"].addresses == second["From"].addresses
    assert first["From"].addresses[0].addr_spec == "dialog@dialog.example"
    assert first["Reply-To"] == "maja@tallvik.example"
    assert second["Reply-To"] == f"{slug}@dialog.example"


def test_without_an_inbox_answers_go_to_the_organiser(make_app, clock, work, handed):
    app = make_app()
    invite(work, app)
    app.test_cli_runner().invoke(args=["worker", "--once"])
    [(message, sender, _recipient)] = handed
    assert message["Reply-To"] == "maja@tallvik.example"
    assert sender == "dialog@dialog.example"


def test_the_settings_say_which_address_letters_come_from(staff, look):
    with look() as session:
        slug = session.get_one(Organisation, staff.organisation_id).slug
    assert f"{slug}@dialog.example" in staff.client.get("/manage/settings").text
