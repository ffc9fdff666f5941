"""JOBS=procrastinate: who is called when, by the clock and by letters, and what the dead leave."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dialognav.actions import event_moves
from dialognav.db import db, unit_of_work
from dialognav.jobs import procrastinate_tables, procrastinate_worker, wake_ups
from dialognav.jobs.lanes import lanes
from dialognav.jobs.runner import Job
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import Letter
from tests.conftest import NOW
from tests.databases import PostgresDatabase
from tests.factories import STARTS, make_event, make_participant, make_registration
from tests.fixtures import MakeApp

pytestmark = pytest.mark.postgresql
TICK = timedelta(seconds=5)


@pytest.fixture
def database_url(postgres_database: PostgresDatabase) -> Iterator[str]:
    """Without Procrastinate's tables, now and for the next test."""
    postgres_database.empty()
    drop = "DROP SCHEMA IF EXISTS procrastinate CASCADE"
    with postgres_database.engine.begin() as connection:
        connection.exec_driver_sql(drop)
    yield postgres_database.url
    with postgres_database.engine.begin() as connection:
        connection.exec_driver_sql(drop)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """On the machine's clock: Procrastinate asks PostgreSQL for the time."""
    return make_app(JOBS="procrastinate")


@pytest.fixture
def tables(app: Flask) -> None:
    with app.app_context():
        procrastinate_tables.make_tables(db.engine)


def ask(app: Flask, sql: str) -> list[tuple[object, ...]]:
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL search_path TO procrastinate, public")
        result = connection.exec_driver_sql(sql)
        return [tuple(row) for row in result] if result.returns_rows else []


def calls(app: Flask) -> list[tuple[object, ...]]:
    return ask(app, "SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id")


def write_letter(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        registration = make_registration(session, make_event(session))
        notices.tell_links(
            session, "a@b.example", [registration], [], language="sv", now=NOW, post=post()
        )


def post(quiet_window: int = 0) -> Post:
    return Post("http://localhost", "dialog@dialog.example", "dialog.example", quiet_window)


# --- who is called ------------------------------------------------------------------------------


def test_a_letter_calls_the_workers_and_many_call_them_once(app, tables):
    write_letter(app)
    once = calls(app)
    assert ("letters", "todo") in once
    write_letter(app)
    assert calls(app) == once
    ask(app, "UPDATE procrastinate_jobs SET status = 'doing'")  # and may have looked already
    write_letter(app)
    assert calls(app) == [*((name, "doing") for name, _ in once), *once]


def test_nobody_is_called_where_no_letter_was_written(app, tables):
    with app.app_context(), unit_of_work() as session:
        make_event(session)
    assert calls(app) == []


def test_nobody_is_called_for_what_is_to_wait(app, tables):
    """An update gathers others until its quiet time is over; then the worker looks by itself."""
    with app.app_context(), unit_of_work() as session:
        event = make_event(session)
        make_participant(session, make_registration(session, event))
        event_moves.move(
            session,
            event.id,
            STARTS + timedelta(hours=1),
            STARTS + timedelta(hours=3),
            now=NOW,
            actor="user:1",
            post=post(quiet_window=300),
        )
    with app.app_context():
        assert min(db.session.scalars(sa.select(Letter.due_at))) > NOW
    assert calls(app) == []


def test_a_letter_is_written_also_where_nobody_can_be_called(app, caplog):
    write_letter(app)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Letter)) == 1
    assert "workers could not be called" in caplog.text


def test_plain_workers_are_not_called(make_app, tables):
    app = make_app(JOBS="external")
    write_letter(app)
    assert calls(app) == []


# --- its tables ---------------------------------------------------------------------------------


def test_the_tables_are_made_once_and_anew_for_a_newer_version(app, tables):
    with app.app_context():
        wake_ups.call(lanes(app.extensions["dialognav.jobs"])[:1])
        before = calls(app)
        procrastinate_tables.make_tables(db.engine)
        assert calls(app) == before != []
        ask(app, "COMMENT ON SCHEMA procrastinate IS '3.9.9'")
        procrastinate_tables.make_tables(db.engine)
    assert calls(app) == []


def test_a_machine_left_behind_says_so(app, tables):
    ask(app, "COMMENT ON SCHEMA procrastinate IS '999.0'")
    result = app.test_cli_runner().invoke(args=["worker"])
    assert result.exit_code == 1
    assert "Procrastinate 999.0" in result.output
    assert "update this machine" in result.output


def test_what_is_not_installed_is_named(app, monkeypatch):
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    for name in ("dialognav.jobs.procrastinate_worker", "dialognav.jobs.procrastinate_tables"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("dialognav.jobs.procrastinate_worker")
    result = app.test_cli_runner().invoke(args=["worker"])
    assert result.exit_code == 1
    assert "requirements-postgres.txt" in result.output


# --- the worker ---------------------------------------------------------------------------------


class Ran(list[str]):
    """The jobs that ran, in order; tells the worker to stop when it has seen enough."""

    def __init__(self, *enough: str) -> None:
        self._enough = enough
        self._one_at_a_time = threading.Lock()

    def job(self, name: str, more: int = 0, every: timedelta = TICK, **how: bool) -> Job:
        """With so much more to do after the first time."""
        left = [more]

        def run(_stopping: threading.Event) -> bool:
            self.note(name)
            left[0] -= 1
            return left[0] >= 0

        return Job(name, every, run, **how)

    def note(self, name: str) -> None:
        with self._one_at_a_time:
            self.append(name)
            if all(self.count(one) >= self._enough.count(one) for one in set(self._enough)):
                os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def work_until(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Work in this process; it stops itself, or after a time that says that something is wrong."""
    monkeypatch.setattr(procrastinate_worker, "_PAUSE", 0)
    late = threading.Timer(30, os.kill, (os.getpid(), signal.SIGTERM))
    late.start()

    def working(*jobs: Job) -> None:
        # Playwright leaves its loop running in a process that also ran browser tests.
        playwrights = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            procrastinate_worker.run(app, jobs)
        finally:
            asyncio._set_running_loop(playwrights)

    yield working
    assert late.is_alive(), "it did not come to its end"
    late.cancel()


def test_all_begin_by_the_clock_and_what_has_more_to_do_lines_up_again(work_until):
    ran = Ran("publish", *["disposal"] * 3, "calendars", *["letters"] * 4)
    work_until(
        ran.job("publish"),
        ran.job("disposal", more=2),
        ran.job("calendars", abroad=True),
        ran.job("letters", more=3, together=True),
    )
    assert ran.count("disposal") >= 3


def test_one_that_waits_for_another_server_or_fails_holds_up_nobody(work_until, caplog):
    ran = Ran("publish", "letters", "calendars", "tidy")

    def hang(stopping: threading.Event) -> bool:
        ran.note("calendars")
        return stopping.wait(20)

    def fail(_stopping: threading.Event) -> bool:
        ran.note("tidy")
        raise RuntimeError("broken")

    work_until(
        Job("calendars", TICK, hang, abroad=True),
        Job("tidy", TICK, fail),
        ran.job("publish"),
        ran.job("letters", together=True),
    )
    assert "broken" in caplog.text


def test_what_a_dead_worker_had_in_hand_begins_anew(app, tables, work_until, monkeypatch):
    monkeypatch.setattr(procrastinate_worker, "_LATE", 20)  # nothing is due by the clock
    ask(
        app,
        """INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status)
        VALUES ('home', 'tidy', 'tidy', 'doing')""",
    )
    ran = Ran("tidy")
    work_until(ran.job("tidy", every=timedelta(days=1)))
    assert ran == ["tidy"]
    assert ask(app, "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'") == []


def test_it_goes_on_when_the_database_was_away(app, work_until, postgres_database):
    """As when PostgreSQL starts anew: every line to it is cut, once."""
    ran = Ran("cut", "cut")

    def cut(_stopping: threading.Event) -> bool:
        if "cut" not in ran:
            ask(
                app,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        ran.note("cut")
        return False

    work_until(Job("cut", TICK, cut))
    assert ran == ["cut", "cut"]
    postgres_database.engine.dispose()  # its lines were cut as well


def test_told_to_stop_it_finishes_what_it_has_in_hand(app, tables, work_until):
    ran = Ran("asked", "publish")
    ended = []

    def last(stopping: threading.Event) -> bool:
        ran.note("asked")
        stopping.wait(20)
        time.sleep(0.3)  # longer than the others take to end
        ended.append(1)
        return False

    work_until(Job("tidy", TICK, last, abroad=True), ran.job("publish"))
    assert ended
    assert ask(app, "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'") == []
    assert ask(app, "SELECT 1 FROM procrastinate_workers") == []
