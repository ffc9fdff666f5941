"""Offers of a place, the end of the queue and the way past it, straight on the actions."""

import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav import tokens
from dialognav.actions import (
    event_moves,
    offers,
    queue_ends,
    registration_rules,
    registrations,
)
from dialognav.actions.registrations import Wish
from dialognav.db import db, unit_of_work
from dialognav.domain.errors import EventFull, NotAllowedNow, OfferOver
from dialognav.jobs.runner import Runner
from dialognav.models import Attendance, AuditEntry, Event, Letter, Participant, Registration
from tests.conftest import NOW
from tests.factories import STARTS, make_event
from tests.integration.forms import open_form
from tests.integration.test_own_page import KEY
from tests.integration.test_register_actions import DO, POST, command, person, seats, sign_up

AT_CUT_OFF = STARTS.replace(day=9, hour=19)  # 20.00 in Stockholm, the evening before
OFFER_ENDS = NOW + timedelta(hours=24)


def at(now: datetime, actor: str = "") -> dict[str, Any]:
    return {"now": now, "actor": actor, "post": POST}


def states(session) -> list[tuple[str, str]]:
    return [(name.split()[0], state) for name, _, state in seats(session)]


def told(session, recipient: str) -> list[str]:
    """Kinds of this person's letters in the order they were promised."""
    query = sa.select(Letter.kind).where(Letter.recipient == f"{recipient}@firm.example")
    return list(session.scalars(query.order_by(Letter.id)))


def full_event(session, *waiting: str, **given) -> tuple[int, int]:
    """Ada has the one place, the others wait in their order: ids of the event and of Ada's
    registration."""
    given = {"promotion": "offer", "capacity_on_site": 1} | given
    event = make_event(session, **given)
    first = sign_up(session, event, person("Ada A"))
    for name in waiting:
        sign_up(session, event, person(name))
    return event.id, first.id


def event_of(session) -> Event:
    return session.scalars(sa.select(Event)).one()


def of(session, name: str) -> Registration:
    query = sa.select(Registration).join(Participant).where(Participant.name == name)
    return session.scalars(query).one()


def test_a_freed_place_is_offered_to_the_first_and_held(work, look):
    with work() as session:
        _event, first = full_event(session, "Bo B", "Cia C")
        registrations.withdraw_all(session, first, **DO)
        sign_up(session, event_of(session), person("Dan D"))  # the place is held: nobody passes
    with look() as session:
        assert states(session) == [
            ("Ada", "withdrawn"),
            ("Bo", "offered"),
            ("Cia", "waiting"),
            ("Dan", "waiting"),
        ]
        [ends_at] = session.scalars(
            sa.select(Attendance.offer_ends_at).where(Attendance.state == "offered")
        )
        assert ends_at == OFFER_ENDS
        assert told(session, "bo") == ["place_waiting", "offered"]
        letter = session.scalars(sa.select(Letter).where(Letter.kind == "offered")).one()
        assert "entry" not in letter.facts


def test_accepted_in_time_it_is_a_place_with_an_invitation(work, look):
    with work() as session:
        _event, first = full_event(session, "Bo B")
        registrations.withdraw_all(session, first, **DO)
        just = OFFER_ENDS - timedelta(seconds=1)
        offers.accept_offers(session, of(session, "Bo B").id, **at(just))
    with look() as session:
        assert states(session) == [("Ada", "withdrawn"), ("Bo", "confirmed")]
        assert told(session, "bo") == ["place_waiting", "offered", "place_confirmed"]
        row = session.scalars(
            sa.select(Letter).where(Letter.kind == "place_confirmed").order_by(Letter.id.desc())
        ).first()
        assert row.facts["method"] == "REQUEST"


def test_too_late_is_too_late_even_before_the_job_came_by(work):
    with work() as session:
        _event, first = full_event(session, "Bo B")
        registrations.withdraw_all(session, first, **DO)
        with pytest.raises(OfferOver):
            offers.accept_offers(session, of(session, "Bo B").id, **at(OFFER_ENDS))


def test_declined_it_goes_to_the_next_at_once(work, look):
    with work() as session:
        _event, first = full_event(session, "Bo B", "Cia C")
        registrations.withdraw_all(session, first, **DO)
        bo = of(session, "Bo B")
        offers.decline_offers(session, bo.id, **DO)
        with pytest.raises(OfferOver):
            offers.accept_offers(session, bo.id, **DO)
    with look() as session:
        assert states(session)[1:] == [("Bo", "withdrawn"), ("Cia", "offered")]
        assert of(session, "Bo B").withdrawn_at == NOW
        assert told(session, "bo") == ["place_waiting", "offered", "withdrawn_plain"]


def test_an_offer_that_runs_out_passes_on_and_one_may_join_again_last(work, look):
    with work() as session:
        event, first = full_event(session, "Bo B", "Cia C")
        registrations.withdraw_all(session, first, **DO)
        assert list(offers.events_with_ended_offers(session, now=NOW)) == []
    late = OFFER_ENDS + timedelta(hours=3)
    with work() as session:
        assert list(offers.events_with_ended_offers(session, now=late)) == [event]
        offers.lapse_offers(session, event, now=late, post=POST)
    with work() as session:
        assert offers.lapse_offers(session, event, now=late, post=POST) == []
        assert states(session)[1:] == [("Bo", "lapsed"), ("Cia", "offered")]
        assert told(session, "bo") == ["place_waiting", "offered", "lapsed"]
        sign_up(session, event_of(session), person("Dan D"))
        offers.join_again(session, of(session, "Bo B").id, **at(late))
        with pytest.raises(NotAllowedNow):
            offers.join_again(session, of(session, "Bo B").id, **at(late))
    with look() as session:
        rows = seats(session, Participant.name, Attendance.state, Attendance.queue_number)
        assert rows[-3:] == [
            ("Cia C", "offered", 2),
            ("Dan D", "waiting", 3),
            ("Bo B", "waiting", 4),
        ]


def test_an_offer_is_for_one_person_or_for_all(work, look):
    with work() as session:
        _event, _first = full_event(session, capacity_on_site=1)
        made = sign_up(session, event_of(session), person("Bo B"), person("Cia C"), person("Dan D"))
        event_of(session).occasions[0].capacity_on_site = 4
        registrations.fill_free_places(session, event_of(session), now=NOW, post=POST)
        _bo, cia, dan = made.participants
        offers.accept_offers(session, made.id, cia.id, **DO)
        offers.decline_offers(session, made.id, dan.id, **DO)
        offers.accept_offers(session, made.id, **DO)
    with look() as session:
        assert states(session)[1:] == [
            ("Bo", "confirmed"),
            ("Cia", "confirmed"),
            ("Dan", "withdrawn"),
        ]
        assert of(session, "Cia C").withdrawn_at is None


@pytest.mark.parametrize(
    ("together", "free", "expected"),
    [
        (False, 1, ["offered", "waiting", "waiting"]),
        (True, 1, ["waiting", "waiting", "waiting"]),  # the place waits for both of them
        (True, 2, ["offered", "offered", "waiting"]),
        (True, 3, ["offered", "offered", "offered"]),
    ],
)
def test_people_of_one_registration_are_offered_together_or_one_by_one(
    work, look, together, free, expected
):
    with work() as session:
        _event, _first = full_event(session, capacity_on_site=4, offer_together=together)
        firm = [
            sign_up(session, event_of(session), person(f"{name} X"))
            for name in ("Ed", "Fia", "Gus")
        ]
        sign_up(session, event_of(session), person("Bo B"), person("Cia C"))
        sign_up(session, event_of(session), person("Dan D"))
        for one in firm[:free]:
            registrations.withdraw_all(session, one.id, **DO)
    with look() as session:
        assert [state for name, state in states(session)[4:]] == expected


def test_more_people_than_places_are_not_kept_waiting_for_each_other(work, look):
    with work() as session:
        _event, first = full_event(session, capacity_on_site=1, offer_together=True)
        sign_up(session, event_of(session), person("Bo B"), person("Cia C"))
        registrations.withdraw_all(session, first, **DO)
    with look() as session:
        assert states(session)[1:] == [("Bo", "offered"), ("Cia", "waiting")]


def test_one_may_keep_a_seat_until_the_offered_one_is_taken(work, look):
    with work() as session:
        make_event(
            session, format="hybrid", capacity_on_site=1, promotion="offer", capacity_online=1
        )
        first = sign_up(session, event_of(session), person("Ada A"))
        bo = sign_up(session, event_of(session), person("Bo B", mode="online"))
        sign_up(session, event_of(session), person("Cia C", mode="online"))
        registrations.change_mode(session, bo.participants[0].id, Wish("on_site"), **DO)
        registrations.withdraw_all(session, first.id, **DO)
        assert seats(session)[1:] == [
            ("Bo B", "online", "confirmed"),
            ("Cia C", "online", "waiting"),
            ("Bo B", "on_site", "offered"),
        ]
        offers.accept_offers(session, bo.id, **DO)
    with look() as session:
        assert seats(session)[1:] == [
            ("Bo B", "online", "withdrawn"),
            ("Cia C", "online", "offered"),
            ("Bo B", "on_site", "confirmed"),
        ]
        reasons = session.scalars(sa.select(Attendance.queue_reason).order_by(Attendance.id))
        assert reasons.all() == ["", "", "full", "mode"]


@pytest.fixture
def offered_beside(work, look):
    """Bo is at the event online and is offered a place in the room; the id of Bo's person."""
    with work() as session:
        make_event(session, format="hybrid", capacity_on_site=1, promotion="offer")
        first = sign_up(session, event_of(session), person("Ada A"))
        bo = sign_up(session, event_of(session), person("Bo B", mode="online"))
        registrations.change_mode(session, bo.participants[0].id, Wish("on_site"), **DO)
        registrations.withdraw_all(session, first.id, **DO)
        return bo.participants[0].id


BOTH = [("Bo B", "online", "confirmed"), ("Bo B", "on_site", "offered")]


def test_a_corrected_role_leaves_an_offer_beside_a_seat_as_it_is(client, offered_beside, look):
    with look() as session:
        bo = session.get_one(Participant, offered_beside)
        link = tokens.make_link(
            KEY,
            tokens.REGISTRATION,
            bo.registration.public_id,
            bo.registration.generation,
        )
        path = f"/en/r/{link}/{bo.public_id}/edit"
    form = open_form(client, path, "name")
    form["title"] = "Engineer"
    assert form.send("save").status_code == 303
    with look() as session:
        assert seats(session)[1:] == BOTH
        assert session.get_one(Participant, offered_beside).title == "Engineer"


def test_a_seat_is_kept_while_its_other_way_is_only_offered(work, offered_beside, look):
    with work() as session:
        registrations.change_mode(session, offered_beside, Wish("on_site"), **DO)
        assert seats(session)[1:] == BOTH
        registrations.change_mode(session, offered_beside, Wish("online"), **DO)  # by hand
    with look() as session:
        assert seats(session)[1:] == [BOTH[0], ("Bo B", "on_site", "withdrawn")]


@pytest.mark.parametrize("ends", ["cut-off", "procurement"])
def test_nobody_joins_again_when_the_queue_is_over(work, look, ends):
    with work() as session:
        event, first = full_event(session, "Bo B")
        registrations.withdraw_all(session, first, **DO)
    with work() as session:
        offers.lapse_offers(session, event, now=OFFER_ENDS, post=POST)
    late = OFFER_ENDS if ends == "procurement" else AT_CUT_OFF
    with work() as session:
        if ends == "procurement":
            event_moves.switch_to_procurement(session, event, **at(late))
        with pytest.raises(EventFull):
            offers.join_again(session, of(session, "Bo B").id, **at(late))
    with look() as session:
        assert states(session)[1:] == [("Bo", "lapsed")]


def test_at_the_cut_off_each_who_waits_gets_one_letter_and_nobody_moves_up(work, look):
    with work() as session:
        event, first = full_event(session, "Bo B", "Cia C", promotion="confirm")
        assert queue_ends.events_to_close(session, now=AT_CUT_OFF - timedelta(seconds=1)) == []
        assert queue_ends.events_to_close(session, now=AT_CUT_OFF) == [event]
    for _ in range(2):
        with work() as session:
            queue_ends.close_when_due(session, event, now=AT_CUT_OFF, post=POST)
            assert queue_ends.events_to_close(session, now=AT_CUT_OFF) == []
    later = AT_CUT_OFF + timedelta(hours=1)
    with work() as session:
        registrations.withdraw_all(session, first, **at(later))
    with look() as session:
        assert states(session)[1:] == [("Bo", "waiting"), ("Cia", "waiting")]
        assert told(session, "bo") == told(session, "cia") == ["place_waiting", "no_place"]
        assert told(session, "ada") == ["place_confirmed", "withdrawn_plain"]


def test_the_cut_off_holds_also_while_the_job_is_late(work):
    with work() as session:
        event, first = full_event(session, "Bo B", promotion="confirm", registration_closes_at=None)
        registrations.withdraw_all(session, first, **at(AT_CUT_OFF))
        assert states(session)[1] == ("Bo", "waiting")
        with pytest.raises(EventFull):  # nobody queues for nothing, nobody passes Bo
            registrations.register(session, event, command(person("Dan D")), **at(AT_CUT_OFF))


def test_two_workers_at_the_cut_off_write_one_letter_each(app, work, look):
    with work() as session:
        event, _ = full_event(session, "Bo B", "Cia C")
    failures = both(
        app, lambda session: queue_ends.close_when_due(session, event, now=AT_CUT_OFF, post=POST)
    )
    assert failures == []
    with look() as session:
        assert told(session, "bo") == told(session, "cia") == ["place_waiting", "no_place"]


def both(app, do) -> list[BaseException]:
    """Twice at the same time, each in its own unit of work; what was raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(2)

    def one() -> None:
        try:
            with app.app_context(), suppress(threading.BrokenBarrierError):
                start.wait(timeout=5)
                with unit_of_work() as session:
                    do(session)
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_a_later_day_opens_the_queue_again(work, look):
    with work() as session:
        event, first = full_event(session, "Bo B", promotion="confirm")
        queue_ends.close_when_due(session, event, now=AT_CUT_OFF, post=POST)
        registrations.withdraw_all(session, first, **at(AT_CUT_OFF))
        starts_at = STARTS + timedelta(days=7)
        event_moves.move(
            session, event, starts_at, starts_at + timedelta(hours=3), **at(AT_CUT_OFF)
        )
    with look() as session:
        assert session.get_one(Event, event).queue_closed_at is None
        assert states(session)[1] == ("Bo", "confirmed")
        assert told(session, "bo")[-1] == "promoted"


def test_places_added_after_the_cut_off_still_go_to_those_who_waited(work, look):
    with work() as session:
        event, _first = full_event(session, "Bo B", "Cia C")
        queue_ends.close_when_due(session, event, now=AT_CUT_OFF, post=POST)
        event_of(session).occasions[0].capacity_on_site = 2
        registrations.fill_free_places(
            session, event_of(session), now=AT_CUT_OFF, post=POST, added=True
        )
    with look() as session:
        assert states(session)[1:] == [("Bo", "confirmed"), ("Cia", "waiting")]


def test_when_the_procurement_has_begun_no_withdrawal_moves_anybody_up(work, look):
    with work() as session:
        event, first = full_event(session, "Bo B", promotion="confirm")
        event_moves.switch_to_procurement(session, event, **DO)
        registrations.withdraw_all(session, first, **DO)
        registrations.fill_free_places(session, event_of(session), now=NOW, post=POST, added=True)
    with look() as session:
        assert states(session)[1] == ("Bo", "waiting")
        assert told(session, "bo") == ["place_waiting", "no_place"]
        letter = session.scalars(sa.select(Letter).where(Letter.kind == "no_place")).one()
        assert letter.facts["closed_by"] == "procurement"


def test_no_offer_outlasts_the_start_that_came_nearer(work, look):
    with work() as session:
        event, first = full_event(session, "Bo B")
        registrations.withdraw_all(session, first, **DO)
        starts_at = NOW + timedelta(hours=6)
        event_moves.move(session, event, starts_at, starts_at + timedelta(hours=1), **DO)
    with look() as session:
        [ends_at] = session.scalars(
            sa.select(Attendance.offer_ends_at).where(Attendance.state == "offered")
        )
        assert ends_at == starts_at
        assert told(session, "bo") == ["place_waiting", "offered", "offered"]


def test_an_offer_waits_with_a_postponed_event_and_begins_anew(work, look):
    with work() as session:
        event, first = full_event(session, "Bo B", "Cia C")
        registrations.withdraw_all(session, first, **DO)
        event_moves.postpone(session, event, {"sv": "Sjukdom."}, **DO)
        late = NOW + timedelta(days=3)
        assert list(offers.events_with_ended_offers(session, now=late)) == []
        assert offers.lapse_offers(session, event, now=late, post=POST) == []
        with pytest.raises(NotAllowedNow):
            offers.accept_offers(session, of(session, "Bo B").id, **DO)
        starts_at = STARTS + timedelta(days=30)
        event_moves.set_new_date(
            session,
            event,
            starts_at,
            starts_at + timedelta(hours=3),
            closes_at=starts_at,
            **at(late),
        )
        session.flush()
        [ends_at] = session.scalars(
            sa.select(Attendance.offer_ends_at).where(Attendance.state == "offered")
        )
        assert ends_at == late + timedelta(days=3) - timedelta(hours=2)  # Monday 8.00
    with look() as session:
        assert states(session)[1:] == [("Bo", "offered"), ("Cia", "waiting")]


def test_who_is_moved_up_on_purpose_passes_the_others_for_a_reason_on_record(work, look):
    with work() as session:
        _event, first = full_event(session, "Bo B", "Cia C", "Dan D")
        dan = session.scalars(sa.select(Attendance).order_by(Attendance.id.desc())).first()
        queue_ends.move_up(session, dan.id, "balance", "Enda kommunen", **at(NOW, "user:7"))
        assert states(session)[-1] == ("Dan", "waiting")
        registrations.withdraw_all(session, first, **DO)
    with look() as session:
        assert states(session)[1:] == [("Bo", "waiting"), ("Cia", "waiting"), ("Dan", "offered")]
        row = session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "queue.move_up")).one()
        assert row.actor == "user:7"
        assert row.facts["reason"] == "balance"
        assert len(row.facts["passed"]) == 2


def test_one_after_the_other_is_moved_up_the_last_of_them_first(work, look):
    with work() as session:
        _event, first = full_event(session, "Bo B", "Cia C", "Dan D", "Eva E", promotion="confirm")
        waiting = select_waiting(session)
        for seat in waiting[1:]:
            queue_ends.move_up(session, seat.id, "balance", "", **at(NOW, "user:7"))
        assert [seat.id for seat in select_waiting(session)] == [
            seat.id for seat in (*reversed(waiting[1:]), waiting[0])
        ]
        registrations.withdraw_all(session, first, **DO)
    with look() as session:
        assert ("Eva", "confirmed") in states(session)


def select_waiting(session) -> list[Attendance]:
    query = sa.select(Attendance).where(Attendance.state == "waiting")
    return list(session.scalars(query.order_by(Attendance.queue_number)))


def test_after_the_cut_off_one_is_moved_into_a_free_place_or_not_at_all(work, look):
    with work() as session:
        event, first = full_event(session, "Bo B", "Cia C")
        queue_ends.close_when_due(session, event, now=AT_CUT_OFF, post=POST)
        cia = session.scalars(sa.select(Attendance.id).order_by(Attendance.id.desc())).first()
    move = {"reason": "other", "text": "x", **at(AT_CUT_OFF, "user:7")}
    with pytest.raises(EventFull), work() as session:
        queue_ends.move_up(session, cia, **move)
    with work() as session:
        registrations.withdraw_all(session, first, **at(AT_CUT_OFF))
        queue_ends.move_up(session, cia, **move)
        with pytest.raises(NotAllowedNow):
            queue_ends.move_up(session, cia, **move)
    with look() as session:
        assert states(session)[1:] == [("Bo", "waiting"), ("Cia", "confirmed")]


@pytest.fixture
def answer_twice(app, work, monkeypatch):
    """Accept and decline at once, both having read before either has written, if they can."""
    with work() as session:
        _event, first = full_event(session, "Bo B", "Cia C")
        registrations.withdraw_all(session, first, **DO)
        bo = of(session, "Bo B").id
    met = threading.Barrier(2)
    found = offers._offered

    def found_together(*args: Any) -> Any:
        seats_of_bo = found(*args)
        with suppress(threading.BrokenBarrierError):  # the lock kept the other one out
            met.wait(timeout=0.7)
        return seats_of_bo

    monkeypatch.setattr(offers, "_offered", found_together)
    verbs = iter((offers.accept_offers, offers.decline_offers))
    before = OFFER_ENDS - timedelta(seconds=1)
    return lambda: both(app, lambda session: next(verbs)(session, bo, **at(before)))


def test_an_offer_answered_twice_at_once_has_one_answer(answer_twice, look):
    failures = answer_twice()
    assert [type(failure) for failure in failures] == [OfferOver]
    with look() as session:
        bo, cia = (state for _, state in states(session)[1:])
        assert (bo, cia) in (("confirmed", "waiting"), ("withdrawn", "offered"))


def test_without_the_lock_the_place_is_taken_and_passed_on(answer_twice, app, look, monkeypatch):
    """PostgreSQL gives it to both; SQLite has a second lock, BEGIN IMMEDIATE."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("has one writer at a time, whatever we do")

    def unlocked(session: Session, event_id: int) -> Event:
        return session.get_one(Event, event_id)

    monkeypatch.setattr(registration_rules, "lock_event", unlocked)
    assert answer_twice() == []
    with look() as session:
        assert ("Cia", "offered") in states(session)
        assert (
            session.scalars(sa.select(AuditEntry.verb).where(AuditEntry.verb.like("offer.%")))
            .all()
            .count("offer.accept")
            == 1
        )


def test_the_jobs_pass_an_offer_on_and_close_the_queue(app, clock, work, look):
    with work() as session:
        _, first = full_event(session, "Bo B", "Cia C", "Dan D")
        registrations.withdraw_all(session, first, **DO)
    for moment in (OFFER_ENDS, AT_CUT_OFF + timedelta(hours=1)):
        clock.move_to(moment)
        Runner(app, app.extensions["dialognav.jobs"]).tick()
    with look() as session:
        assert states(session)[1:3] == [("Bo", "lapsed"), ("Cia", "lapsed")]
        assert told(session, "bo") == ["place_waiting", "offered", "lapsed"]
        assert told(session, "dan") == ["place_waiting", "no_place"]
        assert event_of(session).queue_closed_at == AT_CUT_OFF + timedelta(hours=1)
