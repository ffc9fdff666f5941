"""The inbox of the workspace, and the answer that the own page takes."""

from datetime import timedelta

import pytest

from dialognav.jobs import housekeeping
from dialognav.models import (
    Attendance,
    AuditEntry,
    CalendarObject,
    DeadAddress,
    Event,
    InboundMail,
    Letter,
    Organisation,
    Participant,
)
from dialognav.tokens import make_link
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_occasion, make_participant, make_registration
from tests.integration.staff import token_of

KEY = "not-a-secret-" * 4
ADA = "ada@firm.example"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def person_id(work, staff):
    """Ada, confirmed, with an entry in her calendar; Bo waits."""
    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        event = make_event(session, here, capacity_on_site=1)
        registration = make_registration(session, event, contact_email=ADA, contact_name="Ada")
        person = make_participant(session, registration, name="Ada", email=ADA)
        make_participant(
            session, make_registration(session, event), state="waiting", email="bo@x.example"
        )
        session.add(
            CalendarObject(
                uid="raaaaaaaaaaaaaaaaaaaaaaaaaa@inv.dialog.example",
                participant_id=person.id,
                occasion_id=event.occasions[0].id,
                organizer_address="dialog@dialog.example",
                dtstamp=NOW,
                created_at=NOW,
            )
        )
        return person.id


@pytest.fixture
def add_mail(work, staff, person_id):
    def adding(**given):
        with work() as session:
            person = session.get(Participant, person_id)
            standard = {
                "fingerprint": f"{session.query(InboundMail).count():064x}",
                "organisation_id": staff.organisation_id,
                "event": person.registration.event,
                "participant": person,
                "attendance": person.attendances[0],
                "received_at": NOW,
                "recipient": "dialog@dialog.example",
                "sender": ADA,
                "sender_name": f"Ada {EVIL}",
                "subject": f"Hej {EVIL}",
                "text": f"Kan vi ta det senare?\n{EVIL}",
                "kind": "person",
                "state": "open",
                "reason": "untrusted",
                "raw": b"From: ada@firm.example\r\n\r\n<script>",
            }
            mail = InboundMail(**standard | given)
            session.add(mail)
            session.flush()
            return mail.public_id

    return adding


def proposal(add_mail):
    return add_mail(
        kind="counter",
        reason="proposed",
        partstat="DECLINED",
        proposed_starts_at=STARTS + timedelta(hours=5),
        proposed_ends_at=STARTS + timedelta(hours=7),
    )


def test_what_a_stranger_wrote_is_only_ever_text(staff, add_mail):
    mail_id = add_mail()
    page = staff.client.get("/manage/inbox")
    assert f"/manage/inbox/{mail_id}" in page.text
    shown = staff.client.get(f"/manage/inbox/{mail_id}")
    for each in (page, shown):
        assert EVIL not in each.text
        assert "&lt;script&gt;" in each.text
    source = staff.client.get(f"/manage/inbox/{mail_id}/source")
    assert source.data.startswith(b"From: ada@")
    assert source.headers["Content-Type"] == "message/rfc822"
    assert source.headers["Content-Disposition"].startswith("attachment")
    assert source.headers["X-Content-Type-Options"] == "nosniff"


def test_the_dashboard_and_the_event_know_of_it(staff, add_mail, look):
    add_mail()
    with look() as session:
        public_id = session.query(Event.public_id).scalar()
    assert "/manage/inbox" in staff.client.get("/manage/").text
    assert "Hej" in staff.client.get(f"/manage/events/{public_id}/inbox").text
    assert "Hej" not in staff.client.get(f"/manage/events/{public_id}/inbox?view=left").text


def test_looked_at_is_looked_at_once(staff, add_mail, look):
    mail_id = add_mail()
    for _ in range(2):
        assert staff.post(f"/manage/inbox/{mail_id}/done", {}).status_code == 303
    with look() as session:
        mail = session.query(InboundMail).one()
        assert (mail.state, mail.handled_by_id) == ("done", staff.user_id)
        assert session.query(AuditEntry).filter_by(verb="inbox.done").count() == 1


def test_a_proposed_time_is_declined_in_the_calendar(staff, add_mail, look, app):
    mail_id = proposal(add_mail)
    page = staff.client.get(f"/manage/inbox/{mail_id}")
    assert "14" in page.text
    text = "Salen är upptagen då."
    assert staff.post(f"/manage/inbox/{mail_id}/decline", {"text": text}).status_code == 303
    with look() as session:
        [letter] = session.query(Letter).all()
        assert (letter.kind, letter.recipient) == ("time_declined", ADA)
        assert letter.facts["method"] == "DECLINECOUNTER"
    assert app.test_cli_runner().invoke(args=["worker", "--once"]).exception is None
    with look() as session:
        assert session.query(Letter).one().status == "sent"
        assert session.query(InboundMail).one().state == "done"
        assert session.query(CalendarObject).one().sequence == 0  # an echo, not a revision
    assert staff.post(f"/manage/inbox/{mail_id}/decline", {"text": ""}).status_code == 409


def test_who_is_invited_is_not_answered_for_a_proposal_of_somebody_else(staff, add_mail, look):
    mail_id = add_mail(kind="counter", reason="sender", proposed_starts_at=STARTS)
    path = f"/manage/inbox/{mail_id}/decline"
    assert path not in staff.client.get(f"/manage/inbox/{mail_id}").text
    assert staff.post(path, {"text": ""}).status_code == 409
    with look() as session:
        assert session.query(Letter).count() == 0


def test_a_proposal_about_a_date_beside_the_series(staff, add_mail, look, work, person_id):
    mail_id = proposal(add_mail)
    with work() as session:
        own = session.query(CalendarObject).one()
        at = STARTS + timedelta(days=7)
        event = session.get(Participant, person_id).registration.event
        weekly = make_occasion(session, event, starts_at=at, ends_at=at + timedelta(hours=1))
        weekly.recurs_at = at
        session.flush()
        written = {
            name: getattr(own, name)
            for name in ("participant_id", "organizer_address", "dtstamp", "created_at")
        }
        first = {"uid": "rb@inv.dialog.example", "occasion_id": weekly.id, "is_series": True}
        second = {"uid": "rc@inv.dialog.example", "occasion_id": own.occasion_id}
        session.delete(own)
        session.flush()
        for given in (first, second):
            session.add(CalendarObject(**written | given))
            session.flush()
    assert staff.post(f"/manage/inbox/{mail_id}/decline", {"text": ""}).status_code == 303
    with look() as session:
        assert session.query(Letter).one().facts["entry"]["uid"] == "rc@inv.dialog.example"


def test_a_proposal_that_is_written_about_at_length_comes_back(staff, add_mail, look):
    mail_id = proposal(add_mail)
    answer = staff.post(f"/manage/inbox/{mail_id}/decline", {"text": "x" * 1001})
    assert answer.status_code == 422
    assert "x" * 1001 in answer.text
    with look() as session:
        assert session.query(Letter).count() == 0


def test_a_dead_address_is_seen_everywhere_and_cleared_by_a_button(
    staff, work, look, person_id, add_mail
):
    with work() as session:
        person = session.get(Participant, person_id)
        event = person.registration.event
        session.add(DeadAddress(address=ADA, since=NOW, status="5.1.1"))
        session.add(
            Letter(
                public_id="a" * 32,
                organisation_id=event.organisation_id,
                event_id=event.id,
                kind="place_confirmed",
                stream="x",
                recipient=ADA,
                language="sv",
                facts={},
                status="sent",
                created_at=NOW,
                due_at=NOW,
                sent_at=NOW,
                bounced_at=NOW,
                last_error="5.1.1 no such user",
            )
        )
        session.flush()
        paths = [
            "/manage/letters",
            f"/manage/events/{event.public_id}/letters",
            f"/manage/registrations/{person.registration.public_id}",
        ]
        people = f"/manage/events/{event.public_id}/registrations"
    clear = f"/manage/letters/{'a' * 32}/clear-address"
    for path in paths:
        assert clear in staff.client.get(path).text, path
    assert 'class="t-warn"' in staff.client.get(people).text
    assert staff.post(clear, {}).status_code == 303
    with look() as session:
        assert session.query(DeadAddress).count() == 0
        assert session.query(AuditEntry).filter_by(verb="letter.address_cleared").count() == 1
    assert clear not in staff.client.get(paths[0]).text


def own_link(look, person_id, *, contact):
    with look() as session:
        person = session.get(Participant, person_id)
        row = person.registration if contact else person
        return make_link(KEY, "r" if contact else "p", row.public_id, 0), person.public_id


@pytest.mark.parametrize("contact", [True, False])
def test_are_you_coming(client, work, look, person_id, contact):
    secret, public_id = own_link(look, person_id, contact=contact)
    page = client.get(f"/sv/r/{secret}/coming")
    assert f"/sv/r/{secret}/{public_id}/coming" in page.text
    assert f"/sv/r/{secret}/{public_id}/not-coming" not in page.text  # nothing was declined
    path = f"/sv/r/{secret}/{public_id}/coming"
    assert client.post(path).status_code == 400
    answer = client.post(path, data={"csrf_token": token_of(page)})
    assert answer.status_code == 303
    with look() as session:
        seat = session.query(Attendance).filter_by(participant_id=person_id).one()
        assert (seat.partstat, seat.partstat_source) == ("ACCEPTED", "web")
        assert session.query(CalendarObject).one().partstat == "ACCEPTED"
    assert f'{path}"' not in client.get(f"/sv/r/{secret}").text  # said already


def test_one_click_confirms_a_no(client, work, look, person_id):
    secret, public_id = own_link(look, person_id, contact=False)
    with work() as session:
        seat = session.query(Attendance).filter_by(participant_id=person_id).one()
        seat.partstat, seat.partstat_source, seat.partstat_at = "DECLINED", "calendar", NOW
        seat.declined_until = NOW + timedelta(hours=48)
    page = client.get(f"/sv/r/{secret}/coming")
    path = f"/sv/r/{secret}/{public_id}/not-coming"
    assert path in page.text
    with look() as session:
        assert session.get(Attendance, seat_id(session, person_id)).state == "confirmed"
    for _ in range(2):
        answer = client.post(path, data={"csrf_token": token_of(page)})
        assert answer.status_code == 303
    assert answer.location.endswith("nothing-to-answer")
    with look() as session:
        states = {p.email: p.attendances[0].state for p in session.query(Participant)}
    assert states == {ADA: "withdrawn", "bo@x.example": "confirmed"}


def seat_id(session, person_id):
    return session.query(Attendance.id).filter_by(participant_id=person_id).scalar()


def test_the_list_says_who_comes(staff, work, look, person_id):
    with work() as session:
        seat = session.query(Attendance).filter_by(participant_id=person_id).one()
        seat.partstat, seat.partstat_comment = "TENTATIVE", f"Tåget {EVIL}"
        public_id = seat.occasion.event.public_id
    page = staff.client.get(f"/manage/events/{public_id}/registrations").text
    assert "Tåget &lt;script&gt;" in page
    assert EVIL not in page


def test_mail_goes_in_its_time(work, look, add_mail, staff):
    days = {"applied": 184, "stale": 31, "open": 999}
    for state, age in days.items():
        add_mail(state=state, received_at=NOW - timedelta(days=age))
        add_mail(state=state, received_at=NOW - timedelta(days=20), sender="x@y.example")
    add_mail(state="open", received_at=NOW - timedelta(days=184), event=None)
    with work() as session:
        session.add(DeadAddress(address="nobody@here.example", since=NOW))
        session.add(DeadAddress(address=ADA, since=NOW))
        session.flush()
        housekeeping.tidy(session, now=NOW, sent_retention_days=183)
    with look() as session:
        old = session.query(InboundMail).filter(InboundMail.sender == ADA).all()
        assert [(mail.state, mail.event_id is not None) for mail in old] == [("open", True)]
        assert session.query(InboundMail).count() == 4
        assert [row.address for row in session.query(DeadAddress)] == [ADA]
