"""Messages that an event sends by itself: when they are due, and only then."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import event_moves, events, occasions, plan_runs
from dialognav.actions.event_text import draft_of
from dialognav.actions.message_sending import write_letters
from dialognav.actions.plan_runs import events_with_due_plans, run_due_plans
from dialognav.actions.plans import add_standard_plans
from dialognav.domain.terms import EventState, LetterStatus, MessageState, Mode, PlanKind, Seat
from dialognav.mail.letters import BULK
from dialognav.mail.message_letters import values_of
from dialognav.mail.post import Post
from dialognav.mail.stationery import Stationery
from dialognav.models import (
    Attendance,
    Event,
    Letter,
    Message,
    MessagePlan,
    Participant,
    PlanRun,
)
from tests.conftest import NOW
from tests.factories import (
    STARTS,
    make_event,
    make_occasion,
    make_participant,
    make_registration,
)
from tests.integration.mailed import post_mail as post_mail

POST = Post("http://localhost", "dialog@dialog.example", "dialog.example", 0)
A_DAY = timedelta(days=1)
NINE = STARTS  # the event begins at nine o'clock in Stockholm, and so do reminders


def planned_event(session, **given) -> Event:
    """A hybrid event with a link, the usual plans, one person in the room and one on the link."""
    standard = {"format": "hybrid", "online_url": "https://meet.example/1"}
    event = make_event(session, **standard | given)
    add_standard_plans(session, event, now=NOW)
    for mode in Mode:
        registration = make_registration(session, event, contact_email=f"{mode}@firm.example")
        make_participant(session, registration, mode=mode, email=registration.contact_email)
    return event


def run(work, event_id: int, now: datetime) -> list[str]:
    """What is started at that instant: kind and days of each plan."""
    with work() as session:
        if event_id not in events_with_due_plans(session, now=now):
            return []
        made = run_due_plans(session, event_id, now=now, post=POST)
        plans = [session.get_one(MessagePlan, message.plan_id) for message in made]
        return [f"{plan.kind} {plan.days}" for plan in plans]


def write(work, now: datetime) -> None:
    """The letters of the one message."""
    with work() as session:
        write_letters(session, session.scalars(sa.select(Message.id)).one(), now=now, post=POST)


def said(look, name: str) -> dict[str, str]:
    """What a placeholder stands for, by address."""
    with look() as session:
        return {
            letter.recipient: values_of(
                letter.facts, "en", "", Stationery("http://l", "d.example", "k")
            )[name]
            for letter in session.scalars(sa.select(Letter).where(Letter.kind == "message"))
        }


def test_a_new_event_has_the_usual_and_nothing_goes_twice(work):
    with work() as session:
        event_id = planned_event(session).id
    went = {days: run(work, event_id, NINE - timedelta(days=-days)) for days in (-8, -7, -1, 1, 14)}
    assert went == {-8: [], -7: ["reminder -7"], -1: ["reminder -1"], 1: ["thanks 1"], 14: []}
    assert [run(work, event_id, NINE + timedelta(days=d, minutes=5)) for d in (-7, -1, 1)] == [
        [],
        [],
        [],
    ]
    assert run(work, event_id, NINE - timedelta(minutes=80)) == ["link 0"]


def test_the_link_goes_to_those_who_take_part_online(work, look, cli, clock):
    with work() as session:
        event_id = planned_event(session).id
    clock.move_to(NINE - timedelta(minutes=90))
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        message = session.scalars(sa.select(Message).where(Message.event_id == event_id)).one()
        assert (message.state, message.is_urgent) == (MessageState.SENT, False)
        [letter] = session.scalars(sa.select(Letter).where(Letter.message_id == message.id))
        assert (letter.recipient, letter.status) == ("online@firm.example", LetterStatus.SENT)
        assert letter.facts["place"]["url"] == "https://meet.example/1"


def test_a_reminder_has_no_calendar_part(work, clock, post_mail):
    with work() as session:
        planned_event(session)
    clock.move_to(NINE - A_DAY)
    mails = post_mail()
    assert len(mails) == 2
    for mail in mails:
        kinds = {part.get_content_type() for part in mail.walk()}
        assert "text/calendar" not in kinds
        assert "application/ics" not in kinds
        assert mail["Subject"].endswith(": Marknadsdialog om hemmonitorering")
        assert "List-Unsubscribe" not in mail


def test_a_reminder_that_comes_too_late_is_dropped(work, look):
    with work() as session:
        event_id = planned_event(session).id
    assert run(work, event_id, NINE - 7 * A_DAY + timedelta(hours=12)) == []
    assert run(work, event_id, NINE - A_DAY + timedelta(hours=11, minutes=59)) == ["reminder -1"]
    assert run(work, event_id, NINE) == []  # the link, once it has begun
    assert run(work, event_id, NINE + 9 * A_DAY) == []
    with look() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1


@pytest.mark.parametrize("state", [EventState.CANCELLED, EventState.POSTPONED, EventState.DRAFT])
def test_nothing_about_what_is_not_held(work, state):
    with work() as session:
        event_id = planned_event(session, state=state).id
    assert run(work, event_id, NINE - A_DAY) == []
    with work() as session:  # called off between the look and the lock
        assert run_due_plans(session, event_id, now=NINE - A_DAY, post=POST) == []


def test_an_event_that_fails_stops_no_other(work, look, cli, clock, monkeypatch):
    with work() as session:
        ids = [planned_event(session).id for _each in range(2)]
    real = plan_runs.run_due_plans

    def fail_first(session, event_id, **given):
        if event_id == ids[0]:
            raise RuntimeError("the first of two")
        return real(session, event_id, **given)

    monkeypatch.setattr(plan_runs, "run_due_plans", fail_first)
    clock.move_to(NINE - A_DAY)
    cli.invoke(args=["worker", "--once"])
    with look() as session:
        assert session.scalars(sa.select(Message.event_id)).all() == ids[1:]


def test_a_second_worker_sends_nothing_more(work, look):
    with work() as session:
        event_id = planned_event(session).id
    for expected in (1, 0):
        with work() as session:
            made = run_due_plans(session, event_id, now=NINE - A_DAY, post=POST)
            assert len(made) == expected


def test_a_moved_event_takes_its_messages_along(work, look):
    with work() as session:
        event_id = planned_event(session).id
    before = NINE - 7 * A_DAY
    assert run(work, event_id, before) == ["reminder -7"]
    with work() as session:
        later = {"now": before + timedelta(hours=1), "actor": "user:1", "post": POST}
        two = 2 * A_DAY
        event_moves.move(session, event_id, STARTS + two, STARTS + two + 3 * A_DAY / 24, **later)
    # Told of the move just now: not reminded of it again two days later ...
    assert run(work, event_id, before + 2 * A_DAY) == []
    # ... nor on the eve of a day that no longer is, but on the eve of the new one.
    assert run(work, event_id, NINE - A_DAY) == []
    assert run(work, event_id, NINE + A_DAY) == ["reminder -1"]


def test_a_move_stops_what_is_on_its_way(work, look):
    with work() as session:
        event_id = planned_event(session).id
    assert run(work, event_id, NINE - A_DAY) == ["reminder -1"]
    with work() as session:
        later = {"now": NINE - A_DAY + timedelta(minutes=1), "actor": "user:1", "post": POST}
        event_moves.move(session, event_id, STARTS + A_DAY, STARTS + A_DAY * 1.1, **later)
    with look() as session:
        assert session.scalars(sa.select(Message.state)).all() == [MessageState.STOPPED]
    assert run(work, event_id, NINE) == ["reminder -1"]


def test_what_is_settled_meanwhile_stops_no_move(work, look, monkeypatch):
    with work() as session:
        event_id = planned_event(session).id
    assert run(work, event_id, NINE - A_DAY) == ["reminder -1"]
    lock = plan_runs.lock_message

    def late(session, message_id):  # another worker settles its last letter before the lock
        session.execute(sa.update(Message).values(state=MessageState.SENT))
        return lock(session, message_id)

    monkeypatch.setattr(plan_runs, "lock_message", late)
    with work() as session:
        later = {"now": NINE - A_DAY + timedelta(minutes=1), "actor": "user:1", "post": POST}
        event_moves.move(session, event_id, STARTS + A_DAY, STARTS + A_DAY * 1.1, **later)
    with look() as session:
        assert session.scalars(sa.select(Message.state)).all() == [MessageState.SENT]


def test_no_old_link_leaves_after_the_news_of_the_new_one(work, look):
    with work() as session:
        event_id = planned_event(session).id
    now = NINE - timedelta(minutes=90)
    assert run(work, event_id, now) == ["link 0"]
    write(work, now)
    with work() as session:
        event = session.get_one(Event, event_id)
        draft = draft_of(event)
        [line] = draft.occasions
        new = replace(draft, occasions=(replace(line, online_url="https://meet.example/new"),))
        later = {"now": now + timedelta(minutes=10), "actor": "user:1", "post": POST}
        events.save_event(session, event_id, new, expected_revision=event.revision, **later)
    write(work, now + timedelta(minutes=11))
    with look() as session:
        letters = session.scalars(sa.select(Letter).order_by(Letter.id)).all()
        assert [letter.kind for letter in letters] == ["changed", "message"]
        for letter in letters:
            assert letter.facts["place"]["url"] == "https://meet.example/new"


def test_one_of_two_sessions_called_off_leaves_the_reminder_of_the_other(work, look):
    with work() as session:
        event = planned_event(session)
        elsewhere = {"starts_at": STARTS + timedelta(hours=4), "address": "Storgatan 2"}
        second = make_occasion(session, event, **elsewhere)
        both = session.scalars(sa.select(Participant).order_by(Participant.id)).first()
        seat = {"participant": both, "occasion": second, "mode": both.attendances[0].mode}
        session.add(Attendance(**seat, state=Seat.CONFIRMED, created_at=NOW, state_at=NOW))
        event_id, second_id = event.id, second.id
    now = NINE - A_DAY
    assert run(work, event_id, now) == ["reminder -1"]
    write(work, now)
    assert said(look, "time") == {
        "on_site@firm.example": "09:00–12:00, 13:00–16:00",
        "online@firm.example": "09:00–12:00 (Stockholm, CET)",
    }
    assert said(look, "place")["on_site@firm.example"] == (
        "09:00–12:00: Stadshuset, Sal A, Storgatan 1, Tallvik; "
        "13:00–16:00: Stadshuset, Sal A, Storgatan 2"
    )
    with work() as session:
        later = {"now": now + timedelta(minutes=1), "actor": "user:1", "post": POST}
        occasions.cancel_occasion(session, event_id, second_id, {"sv": "Sjukdom"}, **later)
    write(work, now + timedelta(minutes=2))
    with look() as session:
        letters = session.scalars(sa.select(Letter).where(Letter.kind == "message")).all()
        assert {one.recipient for one in letters} == {"on_site@firm.example", "online@firm.example"}
        assert {one.status for one in letters} == {LetterStatus.PENDING}
        assert session.scalars(sa.select(Message.state)).all() == [MessageState.SENDING]
    assert said(look, "time")["on_site@firm.example"] == "09:00–12:00"
    assert run(work, event_id, now + timedelta(minutes=3)) == []


def test_the_link_of_all_day_is_of_use_until_it_ends(work, look):
    midnight = NINE - timedelta(hours=9)
    with work() as session:
        planned = planned_event(session, starts_at=midnight, ends_at=midnight + A_DAY)
        planned.occasions[0].all_day = True
        event_id = planned.id
    assert run(work, event_id, midnight) == []
    assert run(work, event_id, NINE - timedelta(minutes=90)) == ["link 0"]
    write(work, NINE - timedelta(minutes=90))
    with look() as session:
        [letter] = session.scalars(sa.select(Letter))
        assert letter.facts["void_after"] == (midnight + A_DAY).isoformat()
        assert letter.facts["message"]["is_over"] is False
        assert letter.priority == BULK


def test_what_reached_nobody_is_done_for_that_start(work, look):
    with work() as session:
        event = make_event(session)
        add_standard_plans(session, event, now=NOW)
        event_id = event.id
    assert run(work, event_id, NINE - A_DAY) == []
    with look() as session:
        assert session.scalars(sa.select(PlanRun.message_id)).all() == [None]
        assert events_with_due_plans(session, now=NINE - A_DAY) == []


def test_one_of_several_on_a_day_and_thanks_at_the_end(work, look):
    with work() as session:
        event = planned_event(session)
        second = make_occasion(session, event, starts_at=STARTS + timedelta(hours=4), days=0)
        make_occasion(session, event, days=2)
        for person in session.scalars(sa.select(Participant)).all():
            seat = {"participant": person, "occasion": second, "mode": person.attendances[0].mode}
            session.add(Attendance(**seat, state=Seat.CONFIRMED, created_at=NOW, state_at=NOW))
        event_id, second_id = event.id, second.id
    assert run(work, event_id, NINE - A_DAY) == ["reminder -1"]
    with look() as session:
        message = session.scalars(sa.select(Message)).one()
        assert second_id in message.audience["occasions"]
        assert len(message.audience["occasions"]) == 2
    assert run(work, event_id, NINE + A_DAY) == []  # two days left
    assert run(work, event_id, NINE + 3 * A_DAY) == ["thanks 1"]


def test_thanks_not_to_those_who_were_not_there(work, look):
    with work() as session:
        event = planned_event(session)
        for state in (Seat.ATTENDED, Seat.NO_SHOW, Seat.WAITING):
            registration = make_registration(session, event, contact_email=f"{state}@b.example")
            make_participant(session, registration, state, email=registration.contact_email)
        event_id = event.id
    assert run(work, event_id, NINE + A_DAY) == ["thanks 1"]
    with look() as session:
        message = session.scalars(sa.select(Message)).one()
        assert len(message.audience["people"]) == 3


def test_own_words_override_and_the_evaluation_is_always_there(work, look):
    with work() as session:
        event = planned_event(session)
        plan = session.scalars(
            sa.select(MessagePlan).where(MessagePlan.kind == PlanKind.THANKS)
        ).one()
        plan.body = {"sv": "Tack för i går, {namn}."}
        plan.evaluation_url = "https://enkat.example/7"
        event_id = event.id
    assert run(work, event_id, NINE + A_DAY) == ["thanks 1"]
    with look() as session:
        message = session.scalars(sa.select(Message)).one()
        assert message.body["sv"].startswith("Tack för i går, {namn}.")
        assert all("https://enkat.example/7" in text for text in message.body.values())
        assert set(message.body) == {"sv", "en", "nb"}
        assert "{name}" in message.body["en"]


def test_the_procurement_ends_what_is_planned(work):
    with work() as session:
        event_id = planned_event(session).id
    with work() as session:
        by = {"now": NOW, "actor": "user:1", "post": POST}
        event_moves.switch_to_procurement(session, event_id, **by)
    assert run(work, event_id, NINE - A_DAY) == []
    with work() as session:  # the next dialogue is told of as usual
        times = {"starts_at": STARTS + 9 * A_DAY, "ends_at": STARTS + 9.1 * A_DAY}
        by = {"closes_at": None, "now": NOW, "actor": "user:1"}
        copy = events.copy_event(session, event_id, title="Nästa", **times, **by)
        session.flush()
        copied = sa.select(MessagePlan).where(MessagePlan.event_id == copy.id)
        plans = session.scalars(copied.order_by(MessagePlan.id))
        assert [plan.is_on for plan in plans] == [True, True, True, True, False]


def test_a_copy_sends_the_same_and_a_deleted_draft_nothing(work, look):
    with work() as session:
        event = planned_event(session)
        plan = session.scalars(sa.select(MessagePlan).order_by(MessagePlan.id)).first()
        plan.subject, plan.days = {"sv": "Snart"}, -9
        copy = events.copy_event(
            session,
            event.id,
            title="Nästa",
            starts_at=STARTS + 60 * A_DAY,
            ends_at=STARTS + 60.2 * A_DAY,
            closes_at=None,
            now=NOW,
            actor="user:1",
        )
        copy_id = copy.id
    with look() as session:
        copied = session.scalars(
            sa.select(MessagePlan).where(MessagePlan.event_id == copy_id).order_by(MessagePlan.id)
        ).all()
        assert [(plan.kind, plan.days) for plan in copied] == [
            ("reminder", -9),
            ("reminder", -1),
            ("link", 0),
            ("thanks", 1),
            ("next", 14),
        ]
        assert copied[0].subject == {"sv": "Snart"}
    with work() as session:
        events.delete_draft(session, copy_id, now=NOW, actor="user:1")
    with look() as session:
        assert not session.scalars(
            sa.select(MessagePlan).where(MessagePlan.event_id == copy_id)
        ).all()


def test_many_events_that_are_not_due_cost_two_statements(work, look, statements):
    with work() as session:
        for days in range(10, 16):
            planned_event(session, starts_at=NOW + timedelta(days=days))
    with look() as session, statements() as ran:
        assert events_with_due_plans(session, now=NOW) == []
    assert len(ran) == 2
