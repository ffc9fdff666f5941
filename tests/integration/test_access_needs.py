"""Requests for help: who sees them, what is answered, and that no mail carries it."""

import json
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from dialognav.domain.terms import NeedState
from dialognav.mail.render import said
from dialognav.models import AccessNeed, AuditEntry, Event, Letter, Organisation, Participant
from dialognav.tokens import PARTICIPANT, make_link
from tests.conftest import NOW
from tests.factories import make_event, make_participant, make_registration
from tests.integration.forms import problems_of
from tests.integration.staff import token_of
from tests.letter_samples import STATIONERY
from tests.meeting_factories import make_booking, make_rules, make_slots


@pytest.fixture
def planner(sign_in):
    return sign_in(role="planner", language="en")


@pytest.fixture
def asked(planner, work, app):
    """Somebody who needs an interpreter: {event, person, own}."""
    with work() as session:
        organisation = session.get_one(Organisation, planner.organisation_id)
        event = make_event(session, organisation)
        person = make_participant(
            session, make_registration(session, event), name="Åsa Ek", email="asa@ek.example"
        )
        session.add(AccessNeed(participant_id=person.id, need="Teckenspråkstolk"))
        own = make_link(app.config["SECRET_KEY"], PARTICIPANT, person.public_id, 0)
        return {"event": event.public_id, "person": person.public_id, "own": f"/en/r/{own}"}


def answer(planner, asked, **fields):
    prefix = f"{asked['person']}-"
    token = token_of(planner.client.get("/account/profile"))
    data = {prefix + name: value for name, value in (fields | {"csrf_token": token}).items()}
    return planner.post(f"/manage/people/{asked['person']}/answer-request", data)


def need(look):
    with look() as session:
        row = session.query(AccessNeed).one()
        return row.state, row.answer, row.answer_by, row.answered_at


def test_the_page_lists_who_asks_and_by_when_they_have_an_answer(planner, asked):
    page = planner.client.get(f"/manage/events/{asked['event']}/requests-for-help").text
    assert "Teckenspråkstolk" in page
    assert "Answer by Wed 3 Feb 2027" in page  # five working days before Wed 10 Feb
    overview = planner.client.get(f"/manage/events/{asked['event']}").text
    assert "1 request for help waits for an answer" in overview


def test_the_own_page_says_by_when_and_then_what(client, planner, asked, look):
    assert "The organiser answers by Wed 3 Feb 2027" in client.get(asked["own"]).text
    assert answer(planner, asked, state="arranged", text="Två tolkar är bokade.").status_code == 303
    assert need(look) == ("arranged", "Två tolkar är bokade.", None, NOW)
    page = client.get(asked["own"]).text
    assert "Arranged. Två tolkar är bokade." in page
    assert "answers by" not in page


def test_another_day_to_answer_by_is_shown_and_not_mailed(client, planner, asked, look):
    answer(planner, asked, state="asked", answer_by="2027-01-20")
    assert need(look)[2] == date(2027, 1, 20)
    assert "answers by Wed 20 Jan 2027" in client.get(asked["own"]).text
    with look() as session:
        assert session.query(Letter).count() == 0


def test_a_day_that_has_gone_by_promises_nothing_more(client, planner, asked, clock):
    answer(planner, asked, state="asked", answer_by="2027-01-20")
    clock.shift(timedelta(days=9))
    page = client.get(asked["own"]).text
    assert "has not answered yet" in page
    assert "20 Jan" not in page


def test_the_person_is_told_that_there_is_an_answer_and_not_which(planner, asked, look):
    answer(planner, asked, state="not_possible", text="Hörslinga finns inte. Ring oss.")
    with look() as session:
        letter = session.query(Letter).one()
        assert (letter.kind, letter.recipient) == ("access_answer", "asa@ek.example")
        facts = json.dumps(letter.facts, ensure_ascii=False)
        assert "Hörslinga" not in facts
        assert "Teckenspråk" not in facts
        entry = session.query(AuditEntry).filter_by(verb="access.answered").one()
        assert entry.facts == {}


def test_who_has_only_a_meeting_ahead_is_on_the_list_and_answered(
    client, planner, asked, work, look
):
    with work() as session:
        person = session.query(AccessNeed).one().participant_id
        person = session.get_one(Participant, person)
        event = person.registration.event
        make_rules(session, event)
        [slot] = make_slots(session, event, number=1, starts_at=NOW + timedelta(days=14))
        session.refresh(person.registration)
        make_booking(session, slot, person.registration)
        for seat in person.attendances:  # without a seat one may meet, too (decisions.md 2)
            session.delete(seat)
    page = planner.client.get(f"/manage/events/{asked['event']}/requests-for-help").text
    assert "Teckenspråkstolk" in page
    assert "Answer by Tue 19 Jan 2027" in page  # five working days before the meeting
    assert answer(planner, asked, state="arranged", text="Tolk finns.").status_code == 303
    with look() as session:
        letter = session.query(Letter).filter_by(kind="access_answer").one()
        assert letter.recipient == "asa@ek.example"
        until = NOW + timedelta(days=14, minutes=30)
        assert datetime.fromisoformat(letter.facts["void_after"]) == until
        assert "olk" not in json.dumps(letter.facts, ensure_ascii=False)
        text = said(letter, STATIONERY).text
    assert "önskan om hjälp är besvarad" in text
    assert "26 januari" in text or "26 jan" in text  # the meeting's
    assert "The organiser answers" not in client.get(asked["own"]).text


def test_whose_meeting_was_yesterday_is_asked_for_no_answer_that_cannot_be_given(
    planner, asked, work, clock, statements
):
    """Nobody has said yet who came. And ten who ask cost as many statements as one."""
    path = f"/manage/events/{asked['event']}/requests-for-help"

    def cost():
        with statements() as ran:
            assert "Teckenspråkstolk" in planner.client.get(path).text
        return len(ran)

    with work() as session:
        [event_id] = session.scalars(sa.select(Event.id))
        event = session.get_one(Event, event_id)
        make_rules(session, event)
        [slot] = make_slots(session, event, number=1, starts_at=NOW + timedelta(days=14))
        person = session.query(Participant).one()
        registration = person.registration
        others = [make_participant(session, registration) for _ in range(3)]
        session.refresh(registration)
        make_booking(session, slot, registration)
        for each in (person, *others):
            session.refresh(each)
            for seat in each.attendances:
                session.delete(seat)
    one = cost()
    with work() as session:
        for each in session.query(Participant):
            if each.access_need is None:
                session.add(AccessNeed(participant_id=each.id, need="Teckenspråkstolk"))
    assert cost() == one
    clock.shift(15 * 24 * 3600)
    assert "Teckenspråkstolk" not in planner.client.get(path).text


def test_the_same_answer_again_tells_nobody_twice(planner, asked, look):
    for _ in range(2):
        answer(planner, asked, state="arranged", text="Klart.")
    with look() as session:
        assert session.query(Letter).count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"state": "perhaps"},
        {"state": "not_possible"},
        {"state": "asked", "answer_by": "someday"},
        {"state": "asked", "answer_by": "2027-02-30"},
        {"state": "arranged", "text": "x" * 501},
    ],
)
def test_an_answer_that_says_too_little_or_too_much(planner, asked, look, fields):
    page = answer(planner, asked, **fields)
    assert page.status_code == 422
    assert problems_of(page)
    assert need(look)[0] == NeedState.ASKED


def test_the_host_at_the_door_sees_no_request_in_the_list(asked, sign_in, planner):
    host = sign_in(role="host", organisation_id=planner.organisation_id)
    assert "Teckenspråk" not in host.client.get(f"/manage/events/{asked['event']}/check-in").text
    registrar = sign_in(role="registrar", organisation_id=planner.organisation_id)
    page = registrar.client.get(f"/manage/events/{asked['event']}/requests-for-help")
    assert page.status_code == 404


def test_the_own_page_has_the_code_in_type_and_as_a_picture(client, asked):
    page = client.get(asked["own"]).text
    assert 'class="qr"' in page
    assert "style=" not in page.partition('class="qr"')[2].partition("</svg>")[0]
