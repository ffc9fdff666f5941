"""Answers to one date of a series, to all of it, to one of several sessions; and to a new date."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import answering, event_moves
from dialognav.domain.terms import InboundKind, LetterStatus
from dialognav.models import Attendance, CalendarObject, Letter, Participant
from tests.conftest import NOW
from tests.factories import STARTS
from tests.integration.mailed import POST, sign_up
from tests.integration.test_mail_series import REASON, WEEK, make_series, make_sessions
from tests.integration.test_replies import deliver, reply, take

__all__ = ["deliver"]
ADA = "ada@firm.example"
MINUTE = timedelta(minutes=1)


def said(look):
    """[(state, answer)] of each date, in order."""
    with look() as session:
        rows = session.execute(
            sa.select(Attendance.state, Attendance.partstat)
            .join(Attendance.occasion)
            .order_by(sa.text("occasion.starts_at"))
        )
        return [tuple(row) for row in rows]


def uids(look):
    with look() as session:
        return list(session.scalars(sa.select(CalendarObject.uid).order_by(CalendarObject.id)))


def waiting(look):
    with look() as session:
        query = sa.select(Letter.kind).where(Letter.status == LetterStatus.PENDING)
        return list(session.scalars(query.order_by(Letter.id)))


@pytest.fixture
def series(work, deliver, look):
    """Ada is in a series of four, and has its one entry."""
    with work() as session:
        event_id = make_series(session)
    sign_up(work, event_id)
    deliver()
    [uid] = uids(look)
    return uid, event_id


def test_an_answer_to_the_series_is_one_to_each_date(series, work, look):
    assert take(work, reply(series[0])) == ("applied", "accepted")
    assert said(look) == [("confirmed", "ACCEPTED")] * 4
    with look() as session:
        assert session.query(CalendarObject).one().partstat == "ACCEPTED"


def test_a_no_to_one_date_is_about_that_date(series, work, look, clock, deliver):
    one = reply(series[0], "DECLINED", recurs_at=STARTS + WEEK)
    assert take(work, one) == ("applied", "declined")
    assert [answer for _state, answer in said(look)] == ["", "DECLINED", "", ""]
    with look() as session:
        assert session.query(CalendarObject).one().partstat == "NEEDS-ACTION"
    assert waiting(look) == ["confirm_no"]
    clock.move_to(NOW + timedelta(hours=49))
    deliver()
    assert [state for state, _answer in said(look)] == [
        "confirmed",
        "withdrawn",
        "confirmed",
        "confirmed",
    ]
    with look() as session:
        assert session.query(Participant).one().withdrawn_at is None
        last = session.query(Letter).order_by(Letter.id.desc()).first()
        assert (last.kind, last.facts["method"]) == ("withdrawn", "CANCEL")


def test_an_older_answer_to_all_leaves_a_newer_one_to_a_date(series, work, look):
    one = reply(series[0], "DECLINED", recurs_at=STARTS + WEEK, dtstamp=NOW + 9 * MINUTE)
    take(work, one, now=NOW + 9 * MINUTE)
    take(work, reply(series[0], "ACCEPTED", dtstamp=NOW + 5 * MINUTE), now=NOW + 10 * MINUTE)
    assert [answer for _state, answer in said(look)] == ["ACCEPTED", "DECLINED"] + ["ACCEPTED"] * 2


def test_a_date_that_is_none_of_the_series_is_nobodys(series, work, look):
    odd = reply(series[0], "DECLINED", recurs_at=STARTS + timedelta(hours=1))
    assert take(work, odd) == ("ignored", "no_seat")
    assert said(look) == [("confirmed", "")] * 4


def test_a_whole_series_declined_asks_once(series, work, look):
    assert take(work, reply(series[0], "DECLINED")) == ("applied", "declined")
    assert waiting(look) == ["confirm_no"]
    with work() as session:
        person = session.query(Participant).one()
        given_up = answering.confirm_no(session, person.id, now=NOW, actor="p", post=POST)
        assert len(given_up) == 4
    assert [state for state, _answer in said(look)] == ["withdrawn"] * 4


def test_the_series_again_is_the_series(series, work, look, deliver, clock):
    ask = {"kind": InboundKind.REFRESH, "partstat": "", "attendee": "", "attendee_count": 0}
    assert take(work, reply(series[0], **ask)) == ("applied", "refreshed")
    clock.move_to(NOW + 5 * MINUTE)
    deliver()
    with look() as session:
        assert session.query(Letter.status).filter_by(kind="sent_again").scalar() == "sent"


def test_each_session_has_an_answer_of_its_own(work, deliver, look):
    with work() as session:
        event_id = make_sessions(session, 3)
    sign_up(work, event_id)
    deliver()
    first, second, _third = uids(look)
    assert take(work, reply(first)) == ("applied", "accepted")
    assert take(work, reply(second, "DECLINED")) == ("applied", "declined")
    assert sorted(answer for _state, answer in said(look)) == ["", "ACCEPTED", "DECLINED"]


def test_a_new_date_asks_everybody_again(series, work, look, clock, deliver):
    uid, event_id = series
    take(work, reply(uid))
    later = NOW + timedelta(hours=1)
    with work() as session:
        event_moves.postpone(session, event_id, REASON, now=later, actor="user:1", post=POST)
    clock.move_to(later)
    deliver()
    with work() as session:
        event_moves.set_new_date(
            session,
            event_id,
            STARTS + 4 * WEEK,
            STARTS + 4 * WEEK + timedelta(hours=2),
            closes_at=None,
            now=later,
            actor="user:1",
            post=POST,
        )
    assert said(look) == [("confirmed", "")] * 4
    assert take(work, reply(uid, "DECLINED", dtstamp=later), now=later) == ("ignored", "cancelled")
    with work() as session:
        person = session.query(Participant).one()
        assert person.registration.event.redated_at == later
        answering.say_yes(session, person.id, now=later, actor="p", post=POST)
    assert said(look) == [("confirmed", "ACCEPTED")] * 4


def test_a_web_answer_beats_a_mail_written_before_it(series, work, look):
    with work() as session:
        person = session.query(Participant).one()
        answering.say_yes(session, person.id, now=NOW + 9 * MINUTE, actor="p", post=POST)
    late = reply(series[0], "DECLINED", dtstamp=NOW + 5 * MINUTE)
    assert take(work, late, now=NOW + 10 * MINUTE) == ("stale", "older_answer")
    assert said(look) == [("confirmed", "ACCEPTED")] * 4
