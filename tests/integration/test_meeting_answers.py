"""What an answer from a calendar does to a one-to-one meeting: it is noted, and frees nothing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import replies
from dialognav.domain.meeting_terms import BookingState, TableRole
from dialognav.domain.replies import Received
from dialognav.mail import meeting_notices
from dialognav.models import Booking, CalendarObject, InboundMail, Letter, Slot
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.mailed import POST, calendar_part, post_mail, to
from tests.meeting_factories import make_booking, make_member, make_rules, make_slots, make_table

__all__ = ["post_mail"]
HOUR = timedelta(hours=1)
ASA, HOST = "asa@firm.example", "x@tallvik.example"


@pytest.fixture
def uids(work, post_mail):
    """{address: UID} of a meeting whose invitations have left."""
    with work() as session:
        event = make_event(session, contact_email="maja@tallvik.example")
        make_rules(session, event)
        team = {
            make_member(session, event, email=HOST, language="en"): TableRole.ASKS,
            make_member(session, event): TableRole.NOTES,
        }
        slots = make_slots(session, event, make_table(session, event, team))
        registration = make_registration(session, event, language="en")
        make_participant(session, registration, email=ASA)
        session.refresh(registration)
        booking = make_booking(session, slots[0], registration)
        meeting_notices.tell_booked(session, [booking], now=NOW, post=POST)
    post_mail()
    with work() as session:
        whose = {"participant_id": ASA, "member_id": HOST}
        rows = session.scalars(sa.select(CalendarObject).order_by(CalendarObject.id)).all()
        return {address: _first(rows, name).uid for name, address in whose.items()}


def _first(rows, name):
    return next(row for row in rows if getattr(row, name))


@pytest.fixture
def answer(work, uids):
    numbers = iter(range(100))

    def answering(address, partstat, at=HOUR, **given):
        n = next(numbers)
        standard = {
            "kind": "reply",
            "fingerprint": f"{n:064}",
            "recipient": "dialog@dialog.example",
            "sender": address,
            "attendee": address,
            "attendee_count": 1,
            "uid": uids[address],
            "sequence": 0,
            "dtstamp": NOW + at,
            "partstat": partstat,
            "is_trusted": True,
        }
        with work() as session:
            received = Received(**standard | given)
            mail = replies.receive(session, received, b"raw", now=NOW + at, post=POST)
            return mail.state, mail.reason

    return answering


def state(look, uid):
    with look() as session:
        row = session.scalars(sa.select(CalendarObject).where(CalendarObject.uid == uid)).one()
        return row.partstat, session.scalars(sa.select(Booking)).one().state


def test_an_answer_is_noted_and_the_meeting_stands(answer, look, uids):
    for address in (ASA, HOST):
        for hours, partstat in enumerate(("ACCEPTED", "TENTATIVE", "DECLINED"), 1):
            assert answer(address, partstat, at=hours * HOUR) == ("applied", partstat.lower())
            assert state(look, uids[address]) == (partstat, "booked")


def test_a_no_asks_once_and_a_yes_takes_the_question_back(answer, look, clock, post_mail):
    answer(ASA, "DECLINED")
    answer(ASA, "DECLINED", at=2 * HOUR)
    clock.move_to(NOW + 2 * HOUR)
    [mail] = post_mail()
    assert "Are you not coming" in mail["Subject"]
    assert "/meetings" in mail.get_body(("plain",)).get_content()
    answer(ASA, "ACCEPTED", at=3 * HOUR)
    answer(ASA, "DECLINED", at=4 * HOUR)
    answer(ASA, "ACCEPTED", at=5 * HOUR)
    clock.move_to(NOW + 6 * HOUR)
    assert post_mail() == []


def test_a_no_of_the_team_writes_to_nobody(answer, post_mail, clock):
    answer(HOST, "DECLINED")
    clock.move_to(NOW + 2 * HOUR)
    assert post_mail() == []


def test_an_older_answer_and_one_to_another_revision_change_nothing(answer, look, uids, work):
    answer(ASA, "ACCEPTED", at=2 * HOUR)
    assert answer(ASA, "DECLINED", at=HOUR)[0] == "stale"
    with work() as session:
        booking = session.scalars(sa.select(Booking)).one()
        moved = [(booking, meeting_notices.told_of(booking.slot), [])]
        booking.slot = session.get_one(Slot, booking.slot_id + 1)
        meeting_notices.tell_moved(session, moved, now=NOW + 3 * HOUR, post=POST)
    assert answer(ASA, "DECLINED", at=4 * HOUR)[0] == "stale", "it is to the time before"
    assert state(look, uids[ASA])[0] == "NEEDS-ACTION"


def test_another_time_waits_in_the_inbox_and_whoever_answers_for_it_is_told(
    answer, look, uids, clock, post_mail
):
    times = {
        "proposed_starts_at": NOW + timedelta(days=40),
        "proposed_ends_at": NOW + timedelta(days=40, hours=1),
    }
    for address in (HOST, ASA):
        assert answer(address, "", kind="counter", **times) == ("open", "proposed")
        assert state(look, uids[address]) == ("TENTATIVE", "booked")
    clock.move_to(NOW + 2 * HOUR)
    assert ["maja@tallvik.example" in one["To"] for one in post_mail()] == [True, True]


def test_the_invitation_is_sent_again_on_request_once_an_hour(answer, clock, post_mail, uids):
    for address in (ASA, HOST):
        assert answer(address, "", kind="refresh") == ("applied", "refreshed")
        assert answer(address, "", kind="refresh", at=HOUR * 1.5)[0] == "ignored"
    clock.move_to(NOW + 2 * HOUR)
    mails = post_mail()
    for address in (ASA, HOST):
        assert uids[address].encode("ascii") in calendar_part(to(mails, address))


def test_somebody_elses_answer_puts_nobody_in_the_meeting(answer, look, uids, clock, post_mail):
    other = {"sender": "eve@other.example", "attendee": "eve@other.example"}
    assert answer(ASA, "ACCEPTED", **other) == ("open", "other_person")
    assert state(look, uids[ASA])[0] == "NEEDS-ACTION"
    clock.move_to(NOW + 2 * HOUR)
    [mail] = post_mail()
    assert ASA in mail["To"]


def test_staff_decline_another_time_and_the_meeting_stays(
    answer, staff, work, uids, clock, post_mail
):
    """Of the team's proposals, those of which it is known whose they are."""
    named = {"recipient": f"dialog+{uids[HOST].partition('@')[0]}@dialog.example"}
    alias = {"attendee": "sofia.x@tallvik.example", "sender": "sofia.x@tallvik.example"}
    for hours, (address, given, says) in enumerate(
        (
            (ASA, {}, "cannot move the meeting"),
            (HOST, {}, "tell whoever plans the meetings"),
            (HOST, named | alias, "It stays"),
            (HOST, alias, None),
        ),
        1,
    ):
        given = given | {"proposed_starts_at": NOW + timedelta(days=40), "at": hours * HOUR}
        assert answer(address, "", kind="counter", **given) == ("open", "proposed")
        clock.move_to(NOW + (hours + 1) * HOUR)
        with work() as session:
            mail = session.scalars(sa.select(InboundMail).order_by(InboundMail.id.desc())).first()
            mail.organisation_id = mail.event.organisation_id = staff.organisation_id
            path = f"/manage/inbox/{mail.public_id}"
        post_mail()
        page = staff.client.get(path).get_data(as_text=True)
        assert "/meetings/" in page
        assert (f"{path}/decline" in page) is (says is not None)
        if says is None:
            continue
        assert staff.post(f"{path}/decline", {"text": "Salen är upptagen då."}).status_code == 303
        mail = to(post_mail(), address)
        assert b"METHOD:DECLINECOUNTER" in calendar_part(mail)
        assert uids[address].encode() in calendar_part(mail)
        text = mail.get_body(("plain",)).get_content()
        assert "Salen är upptagen då." in text
        assert says in text


def test_an_answer_to_what_is_off_is_nothing(answer, work, look):
    with work() as session:
        booking = session.scalars(sa.select(Booking)).one()
        booking.state, booking.ended_at = BookingState.CANCELLED, NOW
        meeting_notices.tell_ended(session, [booking], by="organiser", now=NOW, post=POST)
    assert answer(ASA, "ACCEPTED")[0] in ("ignored", "stale")
    with look() as session:
        assert session.scalars(sa.select(InboundMail)).one().event_id is not None
        assert session.scalar(sa.select(sa.func.count()).select_from(Letter)) > 0
