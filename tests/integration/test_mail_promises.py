"""What it costs to promise letters to a thousand people: the same statements as to two."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bench.attendees import POST, invite, make_attendees
from dialognav.actions import event_moves
from dialognav.mail import outbox
from dialognav.models import Letter
from tests.conftest import NOW
from tests.factories import STARTS, make_event

MANY = 1_000
MOST = 10
HOUR = timedelta(hours=1)
HOW = {"now": NOW + HOUR, "actor": "user:1", "post": POST}


@pytest.fixture
def promising(monkeypatch, statements):
    """How many statements outbox.promise() has run, by call."""
    costs = []
    promise = outbox.promise

    def counting(session, letters, **how):
        with statements() as ran:
            promise(session, letters, **how)
            session.flush()
        costs.append(len(ran))

    monkeypatch.setattr(outbox, "promise", counting)
    return costs


def make_fair(work, people: int) -> int:
    """An event with so many people, whose invitations have left; its id."""
    with work() as session:
        event = make_event(session)
        invite(session, event, make_attendees(session, event, people), NOW)
        session.execute(sa.update(Letter).values(status="sent", sent_at=NOW))
        return event.id


def promised(look, event_id: int, kind: str) -> int:
    with look() as session:
        about = (Letter.event_id == event_id, Letter.kind == kind)
        return session.scalar(sa.select(sa.func.count()).where(*about))


def test_invitations(work, look, statements, promising):
    ran = {}
    for people in (2, MANY):
        with work() as session:
            event = make_event(session)
            event_id = event.id
            seats = make_attendees(session, event, people)
            with statements() as ran[people]:
                invite(session, event, seats, NOW)
        assert promised(look, event_id, "place_confirmed") == people
    assert len(ran[MANY]) == len(ran[2]) <= MOST
    assert max(promising) <= MOST


def test_an_event_that_moves(work, look, statements, promising):
    ran = {}
    for people in (2, MANY):
        event_id = make_fair(work, people)
        with work() as session, statements() as ran[people]:
            event_moves.move(session, event_id, STARTS + HOUR, STARTS + 3 * HOUR, **HOW)
        assert promised(look, event_id, "changed") == people
    assert len(ran[MANY]) == len(ran[2]), "the whole action"
    assert max(promising) <= MOST
