"""What runs without a click: the worker, what it tidies up, and the copy that holds its mail."""

import shutil
import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from dialognav.db import unit_of_work
from dialognav.domain.terms import EventState, LetterStatus
from dialognav.jobs import embedded, housekeeping
from dialognav.jobs import runner as runner_module
from dialognav.jobs.runner import Job, Runner
from dialognav.mail import instance, notices
from dialognav.mail.post import Post
from dialognav.models import (
    AccessNeed,
    Diet,
    Event,
    Instance,
    KeptMail,
    Letter,
    OneTimeLink,
    RateCount,
    Registration,
    SavedForm,
    StagedFile,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
DAY = timedelta(days=1)


@pytest.fixture
def promise(work):
    def promising(recipient="a@b.example"):
        with work() as session:
            registration = make_registration(session, make_event(session), contact_email=recipient)
            notices.tell_links(
                session, recipient, [registration], [], language="sv", now=NOW, post=POST
            )

    return promising


def work_once(app):
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exception is None, result.output
    return result.output


def kept(look):
    with look() as session:
        return session.scalars(sa.select(KeptMail.recipient).order_by(KeptMail.id)).all()


# --- the worker ---------------------------------------------------------------------------------


def test_the_worker_sends_what_is_due(promise, app, look):
    promise()
    work_once(app)
    assert kept(look) == ["a@b.example"]
    work_once(app)
    assert kept(look) == ["a@b.example"]


def test_the_worker_publishes_at_the_instant(app, work, look, clock):
    with work() as session:
        event = make_event(session, state=EventState.SCHEDULED, publish_at=NOW + DAY)
        event_id = event.id

    def state():
        with look() as session:
            return session.scalar(sa.select(Event.state).where(Event.id == event_id))

    work_once(app)
    assert state() == EventState.SCHEDULED
    clock.shift(DAY)
    work_once(app)
    assert state() != EventState.SCHEDULED  # published, or a draft again when it is not complete


def test_a_job_that_fails_does_not_stop_the_others(app, caplog, clock):
    done = []

    def fail(_stopping) -> bool:
        raise RuntimeError("broken")

    def succeed(_stopping) -> bool:
        done.append(1)
        return False

    runner = Runner(
        app, (Job("first", timedelta(), fail), Job("second", timedelta(hours=1), succeed))
    )
    assert not runner.tick()
    assert not runner.tick()
    assert done == [1]  # and the next time in an hour
    assert caplog.text.count("job first failed") == 1  # and again half a minute later
    clock.shift(31)
    runner.tick()
    assert caplog.text.count("job first failed") == 2


def test_no_letter_waits_for_somebody_elses_server(app):
    hangs, sent = threading.Event(), threading.Event()

    def hang(stopping) -> bool:
        hangs.set()
        stopping.wait(20)
        return False

    def send(_stopping) -> bool:
        if hangs.is_set():
            sent.set()
        return False

    jobs = Job("calendars", timedelta(), hang, abroad=True), Job("letters", timedelta(), send)
    runner = Runner(app, jobs)
    thread = threading.Thread(target=runner.run_forever)
    thread.start()
    try:
        assert sent.wait(10)
    finally:
        runner.stopping.set()
        thread.join()


def test_a_letter_in_hand_is_finished_before_the_end(app, monkeypatch):
    """What a server has taken and nobody has written down would leave twice."""
    monkeypatch.setattr(runner_module, "_GRACE_ABROAD", 0.01)
    in_hand, settled = threading.Event(), []

    def send(stopping) -> bool:
        in_hand.set()
        stopping.wait(10)
        time.sleep(0.2)
        settled.append(1)
        return False

    job = Job("letters", timedelta(), send, abroad=True, together=True)
    runner = Runner(app, [job])
    thread = threading.Thread(target=runner.run_forever)
    thread.start()
    assert in_hand.wait(10)
    runner.stopping.set()
    thread.join()
    assert settled == [1]


def test_the_thread_beside_the_pages_sends_and_ends(make_app, promise, look):
    promise()
    app = make_app(JOBS="embedded")
    with time_machine.travel(NOW, tick=False):
        embedded.start(app)
        try:
            deadline = time.monotonic() + 20
            while not kept(look) and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            embedded.stop()
    assert kept(look) == ["a@b.example"]


def test_with_external_jobs_no_thread_starts(make_app):
    embedded.start(make_app(JOBS="external"))
    assert embedded._running == []


# --- housekeeping -------------------------------------------------------------------------------


def test_diets_go_when_the_event_is_over_or_off(work, look):
    with work() as session:
        for ends, state in (
            (NOW + DAY, EventState.PUBLISHED),
            (NOW - DAY, EventState.PUBLISHED),
            (NOW + DAY, EventState.CANCELLED),
        ):
            event = make_event(session, starts_at=ends - DAY, ends_at=ends, state=state)
            person = make_participant(session, make_registration(session, event))
            session.add(Diet(participant_id=person.id, need=f"{state} {ends:%d}"))
        gone = make_participant(
            session, make_registration(session, make_event(session)), withdrawn_at=NOW
        )
        session.add(Diet(participant_id=gone.id, need="withdrawn"))
    with work() as session:
        housekeeping.forget_needs(session, now=NOW)
    with look() as session:
        assert session.scalars(sa.select(Diet.need)).all() == [f"published {NOW + DAY:%d}"]


def test_the_worker_forgets_needs_within_a_minute_of_the_end(app, work, look, clock):
    with work() as session:
        event = make_event(session, starts_at=NOW - DAY / 24, ends_at=NOW + timedelta(seconds=30))
        person = make_participant(session, make_registration(session, event))
        session.add(AccessNeed(participant_id=person.id, need="teckentolk", answer="Beställd"))
        session.add(Diet(participant_id=person.id, need="laktos"))
    runner = Runner(app, app.extensions["dialognav.jobs"])

    def needs():
        with look() as session:
            return [session.scalars(sa.select(t.need)).all() for t in (AccessNeed, Diet)]

    runner.tick()
    assert needs() == [["teckentolk"], ["laktos"]]  # the meal is not over
    clock.shift(61)
    runner.tick()
    assert needs() == [[], []]


@pytest.mark.parametrize("gone", ["declined", "withdrawn", "cancelled"])
def test_needs_of_who_does_not_come_go(work, look, gone):
    with work() as session:
        event = make_event(session, state="cancelled" if gone == "cancelled" else "published")
        registration = make_registration(
            session, event, review="declined" if gone == "declined" else ""
        )
        person = make_participant(
            session, registration, withdrawn_at=NOW if gone == "withdrawn" else None
        )
        session.add(AccessNeed(participant_id=person.id, need="tolk"))
    with work() as session:
        assert housekeeping.has_needs_to_forget(session, now=NOW)
        housekeeping.forget_needs(session, now=NOW)
    with look() as session:
        assert session.scalars(sa.select(AccessNeed.need)).all() == []
        assert not housekeeping.has_needs_to_forget(session, now=NOW)


def test_uploads_that_waited_a_day_go(work, look):
    with work() as session:
        event = make_event(session)
        for name, age in (("old.csv", 25), ("new.csv", 23)):
            session.add(
                StagedFile(
                    event_id=event.id,
                    purpose="participants",
                    filename=name,
                    content=b"x",
                    created_at=NOW - timedelta(hours=age),
                )
            )
    with work() as session:
        housekeeping.tidy(session, now=NOW, sent_retention_days=183)
    with look() as session:
        assert session.scalars(sa.select(StagedFile.filename)).all() == ["new.csv"]


def test_a_letter_about_links_forgets_who_is_gone(promise, work, look):
    promise()
    with work() as session:
        session.execute(sa.update(Letter).values(status=LetterStatus.SENT, sent_at=NOW - 184 * DAY))
        session.execute(sa.update(Registration).values(contact_email="other@b.example"))
    with work() as session:
        housekeeping.tidy(session, now=NOW, sent_retention_days=183)
    with look() as session:
        assert session.scalars(sa.select(Letter.recipient)).all() == ["erased@removed.invalid"]
        assert session.scalars(sa.select(Letter.sent_at)).all() == [NOW - 184 * DAY]


def test_facts_of_sent_letters_go_and_the_record_stays(promise, work, look):
    promise()
    promise("c@d.example")
    with work() as session:
        session.execute(
            sa.update(Letter)
            .where(Letter.recipient == "a@b.example")
            .values(status=LetterStatus.SENT, sent_at=NOW - 184 * DAY)
        )
    with work() as session:
        housekeeping.tidy(session, now=NOW, sent_retention_days=183)
    with look() as session:
        rows = session.execute(sa.select(Letter.recipient, Letter.facts, Letter.sent_at)).all()
    assert {row.recipient: row.facts is None for row in rows} == {
        "a@b.example": True,
        "c@d.example": False,
    }
    assert {row.sent_at for row in rows} == {NOW - 184 * DAY, None}


def test_what_nobody_needs_is_deleted(work, look):
    with work() as session:
        user = make_user(session)
        for age in (1, 40):
            at = NOW - age * DAY
            session.add(OneTimeLink(purpose="reset", user=user, created_at=at, expires_at=at))
            session.add(
                SavedForm(
                    token_hash=str(age),
                    user_id=user.id,
                    path="/",
                    fields=[],
                    created_at=at + timedelta(hours=1),
                )
            )
            session.add(KeptMail(at=at, recipient="a@b.example", subject="", raw=b""))
            session.add(RateCount(key="k", window=int(at.timestamp()), n=1))
    with work() as session:
        housekeeping.tidy(session, now=NOW, sent_retention_days=183)
    with look() as session:
        for table in (OneTimeLink, SavedForm, KeptMail, RateCount):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 1, table


# --- a copy holds its mail (decisions.md 17) ----------------------------------------------------


def is_held(app):
    with app.app_context():
        from dialognav.db import db

        held = instance.is_held(db.session(), app.config["SETTINGS"])
        db.session.rollback()
        return held


def test_an_installation_knows_itself(promise, app, look):
    assert not is_held(app)
    work_once(app)
    assert not is_held(app)
    promise()
    work_once(app)
    assert not is_held(app)
    assert kept(look) == ["a@b.example"]


def test_workers_that_start_at_once_introduce_one_installation(app, promise, look):
    """Two that wrote two keys made the database look like a copy, and held its mail for ever."""
    both_looked = threading.Barrier(2)
    read = instance._read

    def read_together(data_dir):
        with suppress(threading.BrokenBarrierError):  # SQLite lets one writer look at a time
            both_looked.wait(timeout=0.5)
        return read(data_dir)

    failures = []

    def start():
        try:
            with app.app_context(), unit_of_work() as session:
                instance.introduce(session, app.config["SETTINGS"])
        except Exception as failure:
            failures.append(failure)

    instance._read = read_together
    try:
        workers = [threading.Thread(target=start) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        instance._read = read
    assert failures == []
    assert not is_held(app)
    promise()
    work_once(app)
    assert kept(look) == ["a@b.example"]


@pytest.mark.parametrize("how", ["address", "machine", "key"])
def test_nothing_leaves_from_a_copy_until_told(how, promise, app, make_app, look, tmp_path):
    work_once(app)
    promise()
    elsewhere = {"BASE_URL": "https://copy.example"}
    if how == "machine":
        elsewhere = {"DATA_DIR": str(tmp_path / "elsewhere")}
    elif how == "key":
        elsewhere = {"DATA_DIR": str(tmp_path / "elsewhere")}
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "instance_key").write_text("another 0\n")
    copy = make_app(**elsewhere)
    assert is_held(copy)
    work_once(copy)
    assert kept(look) == []
    assert "Held" in copy.test_cli_runner().invoke(args=["mail", "status"]).output

    released = copy.test_cli_runner().invoke(args=["mail", "release"])
    assert released.output.startswith("Released. 1 letters wait to be sent.\n")
    assert f"{copy.config['SETTINGS'].data_dir / 'instance_key'}: copy it there" in released.output
    assert not is_held(copy)
    assert is_held(app)  # the two are one no more
    work_once(copy)
    assert kept(look) == ["a@b.example"]


def test_release_can_leave_the_waiting_letters_to_the_original(promise, app, make_app, look):
    work_once(app)
    promise()
    copy = make_app(BASE_URL="https://copy.example")
    released = copy.test_cli_runner().invoke(args=["mail", "release", "--discard"])
    assert released.output.startswith("1 letters discarded")
    work_once(copy)
    assert kept(look) == []


def test_a_database_from_a_backup_holds_its_mail(promise, app, work, look):
    """What waits in the backup may have left after it was made."""
    work_once(app)
    promise()
    with look() as session:
        [(backup,)] = session.execute(sa.select(Instance.batches)).all()
    work_once(app)
    assert not is_held(app)
    with work() as session:  # the backup comes back
        session.execute(sa.update(Instance).values(batches=backup))
        session.execute(sa.update(Letter).values(status=LetterStatus.PENDING))
    assert is_held(app)
    work_once(app)
    assert kept(look) == ["a@b.example"]


def test_a_demo_may_change_its_port(make_app, app, tmp_path):
    work_once(app)
    assert not is_held(make_app(BASE_URL="http://localhost:9000"))
    assert is_held(make_app(BASE_URL="http://localhost:9000", MAIL_URL="smtp://mail.example"))
    shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)


def test_status(promise, app):
    promise()
    output = app.test_cli_runner().invoke(args=["mail", "status"]).output
    assert output == "1 waiting, the longest overdue for 0 s\n0 given up\n"
