# ruff: noqa: F401, F811 (fixtures of another file)
"""What all workers share: who goes first, how fast, and when nobody tries."""

import time
from collections import Counter
from datetime import timedelta
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from dialognav.domain.terms import LetterStatus, MessageState
from dialognav.jobs import delivery
from dialognav.mail import claims, pace, smtp
from dialognav.models import Instance, Letter, Message
from tests.conftest import NOW
from tests.integration.test_mail_delivery import (
    MailServer,
    app,
    courier,
    deliver,
    letters,
    mail_server,
    promise,
    server,
)
from tests.integration.test_mail_flow import make_message

pytestmark = pytest.mark.smtp
SECOND = timedelta(seconds=1)


@pytest.fixture
def couriers(make_app, mail_server):
    """Couriers with these settings, and one to send everything that may leave now."""
    made = []

    def making(*, urgent_only=False, **environment):
        settings = make_app(MAIL_URL=f"smtp://127.0.0.1:{mail_server[1]}", **environment).config[
            "SETTINGS"
        ]
        made.append(delivery.Courier(settings, urgent_only=urgent_only))
        return made[-1]

    yield making
    for one in made:
        one.close()


@pytest.fixture
def go(app):
    def going(one):
        with app.app_context():
            return one.deliver(Event())

    return going


def change(work, **values):
    with work() as session:
        session.execute(sa.update(Letter).values(**values))


def test_a_line_stands_between_batches(promise, deliver, server, monkeypatch):
    monkeypatch.setattr("dialognav.mail.claims.BATCH", 2)
    promise(6)
    monkeypatch.setattr(delivery, "TURN", 0.0001)  # and so does one that was too slow for a batch
    while deliver():
        pass
    assert (len(server.taken), server.connections) == (6, 1)


def test_what_has_become_due_meanwhile_gets_its_turn(
    promise,
    deliver,
    server,
    look,
    work,
    monkeypatch,
):
    monkeypatch.setattr(delivery, "TURN", -1)
    promise(3)
    assert deliver()
    assert [(one.attempts, one.lease) for one in letters(look)] == [(0, None)] * 3


def test_a_line_that_ends_between_two_letters_is_no_news(
    promise,
    deliver,
    server,
    look,
    monkeypatch,
):
    """Servers hang up after so many letters, or so long."""
    promise(3)
    server.rcpt = ["250 OK", "drop", "250 OK", "421 4.7.0 enough for one connection"]
    deliver()
    assert {one.status for one in letters(look)} == {LetterStatus.SENT}
    assert [one.attempts for one in letters(look)] == [1, 1, 1]
    assert server.connections == 3


def test_an_urgent_letter_leaves_while_a_slow_server_has_another(
    couriers,
    promise,
    look,
    work,
    server,
    app,
):
    promise(2)
    with work() as session:
        bulk, urgent_one = session.scalars(sa.select(Letter).order_by(Letter.id))
        bulk.priority, urgent_one.due_at = 2, NOW + SECOND
        first = bulk.id
    ordinary, urgent = couriers(), couriers(urgent_only=True)
    slow, go_on = Event(), Event()
    answers = []

    def wait():
        if not answers:
            answers.append(1)
            slow.set()

    server.on_data = wait
    server.hold = go_on
    thread = Thread(target=run, args=(app, ordinary))
    thread.start()
    try:
        assert slow.wait(10)
        with work() as session:
            later = sa.update(Letter).where(Letter.id != first)
            session.execute(later.values(priority=0, due_at=NOW))
        server.hold = None
        run(app, urgent)
        states = {one.id == first: one.status for one in letters(look)}
        assert states[False] == LetterStatus.SENT
        assert states[True] == LetterStatus.PENDING
    finally:
        go_on.set()
        thread.join(10)
    assert {one.status for one in letters(look)} == {LetterStatus.SENT}


def run(app, one):
    with app.app_context():
        one.deliver(Event())


def test_the_urgent_lane_leaves_the_others_alone(couriers, go, promise, server, work):
    promise(2)
    urgent = couriers(urgent_only=True)
    assert not go(urgent)
    change(work, priority=0)
    assert go(urgent)
    assert len(server.taken) == 2


def test_two_workers_keep_one_pace(couriers, go, promise, server, clock):
    promise(6)
    both = [couriers(MAIL_PER_MINUTE="4") for _ in range(2)]
    left = []
    for _ in range(7):
        for one in both:
            go(one)
        left.append(len(server.taken))
        clock.shift(15)
    assert left == [1, 2, 3, 4, 5, 6, 6]


def test_letters_that_were_not_tried_are_not_paid_for(couriers, go, promise, server, clock):
    promise(20)
    server.rcpt = ["421 4.3.2 closing"] * 3
    one = couriers(MAIL_PER_MINUTE="100")
    go(one)
    assert server.taken == []
    clock.shift(5)
    go(one)
    assert len(server.taken) == 10


def test_one_domain_does_not_hold_up_another(couriers, go, promise, server, work, clock):
    promise(9)
    with work() as session:
        for n, row in enumerate(session.scalars(sa.select(Letter).order_by(Letter.id))):
            row.domain = "big.example" if n < 6 else "small.example"
            row.recipient = f"p{n}@{row.domain}"
    one = couriers(MAIL_PER_DOMAIN_MINUTE="2")
    go(one)
    domains = Counter(to[0].partition("@")[2] for _, to, _ in server.taken)
    assert domains == {"big.example": 1, "small.example": 1}
    for _ in range(4):
        clock.shift(30)
        go(one)
    domains = Counter(to[0].partition("@")[2] for _, to, _ in server.taken)
    assert domains == {"big.example": 5, "small.example": 3}


@pytest.mark.parametrize(("step", "held"), [("rcpt", "its domain"), ("data", "everything")])
def test_who_asks_for_fewer_letters_gets_fewer(
    step,
    held,
    couriers,
    go,
    promise,
    server,
    look,
    work,
    clock,
):
    promise(3)
    with work() as session:
        rows = session.scalars(sa.select(Letter).order_by(Letter.id)).all()
        rows[2].domain = "other.example"
    setattr(server, step, ["450 4.7.1 too many messages, slow down"])
    one = couriers()
    go(one)
    go(one)
    sent = [row.status == LetterStatus.SENT for row in letters(look)]
    # The second of the domain was in the same batch; whoever is asked for is left alone after it.
    assert sent == [False, True, True] if held == "its domain" else [False, False, False]
    clock.shift(pace.SLOW)
    go(one)
    assert {row.status for row in letters(look)} == {LetterStatus.SENT}


def test_what_refuses_us_costs_nobody_the_letter(couriers, go, promise, server, look):
    """A relay that forgets whom it knows must not end a whole mailing."""
    promise(5)
    server.rcpt = ["554 5.7.1 Relay access denied"] * 20
    one = couriers()
    assert not go(one)
    rows = letters(look)
    assert {row.status for row in rows} == {LetterStatus.PENDING}
    assert sorted(row.attempts for row in rows) == [0, 0, 1, 1, 1]
    with look() as session:
        instance = session.get(Instance, 1)
        assert instance.outage_since == NOW
        assert "Relay access denied" in instance.outage_reason


def test_who_takes_long_to_take_a_letter_gets_it_once(
    promise,
    deliver,
    server,
    look,
    monkeypatch,
):
    """A server that scans it first (RFC 5321 section 4.5.3.2.6)."""
    monkeypatch.setattr(smtp, "TIMEOUT", 0.2)
    promise(2)
    server.on_data = lambda: time.sleep(0.4)
    deliver()
    assert [row.status for row in letters(look)] == [LetterStatus.SENT] * 2
    assert (len(server.taken), server.connections) == (2, 1)


def test_one_domain_that_puts_off_stops_no_other(couriers, go, promise, server, look, work):
    promise(6)
    with work() as session:
        session.execute(sa.update(Letter).values(domain="grey.example"))
    server.rcpt = ["451 4.7.1 Greylisted"] * 5
    go(couriers())
    assert [row.status for row in letters(look)] == [LetterStatus.PENDING] * 5 + [LetterStatus.SENT]
    with look() as session:
        assert session.get(Instance, 1).outage_since is None


@pytest.mark.parametrize("back", ["250 OK", "550 5.1.1 No such user"])
def test_a_server_that_is_away_is_left_alone_by_all(
    back,
    couriers,
    go,
    promise,
    server,
    look,
    clock,
):
    promise(5)
    first, second = couriers(), couriers()
    server.rcpt = ["421 4.3.2 closing"] * 3 + [back]
    go(first)
    assert not go(second)
    assert server.taken == []
    clock.shift(5)
    assert go(second)
    assert len(server.taken) == (2 if back[0] == "2" else 1)
    with look() as session:
        instance = session.get(Instance, 1)
        assert (instance.outage_since, instance.outages, instance.outage_reason) == (None, 0, "")


def test_letters_of_a_paused_message_wait(couriers, go, promise, server, work):
    promise(3)
    with work() as session:
        message_id = make_message(session, "paused")
        session.execute(sa.update(Letter).values(message_id=message_id))
    one = couriers()
    assert not go(one)
    with work() as session:
        session.execute(sa.update(Message).values(state=MessageState.SENDING))
    with work() as session:
        assert len(claims.claim(session, now=NOW)) == 3
    assert server.taken == []


def test_a_line_that_begins_with_a_dot_arrives(mail_server):
    """RFC 5321 section 4.5.2; what ends without a line end gets one."""
    handler, port = mail_server
    line = smtp.SmtpTransport(f"smtp://127.0.0.1:{port}")
    try:
        line.send(b"Subject: x\r\n\r\n.a\r\n..\r\n.\r\nend", "a@b.example", "c@d.example")
    finally:
        line.close()
    assert handler.taken[0][2] == b"Subject: x\r\n\r\n.a\r\n..\r\n.\r\nend\r\n"
