"""`flask doctor mail` says in plain words what is wrong, and ends with status 1 if something is."""

from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller

from dialognav import mail_checks, name_service
from dialognav.models import Instance, KeptMail, Letter
from dialognav.name_service import NameServiceDown
from tests.conftest import NOW
from tests.factories import make_organisation
from tests.imap_server import imap_server
from tests.servers import free_port

HERE = {"MAIL_DOMAIN": "dialog.tallvik.se", "MAIL_SENDER": "dialog@dialog.tallvik.se"}


class Names:
    """What the DNS would say."""

    def __init__(self):
        self.texts = {
            "dialog.tallvik.se": ["v=spf1 include:relay.example -all", "google-site=1"],
            "_dmarc.dialog.tallvik.se": ["v=DMARC1; p=quarantine"],
        }
        self.has_server = True
        self.is_down = False

    def look_up(self, name):
        if self.is_down:
            raise NameServiceDown("LifetimeTimeout")
        return self.texts.get(name, [])

    def has_mail_server(self, _name):
        return self.has_server


@pytest.fixture
def names(monkeypatch):
    given = Names()
    monkeypatch.setattr(mail_checks, "texts", given.look_up)
    monkeypatch.setattr(mail_checks, "has_mail_server", given.has_mail_server)
    return given


@pytest.fixture
def ask(make_app, clock, names):
    """Run the doctor on an app with these settings: (status, what it says)."""

    def asking(*args, **environment):
        app = make_app(**(HERE | environment))
        done = app.test_cli_runner().invoke(args=["doctor", "mail", *args])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return asking


def test_a_demo_is_well_and_sends_nothing(ask):
    status, said = ask()
    assert status == 0, said
    assert "MAIL_URL is sink://" in said
    assert "MAIL_IN is not set" in said


def test_a_domain_of_examples_is_nobodys(ask):
    status, said = ask(MAIL_DOMAIN="dialog.example", MAIL_SENDER="dialog@dialog.example")
    assert status == 1
    assert "dialog.example is nobody's domain" in said


@pytest.mark.parametrize(
    ("records", "said", "status"),
    [
        ([], "publishes no SPF", 1),
        (["v=spf1 -all", "v=spf1 mx -all"], "2 SPF records", 1),
        (["v=spf1 +all"], "lets everybody send", 1),
        (["v=spf1 all"], "lets everybody send", 1),
        (["v=spf1 mx ~all"], "Is your relay among them?", 0),
        (["v=spf10 x"], "publishes no SPF", 1),
    ],
)
def test_spf(ask, names, records, said, status):
    names.texts["dialog.tallvik.se"] = records
    found, output = ask()
    assert said in output
    assert found == status


def test_dmarc(ask, names):
    del names.texts["_dmarc.dialog.tallvik.se"]
    status, said = ask()
    assert status == 0
    assert "publishes no DMARC policy" in said


def test_a_domain_that_letters_may_come_from_is_looked_up_too(ask):
    status, said = ask(MAIL_SENDER_DOMAINS="norr.se")
    assert status == 1
    assert "norr.se publishes no SPF" in said


def test_an_own_address_that_letters_may_not_come_from(ask, work):
    with work() as session:
        make_organisation(session).mail_sender = "dialog@norr.se"
    status, said = ask()
    assert status == 0
    assert "dialog@norr.se: letters come from" in said
    assert "MAIL_SENDER_DOMAINS" in said
    assert "own" not in ask(MAIL_SENDER_DOMAINS="norr.se")[1].partition("norr.se")[0]


def test_without_dns_nothing_is_known(ask, names):
    names.is_down = True
    status, said = ask()
    assert status == 0
    assert "cannot be looked up from here" in said


def test_letters_that_should_have_left(ask, work):
    with work() as session:
        given = {"kind": "test", "stream": "s", "recipient": "a@b.example", "language": "sv"}
        session.add(
            Letter(
                **given,
                public_id="a" * 32,
                recipient_name="A",
                status="pending",
                created_at=NOW,
                due_at=NOW - timedelta(hours=1),
            )
        )
        session.add(
            Instance(id=1, base_url="https://other.example", instance_key="k" * 32, batches=0)
        )
    status, said = ask()
    assert status == 1
    assert "60 minutes ago" in said
    assert "Letters are held" in said


class Relay:
    def __init__(self):
        self.rcpt = "250 OK"
        self.taken = []
        self.most = 33_554_432

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        return [*responses[:-1], f"250-SIZE {self.most}", responses[-1]]

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
def relay():
    handler = Relay()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.url = f"smtp://127.0.0.1:{controller.port}"
    yield handler
    controller.stop()


@pytest.mark.smtp
def test_a_relay_that_takes_letters(ask, relay):
    status, said = ask(MAIL_URL=relay.url)
    assert status == 0, said
    assert "takes a letter from dialog@dialog.tallvik.se" in said
    assert "without TLS" in said
    assert "MB" not in said
    assert relay.taken == []
    relay.most = 10_240_000
    status, said = ask(MAIL_URL=relay.url)
    assert (status, "takes 10.2 MB at most" in said) == (0, True)


@pytest.mark.smtp
def test_a_letter_on_request(ask, relay):
    status, said = ask("--to", "chef@tallvik.example", MAIL_URL=relay.url)
    assert status == 0, said
    [(sender, recipients, content)] = relay.taken
    assert (sender, recipients) == ("dialog@dialog.tallvik.se", ["chef@tallvik.example"])
    assert b"Auto-Submitted: auto-generated" in content


def test_a_letter_to_the_demo_mailbox(ask, look):
    assert ask("--to", "chef@tallvik.example")[0] == 0
    with look() as session:
        assert session.query(KeptMail).one().recipient == "chef@tallvik.example"


@pytest.mark.smtp
def test_a_relay_that_refuses(ask, relay):
    relay.rcpt = "554 5.7.1 relay access denied"
    status, said = ask(MAIL_URL=relay.url)
    assert status == 1
    assert "refuses the sender or the recipient: 554 5.7.1 relay access denied" in said


@pytest.mark.smtp
def test_a_relay_that_is_not_there(ask):
    status, said = ask(MAIL_URL=f"smtp://127.0.0.1:{free_port()}")
    assert status == 1
    assert "nothing listens there" in said


@pytest.mark.smtp
def test_tls_where_the_server_speaks_none(ask, relay):
    status, said = ask(MAIL_URL=relay.url.replace("smtp:", "smtps:"))
    assert status == 1
    assert "its certificate or TLS does not hold" in said


def test_an_address_that_is_none(ask):
    assert ask("--to", "nobody")[0] == 2


def test_a_mailbox_that_opens(ask):
    with imap_server() as folder:
        folder.add(b"From: a@b.example\r\n\r\nHej")
        status, said = ask(
            MAIL_IN=f"imap://dialog%40dialog.example:hemligt%20ord@127.0.0.1:{folder.port}/Dialognav"
        )
    assert status == 0, said
    assert "opens; 1 wait unread" in said
    assert folder.seen == set()


def test_a_mailbox_that_does_not(ask):
    with imap_server() as folder:
        status, said = ask(MAIL_IN=f"imap://dialog%40dialog.example:fel@127.0.0.1:{folder.port}/x")
    assert status == 1
    assert "Login failed" in said
    assert "fel@" not in said


@pytest.mark.smtp
def test_a_port_that_nobody_listens_on(ask):
    status, said = ask(MAIL_IN=f"lmtp://127.0.0.1:{free_port()}")
    assert status == 1
    assert "Nothing of ours listens" in said


def test_a_webhook_needs_https(ask):
    hook = {"MAIL_IN": "webhook://", "MAIL_IN_SECRET": "s" * 32}
    status, said = ask(**hook, BASE_URL="http://dialog.tallvik.se")
    assert status == 1
    assert "travels unencrypted" in said
    assert ask(**hook)[0] == 0, "from this machine to itself"
    status, said = ask(**hook, BASE_URL="https://dialog.tallvik.se")
    assert status == 0, said
    assert "https://dialog.tallvik.se/mail/in" in said


def test_a_domain_that_takes_no_mail(ask, names):
    names.has_server = False
    hook = {"MAIL_IN": "webhook://", "MAIL_IN_SECRET": "s" * 32}
    status, said = ask(**hook, BASE_URL="https://dialog.tallvik.se")
    assert status == 1
    assert "reaches nobody" in said


def test_what_the_dns_answers(monkeypatch):
    from dns import resolver

    class Record:
        strings = (b"v=spf1 ", b"-all")
        exchange = "."

    def answer(name, kind, lifetime):
        if name == "gone.se":
            raise resolver.NXDOMAIN
        if name == "silent.se":
            raise resolver.LifetimeTimeout(timeout=5, errors=[])
        return [Record()] if kind in ("TXT", "MX") else []

    monkeypatch.setattr(resolver, "resolve", answer)
    assert name_service.texts("tallvik.se") == ["v=spf1 -all"]
    assert name_service.texts("gone.se") == []
    assert not name_service.has_mail_server("tallvik.se"), "a null MX takes no mail (RFC 7505)"
    assert not name_service.has_mail_server("gone.se")
    with pytest.raises(NameServiceDown):
        name_service.texts("silent.se")
