"""People who sign up, and the mails that leave: what the tests of whole lives of entries share."""

from email import message_from_bytes
from email.policy import default

import pytest
import sqlalchemy as sa

from dialognav.actions import registrations
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish
from dialognav.domain.parties import make_party
from dialognav.domain.terms import Mode
from dialognav.mail.post import Post
from dialognav.models import KeptMail
from tests.conftest import NOW

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)


@pytest.fixture
def post_mail(app, look):
    """Let the worker run; the new mails as messages."""
    seen = set()

    def posting():
        assert app.test_cli_runner().invoke(args=["worker", "--once"]).exception is None
        with look() as session:
            rows = session.execute(sa.select(KeptMail.id, KeptMail.raw).order_by(KeptMail.id)).all()
        new = [message_from_bytes(raw, policy=default) for id_, raw in rows if id_ not in seen]
        seen.update(id_ for id_, _ in rows)
        return new

    return posting


def sign_up(
    work, event_id, *names, chosen=(), mode=Mode.ON_SITE, language="en", now=NOW, post=POST
):
    """One registration of these people, Ada alone when none is named; the first is its contact."""
    people = tuple(
        NewPerson(name, f"{name.lower()}@firm.example", Wish(mode, chosen))
        for name in names or ("Ada",)
    )
    contact = Contact(people[0].name, people[0].email)
    party = make_party(f"{contact.name} AB", "company", None, email=contact.email, secret="s" * 32)
    with work() as session:
        who = Register(party, contact, people, language)
        registrations.register(session, event_id, who, now=now, actor="", post=post)


def to(messages, address):
    [found] = [one for one in messages if address in one["To"]]
    return found


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content()


def calendar_part(message) -> bytes | None:
    parts = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    return parts[0].get_payload(decode=True) if parts else None
