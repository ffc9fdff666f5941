"""What an answer from a calendar does to a seat, and a forged or repeated one does not."""

import threading
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
import sqlalchemy as sa

from dialognav.actions import answering, event_moves, replies
from dialognav.actions.modes import change_mode
from dialognav.actions.participants import withdraw_person
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish, register
from dialognav.db import unit_of_work
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.parties import make_party
from dialognav.domain.replies import Failure, Received
from dialognav.domain.terms import InboundKind, LetterStatus, Mode, Seat
from dialognav.mail import notices
from dialognav.mail.bounce_addresses import bounce_address
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    CalendarObject,
    DeadAddress,
    Event,
    InboundMail,
    KeptMail,
    Letter,
    Participant,
    Registration,
)
from tests import ics_reader
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_organisation, make_registration

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
KEYS = ("not-a-secret-" * 4,)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADA = "ada@firm.example"


@pytest.fixture
def event_id(work):
    with work() as session:
        return make_event(session, capacity_on_site=1).id


@pytest.fixture
def deliver(app):
    """Let the worker send everything that is due."""

    def delivering():
        assert app.test_cli_runner().invoke(args=["worker", "--once"]).exception is None

    return delivering


@pytest.fixture
def ada(work, event_id, deliver):
    """Ada has the only place and her invitation; Bo waits."""
    for name in ("Ada", "Bo"):
        address = f"{name.lower()}@firm.example"
        party = make_party(f"{name} AB", "company", None, email=address, secret="s" * 32)
        who = Register(
            party, Contact(name, address), (NewPerson(name, address, Wish(Mode.ON_SITE)),), "sv"
        )
        with work() as session:
            register(session, event_id, who, now=NOW, actor="", post=POST)
    deliver()
    with work() as session:
        return (
            session.query(CalendarObject.uid)
            .join(Participant, Participant.id == CalendarObject.participant_id)
            .filter(Participant.email == ADA)
            .scalar()
        )


_number = iter(range(10**6))


def reply(known_uid, partstat="ACCEPTED", **given):
    """An answer as a well-behaved client sends it."""
    standard = {
        "kind": InboundKind.REPLY,
        "fingerprint": f"{next(_number):064x}",
        "recipient": "dialog@dialog.example",
        "sender": ADA,
        "sender_name": "Ada",
        "subject": "Accepterad: Marknadsdialog",
        "uid": known_uid,
        "dtstamp": NOW + timedelta(minutes=1),
        "attendee": ADA,
        "attendee_count": 1,
        "partstat": partstat,
    }
    return Received(**standard | given)


def take(work, received, *, now=NOW + timedelta(minutes=1), raw=b"raw"):
    with work() as session:
        mail = replies.receive(session, received, raw, now=now, post=POST, keys=KEYS)
        return mail.state, mail.reason


def seat_of(look, address=ADA):
    with look() as session:
        seat = session.scalars(
            sa.select(Attendance)
            .join(Participant)
            .where(Participant.email == address)
            .order_by(Attendance.id.desc())
        ).first()
        session.expunge(seat)
        return seat


def letters(look, kind=None):
    with look() as session:
        query = sa.select(Letter.kind, Letter.recipient).order_by(Letter.id)
        rows = session.execute(query.where(Letter.status == LetterStatus.PENDING)).all()
    return [tuple(row) for row in rows if kind in (None, row.kind)]


@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE"])
def test_a_yes_is_stored_and_answered_by_nobody(ada, work, look, partstat):
    said = reply(ada, partstat, comment="Kommer med tåget 8.15")
    assert take(work, said) == ("applied", partstat.lower())
    seat = seat_of(look)
    assert (seat.state, seat.partstat, seat.partstat_source) == ("confirmed", partstat, "calendar")
    assert seat.partstat_comment == "Kommer med tåget 8.15"
    assert letters(look) == []
    with look() as session:
        assert session.query(CalendarObject).filter_by(uid=ada).one().partstat == partstat


def test_a_no_keeps_the_seat_and_asks(ada, work, look, clock):
    assert take(work, reply(ada, "DECLINED")) == ("applied", "declined")
    seat = seat_of(look)
    assert (seat.state, seat.partstat) == (Seat.CONFIRMED, "DECLINED")
    assert seat.declined_until == NOW + timedelta(hours=48, minutes=1)
    assert letters(look) == [("confirm_no", ADA)]
    assert seat_of(look, "bo@firm.example").state == Seat.WAITING


def test_a_no_once_more_asks_nothing_and_lengthens_nothing(ada, work, look, clock, deliver):
    take(work, reply(ada, "DECLINED"))
    until = seat_of(look).declined_until
    clock.move_to(NOW + HOUR)
    deliver()
    later = NOW + 2 * HOUR
    again = reply(ada, "DECLINED", dtstamp=later, comment="Krock")
    assert take(work, again, now=later) == ("applied", "declined")
    seat = seat_of(look)
    assert (seat.declined_until, seat.partstat_dtstamp) == (until, later)
    assert seat.partstat_comment == "Krock"
    assert letters(look) == []


def test_a_no_that_nobody_takes_back_passes_the_seat_on(ada, work, look, clock, deliver):
    take(work, reply(ada, "DECLINED"))
    clock.move_to(NOW + timedelta(hours=48))
    deliver()
    assert seat_of(look).state == Seat.CONFIRMED
    clock.move_to(NOW + timedelta(hours=48, minutes=2))
    deliver()
    seat = seat_of(look)
    assert (seat.state, seat.declined_until) == (Seat.WITHDRAWN, None)
    assert seat_of(look, "bo@firm.example").state == Seat.CONFIRMED
    with look() as session:
        told = session.query(KeptMail).filter_by(recipient=ADA).order_by(KeptMail.id).all()
        raws = [session.query(KeptMail.raw).filter_by(id=one.id).scalar() for one in told]
    assert b'method="CANCEL"' in raws[-1]
    with look() as session:
        assert session.query(Registration).order_by("id").first().withdrawn_at is not None


def test_a_yes_takes_a_no_back(ada, work, look, clock, deliver):
    take(work, reply(ada, "DECLINED"))
    later = NOW + timedelta(minutes=5)
    assert take(work, reply(ada, "ACCEPTED", dtstamp=later), now=later) == ("applied", "accepted")
    assert seat_of(look).declined_until is None
    assert letters(look) == []  # the question had not left
    clock.move_to(NOW + timedelta(days=3))
    deliver()
    assert seat_of(look).state == Seat.CONFIRMED


def test_the_organiser_may_take_a_no_for_a_no(ada, work, look, event_id):
    with work() as session:
        session.get(Event, event_id).declining = "at_once"
    take(work, reply(ada, "DECLINED", is_proved=True))
    assert seat_of(look).state == Seat.WITHDRAWN
    assert seat_of(look, "bo@firm.example").state == Seat.CONFIRMED
    assert sorted(letters(look)) == [("promoted", "bo@firm.example"), ("withdrawn", ADA)]


def test_or_keep_the_seat_until_it_is_confirmed(ada, work, look, event_id, clock, deliver):
    with work() as session:
        session.get(Event, event_id).declining = "keep"
    take(work, reply(ada, "DECLINED"))
    assert letters(look) == [("confirm_no", ADA)]
    clock.move_to(NOW + timedelta(days=10))
    deliver()
    assert seat_of(look).state == Seat.CONFIRMED


def test_a_no_just_before_the_start_waits_half_of_what_is_left(ada, work, look):
    now = STARTS - timedelta(hours=10)
    take(work, reply(ada, "DECLINED", dtstamp=now), now=now)
    assert seat_of(look).declined_until == STARTS - timedelta(hours=5)


def test_a_click_confirms_the_no(ada, work, look):
    take(work, reply(ada, "DECLINED"))
    with work() as session:
        person = session.query(Participant).filter_by(email=ADA).one()
        answering.confirm_no(session, person.id, now=NOW + HOUR, actor="p", post=POST)
    assert seat_of(look).state == Seat.WITHDRAWN
    assert seat_of(look, "bo@firm.example").state == Seat.CONFIRMED
    assert ("confirm_no", ADA) not in letters(look)


FORGED = {
    "another sender": ({"sender": "eva@evil.example"}, "open", "sender"),
    "DMARC fails": ({"is_trusted": False}, "open", "untrusted"),
    "another attendee": (
        {"attendee": "eva@evil.example", "sender": "eva@evil.example"},
        "open",
        "other_person",
    ),
    "a revision to come": ({"sequence": 7}, "open", "later_revision"),
    "a stamp from next year": ({"dtstamp": NOW + 300 * DAY}, "open", "stamp"),
    "a stamp from before the invitation": ({"dtstamp": NOW - 30 * DAY}, "open", "stamp"),
    "no stamp": ({"dtstamp": None}, "open", "no_stamp"),
    "an unknown UID": ({"uid": "r" + "a" * 26 + "@inv.dialog.example"}, "open", "unknown_uid"),
    "another tag": ({"recipient": "region+abcdefgh@dialog.example"}, "open", "address"),
    "no attendee": ({"attendee_count": 0, "attendee": ""}, "open", "no_attendee"),
    "two attendees": ({"attendee_count": 2}, "open", "several_attendees"),
    "broken": ({"problem": "bad_calendar"}, "open", "bad_calendar"),
    "delegated": ({"partstat": "DELEGATED"}, "open", "delegated"),
    "made up": ({"partstat": "X-MAYBE"}, "open", "bad_answer"),
    "no answer": ({"partstat": "NEEDS-ACTION"}, "ignored", "no_answer"),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_does_not_fit_changes_nothing(ada, work, look, what):
    given, state, reason = FORGED[what]
    assert take(work, reply(ada, **{"partstat": "DECLINED"} | given)) == (state, reason)
    seat = seat_of(look)
    assert (seat.state, seat.partstat, seat.declined_until) == (Seat.CONFIRMED, "", None)
    with look() as session:
        assert session.query(CalendarObject).filter_by(uid=ada).one().partstat == "NEEDS-ACTION"


def test_a_colleagues_primary_address_counts_a_freemail_one_does_not(ada, work, look):
    said = reply(ada, sender="ada.lovelace@firm.example", attendee="ada.lovelace@firm.example")
    assert take(work, said) == ("applied", "accepted")


def test_replayed_answers_change_nothing(ada, work, look):
    first = reply(ada, "ACCEPTED")
    assert take(work, first) == ("applied", "accepted")
    minute = NOW + timedelta(minutes=10)
    no = reply(ada, "DECLINED", dtstamp=minute)
    assert take(work, no, now=minute) == ("applied", "declined")
    assert take(work, first) == ("applied", "accepted")  # the mail of before, and nothing done
    copied = replace(first, fingerprint="f" * 64)
    assert take(work, copied, now=minute) == ("stale", "older_answer")
    assert take(work, replace(no, fingerprint="e" * 64), now=minute) == ("stale", "older_answer")
    assert seat_of(look).partstat == "DECLINED"
    with look() as session:
        assert session.query(InboundMail).count() == 4
    assert letters(look) == [("confirm_no", ADA)]


def test_an_answer_to_the_old_time_is_stale(ada, work, look, event_id, deliver, clock):
    take(work, reply(ada, "DECLINED"))
    now = NOW + timedelta(minutes=5)
    with work() as session:
        event_moves.move(
            session, event_id, STARTS + DAY, STARTS + DAY + HOUR, now=now, actor="u", post=POST
        )
    seat = seat_of(look)
    assert (seat.partstat, seat.declined_until) == ("", None)  # everybody is asked anew
    clock.move_to(now)
    deliver()
    late = NOW + timedelta(minutes=6)
    assert take(work, reply(ada, "ACCEPTED", dtstamp=late), now=late) == ("stale", "older_revision")
    new = reply(ada, "ACCEPTED", sequence=1, dtstamp=late)
    assert take(work, new, now=late) == ("applied", "accepted")


def test_an_update_that_waits_has_been_seen_by_nobody(ada, work, look, event_id):
    now = NOW + timedelta(minutes=5)
    slow = Post("http://localhost", "dialog@dialog.example", "dialog.example", 300)
    with work() as session:
        event_moves.move(
            session, event_id, STARTS + DAY, STARTS + DAY + HOUR, now=now, actor="u", post=slow
        )
    assert take(work, reply(ada, sequence=1, dtstamp=now), now=now) == ("open", "later_revision")
    old = reply(ada, "DECLINED", sequence=0, dtstamp=now)
    assert take(work, old, now=now) == ("stale", "older_revision")
    assert seat_of(look).partstat == ""


def test_while_another_place_waits_to_be_told_the_time_is_still_answered(ada, work, look):
    slow = Post("http://localhost", "dialog@dialog.example", "dialog.example", 300)
    with work() as session:
        seat = session.query(Attendance).join(Participant).filter_by(email=ADA).one()
        seat.occasion.venue = {"sv": "Folkets hus"}
        event = seat.occasion.event
        notices.tell_places(session, event, [seat], why="changed", now=NOW, post=slow)
    assert take(work, reply(ada)) == ("applied", "accepted")


def test_after_the_end_nobody_listens(ada, work, look):
    end = STARTS + 4 * HOUR
    assert take(work, reply(ada, "DECLINED", dtstamp=end), now=end) == ("ignored", "over")


def test_nor_for_a_seat_that_is_gone(ada, work, look, deliver):
    with work() as session:
        person = session.query(Participant).filter_by(email=ADA).one()
        withdraw_person(session, person.id, now=NOW, actor="x", post=POST)
    deliver()
    assert take(work, reply(ada, "ACCEPTED", sequence=1)) == ("ignored", "cancelled")
    assert seat_of(look).state == Seat.WITHDRAWN


def test_who_is_invited_hears_once_that_the_invitation_was_passed_on(ada, work, look):
    other = {"sender": "cia@other.example", "attendee": "cia@other.example"}
    for _ in range(3):
        assert take(work, reply(ada, **other)) == ("open", "other_person")
    assert letters(look) == [("passed_on", ADA)]


def test_the_invitation_again_once_an_hour_with_the_same_bytes(ada, work, look, deliver, clock):
    ask = {"kind": InboundKind.REFRESH, "partstat": "", "attendee": "", "attendee_count": 0}
    assert take(work, reply(ada, **ask)) == ("applied", "refreshed")
    assert take(work, reply(ada, **ask)) == ("ignored", "refreshed_lately")
    assert letters(look) == [("sent_again", ADA)]
    clock.move_to(NOW + HOUR)
    deliver()
    with look() as session:
        raws = session.scalars(
            sa.select(KeptMail.raw).where(KeptMail.recipient == ADA).order_by(KeptMail.id)
        ).all()
    parts = [raw.split(b"text/calendar")[1].split(b"--=")[0].split(b"\r\n\r\n")[1] for raw in raws]
    assert len(parts) == 2
    assert parts[0] == parts[1]


def test_another_time_becomes_a_question_to_the_organiser(ada, work, look, deliver, clock):
    said = reply(
        ada,
        "DECLINED",
        kind=InboundKind.COUNTER,
        comment="Går det på eftermiddagen?",
        proposed_starts_at=STARTS + 4 * HOUR,
        proposed_ends_at=STARTS + 6 * HOUR,
    )
    assert take(work, said) == ("open", "proposed")
    seat = seat_of(look)
    assert (seat.state, seat.partstat, seat.declined_until) == ("confirmed", "TENTATIVE", None)
    assert letters(look) == [("time_proposed", "upphandling@tallvik.example")]
    clock.move_to(NOW + HOUR)
    deliver()
    with look() as session:
        raw = session.scalars(
            sa.select(KeptMail.raw).where(KeptMail.recipient == "upphandling@tallvik.example")
        ).one()
    assert b"Reply-To: ada@firm.example" in raw


def person(**given):
    standard = {
        "kind": InboundKind.PERSON,
        "fingerprint": f"{next(_number):064x}",
        "recipient": "dialog@dialog.example",
        "sender": ADA,
        "sender_name": "Ada",
        "subject": "SV: Inbjudan",
        "text": "Hej!\n\nJag kan tyvärr inte komma.\n\nAda",
    }
    return Received(**standard | given)


def test_a_mail_by_a_person_reaches_the_organiser(ada, work, look, deliver, clock):
    assert take(work, person()) == ("forwarded", "")
    assert letters(look) == [("mail_forwarded", "upphandling@tallvik.example")]
    clock.move_to(NOW + HOUR)
    deliver()
    with look() as session:
        raw = session.scalars(
            sa.select(KeptMail.raw).where(KeptMail.recipient == "upphandling@tallvik.example")
        ).one()
        mail = session.query(InboundMail).one()
        assert mail.participant.email == ADA
        assert mail.event_id is not None
    assert b"Reply-To: ada@firm.example" in raw
    assert "Jag kan tyv=C3=A4rr inte komma." in raw.decode()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"is_trusted": False}, "untrusted"),
        ({"sender": "region@dialog.example"}, "own_address"),
        ({"sender": ""}, "own_address"),
    ],
)
def test_what_could_be_forged_or_go_round_waits_in_the_inbox(ada, work, look, given, reason):
    assert take(work, person(**given)) == ("open", reason)
    assert letters(look) == []


def test_a_contact_of_our_own_domain_gets_nothing(ada, work, look, event_id):
    with work() as session:
        session.get(Event, event_id).contact_email = "Region@Dialog.example"
    assert take(work, person()) == ("open", "no_contact")


def test_nothing_is_passed_on_to_a_dead_address_or_back_to_the_contact(ada, work, look):
    contact = "upphandling@tallvik.example"
    assert take(work, person(sender=contact)) == ("open", "own_address")
    with work() as session:
        session.add(DeadAddress(address=contact, since=NOW))
    assert take(work, person()) == ("open", "no_contact")
    assert letters(look) == []


def test_what_did_not_reach_the_contact_waits_in_the_inbox_again(ada, work, look, deliver, clock):
    contact = "upphandling@tallvik.example"
    for _ in range(2):
        take(work, person())
    clock.move_to(NOW + HOUR)
    with look() as session:
        first, _ = session.query(Letter).filter_by(kind="mail_forwarded").order_by("id")
        message_id = f"{first.public_id}@dialog.example"
    failures = (Failure(contact, "5.1.1", "No such user", True),)
    said, _ = bounce(look, letter_token="", original_message_id=message_id, failures=failures)
    assert take(work, said) == ("applied", "bounced")
    states = sa.select(InboundMail.state, InboundMail.reason).where(InboundMail.kind == "person")
    with look() as session:
        found = session.execute(states.order_by(InboundMail.id)).all()
    assert [tuple(row) for row in found] == [("open", "bounced"), ("forwarded", "")]
    with work() as session:
        session.add(DeadAddress(address=contact, since=NOW))
    deliver()
    with look() as session:
        assert session.execute(states.order_by(InboundMail.id)).all()[1] == ("open", "bounced")


def test_a_flood_of_mail_is_not_passed_on(ada, work, look):
    said = [take(work, person())[0] for _ in range(8)]
    assert said == ["forwarded"] * 6 + ["open"] * 2


def test_a_stranger_reaches_the_organisation_whose_address_it_is(work, look):
    with work() as session:
        one = make_organisation(session, email="ett@tallvik.example")
        make_organisation(session, email="tva@tallvik.example")
        to = f"{one.slug}@dialog.example"
    assert take(work, person(recipient=to)) == ("forwarded", "")
    behind = {"recipient": "inbox@dialog.example", "addressed": ("x@kund.example", to)}
    assert take(work, person(**behind)) == ("forwarded", "")
    assert letters(look) == [("mail_forwarded", "ett@tallvik.example")] * 2
    assert take(work, person()) == ("open", "whose")
    with look() as session:
        assert session.query(InboundMail).order_by("id").all()[2].organisation_id is None


def test_who_is_known_to_two_answers_who_wrote_last(ada, work, look, event_id):
    with work() as session:
        other = make_event(session, make_organisation(session, email="annan@tallvik.example"))
        make_registration(session, other, contact_email=ADA)
        latest = session.query(Letter).filter_by(recipient=ADA).one()
        latest.sent_at = NOW
    assert take(work, person()) == ("forwarded", "")
    assert letters(look) == [("mail_forwarded", "upphandling@tallvik.example")]
    with look() as session:
        assert session.query(InboundMail).one().event_id == event_id


def test_automatic_replies_are_read_by_nobody(ada, work, look):
    said = person(kind=InboundKind.AUTOMATIC, subject="Frånvaro")
    assert take(work, said) == ("ignored", "automatic")
    assert letters(look) == []


def bounce(look, **given):
    with look() as session:
        letter = session.query(Letter).filter_by(recipient=ADA).first()
        public_id = letter.public_id
    token = bounce_address(KEYS[0], public_id, "x.example")[7:].partition("@")[0]
    standard = {
        "kind": InboundKind.BOUNCE,
        "fingerprint": f"{next(_number):064x}",
        "sender": "",
        "failures": (Failure(ADA, "5.1.1", "550 5.1.1 No such user", True),),
        "letter_token": token,
    }
    return Received(**standard | given), public_id


def test_a_bounce_marks_the_letter_and_stops_further_mail(ada, work, look, deliver):
    said, _ = bounce(look)
    assert take(work, said) == ("applied", "dead")
    with look() as session:
        assert session.get(DeadAddress, ADA).status == "5.1.1"
        assert session.query(Letter).filter_by(recipient=ADA).first().bounced_at is not None
    with work() as session:
        event = session.query(Event).one()
        event_moves.cancel(session, event.id, {"sv": "x"}, now=NOW, actor="u", post=POST)
    deliver()
    with look() as session:
        [last] = session.query(Letter).filter_by(recipient=ADA, status="given_up").all()
        assert last.last_error == "address: dead"
        assert session.query(KeptMail).filter_by(recipient=ADA).count() == 1
        assert session.query(KeptMail).filter_by(recipient="bo@firm.example").count() == 2


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "5.3.4"])
def test_a_full_box_or_a_refusal_kills_no_address(ada, work, look, status):
    said, _ = bounce(look, failures=(Failure(ADA, status, "no", True),))
    assert take(work, said) == ("applied", "bounced")
    with look() as session:
        assert session.query(DeadAddress).count() == 0
        assert session.query(Letter).filter_by(recipient=ADA).first().bounced_at is not None


def test_a_delay_is_no_failure(ada, work, look):
    said, _ = bounce(look, failures=(Failure(ADA, "4.4.1", "later", False),))
    assert take(work, said) == ("ignored", "delayed")


def test_a_report_of_nothing_we_sent_is_left_to_a_person(ada, work, look):
    good, public_id = bounce(look)
    token = good.letter_token
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert take(work, replace(good, letter_token=forged)) == ("open", "unknown_letter")
    unknown, _ = bounce(look, letter_token="", original_message_id="x" * 32 + "@dialog.example")
    assert take(work, unknown) == ("open", "unknown_letter")
    other, _ = bounce(look, failures=(Failure("eva@evil.example", "5.1.1", "", True),))
    assert take(work, other) == ("applied", "bounced")
    with look() as session:
        assert session.query(DeadAddress).count() == 0
    known, _ = bounce(look, letter_token="", original_message_id=f"{public_id}@dialog.example")
    assert take(work, known) == ("applied", "bounced")
    with look() as session:  # who has seen the letter passed on must not stop mail to its reader
        assert session.query(DeadAddress).count() == 0


def test_the_operator_reads_what_nobody_could_be_told_for(work, look, cli):
    with work() as session:
        make_organisation(session)
        make_organisation(session)
    take(work, person(text="Hej!\nÄr det fullt?"))
    said = cli.invoke(args=["mail", "strays"]).output
    assert ADA in said
    assert "    Är det fullt?" in said
    assert "1 set aside" in cli.invoke(args=["mail", "strays", "--done"]).output
    assert cli.invoke(args=["mail", "strays"]).output == ""


def at_once(app, *calls):
    """Each call in a thread and a unit of work of its own, started together."""
    start, failures = threading.Barrier(len(calls)), []

    def run(call):
        try:
            with app.app_context():
                start.wait(10)
                with unit_of_work() as session:
                    call(session)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failures


def test_one_mail_by_two_ways_at_the_same_time_counts_once(ada, app, look):
    said = reply(ada, "DECLINED")

    def taking(session):
        replies.receive(session, said, b"x", now=NOW + HOUR, post=POST)

    assert at_once(app, taking, taking, taking) == []
    assert letters(look) == [("confirm_no", ADA)]
    with look() as session:
        assert session.query(InboundMail).count() == 1


def test_a_yes_and_the_end_of_the_time_at_once(ada, work, app, look, event_id):
    take(work, reply(ada, "DECLINED"))
    with look() as session:
        person_id = session.query(Participant.id).filter_by(email=ADA).scalar()
    late = NOW + timedelta(hours=49)

    def say_yes(session):
        answering.say_yes(session, person_id, now=late, actor="p", post=POST)

    def pass_on(session):
        answering.give_up_unanswered(session, event_id, now=late, post=POST)

    failures = at_once(app, say_yes, pass_on, pass_on)
    assert all(isinstance(error, NotAllowedNow) for error in failures)
    states = {seat_of(look).state, seat_of(look, "bo@firm.example").state}
    first = "withdrawn" if failures else "confirmed"
    assert seat_of(look).state == first
    assert states in ({"confirmed", "waiting"}, {"withdrawn", "confirmed"})


def test_who_comes_in_another_way_still_comes(ada, work, look, event_id):
    take(work, reply(ada, comment="Kommer gärna"))
    with work() as session:
        session.get(Event, event_id).format = "hybrid"
        person = session.query(Participant).filter_by(email=ADA).one()
        change_mode(session, person.id, Wish(Mode.ONLINE), now=NOW + HOUR, actor="p", post=POST)
    seat = seat_of(look)
    assert (seat.mode, seat.state, seat.partstat) == ("online", "confirmed", "ACCEPTED")
    assert seat.partstat_comment == "Kommer gärna"


def test_who_says_how_to_attend_has_taken_back_a_no(ada, work, look, event_id, deliver, clock):
    no = reply(ada, "DECLINED")
    take(work, no)
    clock.shift(HOUR)
    with work() as session:
        session.get(Event, event_id).format = "hybrid"
        person = session.query(Participant).filter_by(email=ADA).one()
        change_mode(session, person.id, Wish(Mode.ONLINE), now=NOW + HOUR, actor="p", post=POST)
    assert (seat_of(look).mode, seat_of(look).partstat) == ("online", "")
    assert take(work, replace(no, fingerprint="d" * 64)) == ("stale", "older_answer")
    deliver()
    with look() as session:
        assert session.query(CalendarObject).filter_by(uid=ada).one().partstat == "NEEDS-ACTION"
        raw = session.query(KeptMail.raw).order_by(KeptMail.id.desc()).first().raw
    said = message_from_bytes(raw, policy=default)
    [ics] = [part for part in said.walk() if part.get_content_type() == "text/calendar"]
    [entry] = ics_reader.lint(ics.get_payload(decode=True)).of("VEVENT")
    assert entry.one("ATTENDEE").parameters["PARTSTAT"] == "NEEDS-ACTION"
