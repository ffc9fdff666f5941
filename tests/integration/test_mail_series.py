"""A series and chosen sessions as one person's calendar sees them, by a reader of its own."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import contacts, event_moves
from dialognav.actions.event_clocks import keep_instant, keep_wall_time
from dialognav.actions.modes import change_mode
from dialognav.actions.occasions import cancel_occasion
from dialognav.actions.on_behalf import send_letter_again
from dialognav.actions.participants import withdraw_person
from dialognav.actions.registrations import Wish
from dialognav.actions.unsent_changes import discard_unsent
from dialognav.domain.terms import Attending, LetterStatus, Mode
from dialognav.models import (
    CalendarObject,
    Event,
    Letter,
    Occasion,
    Participant,
    Registration,
)
from tests import ics_reader
from tests.conftest import NOW
from tests.factories import STARTS, make_event, make_occasion
from tests.integration.mailed import POST, calendar_part, post_mail, sign_up, text_of

__all__ = ["post_mail"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY
REASON = {"sv": "Föreläsaren är sjuk."}


class Client:
    """A calendar that expands series, and takes dates out of them (RFC 5546 section 2.1.5)."""

    def __init__(self) -> None:
        self.files = {}
        self.off = {}
        self.sequences = {}

    def take(self, ics: bytes) -> str:
        read = ics_reader.lint(ics)
        [uid] = {event.one("UID").value for event in read.of("VEVENT")}
        sequence = int(read.of("VEVENT")[0].one("SEQUENCE").value)
        assert sequence > self.sequences.get(uid, -1)
        self.sequences[uid] = sequence
        method = read.one("METHOD").value
        ids = [line for event in read.of("VEVENT") for line in event.all("RECURRENCE-ID")]
        if method == "REQUEST":
            self.files[uid], self.off[uid] = read, set()
        elif ids:
            assert uid in self.files
            [line] = ids
            self.off[uid].add(ics_reader.moment(read, line))
            return "CANCEL of a date"
        else:
            del self.files[uid]
        return method

    def starts(self) -> list:
        return sorted(
            one.starts_at
            for uid, file in self.files.items()
            for one in ics_reader.occurrences(file)
            if one.starts_at not in self.off[uid]
        )


def make_series(session, dates=4, **given) -> int:
    event = make_event(session, attending=Attending.SERIES, **given)
    for n in range(1, dates):
        at = STARTS + n * WEEK
        make_occasion(session, event, starts_at=at, ends_at=at + 2 * HOUR)
    event.occasions[0].ends_at = STARTS + 2 * HOUR
    event.recurrence = f"FREQ=WEEKLY;COUNT={dates}"
    for occasion in event.occasions:
        occasion.recurs_at = occasion.starts_at
    session.flush()
    return event.id


def make_sessions(session, number, **given) -> int:
    event = make_event(session, attending=Attending.CHOOSE, **given)
    for n in range(1, number):
        at = STARTS + n * WEEK
        title = {"sv": f"Träff {n + 1}"}
        make_occasion(session, event, starts_at=at, ends_at=at + 2 * HOUR, title=title)
    return event.id


def ids_of(look, event_id):
    with look() as session:
        return session.scalars(
            sa.select(Occasion.id).where(Occasion.event_id == event_id).order_by(Occasion.starts_at)
        ).all()


def weeks(*numbers):
    return [STARTS + n * WEEK for n in numbers]


def test_a_series_lives_as_one_entry(work, look, post_mail, client, clock):
    with work() as session:
        event_id = make_series(session)
    calendar = Client()
    sign_up(work, event_id)
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.starts() == weeks(0, 1, 2, 3)
    [uid] = calendar.files
    assert uid.startswith("q")

    ids = ids_of(look, event_id)
    with work() as session:
        cancel_occasion(session, event_id, ids[1], REASON, now=NOW, actor="user:1", post=POST)
    [message] = post_mail()
    assert "Föreläsaren är sjuk." in text_of(message)
    assert calendar.take(calendar_part(message)) == "CANCEL of a date"
    assert calendar.starts() == weeks(0, 2, 3)

    clock.shift(HOUR)
    with work() as session:
        event_moves.move(
            session,
            event_id,
            STARTS + HOUR,
            STARTS + 3 * HOUR,
            now=NOW + HOUR,
            actor="user:1",
            post=POST,
        )
    [message] = post_mail()
    assert message["Subject"].startswith("New time")
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.starts() == [at + HOUR for at in weeks(0, 2, 3)]

    with work() as session:
        event_moves.cancel(session, event_id, REASON, now=NOW + HOUR, actor="u", post=POST)
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "CANCEL"
    assert calendar.files == {}


def test_two_dates_that_go_at_once_are_one_letter_with_the_entry_written_anew(
    work, look, post_mail
):
    with work() as session:
        event_id = make_series(session)
    calendar = Client()
    sign_up(work, event_id)
    calendar.take(calendar_part(post_mail()[0]))
    ids = ids_of(look, event_id)
    for gone in ids[1:3]:
        with work() as session:
            cancel_occasion(session, event_id, gone, REASON, now=NOW, actor="user:1", post=POST)
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.starts() == weeks(0, 3)
    assert "17 Feb" in text_of(message)
    assert "24 Feb" in text_of(message)


def test_a_date_that_goes_before_the_invitation_left_is_not_in_it(work, look, post_mail):
    with work() as session:
        event_id = make_series(session)
    calendar = Client()
    sign_up(work, event_id)
    ids = ids_of(look, event_id)
    with work() as session:
        cancel_occasion(session, event_id, ids[0], REASON, now=NOW, actor="user:1", post=POST)
    [message] = post_mail()
    assert message["Subject"].startswith("You are registered")
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.starts() == weeks(1, 2, 3)


def test_a_date_that_is_moved_is_an_exception_to_the_rule(work, look, post_mail):
    with work() as session:
        event_id = make_series(session)
    calendar = Client()
    sign_up(work, event_id)
    calendar.take(calendar_part(post_mail()[0]))
    with work() as session:
        event = session.get_one(Event, event_id)
        before = event_moves.announced(event)
        event.occasions[2].starts_at += DAY
        event.occasions[2].ends_at += DAY
        event_moves.tell_of_change(session, event, before, now=NOW, post=POST)
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.starts() == sorted([*weeks(0, 1, 3), STARTS + 2 * WEEK + DAY])
    [file] = calendar.files.values()
    [override] = [one for one in file.of("VEVENT") if one.all("RECURRENCE-ID")]
    assert override.one("RECURRENCE-ID").value == "20270224T090000"


def test_who_leaves_a_series_has_nothing_left_of_it(work, look, post_mail):
    with work() as session:
        event_id = make_series(session)
    calendar = Client()
    sign_up(work, event_id)
    calendar.take(calendar_part(post_mail()[0]))
    with work() as session:
        ada = session.scalars(sa.select(Participant)).one()
        withdraw_person(session, ada.id, now=NOW, actor="", post=POST)
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "CANCEL"
    assert calendar.files == {}


def test_a_full_series_is_one_letter_about_the_queue_and_a_freed_place_one_about_the_series(
    work, post_mail
):
    with work() as session:
        event_id = make_series(session, capacity_on_site=1)
        for occasion in session.scalars(sa.select(Occasion)):
            occasion.capacity_on_site = 1
    sign_up(work, event_id)
    sign_up(work, event_id, "Bo")
    first = post_mail()
    assert len(first) == 2
    waiting = next(one for one in first if "bo@" in one["To"])
    assert calendar_part(waiting) is None
    with work() as session:
        ada = session.scalars(sa.select(Participant).where(Participant.name == "Ada")).one()
        withdraw_person(session, ada.id, now=NOW, actor="", post=POST)
    promoted = next(one for one in post_mail() if "bo@" in one["To"])
    calendar = Client()
    assert calendar.take(calendar_part(promoted)) == "REQUEST"
    assert calendar.starts() == weeks(0, 1, 2, 3)


def test_chosen_sessions_are_an_entry_and_a_letter_each(work, look, post_mail, client):
    with work() as session:
        event_id = make_sessions(session, 5)
    ids = ids_of(look, event_id)
    sign_up(work, event_id, chosen=ids[1:4])
    messages = post_mail()
    assert [one["Subject"][-8:] for one in messages] == ["(1 of 3)", "(2 of 3)", "(3 of 3)"]
    calendar = Client()
    for message in messages:
        assert calendar.take(calendar_part(message)) == "REQUEST"
    assert len(calendar.files) == 3
    assert calendar.starts() == weeks(1, 2, 3)
    assert "Träff 3" in messages[1]["Subject"]

    with work() as session:
        cancel_occasion(session, event_id, ids[2], REASON, now=NOW, actor="user:1", post=POST)
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "CANCEL"
    assert calendar.starts() == weeks(1, 3)


def test_each_letters_file_is_that_of_its_own_session(work, look, post_mail, client):
    with work() as session:
        event_id = make_sessions(session, 3)
    sign_up(work, event_id, chosen=ids_of(look, event_id))
    for message in post_mail():
        path = next(word for word in text_of(message).split() if "invite.ics" in word).removeprefix(
            "http://localhost"
        )
        assert client.get(path).data == calendar_part(message)


def test_more_than_five_sessions_are_one_letter_and_kept_by_the_feed(work, look, post_mail):
    with work() as session:
        event_id = make_sessions(session, 8)
    ids = ids_of(look, event_id)
    sign_up(work, event_id, chosen=ids[:6])
    [message] = post_mail()
    assert calendar_part(message) is None
    assert "calendar of your own to subscribe to" in text_of(message)
    with look() as session:
        rows = session.scalars(
            sa.select(CalendarObject).where(CalendarObject.participant_id.is_not(None))
        ).all()
        assert len(rows) == 6
        assert all(row.in_feed and row.sequence == 0 for row in rows)

    with work() as session:
        cancel_occasion(session, event_id, ids[2], REASON, now=NOW, actor="user:1", post=POST)
    [message] = post_mail()
    assert calendar_part(message) is None
    assert "Föreläsaren är sjuk." in text_of(message)
    with look() as session:
        [gone] = session.scalars(
            sa.select(CalendarObject).where(
                CalendarObject.participant_id.is_not(None), CalendarObject.occasion_id == ids[2]
            )
        )
        assert gone.cancelled_at is not None
        assert gone.sequence == 1


def test_a_full_choice_is_one_letter_about_all_queues(work, look, post_mail):
    with work() as session:
        event_id = make_sessions(session, 3)
        for occasion in session.scalars(sa.select(Occasion)):
            occasion.capacity_on_site = 1
    ids = ids_of(look, event_id)
    sign_up(work, event_id, chosen=ids)
    post_mail()
    sign_up(work, event_id, "Bo", chosen=ids)
    [message] = post_mail()
    assert calendar_part(message) is None
    assert text_of(message).count("number 1 in the queue") == 3


def test_a_postponed_series_comes_back_as_another_entry(work, look, post_mail, clock):
    with work() as session:
        event_id = make_series(session)
    calendar = Client()
    sign_up(work, event_id)
    calendar.take(calendar_part(post_mail()[0]))
    [old] = calendar.files
    with work() as session:
        event_moves.postpone(session, event_id, REASON, now=NOW, actor="u", post=POST)
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "CANCEL"
    with work() as session:
        start = STARTS + 4 * WEEK
        event_moves.set_new_date(
            session,
            event_id,
            start,
            start + 2 * HOUR,
            closes_at=None,
            now=NOW,
            actor="u",
            post=POST,
        )
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert old not in calendar.files
    # by the wall clock: summer time begins on 28 March
    assert calendar.starts() == [
        STARTS + n * WEEK - (HOUR if n > 6 else 0 * HOUR) for n in (4, 5, 6, 7)
    ]


def test_who_comes_late_has_the_dates_that_are_left(work, look, post_mail, clock):
    with work() as session:
        event_id = make_series(session)
        session.get_one(Event, event_id).registration_closes_at = STARTS + 3 * WEEK
    clock.move_to(STARTS + DAY)
    sign_up(work, event_id, now=STARTS + DAY)
    calendar = Client()
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.starts() == weeks(1, 2, 3)
    [file] = calendar.files.values()
    assert not file.of("VEVENT")[0].all("EXDATE")


def test_the_file_of_a_series_is_whole_also_after_one_date_was_taken_out(
    work, look, post_mail, client
):
    with work() as session:
        event_id = make_series(session)
    sign_up(work, event_id)
    [message] = post_mail()
    path = next(word for word in text_of(message).split() if "invite.ics" in word)
    with work() as session:
        gone = ids_of_now(session, event_id)[1]
        cancel_occasion(session, event_id, gone, REASON, now=NOW, actor="user:1", post=POST)
    post_mail()
    calendar = Client()
    assert calendar.take(client.get(path.removeprefix("http://localhost")).data) == "REQUEST"
    assert calendar.starts() == weeks(0, 2, 3)


def ids_of_now(session, event_id):
    return [each.id for each in session.get_one(Event, event_id).occasions]


def test_a_discarded_move_leaves_a_cancelled_first_date_at_its_place(work, look, post_mail):
    with work() as session:
        event_id = make_series(session)
    calendar = Client()
    sign_up(work, event_id)
    calendar.take(calendar_part(post_mail()[0]))
    first = ids_of(look, event_id)[0]
    with work() as session:
        cancel_occasion(session, event_id, first, REASON, now=NOW, actor="user:1", post=POST)
    calendar.take(calendar_part(post_mail()[0]))
    later = replace(POST, quiet_window=300)
    with work() as session:
        start = STARTS + WEEK + HOUR
        event_moves.move(
            session, event_id, start, start + 2 * HOUR, now=NOW, actor="user:1", post=later
        )
    with work() as session:
        discard_unsent(session, event_id, now=NOW, actor="user:1", post=later)
    with look() as session:
        event = session.get_one(Event, event_id)
        assert [each.recurs_at for each in event.occasions] == weeks(0, 1, 2, 3)


def shift_clock(session, event_id, *numbers):
    """As if these dates had been written with the clock an hour ahead of what it is now."""
    event = session.get_one(Event, event_id)
    for n in numbers:
        event.occasions[n].start_offset = event.occasions[n].end_offset = 7200


def test_the_wall_time_of_a_series_is_kept_with_its_cancelled_first_date(work, look, post_mail):
    with work() as session:
        event_id = make_series(session)
    calendar = Client()
    sign_up(work, event_id)
    calendar.take(calendar_part(post_mail()[0]))
    first = ids_of(look, event_id)[0]
    with work() as session:
        cancel_occasion(session, event_id, first, REASON, now=NOW, actor="user:1", post=POST)
    calendar.take(calendar_part(post_mail()[0]))
    with work() as session:
        shift_clock(session, event_id, 0, 1, 2, 3)
    with work() as session:
        assert keep_wall_time(session, event_id, now=NOW, actor="user:1", post=POST)
    [message] = post_mail()
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.starts() == [at + HOUR for at in weeks(1, 2, 3)]
    assert len(calendar.files) == 1


def test_a_kept_instant_of_later_dates_is_an_exception_to_the_rule(work, look, post_mail):
    with work() as session:
        event_id = make_series(session)
        for occasion in session.get_one(Event, event_id).occasions[2:]:
            occasion.starts_at -= HOUR  # 10:00 by the clock that was expected
            occasion.ends_at -= HOUR
            occasion.recurs_at -= HOUR
        session.flush()
        shift_clock(session, event_id, 2, 3)
    sign_up(work, event_id)
    post_mail()
    with work() as session:
        assert keep_instant(session, event_id, now=NOW, actor="user:1", post=POST)
    [message] = post_mail()
    calendar = Client()
    assert calendar.take(calendar_part(message)) == "REQUEST"
    assert calendar.starts() == [*weeks(0, 1), *(at - HOUR for at in weeks(2, 3))]
    with look() as session:
        event = session.get_one(Event, event_id)
        assert [each.recurs_at for each in event.occasions] == weeks(0, 1, 2, 3)


@pytest.mark.parametrize("answer", ["", "ACCEPTED"])
def test_sent_again_it_is_the_same_file(answer, work, post_mail, clock):
    """Whatever was answered meanwhile: the revision is the same (calendar.md 2.0(6))."""
    with work() as session:
        event_id = make_event(session).id
    sign_up(work, event_id)
    [first] = post_mail()
    clock.shift(HOUR)
    with work() as session:
        [registration] = session.scalars(sa.select(Registration))
        if answer:
            for entry in session.scalars(sa.select(CalendarObject)):
                entry.partstat = answer
        contacts.send_again(session, registration.id, now=NOW + HOUR, actor="", post=POST)
    [again] = post_mail()
    assert again["Message-ID"] != first["Message-ID"]
    assert calendar_part(again) == calendar_part(first)


@pytest.fixture
def six(work, look):
    """(event, ids of its sessions in order): Ada has six, and the letter about them waits."""
    with work() as session:
        event_id = make_sessions(session, 8)
    ids = ids_of(look, event_id)
    sign_up(work, event_id, chosen=ids[:6])
    return event_id, ids


def days_in(message) -> set[int]:
    """Which sessions, from 0 on, a mail names; they are a week apart."""
    days = {(STARTS + n * WEEK).strftime("%-d %b"): n for n in range(8)}
    text = " ".join(text_of(message).split())
    return {n for day, n in days.items() if f" {day}" in text}


def edit(work, event_id, post, **changes):
    """Give sessions, by their number, another start."""
    with work() as session:
        event = session.get_one(Event, event_id)
        before = event_moves.announced(event)
        for name, by in changes.items():
            occasion = event.occasions[int(name[1:])]
            occasion.starts_at += by
            occasion.ends_at += by
        event_moves.tell_of_change(session, event, before, now=NOW, post=post)


def call_off(work, event_id, occasion_id, post=POST):
    with work() as session:
        cancel_occasion(session, event_id, occasion_id, REASON, now=NOW, actor="u", post=post)


LATER = replace(POST, quiet_window=300)


def test_one_of_many_sessions_goes_before_the_letter_about_all_left(six, work, post_mail):
    event_id, ids = six
    call_off(work, event_id, ids[2])
    gone, rest = sorted(post_mail(), key=lambda one: one["Subject"].startswith("You are"))
    assert days_in(gone) == {2}
    assert "Föreläsaren är sjuk." in text_of(gone)
    assert rest["Subject"].startswith("You are registered")
    assert days_in(rest) == {0, 1, 3, 4, 5}


def test_one_of_many_sessions_moves_before_the_letter_about_all_left(six, work, post_mail):
    event_id, _ = six
    edit(work, event_id, LATER, s1=DAY)
    [message] = post_mail()
    assert message["Subject"].startswith("You are registered")
    assert days_in(message) == {0, 2, 3, 4, 5}
    assert "17 Feb" not in text_of(message)
    assert "18 Feb" in text_of(message)


def test_a_session_that_is_left_alone_takes_no_other_with_it(six, work, post_mail):
    """The letter about all is written anew as often as one of them is told of by itself."""
    event_id, ids = six
    for gone in ids[:5]:
        call_off(work, event_id, gone)
    *off, rest = sorted(post_mail(), key=lambda one: one["Subject"].startswith("You are"))
    assert [days_in(one) for one in off] == [{0}, {1}, {2}, {3}, {4}]
    assert days_in(rest) == {5}
    assert rest["Subject"].startswith("You are registered")


def test_a_cancelled_session_does_not_wait_for_the_move_of_another(six, work, post_mail, clock):
    event_id, ids = six
    post_mail()
    edit(work, event_id, LATER, s1=DAY, s4=HOUR)
    call_off(work, event_id, ids[4], LATER)
    [message] = post_mail()
    assert days_in(message) == {4}
    clock.shift(HOUR)
    [message] = post_mail()
    text = text_of(message)
    assert message["Subject"].startswith("New time")
    assert "18 Feb" in text  # where the second of them went
    assert 4 not in days_in(message)


def test_a_change_of_the_session_that_goes_is_told_nobody(six, work, post_mail, clock):
    event_id, ids = six
    post_mail()
    edit(work, event_id, LATER, s4=HOUR)
    call_off(work, event_id, ids[4], LATER)
    assert [days_in(one) for one in post_mail()] == [{4}]
    clock.shift(HOUR)
    assert post_mail() == []


def test_what_is_left_of_a_change_can_be_discarded(six, work, look, post_mail, clock):
    event_id, ids = six
    post_mail()
    edit(work, event_id, LATER, s1=DAY)
    call_off(work, event_id, ids[4], LATER)
    with work() as session:
        discard_unsent(session, event_id, now=NOW, actor="u", post=LATER)
    assert [days_in(one) for one in post_mail()] == [{4}]
    clock.shift(HOUR)
    assert post_mail() == []


def test_a_letter_about_some_queues_leaves_that_about_others(work, look, post_mail):
    with work() as session:
        event_id = make_sessions(session, 4)
        for occasion in session.scalars(sa.select(Occasion)):
            occasion.capacity_on_site = 1
    ids = ids_of(look, event_id)
    sign_up(work, event_id, chosen=ids)
    post_mail()
    sign_up(work, event_id, "Bo", chosen=ids[:3])
    with work() as session:
        ada = session.scalars(sa.select(Participant).where(Participant.name == "Ada")).one()
        wish = Wish(Mode.ON_SITE, ids[1:])
        change_mode(session, ada.id, wish, now=NOW, actor="", post=POST)
    bo = [one for one in post_mail() if "bo@" in one["To"]]
    queue, place = sorted(bo, key=lambda one: calendar_part(one) is not None)
    assert days_in(place) == {0}
    assert days_in(queue) == {1, 2}


def test_a_given_up_letter_about_many_sessions_leaves_out_the_one_that_is_gone(
    six, work, look, post_mail
):
    event_id, ids = six
    with work() as session:
        [letter] = session.scalars(sa.select(Letter).where(Letter.kind == "place_confirmed"))
        letter.status = LetterStatus.GIVEN_UP
        letter_id = letter.id
    call_off(work, event_id, ids[2])
    assert [days_in(one) for one in post_mail()] == [{2}]
    with work() as session:
        assert send_letter_again(session, letter_id, now=NOW, actor="user:1")
    [message] = post_mail()
    assert message["Subject"].startswith("You are registered")
    assert days_in(message) == {0, 1, 3, 4, 5}
