"""A mailing from the click to the last letter, straight on the actions and the job."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dialognav import tokens
from dialognav.actions import (
    event_moves,
    message_log,
    message_progress,
    message_readers,
    message_sending,
)
from dialognav.actions.message_sending import start, write_letters
from dialognav.actions.messages import draft_of, save_message
from dialognav.db import unit_of_work
from dialognav.domain.audience import Audience, audience_to_json
from dialognav.domain.errors import EditedMeanwhile, NotAllowedNow, NotReady
from dialognav.domain.message_rules import fingerprint
from dialognav.domain.terms import LetterStatus, MessageState
from dialognav.mail import claims
from dialognav.mail.bounce_addresses import letter_link
from dialognav.mail.due import were_due
from dialognav.mail.post import Post
from dialognav.models import (
    AuditEntry,
    Event,
    Letter,
    MailRefusal,
    Message,
    Organisation,
    Participant,
)
from dialognav.queries.digests import waiting_in
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration, make_user

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
DO = {"now": NOW, "actor": "user:1", "post": POST}
BY = {"now": NOW, "actor": "user:1"}


def people_at(session, event: Event, number: int, *, state: str = "confirmed", stem: str = "p"):
    """So many registrations of one person each."""
    made = []
    for n in range(number):
        registration = make_registration(
            session, event, contact_email=f"{stem}{n}@firm{n}.example", contact_name=f"{stem} {n}"
        )
        made.append(
            make_participant(
                session,
                registration,
                state,
                name=f"{stem} {n}",
                email=registration.contact_email,
            )
        )
    return made


def make_message(session, event: Event, **given) -> Message:
    audience = Audience(events=(event.id,), states=frozenset({"confirmed"}))
    standard = {
        "organisation_id": event.organisation_id,
        "event_id": event.id,
        "subject": {"sv": "Inför dialogen"},
        "body": {"sv": "Hej {namn}!"},
        "audience": audience_to_json(audience),
        "created_at": NOW,
        "changed_at": NOW,
    }
    row = Message(**standard | given)
    session.add(row)
    session.flush()
    return row


def states(session, message_id: int) -> dict[str, int]:
    rows = session.execute(
        sa.select(Letter.status, sa.func.count())
        .where(Letter.message_id == message_id)
        .group_by(Letter.status)
    )
    return dict(rows.all())


def trail(session, message_id: int) -> list[str]:
    rows = session.scalars(
        sa.select(AuditEntry.verb)
        .where(AuditEntry.subject == f"message:{message_id}")
        .order_by(AuditEntry.number)
    )
    return list(rows)


def leave(session, message_id: int) -> None:
    """All of it has left, without a worker."""
    start(session, message_id, **DO)
    write_letters(session, message_id, now=NOW, post=POST)
    session.execute(
        sa.update(Letter)
        .where(Letter.message_id == message_id)
        .values(status=LetterStatus.SENT, sent_at=NOW, attempts=1)
    )
    assert message_progress.finish(session, message_id, now=NOW)


@pytest.fixture
def prepared(work):
    """(event id, message id) of a draft to three confirmed people."""
    with work() as session:
        event = make_event(session)
        people_at(session, event, 3)
        people_at(session, event, 1, state="waiting", stem="w")
        return event.id, make_message(session, event).id


def test_it_goes_in_steps_and_ends_when_the_last_has_left(work, look, cli, prepared):
    _event_id, message_id = prepared
    with work() as session:
        start(session, message_id, **DO)
    with look() as session:
        assert session.get_one(Message, message_id).state == MessageState.SENDING
        assert states(session, message_id) == {}
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        message = session.get_one(Message, message_id)
        assert message.state == MessageState.SENT
        assert message.finished_at == NOW
        assert states(session, message_id) == {LetterStatus.SENT: 3}
        assert trail(session, message_id) == ["message.sending", "message.sent"]


def test_an_urgent_one_is_written_with_the_click(work, look, prepared):
    _event_id, message_id = prepared
    with work() as session:
        session.get_one(Message, message_id).is_urgent = True
        start(session, message_id, **DO)
    with look() as session:
        assert states(session, message_id) == {LetterStatus.PENDING: 3}
        letters = session.scalars(sa.select(Letter)).all()
        assert {(each.priority, each.due_at) for each in letters} == {(0, NOW)}
        assert session.get_one(Message, message_id).written_at == NOW


def test_steps_give_nobody_two_and_forget_nobody(work, look, prepared, monkeypatch):
    event_id, message_id = prepared
    monkeypatch.setattr(message_sending, "STEP", 2)
    with work() as session:
        start(session, message_id, **DO)
    with work() as session:
        assert write_letters(session, message_id, now=NOW, post=POST)
    with work() as session:  # in between somebody comes, and an address is written in capitals
        event = session.get_one(Event, event_id)
        people_at(session, event, 1, stem="late")
        first = session.scalars(sa.select(Letter).order_by(Letter.id)).first()
        session.get_one(Participant, first.participant_id).email = first.recipient.upper()
    while True:
        with work() as session:
            if not write_letters(session, message_id, now=NOW, post=POST):
                break
    with look() as session:
        recipients = session.scalars(sa.select(Letter.recipient)).all()
        assert len(recipients) == 4
        assert len({each.casefold() for each in recipients}) == 4


def test_two_workers_write_each_letter_once(work, look, app, prepared, monkeypatch):
    _event_id, message_id = prepared
    with work() as session:
        start(session, message_id, **DO)
    problems = []

    def write() -> None:
        try:
            with app.app_context(), unit_of_work() as session:
                write_letters(session, message_id, now=NOW, post=POST)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert problems == []
    with look() as session:
        assert states(session, message_id) == {LetterStatus.PENDING: 3}


def test_the_race_is_real_without_the_lock(work, app, prepared, monkeypatch, request):
    if "sqlite" in request.node.name:
        pytest.skip("SQLite has one writer, with our lock or without it")
    _event_id, message_id = prepared
    with work() as session:
        start(session, message_id, **DO)
    both = threading.Barrier(2)
    reached_by = message_sending.reached_by

    def together(*args, **options):
        found = reached_by(*args, **options)
        both.wait(10)
        return found

    def unlocked(session, message_id):
        return session.get_one(Message, message_id)

    monkeypatch.setattr(message_sending, "reached_by", together)
    monkeypatch.setattr(message_sending, "lock_message", unlocked)
    monkeypatch.setattr(message_sending, "_without_letter", lambda _s, _m, reached: list(reached))
    problems = []

    def write() -> None:
        try:
            with app.app_context(), unit_of_work() as session:
                write_letters(session, message_id, now=NOW, post=POST)
        except IntegrityError as error:  # the database has the last word
            problems.append(error)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(problems) == 1


def test_it_does_not_go_to_others_than_the_page_named(work, prepared):
    event_id, message_id = prepared
    with work() as session:
        three = session.scalars(
            sa.select(Participant.id).where(Participant.name.startswith("p "))
        ).all()
        people_at(session, session.get_one(Event, event_id), 1, stem="new")
    with work() as session, pytest.raises(EditedMeanwhile):
        start(session, message_id, seen=fingerprint(three, 0), **DO)


def test_nor_with_another_text_than_the_page_showed(work, look, prepared):
    _event_id, message_id = prepared
    later = NOW + timedelta(hours=2)
    with work() as session:
        three = session.scalars(
            sa.select(Participant.id).where(Participant.name.startswith("p "))
        ).all()
        other = replace(draft_of(session.get_one(Message, message_id)), body={"sv": "Annat"})
        by = {"writer_id": make_user(session).id, **BY}
        save_message(session, message_id, other, expected_revision=0, **by)
    with work() as session, pytest.raises(EditedMeanwhile):
        start(session, message_id, seen=fingerprint(three, 0), **DO)
    with work() as session, pytest.raises(EditedMeanwhile):
        message_sending.schedule(session, message_id, later, seen=0, **BY)
    with work() as session:
        start(session, message_id, seen=fingerprint(three, 1), **DO)


def test_what_it_lacks_is_said(work, prepared):
    _event_id, message_id = prepared
    with work() as session:
        message = session.get_one(Message, message_id)
        message.audience, message.body = {}, {"en": "Hello"}
    with work() as session, pytest.raises(NotReady) as lacks:
        start(session, message_id, **DO)
    assert lacks.value.fields == ("audience", "body")


def test_at_its_time_it_goes_by_itself(work, look, cli, clock, prepared):
    _event_id, message_id = prepared
    with work() as session:
        message_sending.schedule(session, message_id, NOW + timedelta(hours=2), **BY)
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert session.get_one(Message, message_id).state == MessageState.SCHEDULED
    clock.shift(timedelta(hours=2))
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert session.get_one(Message, message_id).state == MessageState.SENT
        assert states(session, message_id) == {LetterStatus.SENT: 3}


def test_at_its_time_and_reaching_nobody_it_waits_for_a_person(work, look, cli, clock, prepared):
    _event_id, message_id = prepared
    with work() as session:
        message_sending.schedule(session, message_id, NOW + timedelta(hours=2), **BY)
    with work() as session:
        session.get_one(Message, message_id).audience = {}
    clock.shift(timedelta(hours=3))
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        message = session.get_one(Message, message_id)
        missed = NOW + timedelta(hours=2)
        assert (message.state, message.send_at) == (MessageState.DRAFT, missed)
        waits = waiting_in(session, message.organisation, now=missed + timedelta(hours=1))
        assert [(one.kind, one.title) for one in waits] == [("missed", "Inför dialogen")]
        assert trail(session, message_id)[-1] == "message.not_sent"


def test_approval_wanted_since_it_was_planned_holds_it_back(work, look, cli, clock, prepared):
    _event_id, message_id = prepared
    with work() as session:
        message_sending.schedule(session, message_id, NOW + timedelta(hours=2), **BY)
        session.scalars(sa.select(Organisation)).one().message_approval = True
    clock.shift(timedelta(hours=3))
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert session.get_one(Message, message_id).state == MessageState.DRAFT
        assert states(session, message_id) == {}


@pytest.mark.parametrize("at", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=400)])
def test_not_planned_for_the_past_or_another_year(work, prepared, at):
    with work() as session, pytest.raises(NotReady) as lacks:
        message_sending.schedule(session, prepared[1], at, **BY)
    assert lacks.value.fields == ("send_at",)


def test_paused_nothing_leaves_and_then_without_those_who_withdrew(work, look, cli, prepared):
    _event_id, message_id = prepared
    with work() as session:
        start(session, message_id, **DO)
        write_letters(session, message_id, now=NOW, post=POST)
        message_sending.pause(session, message_id, **BY)
    cli.invoke(args=["worker", "--once"])
    with work() as session:
        assert states(session, message_id) == {LetterStatus.PENDING: 3}
        session.scalars(sa.select(Participant)).first().withdrawn_at = NOW
    with work() as session:
        message_sending.resume(session, message_id, **DO)
    with look() as session:  # before any worker can have looked
        assert states(session, message_id)[LetterStatus.SUPERSEDED] == 1
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert states(session, message_id) == {LetterStatus.SENT: 2, LetterStatus.SUPERSEDED: 1}
        said = session.scalars(sa.select(Letter.last_error).where(Letter.last_error != "")).all()
        assert said == [message_progress.WITHDRAWN]
        assert session.get_one(Message, message_id).state == MessageState.SENT


def test_who_withdraws_while_it_waits_gets_none_unless_registered_elsewhere(work, look, prepared):
    event_id, message_id = prepared
    with work() as session:
        start(session, message_id, **DO)
        write_letters(session, message_id, now=NOW, post=POST)
        people = session.scalars(sa.select(Participant).order_by(Participant.id)).all()
        people[0].withdrawn_at = people[1].withdrawn_at = NOW
        registration = make_registration(
            session, session.get_one(Event, event_id), contact_email="other@firm.example"
        )
        make_participant(session, registration, name="Same", email=people[1].email)
        withdrawn = people[0].id
    with look() as session:
        assert message_progress.needs_a_look(session, message_id)
    with work() as session:
        assert not message_progress.finish(session, message_id, now=NOW)
    with look() as session:
        assert not message_progress.needs_a_look(session, message_id)
        gone = session.scalars(
            sa.select(Letter.participant_id).where(Letter.status == LetterStatus.SUPERSEDED)
        ).all()
        assert gone == [withdrawn]


def test_stopped_what_has_left_stays_and_what_is_in_hand_goes(work, look, prepared):
    _event_id, message_id = prepared
    with work() as session:
        start(session, message_id, **DO)
        write_letters(session, message_id, now=NOW, post=POST)
        letters = session.scalars(sa.select(Letter).order_by(Letter.id)).all()
        sent, in_hand, _waiting = letters
        sent.status, sent.sent_at = LetterStatus.SENT, NOW
        in_hand.lease, in_hand.leased_until = "a" * 32, NOW + timedelta(minutes=1)
    with work() as session:
        assert message_sending.stop(session, message_id, **BY) == 1
    with look() as session:
        found = session.scalars(sa.select(Letter.status).order_by(Letter.id)).all()
        assert found == [LetterStatus.SENT, LetterStatus.PENDING, LetterStatus.SUPERSEDED]
        assert session.get_one(Message, message_id).state == MessageState.STOPPED


def test_stopped_what_a_worker_could_not_get_rid_of_never_leaves(work, look, cli, prepared):
    _event_id, message_id = prepared
    with work() as session:
        start(session, message_id, **DO)
        write_letters(session, message_id, now=NOW, post=POST)
    with work() as session:
        in_hand = claims.claim(session, now=NOW)
        assert len(in_hand) == 3
    with work() as session:
        assert message_sending.stop(session, message_id, **BY) == 0
    cli.invoke(args=["worker", "--once"])
    with work() as session:
        assert states(session, message_id) == {LetterStatus.PENDING: 3}  # they still may leave
        claims.settle_failed(session, in_hand[0], "451", perhaps_sent=False, now=NOW)
        claims.put_back(session, in_hand[1:])
    with work() as session:
        assert claims.claim(session, now=NOW + timedelta(minutes=5)) == []
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert states(session, message_id) == {LetterStatus.SUPERSEDED: 3}
        said = session.scalars(sa.select(Letter.last_error)).all()
        assert set(said) == {message_progress.STOPPED}


def test_a_corrected_address_takes_the_waiting_letter_along(work, look, prepared):
    _event_id, message_id = prepared
    with work() as session:
        start(session, message_id, **DO)
        write_letters(session, message_id, now=NOW, post=POST)
        first, second, third = session.scalars(sa.select(Participant).limit(3)).all()
        row = session.scalars(sa.select(Letter).where(Letter.participant_id == first.id)).one()
        row.attempts, row.due_at, row.last_error = 3, NOW + timedelta(hours=1), "451 later"
        corrected = [(first, "right@other.example"), (second, third.email)]
        for person, email in corrected:
            person.email = email
            person.generation += 1
        ids = [first.id, second.id, third.id]
    with look() as session:
        assert message_progress.needs_a_look(session, message_id)
    with work() as session:
        assert not message_readers.look_after(session, message_id, now=NOW, post=POST)
    with look() as session:
        assert not message_progress.needs_a_look(session, message_id)
        letters = {row.participant_id: row for row in session.scalars(sa.select(Letter))}
        moved = letters[ids[0]]
        assert (moved.recipient, moved.domain) == ("right@other.example", "other.example")
        assert (moved.status, moved.attempts, moved.due_at) == (LetterStatus.PENDING, 0, NOW)
        owner = session.get_one(Participant, ids[0])
        link = {"purpose": "p", "public_id": owner.public_id, "generation": owner.generation}
        assert moved.facts["link"] == link
        assert letters[ids[1]].status == LetterStatus.SUPERSEDED  # the third has it there
        assert letters[ids[2]].status == LetterStatus.PENDING


def test_whoever_leaves_the_news_while_they_wait_gets_none(work, look, prepared):
    _event_id, message_id = prepared
    with work() as session:
        session.get_one(Message, message_id).purpose = "news"
        start(session, message_id, **DO)
        write_letters(session, message_id, now=NOW, post=POST)
        one = session.scalars(sa.select(Letter).order_by(Letter.id)).first()
        refusal = {"organisation_id": one.organisation_id, "address": one.recipient.lower()}
        session.add(MailRefusal(**refusal, at=NOW))
        refused = one.id
    with look() as session:
        assert message_progress.needs_a_look(session, message_id)
    with work() as session:
        assert not message_readers.look_after(session, message_id, now=NOW, post=POST)
    with look() as session:
        assert states(session, message_id) == {LetterStatus.PENDING: 2, LetterStatus.SUPERSEDED: 1}
        assert session.get_one(Letter, refused).last_error == message_progress.REFUSED


def test_stopped_in_the_middle_of_writing_nothing_more_is_written(work, look, prepared):
    _event_id, message_id = prepared
    with work() as session:
        start(session, message_id, **DO)
    with work() as session:
        message_sending.stop(session, message_id, **BY)
    with work() as session:
        assert not write_letters(session, message_id, now=NOW, post=POST)
    with look() as session:
        assert states(session, message_id) == {}


def test_a_draft_is_not_stopped(work, prepared):
    with work() as session, pytest.raises(NotAllowedNow):
        message_sending.stop(session, prepared[1], **BY)


# --- when the event does not take place ---------------------------------------------------------


@pytest.mark.parametrize("verb", ["cancel", "postpone"])
@pytest.mark.parametrize("is_going", [True, False])
def test_called_off_or_put_off_nothing_about_it_goes(work, look, prepared, verb, is_going):
    event_id, message_id = prepared
    with work() as session:
        if is_going:
            start(session, message_id, **DO)
            write_letters(session, message_id, now=NOW, post=POST)
        else:
            message_sending.schedule(session, message_id, NOW + timedelta(hours=2), **BY)
    with work() as session:
        getattr(event_moves, verb)(session, event_id, {"sv": "Sjukdom"}, **DO)
    with look() as session:
        assert session.get_one(Message, message_id).state == MessageState.STOPPED
        assert LetterStatus.PENDING not in states(session, message_id)


@pytest.mark.parametrize(
    ("is_going", "expected"), [(True, MessageState.SENDING), (False, MessageState.STOPPED)]
)
def test_a_procurement_stops_what_is_planned_but_half_of_them_do_not_know_less(
    work, look, prepared, is_going, expected
):
    event_id, message_id = prepared
    with work() as session:
        if is_going:
            start(session, message_id, **DO)
            write_letters(session, message_id, now=NOW, post=POST)
        else:
            message_sending.schedule(session, message_id, NOW + timedelta(hours=2), **BY)
    with work() as session:
        event_moves.switch_to_procurement(session, event_id, **DO)
    with look() as session:
        assert session.get_one(Message, message_id).state == expected


def test_across_several_events_the_one_called_off_is_left_out(work, look, prepared):
    event_id, _message_id = prepared
    with work() as session:
        event = session.get_one(Event, event_id)
        other = make_event(session, event.organisation)
        people_at(session, other, 2, stem="o")
        people_at(session, other, 1)  # who is at both, and written to about the first of them
        both = Audience(events=(event.id, other.id), states=frozenset({"confirmed"}))
        alone = Audience(events=(event.id,), states=frozenset({"confirmed"}))
        of_both = make_message(session, event, event_id=None, audience=audience_to_json(both)).id
        of_it = make_message(session, event, event_id=None, audience=audience_to_json(alone)).id
        start(session, of_both, **DO)
        write_letters(session, of_both, now=NOW, post=POST)
        start(session, of_it, **DO)
        other_id = other.id
        about = sa.select(Letter.event_id).where(Letter.recipient == "p0@firm0.example")
        assert session.scalars(about).one() == event_id
    with work() as session:
        event_moves.cancel(session, event_id, {"sv": "Sjukdom"}, **DO)
    with look() as session:
        assert session.get_one(Message, of_both).state == MessageState.SENDING
        assert session.get_one(Message, of_both).audience["events"] == [other_id]
        assert states(session, of_both) == {LetterStatus.SUPERSEDED: 2, LetterStatus.PENDING: 3}
        to_p0 = sa.select(Letter).where(Letter.message_id == of_both)
        one = session.scalars(to_p0.where(Letter.recipient == "p0@firm0.example")).one()
        assert (one.status, one.event_id) == (LetterStatus.PENDING, other_id)
        owner = session.get_one(Participant, one.participant_id)
        assert owner.registration.event_id == other_id
        assert one.facts["link"]["public_id"] == owner.registration.public_id
        assert session.get_one(Message, of_it).state == MessageState.STOPPED


# --- afterwards ---------------------------------------------------------------------------------


@pytest.fixture
def sent(work, prepared):
    """(event id, message id): one arrived, one came back, one was given up."""
    event_id, message_id = prepared
    with work() as session:
        leave(session, message_id)
        _arrived, back, lost = session.scalars(sa.select(Letter).order_by(Letter.id)).all()
        back.bounced_at, back.last_error = NOW, "5.1.1 unknown"
        lost.status, lost.attempts, lost.last_error = LetterStatus.GIVEN_UP, 7, "550 no"
    return event_id, message_id


def test_all_that_did_not_arrive_go_again_and_nothing_else(work, look, cli, sent):
    with work() as session:
        assert message_log.resend_failed(session, sent[1], **BY) == 2
    with work() as session:
        assert message_log.resend_failed(session, sent[1], **BY) == 0
    with look() as session:
        assert states(session, sent[1]) == {LetterStatus.SENT: 1, LetterStatus.PENDING: 2}
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert states(session, sent[1]) == {LetterStatus.SENT: 3}
        assert trail(session, sent[1])[-1] == "message.resent"


def test_all_go_again_but_to_whoever_left_or_moved(work, look, sent):
    with work() as session:
        _arrived, back, lost = session.scalars(sa.select(Letter).order_by(Letter.id)).all()
        session.get_one(Participant, back.participant_id).withdrawn_at = NOW
        session.get_one(Participant, lost.participant_id).email = "right@firm.example"
        moved = lost.id
    with work() as session:
        assert message_log.resend_failed(session, sent[1], **BY) == 0
    with work() as session, pytest.raises(NotAllowedNow):  # the old address reads nobody
        message_log.resend_letter(session, sent[1], moved, **BY)
    with look() as session:
        assert LetterStatus.PENDING not in states(session, sent[1])


def test_news_do_not_go_again_to_those_who_want_none(work, sent):
    with work() as session:
        session.get_one(Message, sent[1]).purpose = "news"
        for row in session.scalars(sa.select(Letter)):
            refusal = {"organisation_id": row.organisation_id, "address": row.recipient}
            session.add(MailRefusal(**refusal, at=NOW))
    with work() as session:
        assert message_log.resend_failed(session, sent[1], **BY) == 0


def test_one_that_arrived_can_be_sent_once_more(work, look, sent):
    """As another mail to mail programs, and the same letter to its links and reports."""
    with work() as session:
        one = session.scalars(sa.select(Letter).order_by(Letter.id)).first()
        before = one.public_id
        letter_id = one.id
        message_log.resend_letter(session, sent[1], letter_id, **BY)
        assert were_due(session)
    with work() as session, pytest.raises(NotAllowedNow):  # a double click
        message_log.resend_letter(session, sent[1], letter_id, **BY)
    with look() as session:
        again = session.get_one(Letter, letter_id)
        assert again.public_id != before
        assert (len(again.public_id), again.created_at) == (32, BY["now"])
        key = "k" * 32
        for purpose in (tokens.BOUNCE, tokens.REFUSAL):
            links = {letter_link(key, purpose, one) for one in (before, again.public_id)}
            assert len(links) == 1


def test_another_messages_letter_is_not_sent_by_this_one(work, sent):
    with work() as session:
        other = make_message(session, session.get_one(Event, sent[0]))
        other.state = MessageState.SENT
        other_id, letter_id = other.id, session.scalars(sa.select(Letter.id)).first()
    with work() as session, pytest.raises(NotAllowedNow):
        message_log.resend_letter(session, other_id, letter_id, **BY)


def test_a_draft_to_those_who_have_none_of_it(work, look, sent):
    event_id, message_id = sent
    with work() as session:
        late = people_at(session, session.get_one(Event, event_id), 1, stem="late")[0].id
        back = session.scalars(sa.select(Letter.participant_id).where(Letter.bounced_at == NOW))
        mended = session.get_one(Participant, back.one())
        mended.email = "right@firm.example"
        mended_id = mended.id
    with work() as session:
        user_id = make_user(session, session.scalars(sa.select(Organisation)).one()).id
        by = {"author_id": user_id, **BY}
        public_id = message_log.mail_others(session, message_id, **by)
    with look() as session:
        draft = session.scalars(sa.select(Message).where(Message.public_id == public_id)).one()
        lost = session.scalars(
            sa.select(Letter.participant_id).where(Letter.status == LetterStatus.GIVEN_UP)
        ).one()
        assert draft.state == MessageState.DRAFT
        assert draft.audience["people"] == sorted([late, mended_id, lost])
        assert draft.body == {"sv": "Hej {namn}!"}
        draft_id = draft.id
    with work() as session:  # a second click opens the same
        assert public_id == message_log.mail_others(session, message_id, **by)
        gone = session.get_one(Participant, late)
        gone.withdrawn_at, gone.attendances[0].state = NOW, "withdrawn"
    with work() as session:
        leave(session, draft_id)
        got = session.scalars(sa.select(Letter).where(Letter.message_id == draft_id)).all()
        assert sorted(row.participant_id for row in got) == sorted([mended_id, lost])
    for each in (message_id, draft_id):  # by now all have it, by one or the other
        with work() as session, pytest.raises(NotReady):
            message_log.mail_others(session, each, **by)


def test_where_everybody_has_it_there_is_no_draft(work, prepared):
    with work() as session:
        leave(session, prepared[1])
        user = make_user(session, session.scalars(sa.select(Organisation)).one())
        with pytest.raises(NotReady):
            message_log.mail_others(session, prepared[1], author_id=user.id, **BY)
