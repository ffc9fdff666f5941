"""The mails of each client (tests/mails), from their bytes to what they do to a seat."""

from datetime import timedelta

import pytest

from dialognav.domain.replies import read_mail
from dialognav.intake import Intake
from dialognav.mail.bounce_addresses import bounce_address
from dialognav.models import (
    Attendance,
    CalendarObject,
    DeadAddress,
    InboundMail,
    Letter,
    Participant,
)
from tests.conftest import NOW
from tests.factories import make_event, make_organisation, make_participant, make_registration
from tests.received_mails import received

UID = "r6hq2v9d3x8mfa0tkc4n7bw51z@dialog.example"
KUND = "asa.oberg@kund.example"
KEY = "not-a-secret-" * 4


@pytest.fixture
def invite(work):
    """Åsa is confirmed and has been sent that revision of her invitation."""

    def inviting(email=KUND, sequence=0):
        with work() as session:
            here = make_organisation(session, slug="vast")
            make_organisation(session)
            event = make_event(session, here)
            registration = make_registration(session, event, contact_email=email)
            person = make_participant(session, registration, name="Åsa Öberg", email=email)
            session.add_all(
                [
                    CalendarObject(
                        uid=UID,
                        participant_id=person.id,
                        occasion_id=event.occasions[0].id,
                        organizer_address="vast@dialog.example",
                        sequence=sequence,
                        dtstamp=NOW,
                        created_at=NOW,
                    ),
                    Letter(
                        public_id="0123456789abcdef" * 2,
                        organisation_id=here.id,
                        event_id=event.id,
                        participant_id=person.id,
                        kind="place_confirmed",
                        stream="x",
                        recipient=email,
                        language="sv",
                        status="sent",
                        created_at=NOW,
                        due_at=NOW,
                    ),
                ]
            )

    return inviting


@pytest.fixture
def come_in(app, clock, look):
    """Take in one mail at the time when it could have been written: what became of it."""

    def coming(name, **replaced):
        clock.move_to(NOW + timedelta(days=3))
        with app.app_context():
            Intake(app.config["SETTINGS"]).take(received(name, **replaced), "")
        with look() as session:
            mail = session.query(InboundMail).order_by(InboundMail.id.desc()).first()
            return mail.kind, mail.state, mail.reason

    return coming


def letters(look):
    with look() as session:
        rows = session.query(Letter.kind).filter_by(status="pending").order_by(Letter.id)
        return [kind for (kind,) in rows]


@pytest.mark.parametrize(
    ("name", "email", "sequence", "answer", "asked"),
    [
        ("exchange_accepted", KUND, 0, "ACCEPTED", []),
        ("outlook_classic_declined", KUND, 1, "DECLINED", ["confirm_no"]),
        ("outlook_new_tentative", KUND, 0, "TENTATIVE", []),
        ("gmail_tentative", "asa.oberg@gmail.example", 0, "TENTATIVE", []),
        ("apple_mail_accepted", "asa.oberg@icloud.example", 0, "ACCEPTED", []),
        ("thunderbird_declined", KUND, 2, "DECLINED", ["confirm_no"]),
        ("nextcloud_accepted", KUND, 0, "ACCEPTED", []),
    ],
)
def test_an_answer_of_each_client_counts_once(
    invite, come_in, look, name, email, sequence, answer, asked
):
    invite(email, sequence)
    assert come_in(name)[:2] == ("reply", "applied")
    with look() as session:
        seat = session.query(Attendance).one()
        assert (seat.partstat, seat.state) == (answer, "confirmed")
        assert seat.partstat_sequence == sequence
    come_in(name)
    assert letters(look) == asked
    with look() as session:
        assert session.query(InboundMail).count() == 1


@pytest.mark.parametrize("name", ["exchange_accepted", "thunderbird_declined", "refresh"])
def test_nothing_comes_of_another_uid_or_another_address(invite, come_in, look, name):
    invite()
    other = f"r{'z' * 25}@dialog.example"
    assert come_in(name, uid=other)[1:] == ("open", "unknown_uid")
    with look() as session:
        assert session.query(Attendance).one().partstat == ""
        assert session.query(InboundMail).one().organisation.slug == "vast"
    assert letters(look) == []


def test_an_answer_to_an_older_revision_is_out_of_date(invite, come_in, look):
    invite(sequence=3)
    assert come_in("thunderbird_declined") == ("reply", "stale", "older_revision")


@pytest.mark.parametrize(
    ("name", "email", "sequence"),
    [("exchange_counter", KUND, 1), ("gmail_counter", "asa.oberg@gmail.example", 0)],
)
def test_a_proposed_time_goes_to_the_organiser(invite, come_in, look, name, email, sequence):
    invite(email, sequence)
    with look() as session:
        assert session.query(CalendarObject).one().sequence == sequence
    assert come_in(name) == ("counter", "open", "proposed")
    assert letters(look) == ["time_proposed"]


def test_the_rest(invite, come_in, look):
    invite()
    assert come_in("refresh") == ("refresh", "applied", "refreshed")
    assert come_in("delegated") == ("reply", "open", "delegated")
    assert come_in("person_html_only") == ("person", "forwarded", "")
    assert come_in("person_plain") == ("person", "open", "untrusted")  # DMARC fails
    for name in ("out_of_office_exchange", "vacation_sieve", "read_receipt"):
        assert come_in(name) == ("automatic", "ignored", "automatic")
    assert letters(look) == ["sent_again", "mail_forwarded"]
    with look() as session:
        assert session.query(Attendance).one().partstat == ""


@pytest.mark.parametrize(
    ("name", "dead"),
    [
        ("bounce_postfix", True),
        ("bounce_exchange_online", True),
        ("bounce_qmail", True),
        ("bounce_exim", True),
        ("bounce_mailbox_full", False),
    ],
)
def test_a_report_marks_the_letter_it_is_about(invite, come_in, look, name, dead):
    email = _address_of(name)
    invite(email)
    token = bounce_address(KEY, "0123456789abcdef" * 2, "x.example")[7:].partition("@")[0]
    state = come_in(name, token=token)[1:]
    assert state == ("applied", "dead" if dead else "bounced")
    with look() as session:
        assert session.query(Letter).one().bounced_at is not None
        assert [row.address for row in session.query(DeadAddress)] == ([email] if dead else [])
        assert session.query(Participant).one().email == email


def _address_of(name):
    return read_mail(received(name), domain="dialog.example").failures[0].address


def test_a_report_with_a_token_that_is_none_of_ours(invite, come_in, look):
    invite(_address_of("bounce_postfix"))
    assert come_in("bounce_postfix") == ("bounce", "open", "unknown_letter")
    with look() as session:
        assert session.query(DeadAddress).count() == 0
