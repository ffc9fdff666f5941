"""The ways in for mail: a mailbox that is read, a port that is listened on, a signed webhook."""

import json
import smtplib
import socket
import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
import sqlalchemy as sa

from blueprints.mail_in import signature
from dialognav import intake
from dialognav.domain.replies import LARGEST
from dialognav.jobs import inbox
from dialognav.jobs.lmtp import Listener, _Server
from dialognav.jobs.oauth import TokenRefused, Tokens
from dialognav.models import InboundMail, Instance
from tests.conftest import NOW
from tests.factories import make_organisation
from tests.imap_server import imap_server
from tests.received_mails import received
from tests.servers import free_port

SECRET = "a-secret-of-the-webhook-" * 2
PERSON = received("person_html_only")


def kept(look):
    with look() as session:
        rows = session.execute(
            sa.select(InboundMail.kind, InboundMail.sender, InboundMail.recipient).order_by(
                InboundMail.id
            )
        )
        return [tuple(row) for row in rows]


# The mailbox


@pytest.fixture
def folder():
    with imap_server() as served:
        yield served


@pytest.fixture
def read_by(make_app, clock, folder):
    """An app that reads the folder; what a run of its worker says on the log is in caplog."""

    def reading(**changed):
        given = {
            "MAIL_IN": f"imap://dialog%40dialog.example:hemligt%20ord@127.0.0.1:{folder.port}/Dialognav"
        }
        return make_app(**(given | changed))

    return reading


def run(app):
    assert app.test_cli_runner().invoke(args=["worker", "--once"]).exception is None


def test_a_mailbox_is_read_once(read_by, folder, look, app):
    for name in ("person_html_only", "out_of_office_exchange"):
        folder.add(received(name))
    reader = read_by()
    run(reader)
    assert [row[0] for row in kept(look)] == ["person", "automatic"]
    assert kept(look)[0] == ("person", "asa.oberg@kund.example", "vast@dialog.example")
    assert folder.seen == {1, 2}
    run(read_by())
    assert len(kept(look)) == 2


def test_what_was_taken_in_but_not_marked_counts_once(read_by, folder, look, app):
    folder.add(PERSON)
    run(read_by())
    folder.seen.clear()
    run(read_by())
    assert len(kept(look)) == 1
    assert folder.seen == {1}


def test_one_bad_mail_keeps_no_other_away(read_by, folder, look, app, monkeypatch, clock, caplog):
    for name in ("person_plain", "person_html_only"):
        folder.add(received(name))
    read = intake.read_mail

    def broken(raw, **given):
        if b"parkering" not in raw:
            raise RuntimeError("a fault of ours")
        return read(raw, **given)

    monkeypatch.setattr(intake, "read_mail", broken)
    reader = read_by()
    run(reader)
    assert [row[1] for row in kept(look)] == ["asa.oberg@kund.example"]
    assert folder.seen == {2}
    assert "a fault of ours" in caplog.text
    monkeypatch.setattr(intake, "read_mail", read)
    folder.commands.clear()
    clock.shift(61)
    run(reader)
    assert not any("FETCH" in command for command in folder.commands), "put aside for an hour"
    clock.shift(3600)
    run(reader)
    assert len(kept(look)) == 2


def test_of_a_huge_mail_only_the_beginning_is_fetched(read_by, folder, look, app):
    folder.add(PERSON + b"x" * (LARGEST + 1000))
    run(read_by())
    assert [row[0] for row in kept(look)] == ["person"]
    assert f"BODY.PEEK[]<0.{LARGEST + 1}>" in " ".join(folder.commands)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "another"}, "Login failed"),
        ({"url": "/Missing"}, "no such folder"),
        ({"port": True}, "refused"),
    ],
)
def test_a_mailbox_that_cannot_be_opened_is_left_alone_for_a_while(
    read_by, folder, app, clock, caplog, changed, said
):
    port = free_port() if changed.get("port") else folder.port
    folder.password = changed.get("password", folder.password)
    path = changed.get("url", "/Dialognav")
    reader = read_by(MAIL_IN=f"imap://dialog%40dialog.example:hemligt%20ord@127.0.0.1:{port}{path}")
    run(reader)
    assert said in caplog.text
    assert "hemligt" not in caplog.text
    caplog.clear()
    clock.shift(30)
    run(reader)
    assert "inbox" not in caplog.text


def test_words_beyond_ascii_open_a_mailbox(read_by, folder, look, app):
    folder.password, folder.name = "hemligt lösen €", "M&APg-ter &- svar/&IKw-"
    folder.add(PERSON)
    secret = "hemligt%20l%C3%B6sen%20%E2%82%AC"
    path = "M%C3%B8ter%20%26%20svar/%E2%82%AC"
    run(read_by(MAIL_IN=f"imap://dialog%40dialog.example:{secret}@127.0.0.1:{folder.port}/{path}"))
    assert len(kept(look)) == 1


def test_a_password_is_never_told(folder):
    given = inbox.MailIn(url=f"imap://dialog:l\udcf6sen@127.0.0.1:{folder.port}/Dialognav")
    with pytest.raises(inbox.InboxDown) as told, inbox.Mailbox(given, Tokens(given)):
        pytest.fail("was let in")
    assert "sen" not in str(told.value).replace("sent to", "")
    assert told.value.__cause__ is None


def test_a_mail_that_is_gone_is_passed_by(read_by, folder, look, app):
    folder.add(b"")
    folder.add(PERSON)
    run(read_by())
    assert [row[0] for row in kept(look)] == ["person"]
    assert folder.seen == {2}


def test_plain_text_where_tls_was_promised_is_no_connection(folder):
    given = inbox.MailIn(url=f"imaps://a:b@127.0.0.1:{folder.port}")
    with pytest.raises(inbox.InboxDown), inbox.Mailbox(given, Tokens(given)):
        pytest.fail("was let in")


def test_a_copy_of_the_installation_reads_nothing(read_by, folder, look, app, work):
    folder.add(PERSON)
    with work() as session:
        session.add(
            Instance(id=1, base_url="https://other.example", instance_key="k" * 32, batches=0)
        )
    run(read_by())
    assert kept(look) == []
    assert folder.commands == []


# OAuth


class TokenServer:
    def __init__(self):
        self.asked = []
        self.answer = 200, {"access_token": "token-1", "expires_in": 3600}


@pytest.fixture
def token_server():
    state = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.asked.append({name: values[0] for name, values in parse_qs(body).items()})
            status, answer = state.answer
            raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_said):
            """A test's output is the test's."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}/token"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield state
        server.shutdown()
        thread.join()


@pytest.fixture
def oauth(token_server):
    return {
        "MAIL_IN_OAUTH_TOKEN_URL": token_server.url,
        "MAIL_IN_OAUTH_CLIENT_ID": "our-id",
        "MAIL_IN_OAUTH_CLIENT_SECRET": "our-secret",
    }


@pytest.fixture
def oauth_inbox(token_server):
    return inbox.MailIn(
        url="imap+oauth://dialog@mail.example/INBOX",
        token_url=token_server.url,
        client_id="our-id",
        client_secret="our-secret",
        scope="https://mail.example/.default",
    )


def test_a_token_is_asked_for_and_kept_while_it_lasts(clock, token_server, oauth_inbox):
    tokens = Tokens(oauth_inbox)
    assert [tokens.current(), tokens.current()] == ["token-1", "token-1"]
    assert token_server.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "our-id",
            "client_secret": "our-secret",
            "scope": "https://mail.example/.default",
        }
    ]
    clock.shift(3600 - 119)
    tokens.current()
    assert len(token_server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (
                401,
                {"error": "x", "error_description": "AADSTS7000215: Invalid secret. Trace ID: 1"},
            ),
            "token: 401 AADSTS7000215: Invalid secret.",
        ),
        ((500, b"<html>"), "token: 500"),
        ((200, b"not json"), "holds none"),
        ((200, {"token": "x"}), "holds none"),
        ((200, {"access_token": "a\x01b"}), "holds none"),
        ((302, {}), "token: 302"),
    ],
)
def test_no_token(clock, token_server, oauth_inbox, answer, said):
    token_server.answer = answer
    with pytest.raises(TokenRefused, match=said) as refused:
        Tokens(oauth_inbox).current()
    assert "our-secret" not in str(refused.value)
    assert "Trace" not in str(refused.value)


def test_signing_in_by_token(monkeypatch, clock, folder, token_server, oauth_inbox):
    folder.token = "token-1"
    monkeypatch.setattr(
        inbox, "_connect", lambda _parts: inbox.imaplib.IMAP4("127.0.0.1", folder.port, timeout=5)
    )
    given = inbox.MailIn(
        **{
            **{name: getattr(oauth_inbox, name) for name in oauth_inbox.__slots__},
            "url": "imap+oauth://dialog%40dialog.example@mail.example/Dialognav",
        }
    )
    folder.add(PERSON)
    with inbox.Mailbox(given, Tokens(given)) as mailbox:
        assert mailbox.unread() == ["1"]
        assert mailbox.fetch("1") == PERSON
    folder.token = "another"
    tokens = Tokens(given)
    for _ in range(2):
        with (
            pytest.raises(inbox.InboxDown, match="AUTHENTICATE failed"),
            inbox.Mailbox(given, tokens),
        ):
            pytest.fail("was let in")
    assert len(token_server.asked) == 3, "a token that was refused is not kept"


def test_a_token_server_that_speaks_something_else(clock, oauth_inbox):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/token"

        def answer():
            line, _ = server.accept()
            with line:
                line.recv(4096)
                line.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(TokenRefused, match="220"):
            Tokens(replace(oauth_inbox, token_url=url)).current()
        thread.join()


# LMTP


@pytest.fixture
def lmtp(app, monkeypatch):
    """The port of a listener of the app's."""
    monkeypatch.setattr(_Server, "timeout", 0.02)  # how soon it notices that it is to stop
    port = free_port()
    stopping = threading.Event()
    listener = Listener(
        f"lmtp://127.0.0.1:{port}", "dialog.example", intake.Intake(app.config["SETTINGS"])
    )
    with app.app_context():
        listener.listen(stopping)
        listener.listen(stopping)  # harmless
    yield port
    stopping.set()
    listener._thread.join(5)


@pytest.fixture
def client_of(lmtp):
    with smtplib.LMTP("127.0.0.1", lmtp, timeout=10) as client:
        yield client


@pytest.mark.smtp
def test_a_mail_server_hands_over(client_of, look):
    client_of.sendmail("asa@kund.example", ["Norr@dialog.example"], PERSON)
    assert kept(look) == [("person", "asa.oberg@kund.example", "norr@dialog.example")]


@pytest.mark.smtp
def test_the_null_sender_makes_it_a_report(client_of, look):
    client_of.sendmail("", ["bounce+abc@dialog.example"], received("bounce_qmail"))
    assert [row[0] for row in kept(look)] == ["bounce"]


@pytest.mark.smtp
def test_each_recipient_gets_an_answer(client_of):
    refused = client_of.sendmail(
        "a@kund.example", ["norr@dialog.example", "x@other.example"], PERSON
    )
    assert refused == {"x@other.example": (550, b"5.1.2 not our domain")}


@pytest.mark.smtp
def test_what_cannot_be_taken_in_stays_with_the_mail_server(client_of, look, monkeypatch):
    def broken(*_given, **_options):
        raise RuntimeError("no database")

    monkeypatch.setattr(intake, "receive", broken)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        client_of.sendmail("a@kund.example", ["norr@dialog.example"], PERSON)
    assert refused.value.smtp_code == 451
    assert kept(look) == []


@pytest.mark.smtp
def test_a_copy_of_the_installation_takes_nothing(client_of, look, work):
    with work() as session:
        session.add(
            Instance(id=1, base_url="https://other.example", instance_key="k" * 32, batches=0)
        )
    with pytest.raises(smtplib.SMTPDataError) as refused:
        client_of.sendmail("a@kund.example", ["norr@dialog.example"], PERSON)
    assert refused.value.smtp_code == 451


def talk(port, *lines):
    """What is answered to raw bytes, until the other side is done."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"".join(lines) + b"QUIT\r\n")
        answers = b""
        while piece := line.recv(4096):
            answers += piece
    return [answer[:3].decode() for answer in answers.split(b"\r\n") if answer]


HELLO = b"LHLO mx\r\nMAIL FROM:<a@kund.example>\r\nRCPT TO:<norr@dialog.example>\r\nDATA\r\n"
GREETED = ["220", *["250"] * 8, "354"]


def test_only_a_proper_dot_ends_a_mail(lmtp, look):
    smuggled = b"From: a@kund.example\r\n\r\nHej\n.\nMAIL FROM:<x@y.example>\r\n..\r\n\n.\r\n.\r\n"
    assert talk(lmtp, HELLO, smuggled) == [*GREETED, "250", "221"]
    with look() as session:
        text = session.scalars(sa.select(InboundMail.text)).one()
    assert text == "Hej\n.\nMAIL FROM:<x@y.example>\n.\n\n."


def test_the_dot_after_a_line_that_comes_in_pieces(lmtp, look):
    long = b"x" * (64 * 1024 - 1)  # the carriage return is the last byte of a piece
    raw = b"From: a@kund.example\r\n\r\n" + long + b"\r\n.\r\n"
    assert talk(lmtp, HELLO, raw) == [*GREETED, "250", "221"]


def test_a_port_that_cannot_be_opened_is_told_once(app, caplog):
    listener = Listener(
        "lmtp://192.0.2.1:8024", "dialog.example", intake.Intake(app.config["SETTINGS"])
    )
    with app.app_context():
        for _ in range(2):
            listener.listen(threading.Event())
    told = [one for one in caplog.records if one.levelname == "WARNING"]
    assert ["192.0.2.1:8024" in one.getMessage() for one in told] == [True]


OUT_OF_ORDER = [
    (b"MAIL FROM:<a@b.example>\r\n", ["503"]),
    (b"LHLO x\r\nRCPT TO:<norr@dialog.example>\r\n", ["250"] * 6 + ["503"]),
    (b"LHLO x\r\nMAIL FROM:<a@b.example>\r\nDATA\r\n", ["250"] * 7 + ["503"]),
    (b"LHLO x\r\nMAIL FROM:a@b.example\r\n", ["250"] * 6 + ["503"]),
    (b"LHLO x\r\nMAIL FROM:<a b>\r\n", ["250"] * 6 + ["503"]),
    (b"EHLO x\r\nHELO\r\n\xff\xfe\r\n\r\n", ["500"] * 4),
    (b"NOOP\r\nRSET\r\nVRFY x\r\n", ["250"] * 3),
]


def test_a_conversation_out_of_order(lmtp):
    for lines, answers in OUT_OF_ORDER:
        assert talk(lmtp, lines) == ["220", *answers, "221"], lines


def test_a_huge_mail_is_cut_in_memory_and_taken_in(lmtp, look):
    raw = b"From: a@kund.example\r\n\r\nHej\r\n" + b"x" * 70 * 1024 * 50
    assert talk(lmtp, HELLO, raw, b"\r\n.\r\n") == [*GREETED, "250", "221"]
    with look() as session:
        [mail] = session.scalars(sa.select(InboundMail).options(sa.orm.undefer(InboundMail.raw)))
        assert len(mail.raw) <= LARGEST
        assert mail.reason in ("too_large", "whose")


# The webhook


@pytest.fixture
def hook(make_app, clock):
    return make_app(MAIL_IN="webhook://", MAIL_IN_SECRET=SECRET)


def posted(app, raw=PERSON, *, at=NOW, recipient="norr@dialog.example", **changed):
    stamp = str(int(at.timestamp()))
    headers = {
        "Dialognav-Timestamp": stamp,
        "Dialognav-Recipient": recipient,
        "Dialognav-Signature": signature(SECRET, stamp, recipient, raw),
    }
    headers |= {f"Dialognav-{name.title()}": value for name, value in changed.items()}
    client = app.test_client()
    return client.post("/mail/in", data=raw, headers=headers, content_type="message/rfc822")


def test_a_signed_mail_is_taken_in_once(hook, app, look):
    assert [posted(hook).status_code for _ in range(2)] == [204, 204]
    assert kept(look) == [("person", "asa.oberg@kund.example", "norr@dialog.example")]


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "é"},
        {"Recipient": "vast@dialog.example"},
        {"timestamp": str(int(NOW.timestamp()) + 1)},
        {"timestamp": ""},
        {"timestamp": "-1"},
        {"timestamp": "9" * 30},
    ],
)
def test_a_mail_that_is_not_signed_so_is_not_read(hook, app, look, changed):
    assert posted(hook, **changed).status_code == 403
    assert kept(look) == []


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_signature_is_worth_nothing(hook, app, look, minutes):
    assert posted(hook, at=NOW + timedelta(minutes=minutes)).status_code == 403
    assert kept(look) == []


def test_a_large_mail_is_taken_in_by_webhook(hook, app, look):
    assert posted(hook, PERSON + b"x" * 3 * 1024 * 1024).status_code == 204
    assert len(kept(look)) == 1


def test_a_mail_beyond_every_limit_is_refused(hook, app, look):
    assert posted(hook, b"x" * 22 * 1024 * 1024).status_code == 413


def test_a_copy_asks_for_another_try(hook, app, work):
    with work() as session:
        session.add(
            Instance(id=1, base_url="https://other.example", instance_key="k" * 32, batches=0)
        )
    assert posted(hook).status_code == 503


def test_without_the_setting_there_is_no_such_page(app):
    assert posted(app).status_code == 404


def test_only_mail_can_be_posted(hook, app):
    assert hook.test_client().get("/mail/in").status_code == 405


def test_an_answer_by_webhook_reaches_the_organisation(hook, app, work, look):
    with work() as session:
        slug = make_organisation(session).slug
    assert posted(hook, recipient=f"{slug}@dialog.example").status_code == 204
    with look() as session:
        assert session.scalars(sa.select(InboundMail.organisation_id)).one() is not None
