"""Somebody else looks at a mailing before it goes."""

import pytest

from dialognav.actions import message_approval, message_sending
from dialognav.actions.messages import draft_of, save_message
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotReady, SecondPerson
from dialognav.domain.terms import MessageState
from dialognav.models import Event, Message
from tests.conftest import NOW
from tests.factories import make_event, make_user
from tests.integration.test_message_sending import DO, make_message, people_at, trail


@pytest.fixture
def case(work):
    """(event id, message id, writer, editor, approver) where the organisation wants approval."""
    with work() as session:
        event = make_event(session)
        event.organisation.message_approval = True
        people_at(session, event, 2)
        users = [make_user(session, event.organisation, "planner").id for _n in range(3)]
        message = make_message(session, event, author_id=users[0], writer_ids=[users[0]])
        return event.id, message.id, *users


def by(user_id: int) -> dict:
    return {"user_id": user_id, "now": NOW, "actor": f"user:{user_id}"}


def test_handed_in_approved_and_sent(work, look, case):
    _event_id, message_id, writer, _editor, approver = case
    with work() as session:
        message_approval.submit(session, message_id, **by(writer))
    with work() as session:
        message_approval.approve(session, message_id, seen=0, **by(approver))
    with look() as session:
        message = session.get_one(Message, message_id)
        assert message.state == MessageState.APPROVED
        assert len(message.approved_recipients) == 2
    with work() as session:
        message_sending.start(session, message_id, **DO)
    with look() as session:
        assert trail(session, message_id) == [
            "message.submitted",
            "message.approved",
            "message.sending",
        ]
        assert session.get_one(Message, message_id).approved_recipients is None


def test_nothing_goes_without_it(work, case):
    with work() as session, pytest.raises(NotAllowedNow):
        message_sending.start(session, case[1], **DO)
    with work() as session:
        message_approval.submit(session, case[1], **by(case[2]))
    with work() as session, pytest.raises(NotAllowedNow):
        message_sending.start(session, case[1], **DO)


@pytest.mark.parametrize("place", [2, 3])
def test_none_of_its_writers_approves_it(work, case, place):
    _event_id, message_id, writer, editor, _approver = case
    with work() as session:
        session.get_one(Message, message_id).writer_ids = [writer, editor]
        message_approval.submit(session, message_id, **by(writer))
    with work() as session, pytest.raises(SecondPerson):
        message_approval.approve(session, message_id, seen=0, **by(case[place]))


def test_nor_does_who_handed_it_in(work, case):
    with work() as session:
        message_approval.submit(session, case[1], **by(case[4]))
    with work() as session, pytest.raises(SecondPerson):
        message_approval.approve(session, case[1], seen=0, **by(case[4]))


def test_a_change_after_approval_voids_it(work, look, case):
    _event_id, message_id, writer, editor, approver = case
    with work() as session:
        message_approval.submit(session, message_id, **by(writer))
        message_approval.approve(session, message_id, seen=0, **by(approver))
    with work() as session:
        draft = draft_of(session.get_one(Message, message_id))
        draft.body["sv"] = "Något helt annat"
        save_message(
            session,
            message_id,
            draft,
            expected_revision=0,
            writer_id=editor,
            now=NOW,
            actor=f"user:{editor}",
        )
    with look() as session:
        message = session.get_one(Message, message_id)
        assert (message.state, message.approved_at) == (MessageState.DRAFT, None)
        assert message.writer_ids == [writer, editor]
    with work() as session, pytest.raises(NotAllowedNow):
        message_sending.start(session, message_id, **DO)


def test_what_was_not_looked_at_is_not_approved(work, case):
    with work() as session:
        message_approval.submit(session, case[1], **by(case[2]))
        session.get_one(Message, case[1]).revision = 4
    with work() as session, pytest.raises(EditedMeanwhile):
        message_approval.approve(session, case[1], seen=3, **by(case[4]))


def test_nor_handed_in_and_too_early_it_is_taken_back(work, look, case):
    with work() as session, pytest.raises(EditedMeanwhile):
        message_approval.submit(session, case[1], seen=1, **by(case[2]))
    with work() as session:
        message_approval.submit(session, case[1], seen=0, **by(case[2]))
    with work() as session:
        message_approval.take_back(session, case[1], now=NOW, actor="user:1")
    with look() as session:
        message = session.get_one(Message, case[1])
        assert (message.state, message.submitted_by_id) == (MessageState.DRAFT, None)


def test_wanted_no_more_it_goes_without(work, look, case):
    with work() as session:
        message_approval.submit(session, case[1], **by(case[2]))
        session.get_one(Event, case[0]).organisation.message_approval = False
    with work() as session:
        message_sending.start(session, case[1], **DO)
    with look() as session:
        assert session.get_one(Message, case[1]).state == MessageState.SENDING


def test_sent_back_it_is_a_draft_with_the_reason(work, look, case):
    with work() as session:
        message_approval.submit(session, case[1], **by(case[2]))
    with work() as session:
        message_approval.send_back(session, case[1], seen=0, why="Fel datum", **by(case[4]))
    with look() as session:
        message = session.get_one(Message, case[1])
        assert (message.state, message.approval_note) == (MessageState.DRAFT, "Fel datum")
        assert message.submitted_by_id is None
    with work() as session:  # and once more
        message_approval.submit(session, case[1], **by(case[2]))
        assert session.get_one(Message, case[1]).approval_note == ""


def test_what_lacks_something_is_not_handed_in(work, case):
    with work() as session:
        session.get_one(Message, case[1]).subject = {}
    with work() as session, pytest.raises(NotReady) as lacks:
        message_approval.submit(session, case[1], **by(case[2]))
    assert lacks.value.fields == ("subject",)


def test_where_nobody_wants_it_nothing_is_handed_in(work, case):
    with work() as session:
        session.get_one(Event, case[0]).organisation.message_approval = False
    with work() as session, pytest.raises(NotAllowedNow):
        message_approval.submit(session, case[1], **by(case[2]))
