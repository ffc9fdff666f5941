"""Two who save, or publish, in the same instant: one wins, the other is told, nothing is lost."""

import threading
from dataclasses import replace

import pytest
from flask import Flask

from dialognav.actions import events
from dialognav.actions.event_text import draft_of
from dialognav.db import unit_of_work
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow
from dialognav.mail.post import Post
from dialognav.models import AuditEntry, Event
from tests.conftest import NOW
from tests.factories import make_event

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
EDITORS = 6


def all_at_once(app: Flask, act) -> list[str]:
    """What each of several threads got: "done", or the code of the rule that stopped it."""
    together = threading.Barrier(EDITORS)
    got: list[str] = []

    def one(n: int) -> None:
        together.wait(30)
        try:
            with app.app_context(), unit_of_work() as session:
                act(session, n)
        except (EditedMeanwhile, NotAllowedNow) as refused:
            got.append(refused.code)
        else:
            got.append("done")

    threads = [threading.Thread(target=one, args=[n]) for n in range(EDITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(got)


@pytest.fixture
def event_id(work) -> int:
    with work() as session:
        return make_event(session).id


def save(event_id: int):
    def act(session, n: int) -> None:
        draft = draft_of(session.get_one(Event, event_id))
        mine = replace(draft, need={"sv": f"Behov nummer {n}"})
        events.save_event(
            session, event_id, mine, expected_revision=0, now=NOW, actor="user:1", post=POST
        )

    return act


def test_one_of_six_editors_saves(app, event_id, look):
    assert all_at_once(app, save(event_id)) == ["done"] + ["edited_meanwhile"] * (EDITORS - 1)
    with look() as session:
        assert session.get_one(Event, event_id).revision == 1


@pytest.mark.postgresql
def test_the_race_is_real_without_the_lock(app, event_id, look, monkeypatch, database_url):
    """SQLite lets one writer in at a time anyway; on PostgreSQL the lock is what keeps order."""
    if database_url.startswith("sqlite"):
        pytest.skip("one writer at a time")
    together = threading.Barrier(EDITORS)

    def unlocked(session, event_id: int) -> Event:
        event = session.get_one(Event, event_id)
        together.wait(30)
        return event

    monkeypatch.setattr(events, "lock_event", unlocked)
    assert all_at_once(app, save(event_id)).count("done") > 1


def test_published_once_by_six(app, work, look):
    with work() as session:
        event_id = make_event(session, state="draft", published_at=None).id

    def act(session, _n: int) -> None:
        events.publish(session, event_id, now=NOW, actor="user:1", post=POST)

    assert all_at_once(app, act) == ["done"] + ["not_allowed_now"] * (EDITORS - 1)
    with look() as session:
        assert session.query(AuditEntry).count() == 1
