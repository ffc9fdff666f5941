"""That mail does not flow is said on every page of the organiser's, with the cause."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.domain.terms import MessageState
from dialognav.jobs import heartbeat, housekeeping
from dialognav.mail import flow, instance, outages
from dialognav.models import Instance, MailPace, Message, Worker
from tests.conftest import NOW
from tests.integration.test_outbox_claims import make_letter

MINUTE = timedelta(minutes=1)


@pytest.fixture
def trouble(app, look):
    def looking(now):
        with look() as session:
            return flow.look(session, app.config["SETTINGS"], now=now).trouble(now)

    return looking


@pytest.fixture
def beats(app):
    def beating():
        with app.app_context():
            heartbeat.beat(None)

    return beating


@pytest.fixture
def started(app, work):
    with work() as session:
        instance.introduce(session, app.config["SETTINGS"])


def test_nothing_is_said_before_anything_waits(trouble):
    assert trouble(NOW) is None


def test_a_worker_that_never_started_is_missed_when_a_letter_waits(trouble, work):
    with work() as session:
        make_letter(session)
    assert trouble(NOW + MINUTE) is None
    found = trouble(NOW + 3 * MINUTE)
    assert (found.cause, found.since) == ("worker", None)


def test_a_worker_that_falls_silent_is_missed(trouble, beats):
    beats()
    assert trouble(NOW + MINUTE) is None
    found = trouble(NOW + 3 * MINUTE)
    assert (found.cause, found.since) == ("worker", NOW)


def test_one_worker_of_two_is_enough(trouble, beats, work):
    with work() as session:
        session.add(Worker(name="b", started_at=NOW, seen_at=NOW - timedelta(hours=1)))
    beats()
    assert trouble(NOW) is None


def test_a_letter_that_is_late(trouble, beats, work, clock):
    with work() as session:
        make_letter(session, due_at=NOW - 9 * MINUTE)
        make_letter(session, due_at=NOW - 2 * MINUTE, priority=0)
    beats()
    assert trouble(NOW) is None
    clock.shift(60)
    beats()
    found = trouble(NOW + 2 * MINUTE)
    assert (found.cause, found.since) == ("late", NOW - 9 * MINUTE)


@pytest.mark.parametrize("given", ["bulk", "put off", "leased", "behind", "paused"])
def test_what_waits_for_a_reason_is_not_late(given, trouble, beats, work):
    old = NOW - timedelta(hours=1)
    with work() as session:
        if given == "bulk":
            make_letter(session, due_at=old, priority=2)
            make_letter(session, status="sent", sent_at=NOW - 9 * MINUTE)
        elif given == "leased":
            make_letter(session, due_at=old, leased_until=NOW + MINUTE, lease="x")
        elif given == "paused":
            make_letter(session, due_at=old, message_id=make_message(session, "paused"))
        else:
            make_letter(session, due_at=NOW + MINUTE, stream="links:a", attempts=2)
        if given == "behind":
            make_letter(session, due_at=old, stream="links:a")
    beats()
    assert trouble(NOW) is None


def test_bulk_is_late_where_nothing_leaves(trouble, beats, work):
    """The link for this morning, ten thousand of them, and a worker that fails at each."""
    with work() as session:
        make_letter(session, due_at=NOW - timedelta(hours=1), priority=2)
        make_letter(session, status="sent", sent_at=NOW - 11 * MINUTE)
    beats()
    assert trouble(NOW) == flow.Trouble("late", NOW - timedelta(hours=1))


def make_message(session, state):
    from tests.factories import make_organisation

    message = Message(
        organisation=make_organisation(session),
        state=MessageState(state),
        created_at=NOW,
        changed_at=NOW,
    )
    session.add(message)
    session.flush()
    return message.id


def test_a_server_that_takes_nothing(trouble, beats, work, started):
    beats()
    with work() as session:
        outages.begin(session, "421 busy", now=NOW - 2 * MINUTE)
    assert trouble(NOW) is None  # and nothing is there for it to take
    with work() as session:
        make_letter(session, due_at=NOW + MINUTE, attempts=1)
    found = trouble(NOW)
    assert (found.cause, found.since, found.answer) == ("server", NOW - 2 * MINUTE, "421 busy")
    with work() as session:
        outages.end(session)
    assert trouble(NOW) is None


def test_the_pause_grows_and_is_one_for_all_workers(work, look, started):
    waits, now = [], NOW
    for _ in range(4):
        with work() as session:
            waits.append(outages.begin(session, "gone", now=now))
            assert outages.begin(session, "gone", now=now) is None  # another said so meanwhile
        now += waits[-1]
    assert tuple(waits) == (*outages.PAUSE, outages.PAUSE[-1])
    with look() as session:
        assert session.get(Instance, 1).outage_since == NOW


def test_old_beats_and_instants_go(work, look, beats, clock):
    with work() as session:
        session.add(MailPace(domain="*", free_at=NOW + MINUTE))
    beats()
    for wait, left in ((timedelta(), 2), (2 * MINUTE, 1), (timedelta(days=3), 0)):
        clock.move_to(NOW + wait)
        with work() as session:
            housekeeping.tidy(session, now=NOW + wait, sent_retention_days=183)
        with look() as session:
            rows = [*session.scalars(sa.select(Worker)), *session.scalars(sa.select(MailPace))]
            assert len(rows) == left


def test_the_command_says_so(app, cli, beats, work, started, clock):
    beats()
    clock.shift(90)
    with work() as session:
        outages.begin(session, "421 busy", now=NOW)
    said = cli.invoke(args=["mail", "status"]).output
    assert "A worker was last heard of 90 s ago\n" in said
    assert "No letter can leave since 2027-01-12 09:00:00 UTC: 421 busy\n" in said


def test_every_page_says_so(staff, staff_client, work, clock):
    with work() as session:
        make_letter(session, due_at=NOW - timedelta(hours=1))
    page = staff_client.get("/manage/").get_data(as_text=True)
    assert 'class="note note--bad mail-trouble">' in page
    with work() as session:
        session.execute(sa.text("DELETE FROM letter"))
    clock.shift(6)
    assert "mail-trouble" not in staff_client.get("/manage/").get_data(as_text=True)


@pytest.mark.parametrize("cause", [*flow.Cause])
def test_each_cause_has_words(cause, staff_client, monkeypatch):
    said = flow.Trouble(cause, NOW, "451 <b>busy</b>")
    monkeypatch.setattr(flow.Flow, "trouble", lambda _self, _now: said)
    page = staff_client.get("/manage/")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "mail-trouble" in text
    assert "<b>busy" not in text


def test_one_statement_every_few_seconds(staff_client, statements, clock):
    with statements() as ran:
        staff_client.get("/manage/")
        staff_client.get("/manage/")
        clock.shift(6)
        staff_client.get("/manage/")
    assert sum("worker.seen_at" in one for one in ran) == 2
