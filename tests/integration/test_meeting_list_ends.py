"""Whoever waits for a one-to-one meeting when no more times are handed out is told so, once."""

from datetime import timedelta

import pytest

from dialognav.actions import meeting_list_ends
from dialognav.models import AuditEntry, Event, MeetingRequest, MeetingRules
from dialognav.queries.bookings import queue_moves_until
from tests.factories import make_event
from tests.integration.mailed import POST, post_mail
from tests.integration.test_meeting_reminders import firm, readers
from tests.meeting_factories import make_booking, make_request, make_rules, make_slots

__all__ = ["post_mail"]
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def over_at(work):
    """Two meetings, one booked; one waits, one has left the list. When the list stops moving."""
    with work() as session:
        event = make_event(session)
        make_rules(session, event)
        slots = make_slots(session, event, number=2)
        make_booking(session, slots[0], firm(session, event, "has"))
        make_request(session, firm(session, event, "waits"))
        make_request(session, firm(session, event, "left"), state="withdrawn")
        return queue_moves_until(session, event)


@pytest.fixture
def run(work):
    def at(now):
        with work() as session:
            found = meeting_list_ends.events_to_end(session, now=now)
            for event_id in found:
                meeting_list_ends.end_when_due(session, event_id, now=now, post=POST)
            return len(found)

    return at


def ends(mails):
    """Beside reminders of the meeting that stands."""
    return [one for one in mails if "No more one-to-one meetings" in one["Subject"]]


def test_who_waits_is_told_once_when_the_list_has_stopped(run, over_at, look, post_mail, clock):
    clock.move_to(over_at)
    assert run(over_at - A_SECOND) == 0
    assert run(over_at) == 1
    mails = ends(post_mail())
    assert readers(mails) == ["waits"]
    assert "You waited for a time" in mails[0].as_string()
    assert run(over_at + timedelta(hours=1)) == 0
    with look() as session:
        requests = session.query(MeetingRequest).order_by(MeetingRequest.id)
        assert [one.state for one in requests] == ["withdrawn", "withdrawn"]
        assert [one.closed_at for one in requests] == [over_at, None]
        assert session.query(AuditEntry).filter_by(verb="meeting.list_ended").count() == 1


@pytest.mark.parametrize("what", [{"state": "cancelled"}, {"phase": "procurement"}])
def test_an_event_that_tells_otherwise_tells_nothing_here(run, over_at, work, what):
    with work() as session:
        [event] = session.query(Event)
        for name, value in what.items():
            setattr(event, name, value)
    assert run(over_at) == 0


def test_by_hand_a_time_may_be_given_until_it_begins(run, over_at, work, look):
    with work() as session:
        session.query(MeetingRules).one().hand_out = "by_hand"
    assert run(over_at) == 0
    assert run(over_at + timedelta(days=2)) == 1


def test_long_afterwards_the_list_is_closed_without_a_letter(run, over_at, post_mail, clock):
    clock.move_to(over_at)
    assert run(over_at + timedelta(days=60)) == 1
    assert ends(post_mail()) == []
