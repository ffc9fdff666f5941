"""The mails of each client all the way: to a real invitation, by the webhook, to the seat."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from blueprints.mail_in import signature
from dialognav.mail import notices
from dialognav.mail.bounce_addresses import bounce_address
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    CalendarObject,
    DeadAddress,
    InboundMail,
    KeptMail,
    Letter,
    Participant,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.received_mails import received

SECRET = "not-a-secret-" * 4
ASA = "asa.oberg@kund.example"


@pytest.fixture
def app(clock, make_app):
    return make_app(MAIL_IN="webhook://", MAIL_IN_SECRET=SECRET, SECRET_KEY=SECRET)


@pytest.fixture
def invited(app, work, look, cli, clock):
    """Invite a person with this address; what has to stand in the mails of tests/mails."""

    def inviting(address: str = ASA) -> dict[str, str]:
        with work() as session:
            event = make_event(session, contact_email="maja@tallvik.example")
            registration = make_registration(session, event)
            make_participant(session, registration, name="Åsa Öberg", email=address)
            seats = session.scalars(sa.select(Attendance)).all()
            post = Post.of(app.config["SETTINGS"])
            notices.tell_places(session, event, seats, why="registered", now=NOW, post=post)
        assert cli.invoke(args=["worker", "--once"]).exception is None
        clock.move_to(datetime(2027, 1, 14, 12, 0, tzinfo=UTC))
        with look() as session:
            entry = session.scalars(sa.select(CalendarObject)).one()
            letter = session.scalars(sa.select(Letter)).one()
            sender = bounce_address(SECRET, letter.public_id, "dialog.example")
            return {
                "uid": entry.uid,
                "organiser": entry.organizer_address,
                "token": sender.removeprefix("bounce+").partition("@")[0],
                "message_id": f"{letter.public_id}@dialog.example",
            }

    return inviting


@pytest.fixture
def come_in(client, clock):
    def coming(name: str, replaced: dict[str, str], *, changed: tuple[bytes, bytes] = (b"", b"")):
        raw = received(name, **replaced).replace(*changed)
        stamp = str(int(datetime(2027, 1, 14, 12, 0, tzinfo=UTC).timestamp()))
        headers = {
            "Dialognav-Timestamp": stamp,
            "Dialognav-Signature": signature(SECRET, stamp, "", raw),
        }
        assert client.post("/mail/in", data=raw, headers=headers).status_code == 204

    return coming


def became(look) -> tuple[str, str, str]:
    """Kind, state and reason of the only mail that came in."""
    with look() as session:
        mail = session.scalars(sa.select(InboundMail)).one()
        return mail.kind, mail.state, mail.reason


@pytest.mark.parametrize(
    ("name", "address", "partstat"),
    [
        ("exchange_accepted", ASA, "ACCEPTED"),
        ("outlook_new_tentative", ASA, "TENTATIVE"),
        ("gmail_tentative", "asa.oberg@gmail.example", "TENTATIVE"),
        ("apple_mail_accepted", "asa.oberg@icloud.example", "ACCEPTED"),
        ("nextcloud_accepted", ASA, "ACCEPTED"),
    ],
)
def test_an_answer_reaches_the_seat(invited, come_in, look, name, address, partstat):
    come_in(name, invited(address))
    assert became(look)[:2] == ("reply", "applied")
    with look() as session:
        seat = session.scalars(sa.select(Attendance)).one()
        assert (seat.partstat, seat.state) == (partstat, "confirmed")


def test_a_no_asks_and_keeps_the_seat(invited, come_in, look):
    # the mail answers the first revision after the invitation, which this one is
    come_in("outlook_classic_declined", invited(), changed=(b"SEQUENCE:1", b"SEQUENCE:0"))
    assert became(look)[:2] == ("reply", "applied")
    with look() as session:
        seat = session.scalars(sa.select(Attendance)).one()
        assert (seat.partstat, seat.state) == ("DECLINED", "confirmed")
        assert seat.partstat_comment == "Krockar med en intern dag, tyvärr."


def test_an_answer_to_a_revision_that_never_was_waits_for_a_person(invited, come_in, look):
    come_in("thunderbird_declined", invited())
    assert became(look) == ("reply", "open", "later_revision")


def test_an_answer_from_a_forged_sender_changes_nothing(invited, come_in, look):
    forged = (b"dmarc=pass", b"dmarc=fail")
    come_in("exchange_accepted", invited(), changed=forged)
    assert became(look)[:2] == ("reply", "open")
    with look() as session:
        assert session.scalars(sa.select(Attendance)).one().partstat != "ACCEPTED"


def test_a_bounce_finds_its_letter_by_the_address_it_came_to(invited, come_in, look):
    come_in("bounce_postfix", {"token": invited()["token"]})
    assert became(look) == ("bounce", "applied", "dead")
    with look() as session:
        assert session.scalars(sa.select(DeadAddress.address)).all() == [ASA]


def test_a_bounce_that_anybody_could_have_written_marks_nothing(invited, come_in, look):
    invited()
    come_in("bounce_postfix", {})
    assert became(look)[:2] == ("bounce", "open")
    with look() as session:
        assert session.scalars(sa.select(DeadAddress.address)).all() == []


def test_a_person_reaches_the_organiser(invited, come_in, look, cli):
    come_in("person_html_only", {"organiser": invited()["organiser"]})
    assert became(look)[:2] == ("person", "forwarded")
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert session.query(KeptMail).filter_by(recipient="maja@tallvik.example").count() == 1
        assert session.query(Participant).count() == 1


def test_an_automatic_reply_stirs_nobody(invited, come_in, look, cli):
    come_in("out_of_office_exchange", invited())
    assert became(look)[:2] == ("automatic", "ignored")
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert session.query(KeptMail).count() == 1, "the invitation"
