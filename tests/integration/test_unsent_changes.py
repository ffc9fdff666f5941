"""An edit waits in its quiet window: gathered, told at once, or taken back and told nobody."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import event_moves, registrations
from dialognav.actions.registrations import Contact, NewPerson, Register, Wish
from dialognav.actions.replies import receive
from dialognav.actions.unsent_changes import discard_unsent, send_unsent
from dialognav.domain.errors import AlreadyTold, NotAllowedNow
from dialognav.domain.parties import make_party
from dialognav.domain.replies import Received
from dialognav.domain.terms import InboundKind, LetterStatus, Mode
from dialognav.jobs.housekeeping import tidy
from dialognav.mail.changes import announced
from dialognav.mail.invitations import own_invitation
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    CalendarObject,
    Event,
    InboundMail,
    KeptMail,
    Letter,
    Organisation,
    UnsentChange,
    lock_event,
)
from tests import ics_reader
from tests.conftest import NOW
from tests.factories import STARTS, make_event

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 300)
HOUR = timedelta(hours=1)
AGAIN = {"now": NOW + HOUR, "actor": "user:1", "post": POST}


@pytest.fixture
def event_id(work, app, staff) -> int:
    """An event of the staff's with Ada on it, whose invitation has left and who said yes."""
    with work() as session:
        organisation = session.get_one(Organisation, staff.organisation_id)
        made = make_event(session, organisation, capacity_on_site=5).id
    sign_up(work, made, "Ada")
    run(app)
    with work() as session:
        [seat] = session.scalars(sa.select(Attendance))
        [entry] = entries(session)
        seat.partstat, seat.partstat_source, seat.partstat_at = "ACCEPTED", "calendar", NOW
        entry.partstat = "ACCEPTED"
    return made


def entries(session):
    return session.scalars(
        sa.select(CalendarObject).where(CalendarObject.participant_id.is_not(None))
    ).all()


def sign_up(work, event_id, name, now=NOW):
    people = (NewPerson(name, f"{name.lower()}@firm.example", Wish(Mode.ON_SITE)),)
    contact = Contact(people[0].name, people[0].email)
    party = make_party(f"{name} AB", "company", None, email=contact.email, secret="s" * 32)
    with work() as session:
        who = Register(party, contact, people, "en")
        registrations.register(session, event_id, who, now=now, actor="", post=POST)


def run(app):
    assert app.test_cli_runner().invoke(args=["worker", "--once"]).exception is None


def mails(look):
    with look() as session:
        return session.scalars(sa.select(KeptMail.subject).order_by(KeptMail.id)).all()


def move(work, event_id, by=HOUR):
    with work() as session:
        start = STARTS + by
        event_moves.move(session, event_id, start, start + 3 * HOUR, **AGAIN)


def waiting(look):
    with look() as session:
        return session.scalars(
            sa.select(Letter.kind).where(Letter.status == LetterStatus.PENDING)
        ).all()


def numbers(look):
    with look() as session:
        return [
            (row.sequence, row.dtstamp, row.content_hash, row.partstat) for row in entries(session)
        ]


def own_file(look):
    """SEQUENCE and start as the download of the own page shows them."""
    with look() as session:
        [seat] = session.scalars(sa.select(Attendance))
        ics = own_invitation(session, seat.participant, post=POST)
    [event] = ics_reader.lint(ics).of("VEVENT")
    return int(event.one("SEQUENCE").value), event.one("DTSTART").value[9:13]


def told(look, event_id):
    with look() as session:
        return announced(session.get_one(Event, event_id))


def test_a_discarded_change_leaves_all_but_the_number_as_it_was(event_id, work, look, app, clock):
    """SEQUENCE goes on: a feed or a download may have shown that of the change, and a number that
    falls back to what it was hides the old time from them (RFC 5546, section 2.1.4)."""
    before, numbered = told(look, event_id), numbers(look)
    shown = [own_file(look)]
    clock.shift(HOUR)
    move(work, event_id)
    assert waiting(look) == ["changed"]
    assert numbers(look) != numbered
    shown.append(own_file(look))
    with work() as session:
        assert session.scalars(sa.select(Attendance.partstat)).one() == ""
    with work() as session:
        discard_unsent(session, event_id, **AGAIN)
    assert waiting(look) == []
    [(_, _, said, answer)] = numbered
    assert numbers(look) == [(2, NOW + HOUR, said, answer)]
    assert [*shown, own_file(look)] == [(0, "0900"), (1, "1000"), (2, "0900")]
    assert told(look, event_id) == before
    with look() as session:
        seat = session.scalars(sa.select(Attendance)).one()
        assert (seat.partstat, seat.partstat_source) == ("ACCEPTED", "calendar")
        assert session.scalar(sa.select(sa.func.count()).select_from(UnsentChange)) == 0
        event = session.get_one(Event, event_id)
        assert event.starts_at == STARTS
    clock.shift(2 * HOUR)
    run(app)
    assert len(mails(look)) == 1


@pytest.mark.parametrize(
    ("number", "state"), [(0, "applied"), (1, "open"), (2, "applied"), (3, "open")]
)
def test_after_a_discard_the_mailed_number_is_answered_still(
    number, state, event_id, work, look, clock
):
    """And the one that a download shows by now; not that of the time that was taken back."""
    clock.shift(HOUR)
    move(work, event_id)
    with work() as session:
        discard_unsent(session, event_id, **AGAIN)
    with look() as session:
        uid = entries(session)[0].uid
    said = Received(
        kind=InboundKind.REPLY,
        fingerprint="f" * 64,
        sender="ada@firm.example",
        uid=uid,
        sequence=number,
        dtstamp=NOW + (2 * HOUR if number else HOUR / 2),
        attendee="ada@firm.example",
        attendee_count=1,
        partstat="TENTATIVE",
    )
    with work() as session:
        receive(session, said, b"raw", now=NOW + 2 * HOUR, post=POST)
        assert session.scalars(sa.select(InboundMail)).one().state == state


def test_what_is_mailed_after_a_discard_is_above_all_that_was_shown(
    event_id, work, look, app, clock
):
    clock.shift(HOUR)
    move(work, event_id)
    with work() as session:
        discard_unsent(session, event_id, **AGAIN)
    move(work, event_id, 2 * HOUR)
    with look() as session:
        [letter] = session.scalars(sa.select(Letter).where(Letter.status == LetterStatus.PENDING))
        assert letter.facts["entry"]["sequence"] == 3
        assert letter.facts["base"]["sequence"] == 0


def test_all_edits_of_a_burst_are_taken_back_together(event_id, work, look):
    before = told(look, event_id)
    move(work, event_id)
    move(work, event_id, 5 * HOUR)
    with work() as session:
        event = lock_event(session, event_id)
        known = announced(event)
        event.occasions[0].venue = {"sv": "Rådhuset"}
        event_moves.tell_of_change(session, event, known, now=NOW + HOUR, post=POST)
    with work() as session:
        discard_unsent(session, event_id, **AGAIN)
    assert told(look, event_id) == before
    assert waiting(look) == []


def test_an_edit_that_is_edited_back_leaves_nothing_to_discard(event_id, work, look):
    move(work, event_id)
    move(work, event_id, 0 * HOUR)
    with look() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(UnsentChange)) == 0
    with pytest.raises(NotAllowedNow), work() as session:
        discard_unsent(session, event_id, **AGAIN)


def test_once_somebody_was_told_nothing_is_discarded(event_id, work, look, app, clock):
    sign_up(work, event_id, "Bo")
    run(app)
    clock.shift(HOUR)
    move(work, event_id)
    with work() as session:
        first = session.scalars(sa.select(Letter).where(Letter.kind == "changed")).first()
        first.due_at = NOW
    run(app)
    assert len(mails(look)) == 3
    with pytest.raises(AlreadyTold), work() as session:
        discard_unsent(session, event_id, **AGAIN)
    assert waiting(look) == ["changed"]


def test_a_letter_in_a_workers_hand_counts_as_sent(event_id, work):
    sign_up(work, event_id, "Bo")
    move(work, event_id)
    with work() as session:
        session.scalars(sa.select(Letter).where(Letter.kind == "changed")).first().lease = "a" * 32
    with pytest.raises(AlreadyTold), work() as session:
        discard_unsent(session, event_id, **AGAIN)


def test_after_all_have_been_told_the_next_change_is_one_of_its_own(
    event_id, work, look, app, clock
):
    clock.shift(HOUR)
    move(work, event_id)
    clock.shift(HOUR)
    run(app)
    moved = told(look, event_id)
    move(work, event_id, 7 * HOUR)
    with work() as session:
        discard_unsent(session, event_id, **AGAIN)
    assert told(look, event_id) == moved


def test_who_signed_up_meanwhile_is_told_what_holds(event_id, work, look, app, clock):
    """Their confirmation had the new time, and has left; the change itself was told nobody."""
    clock.shift(HOUR)
    move(work, event_id)
    sign_up(work, event_id, "Bo", now=NOW + HOUR)
    run(app)
    with work() as session:
        discard_unsent(session, event_id, **AGAIN)
    with look() as session:
        [letter] = session.scalars(
            sa.select(Letter).where(Letter.status == LetterStatus.PENDING)
        ).all()
        assert (letter.kind, letter.recipient) == ("changed", "bo@firm.example")
        assert letter.facts["entry"]["starts_at"] == STARTS.isoformat()


def test_sent_now_it_leaves_at_once(event_id, work, look, app, clock):
    clock.shift(HOUR)
    move(work, event_id)
    run(app)
    assert len(mails(look)) == 1
    with work() as session:
        assert send_unsent(session, event_id, now=NOW + HOUR, actor="user:1") == 1
    run(app)
    assert mails(look)[1].startswith("New time")
    with work() as session:
        assert send_unsent(session, event_id, now=NOW + HOUR, actor="user:1") == 0


def test_a_cancelled_event_has_no_change_to_discard(event_id, work):
    move(work, event_id)
    with work() as session:
        event_moves.cancel(session, event_id, {"sv": "Nej."}, **AGAIN)
    with pytest.raises(NotAllowedNow), work() as session:
        discard_unsent(session, event_id, **AGAIN)


def test_what_was_kept_for_discarding_goes_after_a_week(event_id, work, look):
    move(work, event_id)
    for days, left in ((7, 1), (8, 0)):
        with work() as session:
            tidy(session, now=NOW + timedelta(days=days), sent_retention_days=180)
        with look() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(UnsentChange)) == left


def test_the_overview_says_what_has_not_been_sent(event_id, work, look, staff):
    with look() as session:
        public_id = session.get_one(Event, event_id).public_id
    page = f"/manage/events/{public_id}"
    assert b"unsent/discard" not in staff.client.get(page).data
    move(work, event_id)
    shown = staff.client.get(page).text
    assert f"{page}/unsent/send" in shown
    assert f"{page}/unsent/discard" in shown
    answer = staff.post(f"{page}/unsent/discard", {})
    assert answer.status_code == 303
    assert "done=unsent_discarded" in answer.location
    assert waiting(look) == []
    assert "unsent/discard" not in staff.client.get(answer.location).text
    assert staff.post(f"{page}/unsent/discard", {}).status_code == 409
    assert "done=unsent_gone" in staff.post(f"{page}/unsent/send", {}).location


def test_a_refusal_is_said_on_the_overview(event_id, work, look, staff):
    sign_up(work, event_id, "Bo")
    move(work, event_id)
    with work() as session:
        session.scalars(sa.select(Letter).where(Letter.kind == "changed")).first().lease = "a" * 32
        public_id = session.get_one(Event, event_id).public_id
    page = f"/manage/events/{public_id}"
    assert "unsent/discard" not in staff.client.get(page).text
    answer = staff.post(f"{page}/unsent/discard", {})
    assert "done=unsent_told" in answer.location


def test_a_token_is_asked_for(event_id, work, look, staff):
    move(work, event_id)
    with look() as session:
        public_id = session.get_one(Event, event_id).public_id
    for verb in ("send", "discard"):
        answer = staff.client.post(f"/manage/events/{public_id}/unsent/{verb}", data={})
        assert answer.status_code == 422
    assert waiting(look) == ["changed"]


def test_a_change_that_was_overtaken_is_not_what_the_next_is_taken_back_to(
    event_id, work, look, app, clock
):
    """Postponed and given a new date, nobody waits for the first change any more."""
    move(work, event_id)
    with work() as session:
        event_moves.postpone(session, event_id, {"sv": "Sjukdom"}, **AGAIN)
    new = STARTS + timedelta(days=30)
    with work() as session:
        event_moves.set_new_date(session, event_id, new, new + HOUR, closes_at=None, **AGAIN)
    clock.shift(HOUR)
    run(app)
    known = told(look, event_id)
    move(work, event_id, timedelta(days=31))
    with work() as session:
        discard_unsent(session, event_id, **AGAIN)
    assert told(look, event_id) == known


def test_nor_is_one_whose_letters_gave_way_to_others(event_id, work, look, app, clock):
    move(work, event_id)
    with work() as session:
        session.execute(
            sa.update(Letter).where(Letter.kind == "changed").values(status=LetterStatus.SUPERSEDED)
        )
    known = told(look, event_id)
    move(work, event_id, 7 * HOUR)
    with work() as session:
        discard_unsent(session, event_id, **AGAIN)
    assert told(look, event_id) == known
