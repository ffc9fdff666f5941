"""Check-in: what the list, the codes and the phones' parcels do to seats."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialognav.actions import presence
from dialognav.domain.errors import NotAllowedNow
from dialognav.domain.presence import Mark
from dialognav.domain.terms import Seat
from dialognav.models import (
    Attendance,
    AuditEntry,
    Event,
    Letter,
    Occasion,
    Organisation,
    Participant,
    PresenceMark,
    Registration,
)
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import problems_of
from tests.integration.staff import token_of

BEGUN = NOW - timedelta(minutes=30)


@pytest.fixture
def host(sign_in):
    return sign_in(role="host", language="en")


@pytest.fixture
def day(host, work):
    """An event that has just begun, with somebody in every state: {state: public id}."""
    with work() as session:
        organisation = session.get_one(Organisation, host.organisation_id)
        event = make_event(session, organisation, starts_at=BEGUN, capacity_on_site=2)
        registration = make_registration(session, event, party_name="Nordsensor AB")
        people = {
            state: make_participant(
                session, registration, state, name=f"Person {state.title()}"
            ).public_id
            for state in ("confirmed", "waiting", "pending", "withdrawn", "attended")
        }
        return {"event": event.public_id, "occasion": event.occasions[0].id, **people}


def url(day, more=""):
    return f"/manage/events/{day['event']}/check-in{more}"


def states(look):
    with look() as session:
        rows = session.execute(
            sa.select(Participant.public_id, Attendance.state).join(Attendance.participant)
        )
        return dict(rows.all())


def send(host, day, marks, clock=NOW):
    token = token_of(host.client.get(url(day)))
    body = {"csrf_token": token, "clock": ms(clock), "marks": marks}
    return host.client.post(url(day, "/marks"), json=body)


def ms(instant):
    return int(instant.timestamp() * 1000)


def mark(day, who="confirmed", state="attended", uid="a" * 32, at=NOW, **more):
    return {
        "uid": uid,
        "person": day[who],
        "occasion": day["occasion"],
        "state": state,
        "at": ms(at),
        "source": "door",
        **more,
    }


# --- the list, without a script ---------------------------------------------------------------


def test_one_button_checks_in_and_one_takes_it_back(host, day, clock, look):
    page = host.client.get(url(day))
    assert "Person Confirmed" in page.text
    assert "Person Withdrawn" not in page.text
    answer = host.post(url(day), {"mark": f"{day['confirmed']}:attended"})
    assert answer.status_code == 303
    assert states(look)[day["confirmed"]] == Seat.ATTENDED
    told = host.client.get(answer.location)
    assert "Person Confirmed: Attended" in told.text
    clock.shift(1)
    host.post(url(day), {"mark": f"{day['confirmed']}:confirmed"})
    assert states(look)[day["confirmed"]] == Seat.CONFIRMED
    with look() as session:
        seen = session.scalars(sa.select(PresenceMark).order_by(PresenceMark.id)).all()
        assert [(row.state, row.source, row.by_id) for row in seen] == [
            ("attended", "door", host.user_id),
            ("confirmed", "door", host.user_id),
        ]


def test_the_tally_counts_who_is_here_and_who_has_a_place(host, day):
    page = host.client.get(url(day)).text
    assert '<b class="num" data-here>1</b>' in page
    assert "data-places>2</span>" in page


def test_search_finds_people_and_organisations(host, day):
    assert "Person Confirmed" in host.client.get(url(day, "?q=nordsensor+confirmed")).text
    assert "Nobody fits that" in host.client.get(url(day, "?q=xyzzy")).text


@pytest.mark.parametrize(
    "given", ["", "x", "x:y:z", ":attended", "{confirmed}:withdrawn", "{confirmed}:", "\0:attended"]
)
def test_a_forged_button_changes_nothing(host, day, look, given):
    before = states(look)
    answer = host.post(url(day), {"mark": given.format(**day)})
    assert answer.status_code in (400, 404)
    assert states(look) == before


def test_somebody_from_another_event_is_not_found(host, day, work, look):
    with work() as session:
        other = make_event(session, session.get_one(Organisation, host.organisation_id))
        stranger = make_participant(session, make_registration(session, other)).public_id
    assert host.post(url(day), {"mark": f"{stranger}:attended"}).status_code == 404
    assert states(look)[stranger] == Seat.CONFIRMED


# --- the code of the own page -----------------------------------------------------------------


@pytest.fixture
def code(day, work):
    with work() as session:
        person = session.query(Participant).filter_by(public_id=day["confirmed"]).one()
        person.check_in_code = "K7PL2QXD"
    return "K7PL2QXD"


@pytest.mark.parametrize(
    "typed", ["K7PL2QXD", "k7pl-2qxd", " K7PL 2QXD ", "K7P1-2QXD", "Ｋ7pi2qxd"]
)
def test_a_code_is_read_as_people_type_it(host, day, code, look, typed):
    assert host.post(url(day, "/code"), {"code": typed}).status_code == 303
    assert states(look)[day["confirmed"]] == Seat.ATTENDED
    with look() as session:
        assert session.query(PresenceMark).one().source == "code"


@pytest.mark.parametrize("typed", ["", "K7PL2QX", "K7PL2QXDD", "AAAAAAAA", "\U0001f600" * 400, "'"])
def test_a_wrong_code_is_said_at_the_field(host, day, code, look, typed):
    answer = host.post(url(day, "/code"), {"code": typed})
    assert answer.status_code == 422
    assert problems_of(answer)
    assert states(look)[day["confirmed"]] == Seat.CONFIRMED


def test_a_code_of_another_event_opens_nothing(host, day, code, sign_in, work):
    with work() as session:
        organisation = session.get_one(Organisation, host.organisation_id)
        other = make_event(session, organisation).public_id
    answer = host.post(f"/manage/events/{other}/check-in/code", {"code": code})
    assert answer.status_code == 422


# --- parcels of a phone that had no line ------------------------------------------------------


def test_a_parcel_that_comes_twice_counts_once(host, day, look):
    for _ in range(2):
        answer = send(host, day, [mark(day)])
        assert answer.get_json()["told"] == [
            {"uid": "a" * 32, "person": day["confirmed"], "state": "attended", "why": ""}
        ]
    with look() as session:
        assert session.query(PresenceMark).count() == 1


def test_the_time_decides_and_not_the_order_of_arrival(host, day, look):
    """One phone took the mark back at 8.40; the other, without a line, had ticked at 8.35."""
    early, late = NOW - timedelta(minutes=25), NOW - timedelta(minutes=20)
    send(host, day, [mark(day, state="confirmed", uid="b" * 32, at=late)])
    told = send(host, day, [mark(day, uid="a" * 32, at=early)]).get_json()["told"]
    assert told[0]["state"] == "confirmed"
    assert states(look)[day["confirmed"]] == Seat.CONFIRMED


def test_the_same_marks_end_alike_in_any_order(host, day, look, work):
    """Also two of one instant: every server decides alike."""
    marks = [
        mark(day, uid="a" * 32, at=NOW - timedelta(minutes=3)),
        mark(day, state="no_show", uid="c" * 32, at=NOW - timedelta(minutes=1)),
        mark(day, state="confirmed", uid="b" * 32, at=NOW - timedelta(minutes=1)),
    ]
    ends = set()
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)):
        with work() as session:
            session.execute(sa.delete(PresenceMark))
            session.execute(sa.update(Attendance).values(state=Seat.CONFIRMED, queue_number=None))
        for number in order:
            send(host, day, [marks[number]])
        ends.add(states(look)[day["confirmed"]])
    assert ends == {Seat.NO_SHOW}


@pytest.mark.parametrize("wrong_by", [timedelta(hours=-5), timedelta(days=400), timedelta(hours=3)])
def test_a_phone_with_a_wrong_clock_is_put_right(host, day, look, wrong_by):
    """It ticked two minutes ago; somebody took that back a minute ago on a phone that is right."""
    at = NOW + wrong_by - timedelta(minutes=2)
    send(host, day, [mark(day, state="confirmed", uid="b" * 32, at=NOW - timedelta(minutes=1))])
    send(host, day, [mark(day, at=at)], clock=NOW + wrong_by)
    assert states(look)[day["confirmed"]] == Seat.CONFIRMED
    with look() as session:
        row = session.query(PresenceMark).filter_by(uid="a" * 32).one()
        assert row.at == NOW - timedelta(minutes=2)


def test_no_mark_is_from_the_future(host, day, look):
    send(host, day, [mark(day, at=NOW + timedelta(hours=9))])
    with look() as session:
        assert session.query(PresenceMark).one().at == NOW


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("waiting", "On the waiting list"),
        ("pending", "Awaiting approval"),
        ("withdrawn", "Withdrawn"),
    ],
)
def test_who_has_no_place_is_refused_with_the_reason(host, day, look, who, why):
    before = states(look)
    [told] = send(host, day, [mark(day, who)]).get_json()["told"]
    assert told["why"] == why
    assert states(look) == before


def test_one_refused_mark_does_not_hold_up_the_others(host, day, look):
    told = send(host, day, [mark(day, "waiting", uid="w" * 32), mark(day)]).get_json()["told"]
    assert [bool(one["why"]) for one in told] == [True, False]
    assert states(look)[day["confirmed"]] == Seat.ATTENDED


@pytest.mark.parametrize(
    "change",
    [
        {"uid": "short"},
        {"uid": "x" * 37},
        {"uid": 7},
        {"uid": None},
        {"state": "withdrawn"},
        {"state": ["attended"]},
        {"at": "now"},
        {"at": -1},
        {"at": 2**60},
        {"at": 1.5},
        {"at": True},
        {"occasion": "1"},
        {"occasion": 2**40},
        {"person": None},
        {"person": "\0"},
        {"person": "x" * 10_000},
        {"person": {"$ne": 1}},
    ],
)
def test_a_parcel_our_script_would_not_send_is_refused_whole(host, day, look, change):
    before = states(look)
    answer = send(host, day, [mark(day, uid="d" * 32), mark(day) | change])
    assert answer.status_code == 400
    assert states(look) == before


@pytest.mark.parametrize(
    "body", ["", "[]", "7", "null", "{", '{"marks": []}', '[["csrf_token","x"]]', '"\\ud800"']
)
def test_no_json_makes_the_server_stumble(host, day, body):
    answer = host.client.post(url(day, "/marks"), data=body, content_type="application/json")
    assert answer.status_code == 400


def test_too_many_at_once_are_refused(host, day):
    marks = [mark(day, uid=f"{n:032}") for n in range(501)]
    assert send(host, day, marks).status_code == 400


def test_the_states_carry_a_fresh_token_and_nothing_about_anybody(host, day):
    answer = host.client.get(url(day, "/states")).get_json()
    assert answer["states"] == {day["confirmed"]: "confirmed", day["attended"]: "attended"}
    assert (answer["here"], answer["places"]) == (1, 2)
    assert "Person" not in json.dumps(answer)


def test_a_parcel_after_the_session_ended_is_told_to_sign_in_and_nothing_is_put_aside(
    app, day, look
):
    answer = app.test_client().post(url(day, "/marks"), json={"marks": [], "clock": 1})
    assert answer.status_code == 303
    assert "/account/sign-in" in answer.location


# --- beyond ticking off -----------------------------------------------------------------------


@pytest.mark.parametrize("who", ["waiting", "pending"])
def test_letting_in_is_a_decision_with_a_reason(host, day, look, who):
    page = host.client.get(f"/manage/people/{day[who]}/admit")
    assert "All places are taken" in page.text
    path = f"/manage/people/{day[who]}/admit"
    assert host.post(path, {"occasion": day["occasion"]}).status_code == 422
    answer = host.post(path, {"occasion": day["occasion"], "reason": "room"})
    assert answer.status_code == 303
    assert states(look)[day[who]] == Seat.ATTENDED
    with look() as session:
        entry = session.query(AuditEntry).filter_by(verb="participant.admitted").one()
        assert entry.facts == {"reason": "room", "was": who}


def test_who_has_a_place_or_has_left_cannot_be_let_in(host, day, look):
    for who in ("confirmed", "withdrawn"):
        answer = host.post(f"/manage/people/{day[who]}/admit", {"reason": "room"})
        assert answer.status_code == 409


def test_letting_in_ends_the_seat_in_the_other_mode(work, look):
    with work() as session:
        event = make_event(session, starts_at=BEGUN, format="hybrid")
        person = make_participant(session, make_registration(session, event), mode="online")
        session.add(
            Attendance(
                participant=person,
                occasion=event.occasions[0],
                mode="on_site",
                state=Seat.WAITING,
                queue_number=1,
                created_at=NOW,
                state_at=NOW,
            )
        )
        session.flush()
        ids = (person.id, event.occasions[0].id)
    from dialognav.mail.post import Post

    post = Post("http://localhost", "d@dialog.example", "dialog.example", 0)
    with pytest.raises(NotAllowedNow), work() as session:
        presence.admit(session, *ids, "room", now=NOW, actor="user:1", post=post)
    with look() as session:
        assert {seat.state for seat in session.query(Attendance)} == {"confirmed", "waiting"}


WALK_IN = {"name": "Ivar Insteg", "party": "Spontan AB", "email": "Ivar@Spontan.example"}


def test_a_walk_in_is_warned_of_a_full_room_and_then_let_in(host, day, look):
    path = url(day, "/walk-in")
    warned = host.post(path, WALK_IN | {"occasion": day["occasion"]})
    assert warned.status_code == 409
    assert "All places are taken" in warned.text
    answer = host.post(path, WALK_IN | {"occasion": day["occasion"], "anyway": "y"})
    assert answer.status_code == 303
    with look() as session:
        made = session.query(Registration).filter_by(origin="walk_in").one()
        assert (made.contact_email, made.created_by_id) == ("ivar@spontan.example", host.user_id)
        [person] = made.participants
        assert person.attendances[0].state == Seat.ATTENDED
        assert session.query(PresenceMark).one().attendance_id == person.attendances[0].id
        entry = session.query(AuditEntry).filter_by(verb="registration.walk_in").one()
        assert entry.facts == {"over": ["capacity"]}
        assert session.query(Letter).filter_by(recipient="ivar@spontan.example").one()


def test_an_organisation_with_its_share_full_is_warned_too(host, day, work):
    with work() as session:
        event = session.query(Event).filter_by(public_id=day["event"]).one()
        event.limit_per_party = 1
        session.query(Occasion).one().capacity_on_site = None
    assert host.post(url(day, "/walk-in"), WALK_IN).status_code == 303
    again = WALK_IN | {"name": "Ada Insteg", "email": "ada@spontan.example"}
    warned = host.post(url(day, "/walk-in"), again)
    assert warned.status_code == 409
    assert "as many people here as it may bring" in warned.text


def test_a_walk_in_who_is_registered_is_pointed_to_the_list(host, day, look):
    host.post(url(day, "/walk-in"), WALK_IN | {"anyway": "y"})
    answer = host.post(url(day, "/walk-in"), WALK_IN | {"anyway": "y"})
    assert answer.status_code == 409
    assert "registered already" in answer.text


def test_a_walk_in_needs_a_name_an_organisation_and_an_address(host, day):
    answer = host.post(url(day, "/walk-in"), {"email": "nonsense"})
    assert answer.status_code == 422
    assert len(problems_of(answer)) == 3


# --- who did not come -------------------------------------------------------------------------


def test_nobody_is_absent_before_the_end(host, day, look):
    path = url(day, "/absent")
    assert "not over yet" in host.client.get(path).text
    answer = host.post(path, {"occasion": day["occasion"], "number": "1"})
    assert answer.status_code == 409
    assert states(look)[day["confirmed"]] == Seat.CONFIRMED


def test_the_unseen_are_marked_by_somebody_and_it_can_be_taken_back(host, day, clock, look):
    clock.shift(timedelta(hours=4))
    page = host.client.get(url(day, "/absent")).text
    assert "Person Confirmed" in page
    assert "Person Attended" not in page
    answer = host.post(url(day, "/absent"), {"occasion": day["occasion"], "number": "1"})
    assert answer.status_code == 303
    after = states(look)
    assert after[day["confirmed"]] == Seat.NO_SHOW
    assert after[day["attended"]] == Seat.ATTENDED
    assert after[day["waiting"]] == Seat.WAITING
    assert "Take back that 1 person did not come" in host.client.get(answer.location).text
    clock.shift(1)
    host.post(url(day, "/absent/undo"), {"occasion": day["occasion"]})
    assert states(look)[day["confirmed"]] == Seat.CONFIRMED


def test_a_list_that_changed_since_it_was_shown_is_shown_again(host, day, clock, look):
    clock.shift(timedelta(hours=4))
    answer = host.post(url(day, "/absent"), {"occasion": day["occasion"], "number": "2"})
    assert answer.status_code == 409
    assert states(look)[day["confirmed"]] == Seat.CONFIRMED


def test_taking_back_leaves_those_whom_somebody_marked_one_by_one(host, day, clock, look):
    clock.shift(timedelta(hours=4))
    host.post(url(day), {"mark": f"{day['confirmed']}:no_show"})
    clock.shift(1)
    host.post(url(day, "/absent/undo"), {"occasion": day["occasion"]})
    assert states(look)[day["confirmed"]] == Seat.NO_SHOW


def test_time_alone_makes_nobody_absent(host, day, clock, look, cli):
    clock.shift(timedelta(days=30))
    cli.invoke(args=["worker", "--once"])
    assert states(look)[day["confirmed"]] == Seat.CONFIRMED


# --- what it takes ----------------------------------------------------------------------------


def test_an_event_that_is_not_published_has_nobody_to_check_in(host, day, work, look):
    for state in ("draft", "postponed", "cancelled"):
        with work() as session:
            session.query(Event).one().state = state
        assert "nobody to check in yet" in host.client.get(url(day)).text
        assert host.post(url(day), {"mark": f"{day['confirmed']}:attended"}).status_code == 409
        assert send_without_page(host, day).status_code == 409
    assert states(look)[day["confirmed"]] == Seat.CONFIRMED


def send_without_page(host, day):
    token = token_of(host.client.get("/account/profile"))
    body = {"csrf_token": token, "clock": ms(NOW), "marks": [mark(day)]}
    return host.client.post(url(day, "/marks"), json=body)


def test_a_reader_does_not_see_the_door(host, day, sign_in):
    reader = sign_in(role="reader", organisation_id=host.organisation_id)
    assert reader.client.get(url(day)).status_code == 404


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(host, day, work, statements):
    with statements() as few:
        host.client.get(url(day))
    with work() as session:
        event = session.query(Event).one()
        for _ in range(30):
            make_participant(session, make_registration(session, event))
    with statements() as many:
        host.client.get(url(day))
    assert len(many) == len(few) <= 12


def test_a_mark_for_a_state_no_mark_can_say(work, day):
    seen = Mark("e" * 32, day["confirmed"], day["occasion"], "withdrawn", NOW)
    with work() as session:
        event_id = session.query(Event).one().id
    with pytest.raises(NotAllowedNow), work() as session:
        presence.mark(session, event_id, [seen], now=NOW, actor="user:1")


def test_the_page_alone_may_ask_for_the_camera(host, day):
    assert "camera=(self)" in host.client.get(url(day)).headers["Permissions-Policy"]
    assert "camera=()" in host.client.get("/manage/").headers["Permissions-Policy"]
