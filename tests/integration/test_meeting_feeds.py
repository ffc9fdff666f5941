"""One-to-one meetings in private calendars, and as a file."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.domain.meeting_terms import BookingState, TableRole
from dialognav.mail import meeting_notices
from dialognav.models import (
    Booking,
    CalendarFeed,
    CalendarObject,
    Event,
    Letter,
    Participant,
    TeamMember,
)
from dialognav.tokens import PARTICIPANT, REGISTRATION, fingerprint, make_link
from tests.conftest import NOW
from tests.factories import (
    make_event,
    make_organisation,
    make_participant,
    make_registration,
    make_user,
)
from tests.integration.mailed import POST, calendar_part, post_mail, to
from tests.meeting_factories import (
    DAY,
    make_booking,
    make_member,
    make_rules,
    make_slots,
    make_table,
)

__all__ = ["post_mail"]
HOW = {"now": NOW, "post": POST}
LINK = "https://meet.example/hemlig"


@pytest.fixture
def meeting(work):
    """An online meeting of Åsa's with one of staff and somebody from outside."""
    with work() as session:
        event = make_event(session)
        make_rules(session, event)
        user = make_user(session, event.organisation)
        asks = make_member(session, event, email="x@tallvik.example", user_id=user.id)
        notes = make_member(session, event, email="y@konsult.example")
        team = {asks: TableRole.ASKS, notes: TableRole.NOTES}
        table = make_table(session, event, team, mode="online", online_service="Teams")
        [slot] = make_slots(session, event, table, number=1, online_url=LINK)
        registration = make_registration(session, event, party_name="Ek AB", language="en")
        person = make_participant(session, registration, email="asa@firm.example")
        session.refresh(registration)
        booking = make_booking(session, slot, registration)
        meeting_notices.tell_booked(session, [booking], **HOW)
        for n, given in enumerate(
            (
                {"address": "asa@firm.example"},
                {"address": "y@konsult.example"},
                {"user_id": user.id, "organisation_id": event.organisation_id},
                {"address": "nobody@firm.example"},
            )
        ):
            feed = CalendarFeed(
                fingerprint=fingerprint(f"{n}" * 43), language="en", created_at=NOW, **given
            )
            session.add(feed)
        return {
            "booking": booking.id,
            "public": booking.public_id,
            "person": person.public_id,
            "whole": registration.public_id,
            "event": event.id,
        }


def feed(client, n):
    answer = client.get(f"/k/{f'{n}' * 43}/calendar.ics")
    assert answer.status_code == 200
    return answer.get_data(as_text=True).replace("\r\n ", "")


def test_each_side_finds_the_meeting_in_its_own_calendar(client, meeting, look):
    with look() as session:
        uids = session.scalars(
            sa.select(CalendarObject.uid).where(CalendarObject.booking_id.is_not(None))
        ).all()
    asa, outside, staff, nobody = (feed(client, n) for n in range(4))
    for calendar, names in ((asa, "Tallvik"), (outside, "Ek AB"), (staff, "Ek AB")):
        [uid] = [uid for uid in uids if uid in calendar]
        entry = calendar.partition(f"UID:{uid}")[2].partition("END:VEVENT")[0]
        assert names in entry
        assert "CLASS:PRIVATE" in entry
        assert "ATTENDEE" not in entry
        assert LINK not in calendar
    assert "BEGIN:VEVENT" not in nobody
    assert not [uid for uid in uids if uid in nobody]


def test_a_meeting_that_is_off_stays_for_a_while_as_cancelled(client, meeting, work, clock):
    before = feed(client, 0)
    assert "STATUS:CANCELLED" not in before
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        session.get_one(Event, meeting["event"]).write_count += 1
        booking.state, booking.ended_at = BookingState.WITHDRAWN, NOW
        meeting_notices.tell_ended(session, [booking], by="supplier", **HOW)
    assert "STATUS:CANCELLED" in feed(client, 0)
    clock.shift(timedelta(days=90))
    assert "STATUS:CANCELLED" not in feed(client, 1)


@pytest.mark.parametrize("in_feed", [False, True])
def test_who_left_a_meeting_before_it_moved_sees_it_where_they_had_it(
    client, meeting, work, in_feed
):
    """A colleague takes it over, and holds it a day later in another room. `in_feed`: no letter has
    carried the entry, which is told of in a list."""
    with work() as session:
        booking = session.get_one(Booking, meeting["booking"])
        event = session.get_one(Event, meeting["event"])
        if in_feed:
            mine = Letter.recipient == "y@konsult.example"
            session.execute(sa.delete(Letter).where(mine))
            whose = CalendarObject.member_id.in_(
                sa.select(TeamMember.id).where(TeamMember.email == "y@konsult.example")
            )
            session.execute(sa.update(CalendarObject).where(whose).values(in_feed=True))
        table = make_table(session, event, name={"sv": "Bord Ö"}, room={"sv": "Sal Ny"})
        [new] = make_slots(session, event, table, number=1, starts_at=DAY + timedelta(days=1))
        [gone] = [one for one in booking.slot.staff if one.member.email == "y@konsult.example"]
        booking.slot.staff.remove(gone)
        meeting_notices.tell_staffed(session, [(booking.slot, [gone.member], [])], **HOW)
        old = booking.slot
        booking.slot = new
        event.write_count += 1
        meeting_notices.tell_moved(session, [(booking, meeting_notices.told_of(old), [])], **HOW)
    outside = feed(client, 1)
    assert "STATUS:CANCELLED" in outside
    assert "20270224T" in outside
    assert "20270225T" not in outside
    assert "LOCATION:Digitalt\\, Teams" in outside
    assert "Sal Ny" not in outside
    assert "20270225T" in feed(client, 0)


def secret(app, purpose, public_id):
    return make_link(app.config["SECRET_KEY"], purpose, public_id, 0)


def test_the_file_is_the_invitation_that_was_mailed(app, client, meeting, post_mail):
    mailed = calendar_part(to(post_mail(), "asa@firm.example"))
    own = secret(app, PARTICIPANT, meeting["person"])
    whole = secret(app, REGISTRATION, meeting["whole"])
    name = f"meetings/{meeting['public']}.ics"
    for address in (
        f"/r/{own}/{name}",
        f"/r/{whole}/{name}",
        f"/r/{whole}/{name}?person={meeting['person']}",
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.data) == (200, mailed)
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_nobody_elses_meeting_is_a_file(app, client, meeting, work):
    own = secret(app, PARTICIPANT, meeting["person"])
    for name in ("nosuchbooki", "x" * 300, "%00", "../../etc"):
        assert client.get(f"/r/{own}/meetings/{name}.ics").status_code == 404
    with work() as session:
        other = make_registration(session, session.get_one(Event, meeting["event"]))
        person = make_participant(session, other)
        public_id, whole = person.public_id, other.public_id
        assert session.get_one(Participant, person.id)
    for purpose, id_ in ((PARTICIPANT, public_id), (REGISTRATION, whole)):
        link = secret(app, purpose, id_)
        assert client.get(f"/r/{link}/meetings/{meeting['public']}.ics").status_code == 404
        asked = f"/r/{link}/meetings/{meeting['public']}.ics?person={meeting['person']}"
        assert client.get(asked).status_code == 404


def test_an_address_from_outside_the_house_may_have_a_calendar(work, meeting):
    from dialognav.queries.private_feeds import takes_part

    with work() as session:
        organisation = session.get_one(Event, meeting["event"]).organisation_id
        make_organisation(session)
        assert takes_part(session, "y@konsult.example", now=NOW) == [organisation]
