"""The worker against a real SMTP server that answers as the test says."""

import asyncio
import logging
import smtplib
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from threading import Event

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from dialognav.actions import event_moves
from dialognav.domain.terms import LetterStatus
from dialognav.jobs import delivery
from dialognav.mail import claims, notices, outages, smtp, smtp_replies, transport
from dialognav.mail.invitations import own_invitation
from dialognav.mail.post import Post
from dialognav.mail.smtp_replies import NotAccepted, Refused, ServerDown, TooFast
from dialognav.models import Attendance, CalendarRevision, KeptMail, Letter, Participant
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_participant, make_registration
from tests.servers import free_port

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
pytestmark = pytest.mark.smtp


class MailServer:
    """Answers RCPT and DATA from a list of replies, then takes everything."""

    def __init__(self) -> None:
        self.rcpt: list[str] = []
        self.data: list[str] = []
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.connections = 0
        self.on_data = lambda: None
        self.hold: Event | None = None  # its answer to DATA waits for this
        self.most = 33_554_432  # octets in a mail

    async def handle_EHLO(self, server: SMTP, session: Session, envelope, hostname, responses):  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return [*responses[:-1], f"250-SIZE {self.most}", responses[-1]]

    async def handle_RCPT(self, server: SMTP, session, envelope: Envelope, address, _options):  # noqa: N802
        answer = self.rcpt.pop(0) if self.rcpt else "250 OK"
        if answer == "drop":
            server.transport.abort()
            return "421 gone"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope):  # noqa: N802
        self.on_data()
        hold = self.hold
        while hold is not None and not hold.is_set():
            await asyncio.sleep(0.01)
        answer = self.data.pop(0) if self.data else "250 OK"
        if not answer.startswith(("4", "5")):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        if answer == "drop":
            server.transport.abort()
        return answer


@pytest.fixture
def mail_server() -> Iterator[tuple[MailServer, int]]:
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


@pytest.fixture
def server(mail_server) -> MailServer:
    return mail_server[0]


@pytest.fixture
def app(clock, make_app, mail_server):
    return make_app(MAIL_URL=f"smtp://127.0.0.1:{mail_server[1]}")


@pytest.fixture
def promise(work):
    """Invitations to so many people; their ids."""

    def promising(people=1):
        with work() as session:
            event = make_event(session)
            registration = make_registration(session, event)
            for _ in range(people):
                make_participant(session, registration)
            seats = session.scalars(sa.select(Attendance)).all()
            notices.tell_places(session, event, seats, why="registered", now=NOW, post=POST)

    return promising


@pytest.fixture
def courier(app):
    made = delivery.Courier(app.config["SETTINGS"])
    yield made
    made.close()


@pytest.fixture
def deliver(app, courier):
    def delivering() -> bool:
        with app.app_context():
            return courier.deliver(Event())

    return delivering


def letters(look):
    with look() as session:
        rows = list(session.scalars(sa.select(Letter).order_by(Letter.id)))
        session.expunge_all()
        return rows


def test_an_invitation_arrives_as_it_was_promised(promise, deliver, server, look):
    promise()
    assert deliver()
    assert not deliver()
    [(sender, recipients, raw)] = server.taken
    [letter] = letters(look)
    assert (sender, recipients) == ("dialog@dialog.example", [letter.recipient])
    assert (letter.status, letter.sent_at, letter.attempts) == (LetterStatus.SENT, NOW, 1)
    read = message_from_bytes(raw, policy=default)
    assert read["Message-ID"] == f"<{letter.public_id}@dialog.example>"
    with look() as session:
        kept = session.scalars(sa.select(CalendarRevision)).one()
        session.expunge(kept)
    calendar = next(one for one in read.walk() if one.get_content_type() == "text/calendar")
    assert calendar.get_payload(decode=True) == kept.ics
    assert (kept.sequence, kept.method) == (0, "REQUEST")


def test_one_connection_carries_a_batch(promise, deliver, server):
    promise(5)
    deliver()
    assert (len(server.taken), server.connections) == (5, 1)


def test_refused_for_now_is_tried_again_with_the_same_bytes(promise, deliver, server, look, clock):
    server.data = ["451 4.3.0 Try again later"]
    promise()
    deliver()
    [letter] = letters(look)
    assert (letter.status, letter.attempts) == (LetterStatus.PENDING, 1)
    assert letter.due_at == NOW + claims.BACKOFF[0]
    assert (letter.lease, letter.last_error) == (None, "451 4.3.0 Try again later")
    deliver()
    assert server.taken == []
    clock.move_to(letter.due_at)
    deliver()
    assert letters(look)[0].status == LetterStatus.SENT
    assert len(server.taken) == 1


def test_edited_before_the_next_try_it_carries_the_new_facts(promise, deliver, server, work, clock):
    """Under a number of its own: a page may have shown the first (RFC 5546, 2.1.4)."""
    server.data = ["451 4.3.0 Try again later"]
    promise()
    deliver()
    now = NOW + timedelta(seconds=30)
    clock.move_to(now)
    with work() as session:
        [person] = session.scalars(sa.select(Participant))
        at = STARTS + timedelta(days=1)
        event_id = person.registration.event_id
        end = at + timedelta(hours=3)
        event_moves.move(session, event_id, at, end, now=now, actor="user:1", post=POST)
    with work() as session:
        [person] = session.scalars(sa.select(Participant))
        own = own_invitation(session, person, post=POST)
    clock.shift(claims.BACKOFF[0])
    deliver()
    parts = [
        part
        for _, _, raw in server.taken
        for part in message_from_bytes(raw, policy=default).walk()
        if part.get_content_type() == "text/calendar"
    ]
    [calendar] = parts
    mailed = calendar.get_payload(decode=True)
    assert b":20270211T090000\r\n" in mailed
    assert b"\r\nSEQUENCE:1\r\n" in mailed
    with work() as session:
        rows = session.scalars(sa.select(CalendarRevision).order_by(CalendarRevision.sequence))
        put_off, left = rows
        assert bytes(left.ics) == mailed == own
        assert b"\r\nSEQUENCE:0\r\n" in bytes(put_off.ics)


def test_refused_for_ever_is_given_up_and_the_others_leave(promise, deliver, server, look):
    promise(3)
    refused = letters(look)[0].recipient
    server.rcpt = [f"550 5.1.1 <{refused}>: no such user"]
    deliver()
    first, second, third = letters(look)
    assert (first.status, first.last_error) == (LetterStatus.GIVEN_UP, "550 5.1.1 … no such user")
    assert {second.status, third.status} == {LetterStatus.SENT}


def test_what_the_server_finds_too_large_is_not_uploaded(promise, deliver, server, look):
    server.most = 2000
    promise()
    deliver()
    [letter] = letters(look)
    assert letter.status == LetterStatus.GIVEN_UP
    assert letter.last_error.startswith("size: our own mail server takes no letter as large (0.0")
    assert server.taken == []


def test_a_line_that_dies_before_the_letter_is_tried_again(promise, deliver, server, look):
    server.rcpt = ["drop"]
    promise(2)
    deliver()
    first, second = letters(look)
    assert (first.status, first.lease) == (LetterStatus.PENDING, None)
    assert (second.status, server.connections) == (LetterStatus.SENT, 2)


def test_a_line_that_dies_after_the_letter_counts_as_perhaps_sent(promise, deliver, server, look):
    """The repeat is byte for byte the same, so that a calendar takes it as the same revision."""
    server.data = ["drop"]
    promise()
    deliver()
    [letter] = letters(look)
    assert letter.status == LetterStatus.PENDING
    assert letter.lease is not None


def test_the_repeat_is_identical(promise, deliver, server, look, clock):
    server.data = ["drop"]
    promise()
    deliver()
    clock.move_to(letters(look)[0].due_at)
    deliver()
    first, second = server.taken
    assert first == second


def test_a_server_in_trouble_stops_the_batch_and_costs_the_rest_nothing(
    promise, deliver, server, look
):
    server.rcpt = ["421 4.3.2 busy"] * 20
    promise(6)
    deliver()
    assert [letter.attempts for letter in letters(look)] == [1, 1, 1, 0, 0, 0]
    assert {letter.lease for letter in letters(look)} == {None}


def test_without_a_server_no_letter_is_tried(clock, make_app, promise, look, work):
    app = make_app(MAIL_URL=f"smtp://127.0.0.1:{free_port()}")
    promise(3)
    courier = delivery.Courier(app.config["SETTINGS"])
    with app.app_context():
        assert not courier.deliver(Event())
    assert [(one.attempts, one.lease, one.due_at) for one in letters(look)] == [(0, None, NOW)] * 3
    with work() as session:
        assert claims.claim(session, now=NOW) != []  # nobody holds them; the courier pauses
        session.rollback()
    with app.app_context():
        assert not courier.deliver(Event())


def test_the_pause_ends(promise, look, clock, make_app, mail_server):
    handler, port = mail_server
    app = make_app(MAIL_URL=f"smtp://user:secret@127.0.0.1:{port}")  # it offers no AUTH
    promise()
    courier = delivery.Courier(app.config["SETTINGS"])
    for pause in (*outages.PAUSE, outages.PAUSE[-1]):
        with app.app_context():
            courier.deliver(Event())
            assert letters(look)[0].attempts == 0
            clock.shift(pause)
    assert handler.connections == 4
    assert handler.taken == []


def test_a_letter_we_cannot_write_waits_and_the_others_leave(
    promise, deliver, server, look, work, caplog
):
    promise(2)
    with work() as session:
        first = session.scalars(sa.select(Letter).order_by(Letter.id)).first()
        first.kind = "no_such_kind"
    with caplog.at_level(logging.CRITICAL):
        deliver()
    first, second = letters(look)
    assert (first.status, first.last_error) == (LetterStatus.PENDING, "rendering: TemplateNotFound")
    assert second.status == LetterStatus.SENT


def test_what_is_no_address_is_given_up(promise, deliver, server, look, work):
    promise()
    with work() as session:
        session.execute(sa.update(Letter).values(recipient="a b@c.example"))
    deliver()
    [letter] = letters(look)
    assert (letter.status, server.taken) == (LetterStatus.GIVEN_UP, [])


def test_no_mail_for_an_event_that_has_ended(promise, deliver, server, look, clock):
    promise()
    clock.shift(40 * 24 * 3600)
    deliver()
    assert (letters(look)[0].status, server.taken) == (LetterStatus.SUPERSEDED, [])


def test_superseded_between_claim_and_send_is_not_sent(app, promise, server, look, work, courier):
    promise()
    with work() as session:
        held = claims.claim(session, now=NOW)
    with work() as session:
        session.execute(sa.update(Letter).values(status=LetterStatus.SUPERSEDED))
    with app.app_context():
        courier._send_all(transport.open_transport(app.config["SETTINGS"].mail_url), held, Event())
    assert server.taken == []


def test_told_to_stop_the_letter_in_hand_is_the_last(app, promise, server, look, courier):
    promise(4)
    stopping = Event()
    server.rcpt = ["250 OK"]
    server.on_data = stopping.set
    with app.app_context():
        courier.deliver(stopping)
    assert len(server.taken) == 1
    rest = [(one.status, one.lease, one.attempts) for one in letters(look)][1:]
    assert rest == [(LetterStatus.PENDING, None, 0)] * 3


def test_the_log_holds_no_address(promise, deliver, server, look, caplog):
    promise(2)
    people = [letter.recipient for letter in letters(look)]
    server.rcpt = [f"550 5.1.1 <{people[0]}> unknown"]
    with caplog.at_level(logging.DEBUG):
        deliver()
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("mail.log")]
    assert "given up: 550 5.1.1 … unknown" in "\n".join(ours)
    assert [line for line in ours for person in people if person in line] == []


def test_kept_mail_does_not_leave(clock, make_app, promise, server, look):
    app = make_app(MAIL_URL="sink://")
    promise()
    with app.app_context():
        delivery.Courier(app.config["SETTINGS"]).deliver(Event())
    assert server.taken == []
    with look() as session:
        kept = session.scalars(sa.select(KeptMail)).one()
        assert kept.subject == "Ni är anmälda: Marknadsdialog om hemmonitorering"
    assert letters(look)[0].status == LetterStatus.SENT


@pytest.mark.parametrize(
    ("step", "code", "answer", "failure", "is_ours"),
    [
        ("RCPT", 450, "4.2.0 Greylisted", NotAccepted, False),
        ("RCPT", 452, "4.2.2 mailbox full", NotAccepted, False),
        ("RCPT", 421, "closing", NotAccepted, True),
        ("MAIL", 421, "closing", ServerDown, None),
        ("MAIL", 452, "out of space", NotAccepted, True),
        ("MAIL", 553, "no such sender", NotAccepted, True),  # ours to mend
        ("RCPT", 550, "5.1.1 no such user", Refused, None),
        ("DATA", 554, "no", Refused, None),
        ("RCPT", 554, "5.7.1 Relay access denied", NotAccepted, True),
        ("DATA", 550, "5.7.26 unauthenticated, DMARC", NotAccepted, True),
        ("MAIL", 535, "who are you", ServerDown, None),
        ("DATA", 421, "4.7.28 unusual rate of mail", TooFast, True),
        ("RCPT", 450, "4.7.1 too many recipients from you", TooFast, False),
        ("DATA", 454, "Throttling failure: Maximum sending rate exceeded", TooFast, True),
    ],
)
def test_answers_become_failures(step, code, answer, failure, is_ours):
    made = smtp_replies.failure(smtp_replies.Step(step), code, answer.encode())
    assert type(made) is failure
    assert getattr(made, "is_ours", None) is is_ours


@pytest.mark.parametrize("error", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("slow")])
def test_a_dead_line_is_about_no_letter(error):
    def command():
        raise error

    with pytest.raises(NotAccepted) as refused:
        smtp._checked(smtp_replies.Step.RECIPIENT, command)
    assert refused.value.is_ours
    assert not refused.value.perhaps_sent
