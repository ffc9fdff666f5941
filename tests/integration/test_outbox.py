"""Promising letters: what supersedes what, which numbers calendars get, how few statements."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions.on_behalf import send_letter_again
from dialognav.domain.calendar import entry_from_json
from dialognav.domain.terms import EventState, Format, LetterStatus, Mode, Seat
from dialognav.mail import notices
from dialognav.mail.post import Post
from dialognav.models import (
    Attendance,
    CalendarObject,
    Event,
    Letter,
    OneTimeLink,
    Participant,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 300)
HOUR = timedelta(hours=1)


@pytest.fixture
def someone(work) -> int:
    """A participant who is confirmed and has been promised the invitation; its id."""
    with work() as session:
        event = make_event(session)
        person = make_participant(session, make_registration(session, event))
        tell(session, event, person, "registered")
        return person.id


def tell(session, event, person, why, now=NOW):
    notices.tell_places(session, event, person.attendances, why=why, now=now, post=POST)


def leave(work, now=NOW):
    """Everything that is pending is sent, whatever its time."""
    with work() as session:
        session.execute(
            sa.update(Letter)
            .where(Letter.status == LetterStatus.PENDING)
            .values(status=LetterStatus.SENT, sent_at=now)
        )


def move(session, event, *, by=HOUR, now=NOW):
    before = notices.announced(event)
    occasion = event.occasions[0]
    occasion.starts_at += by
    occasion.ends_at += by
    changes = notices.Changes(before, notices.announced(event))
    notices.tell_changed(session, event, changes, now=now, post=POST)


def cancel(session, event, now=NOW):
    event.state = EventState.CANCELLED
    notices.tell_cancelled(session, event, now=now, post=POST)


def withdraw(session, event, person, now=NOW):
    for seat in person.attendances:
        seat.state = Seat.WITHDRAWN
    person.withdrawn_at = now
    notices.tell_withdrawn(session, event, person.attendances, by="self", now=now, post=POST)


def the_event(session):
    return session.scalars(sa.select(Event)).one()


def the_person(session):
    return session.scalars(sa.select(Participant).order_by(Participant.id)).first()


def pending(look) -> list[Letter]:
    with look() as session:
        rows = sa.select(Letter).where(Letter.status == LetterStatus.PENDING).order_by(Letter.id)
        found = list(session.scalars(rows))
        session.expunge_all()
        return found


def only(look) -> Letter:
    [letter] = [one for one in pending(look) if one.stream.startswith("place:")]
    return letter


def sequence(letter: Letter) -> int:
    return entry_from_json(letter.facts["entry"]).sequence


def uid(letter: Letter) -> str:
    return entry_from_json(letter.facts["entry"]).uid


def test_first_invitation(someone, look):
    letter = only(look)
    assert (letter.kind, letter.facts["method"], sequence(letter)) == (
        "place_confirmed",
        "REQUEST",
        0,
    )
    assert letter.due_at == NOW
    entry = entry_from_json(letter.facts["entry"])
    assert entry.organiser.address == "dialog@dialog.example"
    assert entry.dtstamp == NOW


def test_unsent_invitation_takes_up_a_move_and_leaves_no_later(someone, work, look):
    """Under a number of its own: the own page may have shown the first (RFC 5546, 2.1.4)."""
    first = only(look)
    with work() as session:
        move(session, the_event(session), now=NOW + timedelta(seconds=20))
    letter = only(look)
    assert (letter.kind, sequence(letter), uid(letter)) == ("place_confirmed", 1, uid(first))
    assert "changes" not in letter.facts
    assert letter.due_at == NOW
    assert entry_from_json(letter.facts["entry"]).starts_at.hour == 9


def test_moving_after_the_invitation_left_is_an_update_after_quiet_time(someone, work, look):
    first = only(look)
    leave(work)
    with work() as session:
        move(session, the_event(session))
    letter = only(look)
    assert (letter.kind, sequence(letter), uid(letter)) == ("changed", 1, uid(first))
    assert letter.due_at == NOW + timedelta(seconds=300)
    assert [change["what"] for change in letter.facts["changes"]] == ["time"]


def test_a_burst_of_edits_is_one_update_with_the_first_and_the_last_value(someone, work, look):
    leave(work)
    for minute in (0, 1, 2):
        with work() as session:
            move(session, the_event(session), now=NOW + timedelta(minutes=minute))
    letter = only(look)
    assert (sequence(letter), letter.due_at) == (3, NOW + timedelta(minutes=7))
    [change] = letter.facts["changes"]
    assert (change["before"]["starts_at"][11:16], change["now"]["starts_at"][11:16]) == (
        "08:00",
        "11:00",
    )


def test_an_edit_that_is_undone_sends_nothing_and_no_number_comes_twice(someone, work, look):
    """A feed or a download may have shown the one that was undone (RFC 5546, 2.1.4)."""
    leave(work)
    with work() as session:
        move(session, the_event(session))
    later = NOW + timedelta(minutes=1)
    with work() as session:
        move(session, the_event(session), by=-HOUR, now=later)
    assert pending(look) == []
    with work() as session:
        numbered = session.scalars(sa.select(CalendarObject)).one()
        assert (numbered.sequence, numbered.dtstamp) == (2, later)
        assert (numbered.mailed_sequence, numbered.mailed_dtstamp) == (0, NOW)
        move(session, the_event(session), now=later)
    letter = only(look)
    assert sequence(letter) == 3
    assert letter.facts["base"]["sequence"] == 0


def test_what_a_worker_holds_counts_as_sent(someone, work, look):
    with work() as session:
        session.execute(
            sa.update(Letter).values(lease="worker", leased_until=NOW + timedelta(seconds=60))
        )
    with work() as session:
        move(session, the_event(session))
    held, letter = (one for one in pending(look) if one.stream.startswith("place:"))
    assert (held.kind, held.lease) == ("place_confirmed", "worker")
    assert (letter.kind, sequence(letter)) == ("changed", 1)


@pytest.mark.parametrize("happens", [cancel, lambda s, e: withdraw(s, e, the_person(s))])
def test_what_overtakes_an_unsent_invitation_is_a_plain_letter(happens, someone, work, look):
    with work() as session:
        happens(session, the_event(session))
    letter = only(look)
    assert letter.kind in ("cancelled", "withdrawn_plain")
    assert "entry" not in letter.facts
    with look() as session:
        assert session.scalars(sa.select(CalendarObject.cancelled_at)).one() == NOW


@pytest.mark.parametrize(
    ("happens", "kind", "summary"),
    [
        (cancel, "cancelled", "Inställt: Marknadsdialog om hemmonitorering"),
        (
            lambda s, e: withdraw(s, e, the_person(s)),
            "withdrawn",
            "Avbokad: Marknadsdialog om hemmonitorering",
        ),
    ],
)
def test_cancellation_of_a_sent_invitation(happens, kind, summary, someone, work, look):
    first = only(look)
    leave(work)
    with work() as session:
        happens(session, the_event(session))
    letter = only(look)
    assert (letter.kind, letter.facts["method"]) == (kind, "CANCEL")
    assert (sequence(letter), uid(letter)) == (1, uid(first))
    assert entry_from_json(letter.facts["entry"]).summary == summary
    assert letter.due_at == NOW


def test_a_cancellation_replaces_an_unsent_update_and_is_above_it(someone, work, look):
    leave(work)
    with work() as session:
        move(session, the_event(session))
    with work() as session:
        cancel(session, the_event(session))
    letter = only(look)
    assert (letter.kind, sequence(letter), letter.priority) == ("cancelled", 2, 0)


def test_postponed_and_a_new_date_later_is_a_new_entry(someone, work, look):
    first = only(look)
    leave(work)
    with work() as session:
        notices.tell_postponed(session, the_event(session), now=NOW, post=POST)
    assert (only(look).kind, only(look).facts["method"]) == ("postponed", "CANCEL")
    leave(work)
    with work() as session:
        event = the_event(session)
        event.occasions[0].ends_at += 24 * HOUR
        event.occasions[0].starts_at += 24 * HOUR
        notices.tell_new_date(session, event, now=NOW + HOUR, post=POST)
    letter = only(look)
    assert (letter.kind, letter.facts["method"], sequence(letter)) == ("new_date", "REQUEST", 0)
    assert uid(letter) != uid(first)


def test_a_new_date_before_the_postponement_left_moves_the_entry(someone, work, look):
    """Otherwise the old entry stayed in the calendar: its cancellation never left."""
    first = only(look)
    leave(work)
    with work() as session:
        notices.tell_postponed(session, the_event(session), now=NOW, post=POST)
    with work() as session:
        event = the_event(session)
        event.occasions[0].ends_at += 24 * HOUR
        notices.tell_new_date(session, event, now=NOW, post=POST)
    letter = only(look)
    assert (letter.kind, sequence(letter), uid(letter)) == ("new_date", 2, uid(first))
    with look() as session:
        assert session.scalars(sa.select(CalendarObject.cancelled_at)).one() is None


def test_told_again_at_a_corrected_address(someone, work, look):
    leave(work)
    with work() as session:
        person = the_person(session)
        person.email = "ratt@leverantor.example"
        tell(session, the_event(session), person, "registered")
    letter = only(look)
    assert (letter.kind, letter.recipient) == ("place_confirmed", "ratt@leverantor.example")
    assert sequence(letter) == 1
    assert entry_from_json(letter.facts["entry"]).attendee.address == "ratt@leverantor.example"


@pytest.mark.parametrize("is_sent", [True, False])
def test_the_same_once_more_is_the_same_revision(is_sent, someone, work, look):
    first = only(look)
    if is_sent:
        leave(work)
    with work() as session:
        session.scalars(sa.select(CalendarObject)).one().partstat = "ACCEPTED"
        tell(session, the_event(session), the_person(session), "registered", now=NOW + HOUR)
    again = only(look)
    assert again.id != first.id
    told = [entry_from_json(one.facts["entry"]) for one in (first, again)]
    assert [(one.uid, one.sequence, one.dtstamp) for one in told] == [
        (told[0].uid, 0, NOW) for _ in range(2)
    ]
    assert (again.facts["base"] is not None) is is_sent  # whether anybody has seen it


def give_up(work, kind):
    with work() as session:
        session.execute(
            sa.update(Letter)
            .where(Letter.kind == kind, Letter.status == LetterStatus.PENDING)
            .values(status=LetterStatus.GIVEN_UP, attempts=7, last_error="550 5.1.1 no such user")
        )


def try_once_more(work, look, kind, now=NOW + 2 * HOUR) -> bool:
    with look() as session:
        [letter_id] = session.scalars(sa.select(Letter.id).where(Letter.kind == kind))
    with work() as session:
        return send_letter_again(session, letter_id, now=now, actor="user:1")


@pytest.mark.parametrize("change_is", [LetterStatus.PENDING, LetterStatus.SENT, "given up too"])
def test_a_given_up_confirmation_says_what_holds_by_now(change_is, someone, work, look):
    """What was told of a change cannot stand for it: who reads only that has not been confirmed."""
    give_up(work, "place_confirmed")
    with work() as session:
        move(session, the_event(session))
    changed = only(look)
    if change_is == LetterStatus.SENT:
        leave(work)
    elif change_is != LetterStatus.PENDING:
        give_up(work, "changed")
    assert try_once_more(work, look, "place_confirmed")
    letter = only(look)
    assert (letter.kind, letter.attempts, letter.due_at) == ("place_confirmed", 0, NOW + 2 * HOUR)
    assert letter.facts["entry"] == changed.facts["entry"]
    assert letter.facts["when"] == changed.facts["when"]
    assert "changes" not in letter.facts
    with look() as session:
        row = session.get_one(Letter, changed.id)
        is_told = change_is == LetterStatus.SENT
        assert row.status == (LetterStatus.SENT if is_told else LetterStatus.SUPERSEDED)
    with work() as session:
        withdraw(session, the_event(session), the_person(session))
    assert (only(look).kind, only(look).facts["method"]) == ("withdrawn", "CANCEL")


def test_a_change_in_a_workers_hand_counts_as_told(someone, work, look):
    give_up(work, "place_confirmed")
    with work() as session:
        move(session, the_event(session))
        session.execute(sa.update(Letter).where(Letter.kind == "changed").values(lease="worker"))
    assert try_once_more(work, look, "place_confirmed")
    assert {one.kind for one in pending(look) if one.stream.startswith("place:")} == {
        *("place_confirmed", "changed")
    }


def test_a_given_up_change_tells_the_whole_way(someone, work, look):
    leave(work)
    with work() as session:
        move(session, the_event(session))
    give_up(work, "changed")
    with work() as session:
        move(session, the_event(session), by=3 * HOUR)
    with look() as session:
        first = session.scalar(sa.select(sa.func.min(Letter.id)).where(Letter.kind == "changed"))
    with work() as session:
        assert send_letter_again(session, first, now=NOW + HOUR, actor="user:1")
    letter = only(look)
    [change] = letter.facts["changes"]
    assert letter.id == first
    assert (change["before"]["starts_at"][11:16], change["now"]["starts_at"][11:16]) == (
        "08:00",
        "12:00",
    )


def test_what_was_undone_since_does_not_stand_in_its_way(someone, work, look):
    first = only(look)
    give_up(work, "place_confirmed")
    for by in (HOUR, -HOUR):
        with work() as session:
            move(session, the_event(session), by=by)
    assert try_once_more(work, look, "place_confirmed")
    assert only(look).facts == first.facts


@pytest.mark.parametrize("happens", [cancel, lambda s, e: withdraw(s, e, the_person(s))])
def test_a_confirmation_that_no_longer_holds_is_not_sent_again(happens, someone, work, look):
    give_up(work, "place_confirmed")
    with work() as session:
        happens(session, the_event(session))
    assert not try_once_more(work, look, "place_confirmed")


def test_the_address_of_the_organiser_stays_as_it_was_first_sent(someone, work, look):
    leave(work)
    with work() as session:
        event = the_event(session)
        event.organisation.mail_sender = "nytt@tallvik.example"
        session.flush()
        move(session, event)
    letter = only(look)
    assert letter.facts["sender"] == "dialog@dialog.example"
    assert entry_from_json(letter.facts["entry"]).organiser.address == "dialog@dialog.example"


def test_who_waits_gets_no_calendar_and_the_place_in_the_queue(work, look):
    with work() as session:
        event = make_event(session, capacity_on_site=0)
        for number in (3, 5, 9):
            person = make_participant(
                session, make_registration(session, event), Seat.WAITING, queue_number=number
            )
        tell(session, event, person, "registered")
    [letter] = pending(look)
    assert (letter.kind, letter.facts["position"]) == ("place_waiting", 3)
    assert "entry" not in letter.facts
    with look() as session:
        assert session.scalar(sa.select(sa.func.count(CalendarObject.id))) == 0


def test_promotion_ends_the_unsent_letter_about_waiting(work, look):
    with work() as session:
        event = make_event(session)
        person = make_participant(session, make_registration(session, event), Seat.WAITING)
        tell(session, event, person, "registered")
    with work() as session:
        person = the_person(session)
        person.attendances[0].state = Seat.CONFIRMED
        tell(session, the_event(session), person, "promoted")
    [letter] = pending(look)
    assert (letter.kind, sequence(letter)) == ("promoted", 0)


def test_waiting_for_the_other_way_of_attending_leaves_the_invitation_alone(work, look):
    with work() as session:
        event = make_event(session, format=Format.HYBRID)
        person = make_participant(session, make_registration(session, event))
        tell(session, event, person, "registered")
        online = Attendance(
            participant=person,
            occasion=event.occasions[0],
            mode=Mode.ONLINE,
            state=Seat.WAITING,
            queue_number=1,
            created_at=NOW,
            state_at=NOW,
        )
        session.add(online)
        notices.tell_places(session, event, [online], why="changed", now=NOW, post=POST)
    assert [letter.kind for letter in pending(look)] == ["place_confirmed", "place_waiting"]


def test_changing_the_way_of_attending_is_an_update_not_a_cancellation(someone, work, look):
    first = only(look)
    leave(work)
    with work() as session:
        event = the_event(session)
        event.occasions[0].online_url = "https://meet.example/1"
        person = the_person(session)
        [old] = person.attendances
        old.state = Seat.WITHDRAWN
        new = Attendance(
            participant=person,
            occasion=event.occasions[0],
            mode=Mode.ONLINE,
            state=Seat.CONFIRMED,
            created_at=NOW,
            state_at=NOW,
        )
        session.add(new)
        notices.tell_withdrawn(session, event, [old], by="self", now=NOW, post=POST)
        notices.tell_places(session, event, [new], why="changed", now=NOW, post=POST)
    letter = only(look)
    assert (letter.kind, sequence(letter), uid(letter)) == ("place_changed", 1, uid(first))
    assert entry_from_json(letter.facts["entry"]).conference_url == "https://meet.example/1"


def test_a_new_digital_link_concerns_only_the_confirmed_who_use_it(work, look):
    with work() as session:
        event = make_event(session, format=Format.HYBRID)
        registration = make_registration(session, event)
        people = [
            make_participant(session, registration, state, mode, queue_number=number)
            for state, mode, number in (
                (Seat.CONFIRMED, Mode.ON_SITE, None),
                (Seat.CONFIRMED, Mode.ONLINE, None),
                (Seat.WAITING, Mode.ONLINE, 1),
            )
        ]
        for person in people:
            tell(session, event, person, "registered")
        online = people[1].email
    leave(work)
    with work() as session:
        event = the_event(session)
        before = notices.announced(event)
        event.occasions[0].online_url = "https://meet.example/2"
        event.summary = {"sv": "Omskriven"}  # in every entry, but no news by itself
        changes = notices.Changes(before, notices.announced(event))
        notices.tell_changed(session, event, changes, now=NOW, post=POST)
    assert [letter.recipient for letter in pending(look)] == [online]


def test_the_contact_who_attends_gets_one_letter_with_the_whole_link(work, look):
    with work() as session:
        event = make_event(session)
        registration = make_registration(session, event, contact_name="Nils Kontakt")
        first = make_participant(session, registration, email=registration.contact_email)
        named = make_participant(
            session, registration, email=registration.contact_email, name="Nils Kontakt"
        )
        seats = [*first.attendances, *named.attendances]
        notices.tell_places(session, event, seats, why="registered", now=NOW, post=POST)
        link = {
            "purpose": "r",
            "public_id": registration.public_id,
            "generation": 0,
        }
    other, contact = pending(look)
    assert contact.facts["link"] == link
    assert other.facts["link"]["purpose"] == "p"


def test_a_contact_who_does_not_attend_is_told_what_all_are_told(work, look):
    with work() as session:
        event = make_event(session)
        registration = make_registration(session, event)
        make_participant(session, registration)
        notices.tell_contact(session, event, registration, now=NOW, post=POST)
    leave(work)
    with work() as session:
        cancel(session, the_event(session))
    kinds = {letter.stream.split(":")[0]: letter.kind for letter in pending(look)}
    assert kinds == {"contact": "cancelled", "place": "cancelled"}


def test_two_people_at_one_address_have_an_entry_each(work, look):
    with work() as session:
        event = make_event(session)
        registration = make_registration(session, event)
        for name in ("Ada", "Bo"):
            person = make_participant(
                session, registration, name=name, email="info@leverantor.example"
            )
            tell(session, event, person, "registered")
    first, second = pending(look)
    assert first.recipient == second.recipient
    assert uid(first) != uid(second)


def test_links_of_an_address(work, look):
    with work() as session:
        event = make_event(session)
        registration = make_registration(session, event)
        person = make_participant(session, registration)
        for _ in range(2):
            notices.tell_links(
                session,
                "a@b.example",
                [registration],
                [person],
                language="nb",
                now=NOW,
                post=POST,
            )
        notices.tell_links(session, "x@y.example", [], [], language="sv", now=NOW, post=POST)
    [letter] = pending(look)  # asked twice, written once
    assert [one["link"]["purpose"] for one in letter.facts["links"]] == ["r", "p"]
    assert (letter.language, letter.recipient) == ("nb", "a@b.example")


def test_staff_links(work, look):
    with work() as session:
        user = make_user(session)
        for purpose in ("invite", "reset"):
            link = OneTimeLink(purpose=purpose, user=user, created_at=NOW, expires_at=NOW + HOUR)
            session.add(link)
            session.flush()
            notices.tell_staff_link(session, link, None, now=NOW, post=POST)
    assert [letter.kind for letter in pending(look)] == ["staff_invitation", "password_reset"]
