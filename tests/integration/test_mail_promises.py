"""What it costs to promise letters to a thousand people: the same statements as to two."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bench.attendees import POST, invite, make_attendees
from dialognav.actions import event_moves, message_sending
from dialognav.domain.audience import Audience, audience_to_json
from dialognav.mail import outbox
from dialognav.models import Letter, Message
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


def make_message(work, people: int) -> tuple[int, int]:
    """An event with so many people, and a message to them that has been sent off."""
    with work() as session:
        event = make_event(session)
        make_attendees(session, event, people)
        audience = Audience(events=(event.id,), states=frozenset({"confirmed"}))
        message = Message(
            organisation_id=event.organisation_id,
            event_id=event.id,
            subject={"sv": "Inför dialogen", "en": "Before the dialogue"},
            body={"sv": "Hej {namn}!", "en": "Hello {name}!"},
            audience=audience_to_json(audience),
            created_at=NOW,
            changed_at=NOW,
        )
        session.add(message)
        session.flush()
        message_sending.start(session, message.id, now=NOW, actor="user:1", post=POST)
        return event.id, message.id


def test_a_message(work, look, statements, promising):
    ran = {}
    for people in (2, MANY):
        event_id, message_id = make_message(work, people)
        with work() as session, statements() as ran[people]:
            message_sending.write_letters(session, message_id, now=NOW, post=POST)
        assert promised(look, event_id, "message") == people
    assert len(ran[MANY]) == len(ran[2]) <= MOST, "the whole step"


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
