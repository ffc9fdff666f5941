"""Whose letters they are: a From that survives SPF and DMARC, and a signature where we make it."""

import subprocess
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from threading import Event

import dkim
import pytest
import sqlalchemy as sa

import config
from dialognav.jobs.delivery import Courier
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Attendance, KeptMail
from tests.conftest import NOW
from tests.factories import make_event, make_organisation, make_participant, make_registration
from tests.integration.test_mail_doctor import HERE, ask, names  # noqa: F401 (fixtures)

KEY = "dialog.tallvik.se", "s1"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A private key, and the record that publishes its other half."""
    path = tmp_path_factory.mktemp("dkim") / "key.pem"
    made = ["openssl", "genrsa", "-traditional", "-out", str(path), "1024"]
    subprocess.run(made, check=True, capture_output=True)
    shown = ["openssl", "rsa", "-in", str(path), "-pubout"]
    public = subprocess.run(shown, check=True, capture_output=True, text=True).stdout
    return path, "v=DKIM1; k=rsa; p=" + "".join(public.splitlines()[1:-1])


@pytest.fixture
def mailed(make_app, clock, work, look):
    """The mail to one who has registered, sent with these settings."""

    def mailing(own="", *, given_before=(), **environment):
        app = make_app(**HERE | environment)
        post = Post.of(app.config["SETTINGS"])
        post = replace(post, sender_domains=(*post.sender_domains, *given_before))
        with work() as session:
            organisation = make_organisation(session, mail_sender=own)
            person = make_participant(
                session, make_registration(session, make_event(session, organisation))
            )
            seats = session.scalars(sa.select(Attendance)).all()
            event = person.registration.event
            notices.tell_places(session, event, seats, why="registered", now=NOW, post=post)
        with app.app_context():
            Courier(app.config["SETTINGS"]).deliver(Event())
        with look() as session:
            return bytes(session.scalars(sa.select(KeptMail.raw)).one())

    return mailing


@pytest.mark.parametrize(
    ("own", "domains", "sender"),
    [
        ("", "", "dialog@dialog.tallvik.se"),
        ("dialog@norr.se", "", "dialog@dialog.tallvik.se"),
        ("dialog@norr.se", "norr.se syd.se", "dialog@norr.se"),
        ("dialog@Norr.SE", "norr.se", "dialog@Norr.SE"),
        ("dialog@sub.norr.se", "norr.se", "dialog@dialog.tallvik.se"),  # has records of its own
        ("norr@dialog.tallvik.se", "", "norr@dialog.tallvik.se"),
    ],
)
def test_from_is_a_domain_that_lets_us_send(mailed, own, domains, sender):
    read = message_from_bytes(mailed(own, MAIL_SENDER_DOMAINS=domains), policy=default)
    assert read["From"].addresses[0].addr_spec == sender
    assert read["Reply-To"].addresses[0].addr_spec == "upphandling@tallvik.example"
    calendar = next(one for one in read.walk() if one.get_content_type() == "text/calendar")
    organiser = calendar.get_payload(decode=True).decode().replace("\r\n ", "")
    assert f":mailto:{sender}\r\n" in organiser  # From = ORGANIZER (calendar.md 1.7)


def test_an_entry_from_a_domain_that_lets_us_send_no_more(mailed, key):
    """Its ORGANIZER stays (calendar.md 2.0(1)), so that a CANCEL removes it; From has to arrive."""
    path, record = key
    mail = mailed(
        "dialog@norr.se", given_before=["norr.se"], DKIM_KEY=str(path), DKIM_SELECTOR="s1"
    )
    read = message_from_bytes(mail, policy=default)
    assert read["From"].addresses[0].addr_spec == "dialog@dialog.tallvik.se"
    assert read["Reply-To"].addresses[0].addr_spec == "upphandling@tallvik.example"
    calendar = next(one for one in read.walk() if one.get_content_type() == "text/calendar")
    assert b":mailto:dialog@norr.se\r\n" in calendar.get_payload(decode=True)
    assert dkim.verify(mail, dnsfunc=lambda _name, timeout=5: record.encode())
    assert b" d=dialog.tallvik.se;" in mail


def test_a_letter_is_signed_for_the_domain_it_comes_from(mailed, key):
    path, record = key
    mail = mailed(DKIM_KEY=str(path), DKIM_SELECTOR="s1")
    asked = []

    def dns(name, timeout=5):
        asked.append(name)
        return record.encode()

    assert dkim.verify(mail, dnsfunc=dns)
    assert asked == [b"s1._domainkey.dialog.tallvik.se."]
    assert not dkim.verify(mail.replace(b"Reply-To: u", b"Reply-To: x"), dnsfunc=dns)
    assert not dkim.verify(b"From: x@y.example\r\n" + mail, dnsfunc=dns)  # from is signed twice
    assert mail.startswith(b"DKIM-Signature: ")


def test_the_doctor_looks_whether_the_key_is_published(ask, names, key):  # noqa: F811
    path, record = key
    given = {"DKIM_KEY": str(path), "DKIM_SELECTOR": "s1"}
    status, said = ask(**given)
    assert (status, "publishes nothing" in said) == (1, True)
    names.texts["s1._domainkey.dialog.tallvik.se"] = ["v=DKIM1; k=rsa; p=AAAA"]
    status, said = ask(**given)
    assert (status, "publishes another key" in said) == (1, True)
    names.texts["s1._domainkey.dialog.tallvik.se"] = [record]
    status, said = ask(**given)
    assert (status, "publishes the other half" in said) == (0, True)


@pytest.mark.parametrize("given", ["no selector", "no file", "no key", "bad selector"])
def test_half_a_signature_does_not_start(given, key, tmp_path):
    (tmp_path / "other").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
    path = {"no file": tmp_path / "nowhere", "no key": tmp_path / "other"}.get(given, key[0])
    selector = {"no selector": "", "bad selector": "a b"}.get(given, "s1")
    environment = {"SECRET_KEY": "x" * 32, "DKIM_KEY": str(path), "DKIM_SELECTOR": selector}
    with pytest.raises(config.ConfigurationError, match="DKIM_KEY"):
        config.load(environment)
